#!/usr/bin/env bash
# Publishes gpumem as one native executable for Linux on x64, artifacts/native/gpumem, which needs no .NET to run.
#
#   hack/native.sh
#
# Needs the .NET SDK of global.json, and takes some minutes of CPU. clang, lld and the headers of zlib are installed where they are
# missing (Debian). The last line is the path of the executable. Whatever the compiler warns of fails it.
#
# Cluster tests and the demo run this executable when GPUMEM_BINARY names it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$repo/hack/lib/debian.sh"
cd "$repo"

have dotnet || die "the .NET SDK is missing; global.json says which one"
[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "a native gpumem is made on Linux on x64 only; this is $(uname -s) on $(uname -m)"
native="$repo/artifacts/native"
# A folder of its own: other builds go on beside it, and their packages stay as they are.
build="$repo/artifacts/native-build"
mkdir -p "$build"
log="$build/native.log"
: >"$log"

missing=()
have clang || missing+=(clang)
have ld.lld || missing+=(lld)
[ -e /usr/include/zlib.h ] || missing+=(zlib1g-dev)
if [ "${#missing[@]}" -gt 0 ]; then
  have apt-get || die "${missing[*]} are missing, and this is not Debian: install a C compiler, lld and the headers of zlib"
  work="$(mktemp -d)"
  trap 'rm -rf "$work"' EXIT
  own_apt "$work"
  step "reading Debian's package lists" "$log" apt-get -c "$work/apt.conf" update || die "the log is $log"
  install_packages "$work" "$log" "${missing[@]}" || die "the log is $log"
fi

# Without symbols: they hold the path of the tree, and by their checksums two builds of the same source would differ.
step "compiling gpumem" "$log" dotnet publish src/Cli --configuration Release --runtime linux-x64 --output "$build/publish" --nologo \
  -p:PublishNative=true -p:ArtifactsPath="$build" -p:DebugType=none || die "the log is $log"
mkdir -p "$native"
# Under a name of its own first: a gpumem that runs meanwhile goes on with the old one.
cp "$build/publish/gpumem" "$native/gpumem.new"
mv "$native/gpumem.new" "$native/gpumem"
printf '%s\n' "$native/gpumem"
