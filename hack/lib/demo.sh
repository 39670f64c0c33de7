# The parts of hack/demo.sh: a cluster, GpuMem in it, and showing what a person would type. Sourced, never run.
# shellcheck shell=bash disable=SC2154,SC2034

namespace=gpumem-system
jobs=config/samples/jobs
servers=config/samples/servers
workloads=config/samples/workloads
own_control_plane="" installed=""
processes=()

k() { "$kubectl" "$@"; }

title() { printf '\n\033[1m== %s\033[0m\n' "$1"; }

# show ARG...: a kubectl command as it would be typed, and what it prints.
show() {
  printf '\n$ kubectl %s\n' "$(typed "$@")"
  k "$@" 2>&1
}

# refused ARG...: the same for a command that must not succeed.
refused() {
  printf '\n$ kubectl %s\n' "$(typed "$@")"
  if k "$@" 2>&1; then die "this should have been refused"; fi
}

# typed ARG...: with quotes where a shell needs them.
typed() {
  local word line=""
  for word in "$@"; do
    case "$word" in *[\{\}\ \$\"]*) word="'$word'" ;; esac
    line="$line $word"
  done
  printf '%s' "${line# }"
}

nodes() {
  local action="$1" files=() pool
  shift
  for pool in "$@"; do files+=("$repo/config/samples/nodes/$pool.yaml"); done
  "$repo/hack/nodes.sh" "$action" "${files[@]}" >>"$work/nodes.log" 2>&1 || { cat "$work/nodes.log" >&2; die "the nodes could not be written"; }
}

find_cluster() {
  if [ -z "$context" ]; then
    KUBECONFIG="$("$repo/hack/control-plane.sh" up --dir "$work/control-plane" --while-pid $$ | tail -n 1)"
    own_control_plane=1 webhook_host=localhost
  else
    k --context "$context" config view --raw --minify --flatten >"$work/kubeconfig"
    KUBECONFIG="$work/kubeconfig"
    [ -n "$webhook_host" ] || webhook_host="$(hostname -I | cut -d' ' -f1)"
  fi
  export KUBECONFIG
  k version -o json >"$work/version.json" 2>/dev/null || die "the API server does not answer; is the context right?"
  minor="$(sed -n '/serverVersion/,$ s/.*"minor": *"\([0-9]*\).*/\1/p' "$work/version.json" | head -n 1)"
}

# The chart as helm installs it anywhere; only, its Service points at this machine, where operator and webhook run as processes
# under the chart's ServiceAccounts, because no kubelet would start their pods.
install_gpumem() {
  local port options=()
  port="$(free_port)"
  # Servers before 1.25 do not know CEL rules; helm's own check would refuse what they would drop.
  [ "$minor" -ge 25 ] || options=(--disable-openapi-validation --server-side=false)
  "$helm" install gpumem "$repo/charts/gpumem" --namespace "$namespace" --create-namespace ${options[@]+"${options[@]}"} \
    --set "crds.keep=false,operator.replicas=0,webhook.replicas=0" \
    --set "webhook.service.externalName=$webhook_host,webhook.service.port=$port" >"$work/helm.log" 2>&1 ||
    { cat "$work/helm.log" >&2; die "helm install failed; is GpuMem installed there already?"; }
  installed=1
  account gpumem-operator
  account gpumem-webhook
  start operator --leader-elect
  start webhook --port "$port" --cert-host "$webhook_host" --shutdown-delay 0
  await operator "Acting on TrainingJobs"
  await webhook "Ready on port"
}

# account NAME: a kubeconfig with the rights of that ServiceAccount and no more.
account() {
  local file="$work/$1.kubeconfig" token
  token="$(k create token "$1" --namespace "$namespace" --duration 8h)"
  k config view --raw --minify --flatten >"$file"
  k --kubeconfig "$file" config set-credentials "$1" --token "$token" >/dev/null
  k --kubeconfig "$file" config set-context --current --user "$1" >/dev/null
}

# start COMMAND ARG...: a gpumem process, whose log is kept.
start() {
  local command="$1" address=127.0.0.1
  [ -n "$own_control_plane" ] || address=0.0.0.0
  shift
  "${gpumem[@]}" "$command" --kubeconfig "$work/gpumem-$command.kubeconfig" --namespace "$namespace" \
    --address "$address" --health-port "$(free_port)" "$@" >"$work/$command.log" 2>&1 &
  processes+=($!)
}

# await COMMAND TEXT: until its log says so.
await() {
  local deadline=$((SECONDS + 60))
  until grep -qs "$2" "$work/$1.log"; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "${processes[@]}" 2>/dev/null; then
      cat "$work/$1.log" >&2
      die "gpumem $1 did not become ready"
    fi
    sleep 0.2
  done
}

# A port that nobody listens on at the moment, from above those that the system hands out by itself.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  printf '%s' "$port"
}

tear_down() {
  local status=$?
  trap - EXIT INT TERM
  if [ -n "$installed" ] && [ -z "$own_control_plane" ]; then
    # TrainingJobs first, while the operator's children can still be collected; then what refuses without a webhook.
    k delete trainingjob llama-8b-sft llama-70b-qlora llama-70b-sft --ignore-not-found >/dev/null 2>&1 || true
    k delete modelserver/llama-70b-chat deployment/vllm-llama-70b --ignore-not-found >/dev/null 2>&1 || true
    k delete pod llama-70b-qlora-0 --ignore-not-found --force >/dev/null 2>&1 || true
    "$helm" uninstall gpumem --namespace "$namespace" >/dev/null 2>&1 || true
    nodes delete h100 a10g h200 || true
    k delete namespace "$namespace" --wait=false >/dev/null 2>&1 || true
  fi
  [ ${#processes[@]} -eq 0 ] || kill "${processes[@]}" 2>/dev/null || true
  [ ${#processes[@]} -eq 0 ] || wait "${processes[@]}" 2>/dev/null || true
  [ -z "$own_control_plane" ] || "$repo/hack/control-plane.sh" down --dir "$work/control-plane" >/dev/null 2>&1 || true
  if [ "$status" -eq 0 ]; then rm -rf "$work"; else say "the logs are in $work"; fi
  exit "$status"
}
