#!/usr/bin/env bash
# A model made under init_empty_weights has its tied embeddings as often as it names them.
#
# Guess:     without weights a model has the parameters that it has with them: t5-small 60.5 million, whichever way it is made empty.
# Package:   accelerate 1.14.0, transformers 5.12.1 and torch 2.14.1 (Debian's newest suite)
# Behaviour: the context replaces each parameter that is assigned by a new one on the meta device, also the embedding that was just tied to
#            another. Under torch.device('meta') it stays one. What counts bytes then, and accelerate estimate-memory makes its models so, counts
#            T5's embedding three times; tie_weights() after the context puts it right.
# Seen:
# | t5: 93405696 under init_empty_weights, 60506624 when tied again, 60506624 on the meta device
# | qwen2: 630167424 under init_empty_weights, 494032768 when tied again, 494032768 on the meta device
set -euo pipefail
work=$(mktemp -d)
trap 'sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; $sudo umount "$work/root/proc" 2>/dev/null || true; $sudo rm -rf "$work"' EXIT
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A root of Debian's newest suite, from where this Debian gets its packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
(cd "$work" && apt-get download debootstrap >/dev/null 2>&1 && dpkg -x debootstrap_*.deb debootstrap)
root env DEBOOTSTRAP_DIR="$work/debootstrap/usr/share/debootstrap" "$work/debootstrap/usr/sbin/debootstrap" --variant=minbase --include=ca-certificates sid "$work/root" "$mirror" >"$work/log" 2>&1
root chroot "$work/root" sh -c 'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "python3-accelerate=1.14.0*" "python3-transformers=5.12.1*" "python3-torch=2.14.1*"' >>"$work/log" 2>&1

cat >"$work/finding.py" <<'END'
import torch
from accelerate import init_empty_weights
from transformers import AutoModel, AutoModelForCausalLM, Qwen2Config, T5Config


def count(model):
    return sum(parameter.numel() for parameter in model.parameters())


# The dimensions of t5-small and of Qwen2.5-0.5B.
t5 = T5Config(vocab_size=32128, d_model=512, d_ff=2048, num_layers=6, num_heads=8, tie_word_embeddings=True)
qwen2 = Qwen2Config(vocab_size=151936, hidden_size=896, intermediate_size=4864, num_hidden_layers=24, num_attention_heads=14, num_key_value_heads=2, tie_word_embeddings=True)
for config, kind in ((t5, AutoModel), (qwen2, AutoModelForCausalLM)):
    with init_empty_weights():
        model = kind.from_config(config)
    apart = count(model)
    model.tie_weights()
    tied = count(model)
    with torch.device('meta'):
        model = kind.from_config(config)
    print(f'| {config.model_type}: {apart} under init_empty_weights, {tied} when tied again, {count(model)} on the meta device')
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
