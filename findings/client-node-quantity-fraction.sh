#!/usr/bin/env bash
# Kubernetes' JavaScript client can read half a core, and not a memory of 1.5Gi.
#
# Guess:     quantityToScalar takes what the API server takes: 1.5Gi is 1610612736, and totalMemory adds up a pod that asks for it.
# Package:   @kubernetes/client-node 2.0.1 (npm)
# Behaviour: numbers before k, M, Gi and their kin are read as BigInt, which has no fractions; those before m, u, n or nothing as doubles, and
#            what adds up a pod throws at the first such container. A Pod that the API server gives back says 1536Mi; a manifest, a template in
#            a custom resource and a ConfigMap say what somebody wrote.
# Seen:
# | 0.5: 0.5
# | 1536Mi: 1610612736
# | 1.5Gi: SyntaxError: Cannot convert 1.5 to a BigInt
# | 2.5G: SyntaxError: Cannot convert 2.5 to a BigInt
# | memory of a pod: SyntaxError: Cannot convert 1.5 to a BigInt
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts @kubernetes/client-node@2.0.1 >log 2>&1)

# The file that has the functions: the package as a whole asks for a newer Node than Debian has.
cat >"$work/finding.mjs" <<'END'
import { quantityToScalar, totalMemory } from './node_modules/@kubernetes/client-node/dist/util.js';

function tell(what, read) {
  try {
    console.log(`| ${what}: ${read()}`);
  } catch (error) {
    console.log(`| ${what}: ${error.name}: ${error.message}`);
  }
}

for (const quantity of ['0.5', '1536Mi', '1.5Gi', '2.5G'])
  tell(quantity, () => quantityToScalar(quantity));
tell('memory of a pod', () => totalMemory({ spec: { containers: [{ name: 'train', resources: { requests: { memory: '1.5Gi' } } }] } }).request);
END
seen=$(node "$work/finding.mjs")
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
