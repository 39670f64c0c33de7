#!/usr/bin/env bash
# FSDP2 with more ranks than a parameter has rows saves nothing more.
#
# Guess:     fully_shard gives each of N ranks an N-th of a parameter: 256 ranks hold half of what 128 do.
# Package:   torch 2.14.1 (Debian's newest suite)
# Behaviour: a parameter is cut along its first dimension, in whole rows, and every rank pads to what the first one has. Where all experts of
#            a layer are one parameter, as in transformers 5, the experts are the rows: 96 ranks hold as much as 64, and 256 as 128.
# Seen:
# | 64 ranks: the first holds 2 of 128 experts, and memory for 2; the last 2, and 2
# | 96 ranks: the first holds 2 of 128 experts, and memory for 2; the last 0, and 2
# | 128 ranks: the first holds 1 of 128 experts, and memory for 1; the last 1, and 1
# | 256 ranks: the first holds 1 of 128 experts, and memory for 1; the last 0, and 1
set -euo pipefail
work=$(mktemp -d)
trap 'sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; $sudo umount "$work/root/proc" 2>/dev/null || true; $sudo rm -rf "$work"' EXIT
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A root of Debian's newest suite, from where this Debian gets its packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
(cd "$work" && apt-get download debootstrap >/dev/null 2>&1 && dpkg -x debootstrap_*.deb debootstrap)
root env DEBOOTSTRAP_DIR="$work/debootstrap/usr/share/debootstrap" "$work/debootstrap/usr/sbin/debootstrap" --variant=minbase --include=ca-certificates sid "$work/root" "$mirror" >"$work/log" 2>&1
root chroot "$work/root" sh -c 'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "python3-torch=2.14.1*"' >>"$work/log" 2>&1

cat >"$work/finding.py" <<'END'
import torch
import torch.distributed as dist
from torch.distributed.fsdp import fully_shard
from torch.testing._internal.distributed.fake_pg import FakeStore

EXPERT = 32 * 64


def share(rank, ranks):
    """Experts that a rank holds, and those that its memory has room for, by a process group that sends nothing."""
    dist.init_process_group('fake', rank=rank, world_size=ranks, store=FakeStore())
    layer = torch.nn.Module()
    layer.experts = torch.nn.Parameter(torch.empty(128, 32, 64))
    fully_shard(layer, mesh=dist.init_device_mesh('cpu', (ranks,)))
    part = layer.experts.to_local()
    dist.destroy_process_group()
    return part.numel() // EXPERT, part.untyped_storage().nbytes() // part.element_size() // EXPERT


for ranks in (64, 96, 128, 256):
    (first, room), (last, last_room) = share(0, ranks), share(ranks - 1, ranks)
    print(f'| {ranks} ranks: the first holds {first} of 128 experts, and memory for {room}; the last {last}, and {last_room}')
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
