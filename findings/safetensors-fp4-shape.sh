#!/usr/bin/env bash
# An FP4 tensor has twice as many elements in a safetensors file as in torch.
#
# Guess:     the header of the file says the shape that the tensor has: [4, 8].
# Package:   torch 2.14.1 and safetensors 0.8.0 (Debian's newest suite)
# Behaviour: an element of torch's only FP4 type is two numbers; the file counts numbers, and doubles the last dimension. The same model has
#            half as many parameters where torch counts them as where its files' headers are added up.
# Seen:
# | torch: float4_e2m1fn_x2 [4, 8], 32 elements
# | file: F4 [4, 16], 64 elements in 32 bytes
# | read: float4_e2m1fn_x2 [4, 8], 32 elements
set -euo pipefail
work=$(mktemp -d)
trap 'sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; $sudo umount "$work/root/proc" 2>/dev/null || true; $sudo rm -rf "$work"' EXIT
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A root of Debian's newest suite, from where this Debian gets its packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
(cd "$work" && apt-get download debootstrap >/dev/null 2>&1 && dpkg -x debootstrap_*.deb debootstrap)
root env DEBOOTSTRAP_DIR="$work/debootstrap/usr/share/debootstrap" "$work/debootstrap/usr/sbin/debootstrap" --variant=minbase --include=ca-certificates sid "$work/root" "$mirror" >"$work/log" 2>&1
root chroot "$work/root" sh -c 'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "python3-torch=2.14.1*" "python3-safetensors=0.8.0*"' >>"$work/log" 2>&1

cat >"$work/finding.py" <<'END'
import json
import math
import struct

import torch
from safetensors.torch import load_file, save_file


def tell(what, tensor):
    print(f'| {what}: {str(tensor.dtype).removeprefix("torch.")} {list(tensor.shape)}, {tensor.numel()} elements')


tensor = torch.zeros(4, 8, dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
tell('torch', tensor)
save_file({'weight': tensor}, '/model.safetensors')
with open('/model.safetensors', 'rb') as file:
    stated = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))['weight']
print(f'| file: {stated["dtype"]} {stated["shape"]}, {math.prod(stated["shape"])} elements in {stated["data_offsets"][1]} bytes')
tell('read', load_file('/model.safetensors')['weight'])
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
