#!/usr/bin/env bash
# Training in 16 bits takes half the memory of training in 32, says accelerate estimate-memory.
#
# Guess:     "Training using Adam" is the sum of weights, gradients and moments: 16 bytes a parameter in fp32, and no less in mixed precision, which
#            keeps weights and moments in fp32 and adds a copy in 16 bits.
# Package:   accelerate 1.14.0 (Debian's newest suite)
# Behaviour: the column is the largest of four figures, and the one for the step is all of them together in fp32 only; in 16 bits it is the
#            moments alone. The parts that are listed beside it come to 18 bytes a parameter, and 8 are shown.
# Seen:
# | float32: model 4, gradients 4, optimizer 8, step 16: shown 16
# | float16: model 4, gradients 6, optimizer 8, step 8: shown 8
# | bfloat16: model 4, gradients 6, optimizer 8, step 8: shown 8
set -euo pipefail
work=$(mktemp -d)
trap 'sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; $sudo umount "$work/root/proc" 2>/dev/null || true; $sudo rm -rf "$work"' EXIT
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A root of Debian's newest suite, from where this Debian gets its packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
(cd "$work" && apt-get download debootstrap >/dev/null 2>&1 && dpkg -x debootstrap_*.deb debootstrap)
root env DEBOOTSTRAP_DIR="$work/debootstrap/usr/share/debootstrap" "$work/debootstrap/usr/sbin/debootstrap" --variant=minbase --include=ca-certificates sid "$work/root" "$mirror" >"$work/log" 2>&1
root chroot "$work/root" sh -c 'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "python3-accelerate=1.14.0*"' >>"$work/log" 2>&1

cat >"$work/finding.py" <<'END'
from accelerate.commands import estimate

PARAMETERS = 1_000_000_000

for dtype in ('float32', 'float16', 'bfloat16'):
    parts = estimate.estimate_training_usage(4 * PARAMETERS, dtype)
    each = ', '.join(f'{name} {parts[name] // PARAMETERS}' for name in ('model', 'gradients', 'optimizer', 'step'))
    # As estimate_command makes the column.
    print(f'| {dtype}: {each}: shown {max(parts.values()) // PARAMETERS}')
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
