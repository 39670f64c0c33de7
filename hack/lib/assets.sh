# Finds or obtains etcd, kube-apiserver and kube-controller-manager. Sourced by control-plane.sh.
# shellcheck shell=bash disable=SC2154
. "$repo/hack/lib/debian.sh"

assets="$cache/control-plane"
envtest_version=1.36.2

# find_asset NAME: the envtest search order, then our cache.
find_asset() {
  local name="$1" variable dir
  variable="TEST_ASSET_$(printf '%s' "$name" | tr 'a-z-' 'A-Z_')"
  if [ -n "${!variable:-}" ]; then
    [ -x "${!variable}" ] || die "$variable=${!variable} is not an executable file"
    printf '%s\n' "${!variable}"
    return
  fi
  for dir in "${KUBEBUILDER_ASSETS:-}" /usr/local/kubebuilder/bin "$assets"; do
    if [ -n "$dir" ] && [ -x "$dir/$name" ]; then printf '%s\n' "$dir/$name"; return; fi
  done
  return 1
}

have_assets() { find_asset etcd >/dev/null && find_asset kube-apiserver >/dev/null; }

server_version() { "$(find_asset kube-apiserver)" --version | sed -E 's/^Kubernetes v//'; }

# obtain_assets: leaves the binaries in the cache, all of them or none.
obtain_assets() {
  have_assets && return
  under_lock control-plane obtain_once
}

obtain_once() {
  have_assets && return # another run has just done it
  rm -rf "$assets" "$cache"/obtaining.* # of runs that were killed: we hold the lock
  local work log="$cache/control-plane.log"
  work="$(mktemp -d "$cache/obtaining.XXXXXX")"
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  : >"$log"
  mkdir "$work/bin"
  if ! from_envtest "$work"; then
    have apt-get || die "no etcd and kube-apiserver here, and no way to obtain them: \
the envtest release cannot be reached and this is not Debian. Set KUBEBUILDER_ASSETS to a folder that has both."
    from_debian "$work" "$log" || die "could not obtain the control plane; the whole log is $log. \
To use binaries that you have, set KUBEBUILDER_ASSETS to their folder."
  fi
  mv "$work/bin" "$assets"
}

# The release that controller-runtime's envtest uses: etcd, kube-apiserver and kubectl, ready made.
from_envtest() {
  local work="$1" os arch hash actual url
  os="$(uname -s | tr '[:upper:]' '[:lower:]')"
  case "$(uname -m)" in x86_64) arch=amd64 ;; aarch64 | arm64) arch=arm64 ;; *) return 1 ;; esac
  case "$os-$arch" in
    linux-amd64) hash=ea743186c8a799f5cf8faf16969f86189d003cb7d130e0ac4b58789f1e5748dcf30ebe91c837a10d5ac415383da3e10b9e64d65785c938c23e739781cfb76f08 ;;
    linux-arm64) hash=2d72ee985a8e262a3c57dc9f7f0fd891f6a8c7bf7ebaa2db6dc6d8eac8ae28181afe51c1f368b67756cdb40b10de9b205609e1726e5f27f7c6d824dd9c6649ac ;;
    darwin-amd64) hash=b4fe9f973cd1992e3880f8b230ed32c0c243b83371591e3e3315f4404df2cdbef8ee94eeb9bb245b7e5feb987d5c4a76c43e0877654ab73f00d7bbc2b9984514 ;;
    darwin-arm64) hash=9278f9e5af556b2f1f2d139769c1f0d717c7b4426917fdebdba898bcb725a916e4910d6160886194ff9be9589ea7c5c32c2b8ae0754703874b7c8ba8ddfc41ce ;;
    *) return 1 ;;
  esac
  url="https://github.com/kubernetes-sigs/controller-tools/releases/download/envtest-v$envtest_version/envtest-v$envtest_version-$os-$arch.tar.gz"
  have curl && curl --silent --fail --location --connect-timeout 3 --max-time 5 --head --output /dev/null "$url" || return 1
  say "downloading etcd and kube-apiserver $envtest_version"
  curl --fail --location --connect-timeout 5 --retry 2 --progress-bar --output "$work/envtest.tar.gz" "$url" || return 1
  if have sha512sum; then actual="$(sha512sum "$work/envtest.tar.gz")"; else actual="$(shasum -a 512 "$work/envtest.tar.gz")"; fi
  [ "${actual%% *}" = "$hash" ] || die "the download $url is not the file that was published (SHA-512 differs)"
  tar -xzf "$work/envtest.tar.gz" -C "$work/bin" --strip-components=2
}

# Debian has etcd ready made, and Kubernetes as source (its binary packages hold the client only).
from_debian() {
  local work="$1" log="$2" free
  free="$(df -Pm "$cache" | awk 'NR == 2 { print $4 }')"
  [ "$free" -ge 4000 ] || die "building kube-apiserver needs 4 GB in $cache, which has $free MB; set GPUMEM_CACHE to another disk"
  say "no ready-made kube-apiserver: building the one of this Debian once, into $cache (some minutes; log $log)"
  own_apt "$work"
  step "reading Debian's package lists" "$log" apt-get -c "$work/apt.conf" update || return 1
  need_commands "$work" "$log" go=golang-go make=make rsync=rsync jq=jq dpkg-source=dpkg-dev || return 1
  step "downloading etcd and the source of Kubernetes" "$log" debian_download "$work" || return 1
  step "building kube-apiserver and kube-controller-manager" "$log" debian_build "$work" || return 1
  cp "$work"/etcd/usr/bin/etcd "$work"/kubernetes/_output/bin/kube-{apiserver,controller-manager} "$work/bin/"
}

debian_download() {
  cd "$1" || return 1
  # Unpacked, not installed: installing would start a service and add a user.
  apt-get -c apt.conf download etcd-server golang-github-modern-go-reflect2-dev &&
    dpkg-deb -x etcd-server_*.deb etcd && dpkg-deb -x golang-github-modern-go-reflect2-dev_*.deb reflect2 || return 1
  apt-get -c apt.conf source --download-only kubernetes && dpkg-source --no-check -x kubernetes_*.dsc kubernetes
}

debian_build() {
  cd "$1/kubernetes" || return 1
  # The vendored reflect2 1.0.1 iterates over maps in a way that crashes the server under Go 1.18 and newer, at the first
  # custom resource. Debian has 1.0.2, which mends that: modern-go/reflect2#25.
  local vendored=vendor/github.com/modern-go/reflect2
  rm "$vendored"/*.go "$vendored"/*.s
  cp "$1"/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$vendored/" || return 1
  GOFLAGS=-mod=vendor make WHAT="cmd/kube-apiserver cmd/kube-controller-manager"
}

# obtain_controller_manager: the envtest release has none, Kubernetes' own release has.
obtain_controller_manager() {
  find_asset kube-controller-manager >/dev/null && return
  local version url part="$assets/kube-controller-manager.part"
  version="$(server_version)"
  url="https://dl.k8s.io/release/v$version/bin/linux/$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')/kube-controller-manager"
  mkdir -p "$assets"
  say "downloading kube-controller-manager $version"
  if [ "$(uname -s)" = Linux ] && have curl && curl --fail --location --connect-timeout 3 --progress-bar --output "$part" "$url" &&
    [ "$(curl --silent --fail --location "$url.sha512")" = "$(sha512sum "$part" | cut -d' ' -f1)" ]; then
    chmod +x "$part" && mv "$part" "$assets/kube-controller-manager"
  else
    rm -f "$part"
    die "no kube-controller-manager $version here and none to download: set TEST_ASSET_KUBE_CONTROLLER_MANAGER to one"
  fi
}
