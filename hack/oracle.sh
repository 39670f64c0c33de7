#!/usr/bin/env bash
# Asks real torch and real transformers what a training step keeps, without a GPU, and what a model weighs, without its weights, and writes
# what they say where the tests compare with it.
#
#   hack/oracle.sh [CLASS...]         a training step of all classes of hack/oracle/models.py, or of those named
#   hack/oracle.sh sizes [NAME...]    parameters by part and caches by layer, of every model_type that generates text or of those named, and
#                                     of the published configurations (tests/Catalogues.Tests/oracle/published; add one as NAME.json); and
#                                     what transformers assumes of fields that a configuration leaves out (src/Catalogues/class-defaults.json)
#
# The libraries are those of Debian's newest suite, in a root of their own under GPUMEM_CACHE (2 GB, made once; remove it to get newer
# ones). Needs root, Debian or what derives from it on x86-64, and some minutes; sizes half an hour. No part of CI, which reads the files
# that this leaves in tests/Estimation.Tests/oracle and tests/Catalogues.Tests/oracle.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$repo/hack/lib/debian.sh"

root="$cache/oracle/root"
log="$cache/oracle/oracle.log"

# mirror: where this machine gets Debian's own packages from.
mirror() { apt-get -c "$cache/oracle/apt/apt.conf" indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1; }

make_root() {
  [ ! -e "$root/made" ] || return 0
  local from
  rm -rf "$root"
  own_apt "$cache/oracle/apt"
  step "reading Debian's package lists" "$log" apt-get -c "$cache/oracle/apt/apt.conf" update || die "the log is $log"
  need_commands "$cache/oracle/apt" "$log" debootstrap=debootstrap || die "the log is $log"
  from="$(mirror)"
  [ -n "$from" ] || die "none of this machine's package sources is Debian's own; add one"
  step "making a root of Debian's newest suite" "$log" as_root debootstrap --variant=minbase --include=ca-certificates sid "$root" "$from" ||
    die "the log is $log"
  step "installing torch and transformers" "$log" as_root chroot "$root" sh -c \
    'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3-torch python3-transformers && apt-get clean && touch /made' ||
    die "the log is $log"
}

have apt-get || die "apt-get is missing: torch and transformers come as Debian's packages"
may_become_root || die "a root of its own can only be made as root"
mkdir -p "$cache/oracle"
: >"$log"
under_lock oracle make_root
as_root rm -rf "$root/oracle"
as_root cp -R "$repo/hack/oracle" "$root/oracle"

# ask SCRIPT ARGUMENT...: within the root, behind everything else that this machine has to do.
ask() {
  local script="$1"; shift
  as_root nice -n 19 chroot "$root" env PYTHONDONTWRITEBYTECODE=1 python3 "/oracle/$script" "$@"
}

steps() {
  local answers="$repo/tests/Estimation.Tests/oracle"
  mkdir -p "$answers/losses"
  # One class after the other.
  ask measure.py /oracle/answers "$@"
  cp "$root"/oracle/answers/*.json "$answers/"
  local loss
  for loss in log_probabilities chunked_loss; do
    ask "$loss.py" "/oracle/$loss.json"
    cp "$root/oracle/$loss.json" "$answers/losses/"
  done
  say "$answers: $(find "$answers" -name '*.json' | wc -l) classes"
}

sizes() {
  local answers="$repo/tests/Catalogues.Tests/oracle"
  mkdir -p "$answers/published"
  as_root cp -R "$answers/published" "$root/oracle/published"
  ask sizes.py /oracle/answers /oracle/published "$@"
  cp -R "$root"/oracle/answers/. "$answers/"
  ask class_defaults.py /oracle/class-defaults.json
  cp "$root/oracle/class-defaults.json" "$repo/src/Catalogues/class-defaults.json"
  say "$answers: $(find "$answers" -name '*.json' | wc -l) models, $(find "$answers" -name '*.json' -exec grep -l '^ "error"' {} + | wc -l) of them not measured"
}

if [ "${1:-}" = sizes ]; then shift; sizes "$@"; else steps "$@"; fi
