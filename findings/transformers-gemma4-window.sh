#!/usr/bin/env bash
# Gemma 4 without shared layers keeps every token in its sliding layers.
#
# Guess:     with a window of 16 tokens a sliding layer keeps the last 15, as Gemma 3's do, whatever other layers share.
# Package:   transformers 5.12.1 (Debian's newest suite)
# Behaviour: that is so where the last layers share keys and values (E2B, E4B). With num_kv_shared_layers 0 (26B-A4B, 31B) the list of layer
#            types is cut to nothing, every layer gets a cache without a window, and generate() keeps all 59 tokens in each.
# Seen:
# | shared 2: 15 59 15 59
# | shared 0: 59 59 59 59 59 59
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
from transformers import Gemma4ForCausalLM, Gemma4TextConfig

for shared in (2, 0):
    config = Gemma4TextConfig(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=6, num_attention_heads=2, num_key_value_heads=1, head_dim=16,
        global_head_dim=16, hidden_size_per_layer_input=8, vocab_size_per_layer_input=64, sliding_window=16, num_kv_shared_layers=shared,
        layer_types=['sliding_attention', 'full_attention'] * 3)
    answer = Gemma4ForCausalLM(config).eval().generate(
        torch.ones(1, 40, dtype=torch.long), max_new_tokens=20, min_new_tokens=20, do_sample=False, return_dict_in_generate=True)
    print(f'| shared {shared}:', *(layer.keys.shape[-2] for layer in answer.past_key_values.layers))
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
