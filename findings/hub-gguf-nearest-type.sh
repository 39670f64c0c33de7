#!/usr/bin/env bash
# The nearest GGUF type that is no larger is the larger one.
#
# Guess:     findNearestQuantType(asked, available), by its comment the largest type that takes no more than the one asked for, goes by bits of a weight:
#            asked for Q4_0 (18 bytes a block of 32: 4.5 bits), of Q4_1 (20 bytes: 5) and Q3_K_M it gives Q3_K_M.
# Package:   @huggingface/gguf 0.4.6 (npm), with which the Hub chooses a file of a repository for an application
# Behaviour: it goes by a list, from the biggest to the smallest as that says, in which each larger sibling of one family stands behind the smaller: Q4_1
#            behind Q4_0, Q5_1 (6) behind Q5_0 (5.5), IQ1_M (1.75) behind IQ1_S (1.5625), TQ2_0 (2.0625) behind TQ1_0 (1.6875). So the answer takes up to
#            22 % more memory than what was asked for, while one that takes less is there. Bits are those of llama.cpp's blocks (ggml-common.h).
# Seen:
# | asked for Q4_0, of Q4_1, Q3_K_M: Q4_1
# | asked for Q5_0, of Q5_1, Q4_K_M: Q5_1
# | asked for IQ1_S, of IQ1_M, Q1_0: IQ1_M
# | asked for TQ1_0, of TQ2_0, Q1_0: TQ2_0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/gguf@0.4.6 >log 2>&1)

cat >"$work/finding.mjs" <<'END'
import { GGMLFileQuantizationType as types, findNearestQuantType } from '@huggingface/gguf';

for (const [asked, ...available] of [['Q4_0', 'Q4_1', 'Q3_K_M'], ['Q5_0', 'Q5_1', 'Q4_K_M'], ['IQ1_S', 'IQ1_M', 'Q1_0'], ['TQ1_0', 'TQ2_0', 'Q1_0']])
  console.log(`| asked for ${asked}, of ${available.join(', ')}: ${types[findNearestQuantType(types[asked], available.map(name => types[name]))]}`);
END

seen=$(node "$work/finding.mjs")
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
