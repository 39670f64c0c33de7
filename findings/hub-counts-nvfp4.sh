#!/usr/bin/env bash
# An NVFP4 model has half as many parameters when ModelOpt made it as when compressed-tensors did.
#
# Guess:     parseSafetensorsMetadata counts what the matrix has, 65,536, however its two weights a byte were written: its code knows NVFP4.
# Package:   @huggingface/hub 2.17.5 (npm)
# Behaviour: how many weights a byte holds follows from the name of quant_method. NVFP4 of compressed-tensors and 4 bits of GPTQ are counted as
#            weights; the same bytes of ModelOpt, whose config.json says NVFP4 and num_bits 4, as bytes, and those of AutoRound, which keeps GPTQ's
#            layout, as 32-bit words beside their scales and zero points: a half and an eighth of the model.
# Seen:
# | compressed-tensors: 65536
# | modelopt: 32768
# | gptq: 65536
# | auto-round: 8768
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/hub@2.17.5 >log 2>&1)

cat >"$work/finding.mjs" <<'END'
import { parseSafetensorsMetadata } from '@huggingface/hub';

/** A file of tensors that are all zero: what is read of it is its header. */
function safetensors(tensors) {
  const header = {};
  let end = 0;
  for (const [name, dtype, shape, bytes] of tensors) {
    const begin = end;
    end += shape.reduce((all, side) => all * side, bytes);
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = Buffer.from(JSON.stringify(header));
  const file = Buffer.alloc(8 + json.length + end);
  file.writeBigUInt64LE(BigInt(json.length));
  json.copy(file, 8);
  return file;
}

/** The hub, with one model. */
function serve(files) {
  return async (url, { method = 'GET', headers } = {}) => {
    const file = files[new URL(url).pathname.split('/').pop()];
    if (!file) return new Response(null, { status: 404 });
    const range = /bytes=(\d+)-(\d+)/.exec(new Headers(headers).get('range') ?? '');
    const first = range ? Number(range[1]) : 0;
    const last = range ? Math.min(Number(range[2]), file.length - 1) : file.length - 1;
    return new Response(method === 'HEAD' ? null : file.subarray(first, last + 1), {
      status: range ? 206 : 200,
      headers: { etag: '"1"', 'content-length': `${last + 1 - first}`, 'content-range': `bytes ${first}-${last}/${file.length}` },
    });
  };
}

async function tell(quantization, tensors) {
  const config = Buffer.from(JSON.stringify({ quantization_config: quantization }));
  const fetch = serve({ 'config.json': config, 'model.safetensors': safetensors(tensors) });
  const { parameterCount } = await parseSafetensorsMetadata({ repo: 'some/model', computeParametersCount: true, fetch });
  console.log(`| ${quantization.quant_method}: ${Object.values(parameterCount).reduce((all, count) => all + count, 0)}`);
}

// One matrix of 256 x 256 weights in four bits each, in blocks of 16 (NVFP4) and of 128.
const name = 'model.layers.0.self_attn.q_proj';
const group = { targets: ['Linear'], weights: { num_bits: 4, type: 'float', group_size: 16 } };
await tell({ quant_method: 'compressed-tensors', format: 'nvfp4-pack-quantized', config_groups: { group_0: group } }, [
  [`${name}.weight_packed`, 'U8', [256, 128], 1],
  [`${name}.weight_scale`, 'F8_E4M3', [256, 16], 1],
  [`${name}.weight_global_scale`, 'F32', [1], 4],
]);
await tell({ quant_method: 'modelopt', quant_algo: 'NVFP4', config_groups: { group_0: group } }, [
  [`${name}.weight`, 'U8', [256, 128], 1],
  [`${name}.weight_scale`, 'F8_E4M3', [256, 16], 1],
  [`${name}.weight_scale_2`, 'F32', [], 4],
]);
for (const method of ['gptq', 'auto-round'])
  await tell({ quant_method: method, bits: 4, group_size: 128 }, [
    [`${name}.qweight`, 'I32', [32, 256], 4],
    [`${name}.qzeros`, 'I32', [2, 32], 4],
    [`${name}.scales`, 'F16', [2, 256], 2],
  ]);
END
seen=$(node "$work/finding.mjs")
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
