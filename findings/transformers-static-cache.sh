#!/usr/bin/env bash
# The static cache of a finished generate() stays in memory.
#
# Guess:     once generate() has returned and its answer is gone, its cache is gone too, whichever kind it was.
# Package:   transformers 5.12.1 (Debian's newest suite)
# Behaviour: the model keeps a static cache for the next call, and through calls that use another kind. Whoever trains after an evaluation
#            that generated has that much less; a call for fewer sequences makes a cache of its own, and keeps that one.
# Seen:
# | at first: 0 tokens in memory
# | dynamic, 4 x 100: 0 tokens in memory
# | static, 4 x 100: 400 tokens in memory
# | dynamic, 4 x 100: 400 tokens in memory
# | static, 1 x 100: 100 tokens in memory
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
import gc

import torch
from transformers import LlamaConfig, LlamaForCausalLM

config = LlamaConfig(vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=1, head_dim=16)
model = LlamaForCausalLM(config).eval()


def tell(what):
    gc.collect()
    held = [tensor for tensor in gc.get_objects() if isinstance(tensor, torch.Tensor) and tensor.dim() == 4]
    print(f'| {what}:', sum(tensor.numel() for tensor in held) // (2 * config.num_hidden_layers * config.head_dim), 'tokens in memory')


tell('at first')
for kind, sequences in (('dynamic', 4), ('static', 4), ('dynamic', 4), ('static', 1)):
    model.generate(torch.ones(sequences, 50, dtype=torch.long), max_new_tokens=51, min_new_tokens=51, do_sample=False, cache_implementation=kind)
    tell(f'{kind}, {sequences} x 100')
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
