#!/usr/bin/env bash
# Makes everything that a release consists of, the same byte for byte when it is made again of the same commit and packages.
#
#   hack/release.sh VERSION [--to DIR] [--base-url URL] [--built]
#
# Leaves in DIR, artifacts/release by default:
#   gpumem-linux-amd64.tar.gz   the native executable; under the name kubectl-gpumem it is a plugin of kubectl
#   gpumem-image.tar            the image, and gpumem.cdx.json, its bill of materials (CycloneDX)
#   gpumem-VERSION.tgz          the chart
#   crds.yaml                   the CustomResourceDefinitions
#   gpumem.krew.yaml            the manifest by which krew installs the plugin
#   NOTES.md                    what CHANGELOG.md says of VERSION
#   SHA256SUMS                  of all of them
#
# VERSION is that of charts/gpumem/Chart.yaml and Directory.Build.props, and has a section in CHANGELOG.md. URL is where the files will be found (default: the
# releases of the remote `origin`). --built takes artifacts/native and artifacts/image as they are instead of making them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"
umask 022
export LC_ALL=C

version="" to="$repo/artifacts/release" base="" built=""
while [ $# -gt 0 ]; do
  case "$1" in
    --to) to="$(realpath -m "${2:?--to needs a folder}")"; shift ;;
    --base-url) base="${2:?--base-url needs a URL}"; shift ;;
    --built) built=1 ;;
    -*) usage; die "unknown option $1" ;;
    *) version="$1" ;;
  esac
  shift
done
[ -n "$version" ] || { usage; exit 2; }

same() { grep -qE "$2" "$repo/$1" || die "$1 does not say $version: $3"; }
quoted="${version//./\\.}"
same charts/gpumem/Chart.yaml "^version: \"?$quoted\"?$" "set version and appVersion"
same charts/gpumem/Chart.yaml "^appVersion: \"?$quoted\"?$" "set version and appVersion"
same Directory.Build.props "<Version>$quoted</Version>" "set Version"
notes="$(awk -v heading="## $version" '$0 == heading || index($0, heading " ") == 1 { on = 1; next } /^## / { on = 0 } on' "$repo/CHANGELOG.md")"
[ -n "$notes" ] || die "CHANGELOG.md has no section '## $version', or nothing in it"

[ -n "$base" ] || base="$(git -C "$repo" config --get remote.origin.url 2>/dev/null | sed -nE 's#^(https://)([^/@]*@)?(.*[^/])(\.git)?/?$#\1\3#p' | sed 's/\.git$//')/releases/download/v$version"
epoch="${SOURCE_DATE_EPOCH:-$(git -C "$repo" log -1 --format=%ct 2>/dev/null || echo 0)}"

[ -n "$built" ] || "$repo/hack/image.sh" >&2
for file in artifacts/native/gpumem artifacts/image/gpumem.tar artifacts/image/gpumem.cdx.json; do
  [ -f "$repo/$file" ] || die "$file is missing: leave --built away, so that it is made"
done

rm -rf "$to"
mkdir -p "$to"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# archive FILE DIR NAME…: those of DIR, without whose they were and when.
archive() {
  local file="$1" dir="$2"
  shift 2
  tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u+rw,go=rX --mtime="@$epoch" --format=gnu -C "$dir" -cf - "$@" | gzip -9n >"$file"
}

mkdir "$work/plugin"
install -m 755 "$repo/artifacts/native/gpumem" "$work/plugin/gpumem"
install -m 644 "$repo/LICENSE" "$work/plugin/LICENSE"
archive "$to/gpumem-linux-amd64.tar.gz" "$work/plugin" gpumem LICENSE

archive "$to/gpumem-$version.tgz" "$repo/charts" gpumem

cp "$repo/artifacts/image/gpumem.tar" "$to/gpumem-image.tar"
cp "$repo/artifacts/image/gpumem.cdx.json" "$to/gpumem.cdx.json"
for crd in "$repo"/config/crd/*.yaml; do printf -- '---\n'; cat "$crd"; done >"$to/crds.yaml"
printf '%s\n' "$notes" | sed -e '1{/^$/d}' >"$to/NOTES.md"

sha() { sha256sum "$1" | cut -d' ' -f1; }
cat >"$to/gpumem.krew.yaml" <<EOF
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: gpumem
spec:
  version: v$version
  homepage: ${base%/releases/*}
  shortDescription: Will it fit into GPU memory?
  description: |
    Says how much memory each GPU of a training job or inference server needs, on which pool of a
    cluster it fits and, when it does not, what would make it fit:
    estimate, plan, explain (also trainingjob/x, pod/y, job/z of a cluster), pools, top, admit, ui.
  platforms:
  - selector:
      matchLabels: {os: linux, arch: amd64}
    uri: $base/gpumem-linux-amd64.tar.gz
    sha256: $(sha "$to/gpumem-linux-amd64.tar.gz")
    files:
    - {from: gpumem, to: kubectl-gpumem}
    - {from: LICENSE, to: .}
    bin: kubectl-gpumem
EOF

(cd "$to" && sha256sum -- * >SHA256SUMS.new && mv SHA256SUMS.new SHA256SUMS)
say "$(cd "$to" && ls | wc -l) files in $to"
printf '%s\n' "$to"
