#!/usr/bin/env bash
# Obtains what the tests need, builds once and runs every test project of the solution, cluster tests included.
#
#   hack/test.sh
#
# Needs the .NET SDK of global.json. A real etcd and kube-apiserver are found or obtained by hack/control-plane.sh, and helm,
# kubectl and chromium by hack/tools.sh. Wherever a test starts gpumem as a process of its own, that is the native one of hack/native.sh, or
# the one that GPUMEM_BINARY names; hack/image.sh makes the image that tests unpack. The last line is `N passed, N failed,
# N skipped`. The exit status is 0 only when everything was built, every test project ran at least one test, and none failed.
# Results are left in artifacts/test-results.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$repo"

sdk_version() { sed -nE 's/.*"version": *"([^"]+)".*/\1/p' global.json; }

have dotnet || die "the .NET SDK is missing; install the one that global.json asks for ($(sdk_version)) or newer"
dotnet --version >/dev/null 2>&1 || die "the .NET SDK is too old: global.json asks for $(sdk_version) or newer; here are: \
$(cd / && dotnet --list-sdks | cut -d' ' -f1 | tr '\n' ' ')"

# A test that needs the control plane fails without it here: a skipped test proves nothing.
export GPUMEM_REQUIRE_CLUSTER=1
hack/control-plane.sh assets >&2
kubectl="$(hack/tools.sh kubectl)"
helm="$(hack/tools.sh helm)"
GPUMEM_CHROMIUM="$(hack/tools.sh chromium)"
export GPUMEM_CHROMIUM
export PATH="${kubectl%/*}:${helm%/*}:$PATH"

dotnet build GpuMem.sln --nologo --verbosity quiet || die "the build failed"
[ -n "${GPUMEM_BINARY:-}" ] || GPUMEM_BINARY="$(hack/native.sh | tail -n 1)"
export GPUMEM_BINARY
hack/image.sh >&2

results="$repo/artifacts/test-results"
rm -rf "$results"
passed=0 failed=0 skipped=0

# counter FILE NAME: one number of the run's summary; 0 when the run ended before it could write one.
counter() {
  local number
  number="$(sed -nE "s/.*<Counters [^>]*\b$2=\"([0-9]+)\".*/\1/p" "$1")"
  printf '%s\n' "${number:-0}"
}

# One run for each project, so that a crash of one is seen and does not take the others' results along.
for project in tests/*.Tests/*.csproj; do
  name="$(basename "$project" .csproj)"
  exit_status=0
  dotnet test "$project" --no-build --nologo --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
    --blame-hang-timeout 10m --blame-hang-dump-type none || exit_status=$?
  total=0 executed=0 ok=0
  if [ -f "$results/$name.trx" ]; then
    total="$(counter "$results/$name.trx" total)"
    executed="$(counter "$results/$name.trx" executed)"
    ok="$(counter "$results/$name.trx" passed)"
  fi
  bad=$((executed - ok))
  if [ "$total" -eq 0 ]; then
    say "error: $name ran no test"
    bad=1
  elif [ "$exit_status" -ne 0 ] && [ "$bad" -eq 0 ]; then
    say "error: $name ended with exit status $exit_status although no test failed: it crashed or hung"
    bad=1
  fi
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - executed))
done

printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" -eq 0 ]
