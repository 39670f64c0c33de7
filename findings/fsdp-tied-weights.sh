#!/usr/bin/env bash
# FSDP2 takes an embedding and its tied head apart when one of them is wrapped by itself.
#
# Guess:     what is one parameter stays one, or fully_shard refuses.
# Package:   torch 2.14.1 (Debian's newest suite)
# Behaviour: the embedding that is wrapped gets a parameter of its own, and the root that is wrapped after it another one, the head's. Weights,
#            gradients and states are there twice, and training moves the two apart; nothing says so.
# Seen:
# | not wrapped: tied True, 64000 parameters
# | root wrapped: tied True, 64000 parameters
# | embedding wrapped, then the root: tied False, 128000 parameters
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
from torch import nn
from torch.distributed.fsdp import fully_shard
from torch.testing._internal.distributed.fake_pg import FakeStore


def model():
    tied = nn.Sequential(nn.Embedding(1000, 64), nn.Linear(64, 1000, bias=False))
    tied[1].weight = tied[0].weight
    return tied


def tell(what, tied):
    print(f'| {what}: tied {tied[1].weight is tied[0].weight},', sum(parameter.numel() for parameter in tied.parameters()), 'parameters')


dist.init_process_group('fake', rank=0, world_size=8, store=FakeStore())  # sends nothing
mesh = dist.init_device_mesh('cpu', (8,))
tell('not wrapped', model())
tell('root wrapped', fully_shard(model(), mesh=mesh))
tied = model()
fully_shard(tied[0], mesh=mesh)
tell('embedding wrapped, then the root', fully_shard(tied, mesh=mesh))
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
