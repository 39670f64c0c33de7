#!/usr/bin/env bash
# Holds every property against cases that no run has tried: each round draws new seeds. What is found becomes a test of its own.
#
#   hack/properties.sh [ROUNDS]    default 10; builds in a folder of its own, and ends at the first round in which one fails
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$repo"

rounds="${1:-10}"
[[ "$rounds" =~ ^[1-9][0-9]*$ ]] || { usage; exit 2; }
have dotnet || die "the .NET SDK is missing; global.json says which one"
built="$(mktemp -d)"
trap 'rm -rf "$built"' EXIT

mapfile -t projects < <(grep -l FsCheck.Xunit.v3 tests/*/*.csproj)
for project in "${projects[@]}"; do
  dotnet build "$project" --nologo --verbosity quiet --artifacts-path "$built" -p:RandomSeeds=true >&2 || die "the build failed"
done
for round in $(seq "$rounds"); do
  for project in "${projects[@]}"; do
    name="$(basename "$project" .csproj)"
    "$built/bin/$name/debug/$name" -noLogo -noColor >"$built/log" 2>&1 || { cat "$built/log"; die "round $round: a property of $name does not hold"; }
  done
  say "round $round of $rounds: every property holds"
done
