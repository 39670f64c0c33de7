#!/usr/bin/env bash
# An activation function with a learned parameter makes fp32 of what autocast has in 16 bits.
#
# Guess:     xIELU (Apertus) returns the type that it is given and keeps about what SiLU keeps for backward, 2 bytes an element, or one tensor more:
#            its two parameters have one element each, and scalars never widen a tensor.
# Package:   transformers 5.12.1, torch 2.14.1 (Debian's newest suite)
# Behaviour: the parameters have a dimension of one element and are no scalars to type promotion: of a model in fp32 they make every product with a
#            16-bit tensor an fp32 one, and the result, too. Written out in Python it keeps five times what SiLU keeps.
# Seen:
# | SiLU: torch.bfloat16, 2 bytes an element kept
# | xIELU of a model in bf16: torch.bfloat16, 9 bytes an element kept
# | xIELU of a model in fp32: torch.float32, 11 bytes an element kept
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
import torch
from transformers.activations import ACT2CLS


def kept(activation):
    held = {}

    def pack(tensor):
        held[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor
    given = torch.ones(1, 4096, dtype=torch.bfloat16, requires_grad=True)
    with torch.autocast('cpu', dtype=torch.bfloat16), torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        returned = activation(given * 1)
    return f'{returned.dtype}, {round(sum(held.values()) / given.numel())} bytes an element kept'


print('| SiLU:', kept(torch.nn.SiLU()))
print('| xIELU of a model in bf16:', kept(ACT2CLS['xielu'](dtype=torch.bfloat16)))
print('| xIELU of a model in fp32:', kept(ACT2CLS['xielu'](dtype=torch.float32)))
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
