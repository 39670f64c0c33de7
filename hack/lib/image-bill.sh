# The image's software bill of materials, as CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json). Sourced by image.sh.
# shellcheck shell=bash disable=SC2154

# make_bill: $image/gpumem.cdx.json, of the binary, of what is compiled into it, and of Debian's packages. The serial number is
# made of the image's digest, so that the bill of the same image is the same.
make_bill() {
  local digest="${manifest#*:}" binary="pkg:generic/gpumem@$version" compiled=() debian=()
  compiled_components >"$work/compiled"
  debian_components >"$work/debian-packages"
  mapfile -t compiled <"$work/compiled"
  mapfile -t debian <"$work/debian-packages"
  [ "${#compiled[@]}" -gt 0 ] && [ "${#debian[@]}" -gt 0 ] || die "no packages are found in $references; has the SDK changed its format?"
  cat >"$image/gpumem.cdx.json" <<JSON
{
"\$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
"bomFormat": "CycloneDX",
"specVersion": "1.6",
"serialNumber": "urn:uuid:$(sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-8\3-a\4-\5/' <<<"$digest")",
"version": 1,
"metadata": {
"timestamp": "$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)",
"component": {"bom-ref": "image", "type": "container", "name": "$name", "version": "$version", "description": "$(json "$description")",
"hashes": [{"alg": "SHA-256", "content": "$digest"}], "licenses": [{"expression": "$licence"}],
"purl": "pkg:oci/${name##*/}@sha256%3A$digest?arch=amd64&repository_url=$name&tag=$version"}
},
"components": [
{"bom-ref": "$binary", "type": "application", "name": "gpumem", "version": "$version", "purl": "$binary",
"hashes": [{"alg": "SHA-256", "content": "$(sha256 "$image/root/gpumem")"}], "licenses": [{"expression": "$licence"}]},
$(lines "${compiled[@]}" "${debian[@]}")
],
"dependencies": [
{"ref": "image", "dependsOn": ["$binary", $(names "${debian[@]}")]},
{"ref": "$binary", "dependsOn": [$(names "${compiled[@]}")]}
]
}
JSON
}

# lines ITEM...: one a line, with commas between.
lines() { printf '%s,\n' "$@" | sed '$ s/,$//'; }

# names COMPONENT...: by which others refer to them.
names() { printf '%s\n' "$@" | sed -E 's/^\{"bom-ref": ("[^"]*").*/\1/' | paste -sd, | sed 's/,/, /g'; }

# component TYPE NAME VERSION PURL ALGORITHM HASH LICENSES
component() {
  printf '{"bom-ref": "%s", "type": "%s", "name": "%s", "version": "%s", "purl": "%s", "hashes": [{"alg": "%s", "content": "%s"}], "licenses": [%s]}\n' \
    "$4" "$1" "$2" "$3" "$4" "$5" "$6" "$7"
}

# The packages compiled in, with what their authors say of them. The runtime is two of them, as the SDK downloads it.
compiled_components() {
  local id name version folder type licences
  while read -r id version folder; do
    name="$(sed -nE 's#.*<id>([^<]+)</id>.*#\1#p' "$folder/$id.nuspec")"
    licences="$(sed -nE 's#.*<license type="expression">([^<]+)</license>.*#{"expression": "\1"}#p' "$folder/$id.nuspec")"
    [ -n "$licences" ] || licences='{"license": {"name": "see the package"}}'
    case "$id" in *.runtime.*) type=framework ;; *) type=library ;; esac
    component "$type" "$name" "$version" "pkg:nuget/$name@$version" \
      SHA-512 "$(base64 --decode "$folder/$id.$version.nupkg.sha512" | od -An -v -tx1 | tr -d ' \n')" "$licences"
  done < <(compiled_in)
}

debian_components() {
  local package file version origin distribution release
  read -r distribution release < <(. "$work/debian/usr/lib/os-release" && printf '%s %s\n' "$ID" "$VERSION_ID")
  for package in $(packages); do
    file="$(echo "$work/fetched/${package}"_*.deb)"
    version="$(dpkg-deb --field "$file" Version)"
    origin="$(dpkg-deb --field "$file" Source | cut -d' ' -f1)"
    component library "$package" "$version" "pkg:deb/$distribution/$package@$(purl_version "$version")?arch=$(
      dpkg-deb --field "$file" Architecture)&distro=$distribution-$release&upstream=${origin:-$package}" \
      SHA-256 "$(sha256 "$file")" "$(licences_of "$package")"
  done
}

# purl_version VERSION: percent-encoded where https://github.com/package-url/purl-spec asks for it.
purl_version() { sed 's/%/%25/g; s/:/%3A/g; s/+/%2B/g' <<<"$1"; }

# licences_of PACKAGE: of the files that are taken from it. The packages say it in prose, and of all their files together.
licences_of() {
  case "$1" in
    base-files) echo '{"expression": "GPL-2.0-or-later"}' ;;
    ca-certificates) echo '{"expression": "MPL-2.0"}' ;;
    libc6) echo '{"expression": "LGPL-2.1-or-later"}' ;;
    libgcc-s1 | libstdc++6) echo '{"expression": "GPL-3.0-or-later WITH GCC-exception-3.1"}' ;;
    libssl3*) echo '{"expression": "Apache-2.0"}' ;;
    libzstd1) echo '{"expression": "BSD-3-Clause"}' ;;
    zlib1g) echo '{"expression": "Zlib"}' ;;
    *) echo "{\"license\": {\"name\": \"see /usr/share/doc/$1/copyright in the image\"}}" ;;
  esac
}
