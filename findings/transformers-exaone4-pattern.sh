#!/usr/bin/env bash
# The pattern of windows that published EXAONE 4 files state, and its documentation describes, is refused.
#
# Guess:     sliding_window_pattern "LLLG" means what its documentation says: three layers with a window, one without, again and again, as 4 does.
# Package:   transformers 5.12.1 (Debian's newest suite)
# Behaviour: the field is declared as text or number and read as a number: with the text, and without a list of layer_types, making the configuration
#            raises an error.
# Seen:
# | 4: sliding sliding sliding full
# | LLLG: TypeError
set -euo pipefail
work=$(mktemp -d)
trap 'sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; $sudo umount "$work/root/proc" 2>/dev/null || true; $sudo rm -rf "$work"' EXIT
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A root of Debian's newest suite, from where this Debian gets its packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
(cd "$work" && apt-get download debootstrap >/dev/null 2>&1 && dpkg -x debootstrap_*.deb debootstrap)
root env DEBOOTSTRAP_DIR="$work/debootstrap/usr/share/debootstrap" "$work/debootstrap/usr/sbin/debootstrap" --variant=minbase --include=ca-certificates sid "$work/root" "$mirror" >"$work/log" 2>&1
root chroot "$work/root" sh -c 'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends python3-torch "python3-transformers=5.12.1*"' >>"$work/log" 2>&1

cat >"$work/finding.py" <<'END'
from transformers import Exaone4Config

for pattern in (4, 'LLLG'):
    try:
        config = Exaone4Config(num_hidden_layers=4, sliding_window=512, sliding_window_pattern=pattern)
        print(f'| {pattern}:', ' '.join(kind.removesuffix('_attention') for kind in config.layer_types))
    except TypeError as refused:
        print(f'| {pattern}:', type(refused).__name__)
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
