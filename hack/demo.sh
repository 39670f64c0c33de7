#!/usr/bin/env bash
# GpuMem's main job, from `kubectl apply` to a verdict, on a real Kubernetes API server with simulated GPU nodes.
#
#   hack/demo.sh [--keep]
#   hack/demo.sh --context NAME [--webhook-host HOST] [--keep]
#
# Without --context it starts a control plane of its own (hack/control-plane.sh) and takes it down at the end.
# --context NAME        uses that context of your kubeconfig; what the demo creates there is deleted at the end.
# --webhook-host HOST   how that cluster's API server reaches this machine (default: its first address).
# --keep                leaves everything running and prints the KUBECONFIG to use; Ctrl-C ends it.
#
# Needs the .NET SDK of global.json, or a gpumem executable that GPUMEM_BINARY names. Everything else is found or obtained.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$repo/hack/lib/demo.sh"

context="" webhook_host="" keep=""
while [ $# -gt 0 ]; do
  case "$1" in
    --context) context="${2:?--context needs a name}"; shift ;;
    --webhook-host) webhook_host="${2:?--webhook-host needs a name or an address}"; shift ;;
    --keep) keep=1 ;;
    -h | --help) usage; exit 0 ;;
    *) usage; die "unknown option $1" ;;
  esac
  shift
done

[ -n "${GPUMEM_BINARY:-}" ] || have dotnet || die "the .NET SDK is missing; install the one that global.json asks for"
cd "$repo"
work="$(mktemp -d "${TMPDIR:-/tmp}/gpumem-demo.XXXXXX")"
trap 'tear_down' EXIT
trap 'exit 130' INT TERM

kubectl="$("$repo/hack/tools.sh" kubectl)"
helm="$("$repo/hack/tools.sh" helm)"
if [ -n "${GPUMEM_BINARY:-}" ]; then
  gpumem=("$GPUMEM_BINARY")
else
  step "building gpumem" "$work/build.log" dotnet build "$repo/src/Cli" --configuration Release --nologo || exit 1
  gpumem=(dotnet "$repo/artifacts/bin/GpuMem.Cli/release/gpumem.dll")
fi
find_cluster
install_gpumem

title "Two GPU pools: 16 H100 of 80 GB, 8 A10G of 24 GB"
nodes apply h100 a10g
k wait gpupool/h100 gpupool/a10g --for=jsonpath='{.status.nodes}'=2 --timeout=60s >/dev/null
show get gpupools

title "(a) A full fine-tune of Llama-3.1-8B asks for 1 GPU: rewritten to what it needs, and launched"
show apply -f "$jobs/llama-8b-sft.yaml"
k wait trainingjob/llama-8b-sft --for=jsonpath='{.status.phase}'=Launched --timeout=60s >/dev/null
show get trainingjobs
show get trainingjob llama-8b-sft -o 'jsonpath={.status.plan.rewritten}{"\n"}{.status.message}{"\n"}'
show get job llama-8b-sft -o 'jsonpath={.spec.parallelism} pod(s) of {.spec.template.spec.containers[0].resources.limits} on {.spec.template.spec.nodeSelector}{"\n"}'

title "(b) A pod of a 70B job that cannot fit on 24 GB cards: rejected, with what to change"
show apply -f "$jobs/llama-70b-qlora.yaml"
k wait trainingjob/llama-70b-qlora --for=jsonpath='{.status.phase}'=Rejected --timeout=60s >/dev/null
refused apply -f "$jobs/llama-70b-qlora-pod.yaml"

title "(c) The same job after taking the first suggestion: admitted"
patch="$(k get trainingjob llama-70b-qlora -o 'jsonpath={.status.suggestions[0].patch}')"
[ -n "$patch" ] || die "the status has no suggestion"
show patch trainingjob llama-70b-qlora --type merge -p "$patch"
k wait trainingjob/llama-70b-qlora --for=jsonpath='{.status.phase}'=Admitted --timeout=60s >/dev/null
show apply -f "$jobs/llama-70b-qlora-pod.yaml"

title "(d) A full fine-tune of 70B; a pool of H200 is added, and the plan changes"
show apply -f "$jobs/llama-70b-sft.yaml"
k wait trainingjob/llama-70b-sft --for=jsonpath='{.status.observedGeneration}'=1 --timeout=60s >/dev/null
show get trainingjob llama-70b-sft
nodes apply h200
k wait trainingjob/llama-70b-sft --for=jsonpath='{.status.plan.pool}'=h200 --timeout=60s >/dev/null
show get trainingjobs

title "(e) A Deployment that serves 70B on one card: refused with what would start, and admitted with it"
show apply -f "$servers/llama-70b-one-card.yaml"
k wait modelserver/llama-70b-chat --for=jsonpath='{.status.phase}'=Rejected --timeout=60s >/dev/null
refused apply -f "$servers/llama-70b-one-card-deployment.yaml"
patch="$(k get modelserver llama-70b-chat -o 'jsonpath={.status.suggestions[0].patch}')"
[ -n "$patch" ] || die "the status has no suggestion"
show patch modelserver llama-70b-chat --type merge -p "$patch"
k wait modelserver/llama-70b-chat --for=jsonpath='{.status.phase}'=Admitted --timeout=60s >/dev/null
sed 's/"1"\]/"4"]/; s/gpu: 1/gpu: 4/' "$servers/llama-70b-one-card-deployment.yaml" >"$work/deployment.yaml"
show apply -f "$work/deployment.yaml"
show get modelservers

title "(f) A JobSet that starts one GPU: refused at kubectl apply with what would fit, and admitted with it"
k apply -f "$workloads/jobset-crd.yaml" >/dev/null
k wait crd/jobsets.jobset.x-k8s.io --for=condition=Established --timeout=60s >/dev/null
show apply -f "$workloads/trainingjob.yaml"
k wait trainingjob/sft-in-a-jobset --for=jsonpath='{.status.observedGeneration}'=1 --timeout=60s >/dev/null
refused apply -f "$workloads/jobset.yaml"
sed 's|nvidia.com/gpu: 1|nvidia.com/gpu: 4|' "$workloads/jobset.yaml" >"$work/jobset.yaml"
show apply -f "$work/jobset.yaml"

title "(g) A Job that its author labels, and that asks for no GPU: it gets what it needs"
show apply -f "$workloads/labelled-job.yaml"
show get job sft-labelled -o 'jsonpath={.spec.template.spec.containers[0].resources.limits} on {.spec.template.spec.nodeSelector}{"\n"}'

title "(h) A Deployment that nobody describes, whose command says that it cannot start: admitted with a warning"
show apply -f "$workloads/vllm-deployment.yaml"

title "Done"
if [ -n "$keep" ]; then
  printf 'Everything stays up until Ctrl-C. In another terminal:\n\n  export KUBECONFIG=%s\n  kubectl get trainingjobs,modelservers,gpupools\n\n' "$KUBECONFIG"
  wait
fi
