#!/usr/bin/env bash
# Takes the pictures of the page that the documentation shows, docs/images/*.png, each of at most 150 KB.
#
#   hack/screenshots.sh [DIR]
#
# By gpumem ui, the one that GPUMEM_BINARY names, else that of hack/native.sh, else that of the last build, and Debian's Chromium of
# hack/tools.sh. What is on them is said in bench/page/Pictures.cs.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$repo"

case "${1:-}" in -*) usage; die "unknown option $1" ;; esac
hack/bench.sh page --images "$(realpath -m "${1:-docs/images}")"
