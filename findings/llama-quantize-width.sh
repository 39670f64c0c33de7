#!/usr/bin/env bash
# A Q2_K file of a model whose width is no multiple of 256 has nothing in Q2_K.
#
# Guess:     llama-quantize Q2_K makes about 3 bits a weight of every model: of one that is 896 wide an eighth less than of one of 1,024.
# Package:   llama.cpp-tools and python3-gguf 0.7.0 (Debian's newest suite)
# Behaviour: K formats have blocks of 256 weights within a row. A matrix whose rows do not divide by that gets a format with blocks of 32, a
#            larger one, and the narrower model (896 as Qwen2.5-0.5B) takes more memory than the wider. The file still calls itself Q2_K.
# Seen:
# | 1024 wide: MOSTLY_Q2_K, 13.9 MiB, 2.97 bits a weight: 9 Q2_K 6 Q3_K 1 Q6_K
# | 896 wide: MOSTLY_Q2_K, 17.1 MiB, 4.28 bits a weight: 2 Q3_K 13 Q4_0 1 Q8_0
set -euo pipefail
work=$(mktemp -d)
trap 'sudo=; [ "$(id -u)" = 0 ] || sudo=sudo; $sudo umount "$work/root/proc" 2>/dev/null || true; $sudo rm -rf "$work"' EXIT
root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A root of Debian's newest suite, from where this Debian gets its packages.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Created-By: Packages' | head -n 1)
(cd "$work" && apt-get download debootstrap >/dev/null 2>&1 && dpkg -x debootstrap_*.deb debootstrap)
root env DEBOOTSTRAP_DIR="$work/debootstrap/usr/share/debootstrap" "$work/debootstrap/usr/sbin/debootstrap" --variant=minbase --include=ca-certificates sid "$work/root" "$mirror" >"$work/log" 2>&1
root chroot "$work/root" sh -c 'apt-get -o Acquire::Check-Valid-Until=false update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "llama.cpp-tools=1:0.7.0*" "python3-gguf=1:0.7.0*"' >>"$work/log" 2>&1

cat >"$work/finding.py" <<'END'
import collections
import subprocess

import gguf
import numpy

BLOCKS, INNER, WORDS, HEAD = 2, 4864, 512, 64


def write(path, width):
    """A llama of that width with weights that mean nothing."""
    file = gguf.GGUFWriter(path, 'llama')
    file.add_context_length(128)
    file.add_embedding_length(width)
    file.add_block_count(BLOCKS)
    file.add_feed_forward_length(INNER)
    file.add_head_count(width // HEAD)
    file.add_layer_norm_rms_eps(1e-5)
    file.add_rope_dimension_count(HEAD)
    matrices = {'token_embd': (WORDS, width), 'output': (WORDS, width), 'output_norm': (width,)}
    for block in range(BLOCKS):
        matrices |= {f'blk.{block}.attn_{name}': (width, width) for name in ('q', 'k', 'v', 'output')}
        matrices |= {f'blk.{block}.ffn_gate': (INNER, width), f'blk.{block}.ffn_up': (INNER, width), f'blk.{block}.ffn_down': (width, INNER)}
        matrices |= {f'blk.{block}.attn_norm': (width,), f'blk.{block}.ffn_norm': (width,)}
    for name, shape in matrices.items():
        file.add_tensor(f'{name}.weight', numpy.ones(shape, numpy.float16 if len(shape) > 1 else numpy.float32))
    file.write_header_to_file()
    file.write_kv_data_to_file()
    file.write_tensors_to_file()
    file.close()


for width in (1024, 896):
    write('/model.gguf', width)
    subprocess.run(['llama-quantize', '/model.gguf', '/model-Q2_K.gguf', 'Q2_K'], check=True, capture_output=True)
    file = gguf.GGUFReader('/model-Q2_K.gguf')
    matrices = [tensor for tensor in file.tensors if len(tensor.shape) > 1]
    size, weights = (sum(int(getattr(tensor, what)) for tensor in matrices) for what in ('n_bytes', 'n_elements'))
    formats = collections.Counter(tensor.tensor_type.name for tensor in matrices)
    kind = gguf.LlamaFileType(int(file.fields['general.file_type'].parts[-1][0])).name
    print(f'| {width} wide: {kind}, {size / 2**20:.1f} MiB, {8 * size / weights:.2f} bits a weight:', *(f'{count} {name}' for name, count in sorted(formats.items())))
END
root cp "$work/finding.py" "$work/root/finding.py"
seen=$(root chroot "$work/root" python3 -W ignore /finding.py 2>/dev/null | grep '^|')
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
