#!/usr/bin/env bash
# A real Kubernetes control plane on this machine: etcd and kube-apiserver, without kubelets and containers.
#
#   hack/control-plane.sh up [--dir DIR] [--port N] [--with-controller-manager] [--while-pid PID] [--apiserver-flag FLAG]...
#   hack/control-plane.sh down [--dir DIR]
#   hack/control-plane.sh kill NAME [--signal SIGNAL] [--dir DIR]
#   hack/control-plane.sh start NAME [--dir DIR]
#   hack/control-plane.sh assets [--offline]
#
# up      starts it, waits until it is ready and prints the path of an administrator's kubeconfig as its last line.
#         Running it again on the same DIR prints the same path. It listens on loopback only, on free ports.
#         --with-controller-manager  also Jobs make pods, namespaces and owned objects are deleted, service accounts get made.
#         --while-pid PID            stops by itself when that process has ended.
#         --apiserver-flag FLAG      one more flag of kube-apiserver, as --feature-gates=Some=true.
# down    stops what `up` started in DIR and removes DIR.
# kill    sends a signal, KILL by default, to etcd or kube-apiserver alone. STOP freezes it and CONT lets it go on.
# start   runs a killed one again: on the same port, with the data it left; kube-controller-manager also where it never ran.
# assets  obtains the binaries and prints `name path` lines and `version N`; with --offline it only looks and fails if they are missing.
#
# DIR is artifacts/control-plane by default. The binaries come from TEST_ASSET_ETCD and TEST_ASSET_KUBE_APISERVER, from
# KUBEBUILDER_ASSETS, from the cache (GPUMEM_CACHE, ~/.cache/gpumem), from the envtest release, or from Debian's packages:
# there kube-apiserver is built from source once, which takes some minutes.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$repo/hack/lib/assets.sh"
. "$repo/hack/lib/certificates.sh"
. "$repo/hack/lib/processes.sh"

main() {
  local command="${1:-}" dir="$repo/artifacts/control-plane" port="" with_controller_manager="" while_pid="" offline="" signal=KILL name="" apiserver_flags=()
  [ $# -eq 0 ] || shift
  while [ $# -gt 0 ]; do
    case "$1" in
      --dir) dir="${2:?--dir needs a folder}"; shift ;;
      --port) port="${2:?--port needs a number}"; shift ;;
      --while-pid) while_pid="${2:?--while-pid needs a process id}"; shift ;;
      --apiserver-flag) apiserver_flags+=("${2:?--apiserver-flag needs a flag}"); shift ;;
      --with-controller-manager) with_controller_manager=1 ;;
      --offline) offline=1 ;;
      --signal) signal="${2:?--signal needs a name, such as STOP}"; shift ;;
      etcd | kube-apiserver | kube-controller-manager) name="$1" ;;
      *) usage; die "unknown option $1" ;;
    esac
    shift
  done
  case "$command" in
    up) up ;;
    down) absolute_dir && down ;;
    kill) absolute_dir && kill_one ;;
    start) absolute_dir && start_again ;;
    assets) show_assets ;;
    *) usage; exit 2 ;;
  esac
}

show_assets() {
  local name
  if [ -n "$offline" ]; then
    have_assets || die "no etcd and kube-apiserver here: run hack/control-plane.sh assets"
  else
    obtain_assets
  fi
  for name in etcd kube-apiserver kube-controller-manager; do
    find_asset "$name" >/dev/null && printf '%s %s\n' "$name" "$(find_asset "$name")"
  done
  printf 'version %s\n' "$(server_version)"
}

