#!/usr/bin/env bash
# Simulated GPU nodes for a cluster without GPUs.
#
#   hack/nodes.sh apply FILE...     for example config/samples/nodes/*.yaml
#   hack/nodes.sh delete FILE...
#
# The cluster is the one that kubectl points at (KUBECONFIG).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

action="${1:-}"
[ $# -ge 2 ] || { usage; exit 2; }
shift
kubectl="$("$repo/hack/tools.sh" kubectl)"

for file in "$@"; do
  case "$action" in
    apply)
      "$kubectl" apply -f "$file"
      # Creating a node keeps the status it comes with; changing one does not, there status is a resource of its own.
      "$kubectl" replace --save-config --subresource=status -f "$file" >/dev/null
      # A new node is tainted until its kubelet reports, which no kubelet will do here.
      "$kubectl" taint -f "$file" node.kubernetes.io/not-ready- >/dev/null 2>&1 || true
      ;;
    delete) "$kubectl" delete --ignore-not-found -f "$file" ;;
    *) usage; exit 2 ;;
  esac
done
