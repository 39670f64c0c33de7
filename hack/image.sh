#!/usr/bin/env bash
# Makes an image of gpumem without a container engine, and the bill of what is in it.
#
#   hack/image.sh [--to DIR]
#
# Leaves in DIR, artifacts/image by default:
#   gpumem.tar        an OCI archive of the native binary and of the few Debian files it needs, which `docker load` takes too
#   gpumem.cdx.json   its software bill of materials (CycloneDX)
#   root              its file system, as the Dockerfile copies it
# and prints NAME@DIGEST as the last line. docs/image.md says how it gets into a registry.
#
# Made twice of the same commit with the same packages it is the same, byte for byte. Needs the .NET SDK of global.json and
# Debian, or what derives from it, on x86-64. Times in the image are those of the last commit, or SOURCE_DATE_EPOCH.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
. "$repo/hack/lib/debian.sh"
. "$repo/hack/lib/image-root.sh"
. "$repo/hack/lib/image-archive.sh"
. "$repo/hack/lib/image-bill.sh"
umask 022
export LC_ALL=C

image="$repo/artifacts/image"
while [ $# -gt 0 ]; do
  case "$1" in
    --to) image="$(realpath -m "${2:?--to needs a folder}")"; shift ;;
    *) usage; die "unknown option $1" ;;
  esac
  shift
done

# What the chart says of itself, the image says too: the one installs the other.
chart() { sed -nE "s,^ *$1: *\"?([^\"#]*[^\"# ]).*,\1,p" "$repo/charts/gpumem/$2" | head -n 1; }
name="$(chart repository values.yaml)" version="$(chart appVersion Chart.yaml)"
description="$(chart description Chart.yaml)" licence="$(chart artifacthub.io/license Chart.yaml)"
# Where the clone came from, without the password that a CI may have put there.
source="$(git -C "$repo" config --get remote.origin.url 2>/dev/null | sed -nE 's#^(https://)([^/@]*@)?#\1#p')" || true
epoch="${SOURCE_DATE_EPOCH:-$(git -C "$repo" log -1 --format=%ct 2>/dev/null || echo 0)}"

[ "$(uname -s)-$(uname -m)" = Linux-x86_64 ] || die "the image is made on Linux on x86-64, for the same; this is $(uname -s) on $(uname -m)"
have apt-get && have dpkg-deb || die "apt-get and dpkg-deb are missing: the image is made on Debian, or what derives from it, of its packages"

"$repo/hack/native.sh" >&2
# What the compiler of the native binary was given, one argument a line.
references="$repo/artifacts/native-build/obj/GpuMem.Cli/release_linux-x64/native/gpumem.ilc.rsp"
[ -f "$references" ] || die "hack/native.sh left no $references, by which the bill of materials is written"

mkdir -p "$image"
work="$(mktemp -d)" log="$image/image.log"
trap 'rm -rf "$work"' EXIT
under_lock debian make_root
make_archive
make_bill
say "$image/gpumem.tar: $(($(stat -c %s "$image/gpumem.tar") / 1024)) KiB"
printf '%s@%s\n' "$name:$version" "$manifest"
