#!/usr/bin/env bash
# Runs one of the benchmarks in bench/.
#
#   hack/bench.sh                  lists them
#   hack/bench.sh NAME [ARG...]    builds it in Release and runs it; what the benchmark says shows its progress
#
# The last line on stdout is the result, one JSON object. bench/README.md says how to add one.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
cd "$repo"

if [ $# -eq 0 ]; then
  for project in bench/*/GpuMem.Bench.*.csproj; do
    [ -f "$project" ] || { say "there is no benchmark yet"; break; }
    name="$(basename "$(dirname "$project")")"
    printf '%-16s %s\n' "$name" "$(sed -nE 's:.*<Description>(.*)</Description>.*:\1:p' "$project")"
  done
  exit
fi

# A benchmark answers to its name in any case.
name="$(cd bench && find . -mindepth 1 -maxdepth 1 -type d -iname "$1" -printf '%f\n' | head -n 1)"
[ -n "$name" ] || name="$1"
shift
project="bench/$name/GpuMem.Bench.$name.csproj"
[ -f "$project" ] || die "there is no benchmark $name; hack/bench.sh lists them"
have dotnet || die "the .NET SDK is missing; global.json says which one"

say "building $name"
dotnet build "$project" --configuration Release --nologo --verbosity quiet >&2 || die "the build failed"
output="$(mktemp)"
trap 'rm -f "$output"' EXIT
dotnet run --project "$project" --configuration Release --no-build -- "$@" | tee "$output" || die "$name failed"
# A benchmark that was cut short must not pass for one with a result.
case "$(tail -n 1 "$output")" in
  '{'*'}') ;;
  *) die "$name ended without its result, a JSON object on the last line" ;;
esac
