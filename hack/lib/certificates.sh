# The certificate authority of one throw-away control plane, in $dir. Sourced by control-plane.sh.
# shellcheck shell=bash disable=SC2154

make_certificates() (
  umask 077
  cd "$dir" || exit
  openssl req -x509 "${ec_key[@]}" -nodes -days 30 -subj /CN=gpumem-test-ca -keyout ca.key -out ca.crt 2>openssl.log
  certificate server /CN=kube-apiserver \
    'subjectAltName=DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,IP:127.0.0.1,IP:10.0.0.1'
  certificate admin /O=system:masters/CN=admin extendedKeyUsage=clientAuth
  certificate controller-manager /CN=system:kube-controller-manager extendedKeyUsage=clientAuth
  # RSA: service account tokens signed with it are understood by every server and client.
  openssl genrsa -out sa.key 2048 2>>openssl.log
  openssl rsa -in sa.key -pubout -out sa.pub 2>>openssl.log
)

ec_key=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1)

# certificate NAME SUBJECT EXTENSION
certificate() {
  openssl req "${ec_key[@]}" -nodes -subj "$2" -keyout "$1.key" -out "$1.csr" 2>>openssl.log
  printf '%s\n' "$3" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt" 2>>openssl.log
  rm "$1.csr" "$1.ext"
}

# write_kubeconfig CERTIFICATE FILE: self-contained, so that it can be copied anywhere.
write_kubeconfig() (
  umask 077
  cat >"$2" <<CONFIG
apiVersion: v1
kind: Config
current-context: control-plane
clusters:
- name: control-plane
  cluster:
    server: $(cat "$dir/address")
    certificate-authority-data: $(openssl base64 -A -in "$dir/ca.crt")
users:
- name: $1
  user:
    client-certificate-data: $(openssl base64 -A -in "$dir/$1.crt")
    client-key-data: $(openssl base64 -A -in "$dir/$1.key")
contexts:
- name: control-plane
  context: {cluster: control-plane, user: $1}
CONFIG
)
