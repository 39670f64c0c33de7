#!/usr/bin/env bash
# The Hub's table of GPUs puts a T4 above the L4, the A10 and, six times, the A30.
#
# Guess:     tflops is one thing for all cards, 16-bit operations say, so that cards sort by it: A30 (165 dense by its data sheet), A10 (125) and L4 (121)
#            above T4 (65), and H200, the same chip as H100 SXM with larger memory, level with it.
# Package:   @huggingface/tasks 0.21.54 (npm), SKUS, which the Hub shows to those who say what hardware they have
# Behaviour: by the cards' data sheets the figure of T4 is that of its tensor cores in 16 bits (65), of A100 the one without them (78; with them 312), of
#            A30 the one of 32 bits (10.3). H200 stands a tenth below H100. Whoever divides a job's operations by it is wrong by a factor that depends
#            on the card: 1 for T4, 4 for A100, 16 for A30.
# Seen:
# | A30: 10.32
# | L4: 30.29
# | A10: 31.24
# | T4: 65.13
# | A100: 77.97
# | RTX 4090: 82.58
# | H200: 241.3
# | H100: 267.6
# | B200: 496.6
# | B300: 1232
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/tasks@0.21.54 >log 2>&1)

cat >"$work/finding.mjs" <<'END'
import { SKUS } from '@huggingface/tasks';

const names = ['T4', 'L4', 'A10', 'A30', 'A100', 'RTX 4090', 'H100', 'H200', 'B200', 'B300'];
const cards = names.map(name => [name, SKUS.GPU.NVIDIA[name].tflops]);
for (const [name, tflops] of cards.sort((one, other) => one[1] - other[1])) console.log(`| ${name}: ${tflops}`);
END

seen=$(node "$work/finding.mjs")
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