absolute_dir() { case "$dir" in /*) ;; *) dir="$PWD/$dir" ;; esac; }

up() {
  absolute_dir
  if is_running kube-apiserver && is_ready; then printf '%s\n' "$dir/kubeconfig"; return; fi
  if [ -e "$dir" ] && [ ! -e "$dir/$marker" ] && [ -n "$(ls -A "$dir")" ]; then
    die "$dir is not empty and was not made by this script; give another --dir"
  fi
  have openssl || die "openssl is missing; install it (Debian: apt-get install openssl)"
  obtain_assets
  [ -z "$with_controller_manager" ] || obtain_controller_manager
  [ ! -e "$dir/$marker" ] || down
  mkdir -p "$dir"
  chmod 700 "$dir"
  : >"$dir/$marker"
  trap 'down; exit 130' INT TERM HUP
  make_certificates

  # Another process may take a port between our look and the server's: then look again.
  local attempt
  for attempt in 1 2 3 4 5; do
    start_etcd
    start_apiserver
    if wait_ready; then break; fi
    if [ "$attempt" -lt 5 ] && [ -z "$port" ] && grep -qs 'address already in use' "$dir"/*.log; then stop_all; continue; fi
    tail -n 20 "$dir/etcd.log" "$dir/kube-apiserver.log" >&2
    stop_all
    die "the control plane did not become ready; its logs are in $dir"
  done
  write_kubeconfig admin "$dir/kubeconfig"
  [ -z "$with_controller_manager" ] || start_controller_manager
  [ -z "$while_pid" ] || watch_pid
  trap - INT TERM HUP
  say "Kubernetes $(server_version) is ready at $(cat "$dir/address")"
  printf '%s\n' "$dir/kubeconfig"
}

start_etcd() {
  local clients peers
  clients="http://127.0.0.1:$(free_port)"
  peers="http://127.0.0.1:$(free_port)"
  printf '%s\n' "$clients" >"$dir/etcd.address"
  rm -rf "$dir/etcd"
  # The data lives as long as the test does: nothing to lose, and fsync is what makes etcd slow on a busy disk.
  start etcd env ETCD_UNSUPPORTED_ARCH=arm64 "$(find_asset etcd)" --data-dir="$dir/etcd" --logger=zap --unsafe-no-fsync \
    --listen-client-urls="$clients" --advertise-client-urls="$clients" \
    --listen-peer-urls="$peers" --initial-advertise-peer-urls="$peers" --initial-cluster="default=$peers"
}

start_apiserver() {
  local chosen="${port:-$(free_port)}"
  printf 'https://127.0.0.1:%s\n' "$chosen" >"$dir/address"
  # No endpoints for the service `kubernetes`: a loopback address is not allowed there.
  # TaintNodesByCondition would taint every simulated node not-ready, and no kubelet would ever lift that.
  start kube-apiserver "$(find_asset kube-apiserver)" \
    --etcd-servers="$(cat "$dir/etcd.address")" \
    --bind-address=127.0.0.1 --advertise-address=127.0.0.1 --secure-port="$chosen" --endpoint-reconciler-type=none \
    --tls-cert-file="$dir/server.crt" --tls-private-key-file="$dir/server.key" --client-ca-file="$dir/ca.crt" \
    --service-account-issuer=https://kubernetes.default.svc \
    --service-account-key-file="$dir/sa.pub" --service-account-signing-key-file="$dir/sa.key" \
    --service-cluster-ip-range=10.0.0.0/24 --allow-privileged=true --authorization-mode=RBAC \
    --disable-admission-plugins=ServiceAccount,TaintNodesByCondition \
    --cert-dir="$dir" --profiling=false ${apiserver_flags[@]+"${apiserver_flags[@]}"}
}

start_controller_manager() {
  local binary flags=()
  binary="$(find_asset kube-controller-manager)"
  write_kubeconfig controller-manager "$dir/controller-manager.kubeconfig"
  # Before 1.24 there was a second, plain HTTP port.
  if has_flag "$binary" --port; then flags+=(--port=0); fi
  # Only controllers that need no kubelet: node lifecycle, for one, would find every simulated node dead.
  start kube-controller-manager "$binary" --kubeconfig="$dir/controller-manager.kubeconfig" \
    --secure-port=0 --leader-elect=false --use-service-account-credentials=true \
    --service-account-private-key-file="$dir/sa.key" --root-ca-file="$dir/ca.crt" --profiling=false \
    --controllers=clusterrole-aggregation,job,cronjob,deployment,replicaset,statefulset,disruption,endpoint,endpointslice,garbagecollector,namespace,resourcequota,serviceaccount,root-ca-cert-publisher,ttl-after-finished \
    ${flags[@]+"${flags[@]}"}
  # It exits at once when a flag is wrong. When it is up, it makes the service account of the default namespace.
  local _
  for _ in $(seq 60); do
    is_running kube-controller-manager || break
    request /api/v1/namespaces/default/serviceaccounts/default >/dev/null && return
    sleep 0.5
  done
  tail -n 20 "$dir/kube-controller-manager.log" >&2
  stop_all
  die "kube-controller-manager did not start; its log is $dir/kube-controller-manager.log"
}

main "$@"
