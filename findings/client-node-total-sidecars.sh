#!/usr/bin/env bash
# What a pod asks for is without its sidecars, its init containers and its overhead in Kubernetes' JavaScript client.
#
# Guess:     totalForResource, whose sums topNodes shows beside what a node has, is what the scheduler sets aside for a pod.
# Package:   @kubernetes/client-node 2.0.1 (npm)
# Behaviour: the containers alone are added up. The scheduler adds sidecars (init containers that restart always), takes the largest init container
#            where that is more, what the pod states as a whole, and its runtime class's overhead: for the GPU in a sidecar the client says 0 of 1.
# Seen:
# | containers only: 1 GPU, 8 GiB
# | with a sidecar: 0 GPU, 8 GiB (the scheduler: 1 GPU, 10 GiB)
# | with an init container of 64Gi: 1 GPU, 8 GiB (the scheduler: 1 GPU, 64 GiB)
# | with 32Gi stated for the pod: 1 GPU, 8 GiB (the scheduler: 1 GPU, 32 GiB)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm install --silent --no-audit --no-fund --ignore-scripts @kubernetes/client-node@2.0.1 >log 2>&1)

# The file that has the functions: the package as a whole asks for a newer Node than Debian has.
cat >"$work/finding.mjs" <<'END'
import { totalForResource } from './node_modules/@kubernetes/client-node/dist/util.js';

const main = (gpus) => ({ name: 'train', resources: { requests: { memory: '8Gi', ...(gpus && { 'nvidia.com/gpu': gpus }) } } });

function tell(what, spec, scheduler) {
  const asked = (resource) => Number(totalForResource({ spec }, resource).request);
  console.log(`| ${what}: ${asked('nvidia.com/gpu')} GPU, ${asked('memory') / 2 ** 30} GiB${scheduler ? ` (the scheduler: ${scheduler})` : ''}`);
}

tell('containers only', { containers: [main('1')] });
tell(
  'with a sidecar',
  { containers: [main()], initContainers: [{ name: 'engine', restartPolicy: 'Always', resources: { requests: { memory: '2Gi', 'nvidia.com/gpu': '1' } } }] },
  '1 GPU, 10 GiB',
);
tell('with an init container of 64Gi', { containers: [main('1')], initContainers: [{ name: 'load', resources: { requests: { memory: '64Gi' } } }] }, '1 GPU, 64 GiB');
tell('with 32Gi stated for the pod', { containers: [main('1')], resources: { requests: { memory: '32Gi' } } }, '1 GPU, 32 GiB');
END
seen=$(node "$work/finding.mjs")
expected=$(sed -n 's/^# | /| /p' "$0")
[ "$seen" = "$expected" ] || { printf 'no longer so:\n%s\n' "$seen"; exit 1; }
echo "$seen"
