#!/usr/bin/env bash
# A model that asks for its state in fp32 gets it in the type of its weights.
#
# Guess:     mamba_ssm_cache_dtype float32, which published Nemotron-H files state, makes the recurrent state fp32: 2 or 4 bytes an element
#            decide how many sequences a GPU holds, and vLLM follows the field.
# Package:   transformers 5.12.1 (Debian's newest suite)
# Behaviour: the field is read and has no effect: a layer's state takes the type of its convolution's buffer, that of the model.
# Seen:
# | asked for float32: conv_states torch.bfloat16, recurrent_states torch.bfloat16
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
from transformers import NemotronHConfig, NemotronHForCausalLM

config = NemotronHConfig(
    vocab_size=64, hidden_size=32, intermediate_size=64, num_attention_heads=2, num_key_value_heads=1, head_dim=16, layers_block_type=['mamba', 'attention'],
    mamba_num_heads=4, mamba_head_dim=16, n_groups=1, ssm_state_size=16, mamba_ssm_cache_dtype='float32', n_routed_experts=4, num_experts_per_tok=2)
answer = NemotronHForCausalLM(config).to(torch.bfloat16).eval().generate(
    torch.ones(1, 8, dtype=torch.long), max_new_tokens=4, do_sample=False, return_dict_in_generate=True)
layer = answer.past_key_values.layers[0]
print(f'| asked for {config.mamba_ssm_cache_dtype}:', ', '.join(f'{name} {getattr(layer, name).dtype}' for name in ('conv_states', 'recurrent_states')))
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" env HF_HUB_OFFLINE=1 TRANSFORMERS_VERBOSITY=error python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
