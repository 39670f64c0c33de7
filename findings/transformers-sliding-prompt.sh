#!/usr/bin/env bash
# A sliding layer keeps a whole prompt in memory until the next token.
#
# Guess:     with a window of 16 tokens a sliding layer that has read a prompt of 4,096 holds the keys and values of the last 15.
# Package:   transformers 5.12.1 (Debian's newest suite)
# Behaviour: what it holds is a view of 15 tokens on tensors of 4,096, which the view keeps alive in every sliding layer; the next token makes
#            new ones. While the prompt is read, where a long one takes most, the window saves nothing.
# Seen:
# | the prompt read: 15 15 15 15 15 4096 tokens visible, 4096 4096 4096 4096 4096 4096 in memory
# | one token more: 15 15 15 15 15 4097 tokens visible, 16 16 16 16 16 4097 in memory
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
from transformers import DynamicCache, Gemma3ForCausalLM, Gemma3TextConfig

config = Gemma3TextConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=6, num_attention_heads=2, num_key_value_heads=1, head_dim=16, sliding_window=16)
model = Gemma3ForCausalLM(config).eval()
cache = DynamicCache(config=config)
for what, tokens in (('the prompt read', 4096), ('one token more', 1)):
    with torch.no_grad():
        model(torch.ones(1, tokens, dtype=torch.long), past_key_values=cache, logits_to_keep=1)
    visible = [layer.keys.shape[-2] for layer in cache.layers]
    held = [layer.keys.untyped_storage().nbytes() // (config.head_dim * layer.keys.element_size()) for layer in cache.layers]
    print(f'| {what}:', *visible, 'tokens visible,', *held, 'in memory')
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
