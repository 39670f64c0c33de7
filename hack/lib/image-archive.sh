# An OCI archive of the file system (https://github.com/opencontainers/image-spec). Sourced by image.sh.
# shellcheck shell=bash disable=SC2154

# make_archive: $image/gpumem.tar; sets $manifest, the digest by which a registry knows the image.
make_archive() {
  local layout="$work/layout" created config layer layers=() diffs=() size
  mkdir -p "$layout/blobs/sha256"
  created="$(date --utc --date="@$epoch" +%Y-%m-%dT%H:%M:%SZ)"
  for layer in debian gpumem; do
    archive "$work/$layer" "$work/layer"
    diffs+=("\"sha256:$(sha256 "$work/layer")\"")
    gzip -9 --no-name "$work/layer"
    layers+=("$(blob application/vnd.oci.image.layer.v1.tar+gzip "$work/layer.gz")")
  done

  cat >"$work/config" <<JSON
{"created":"$created","architecture":"amd64","os":"linux",
"config":{"User":"65532:65532","Env":["PATH=/","SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"],
"Entrypoint":["/gpumem"],"WorkingDir":"/","Labels":{$(labels)}},
"rootfs":{"type":"layers","diff_ids":[$(list "${diffs[@]}")]},
"history":[{"created":"$created","created_by":"hack/image.sh","comment":"$(debian_release)"},
{"created":"$created","created_by":"hack/image.sh","comment":"gpumem $version"}]}
JSON
  config="$(blob application/vnd.oci.image.config.v1+json "$work/config")"
  cat >"$work/manifest" <<JSON
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
"config":$config,
"layers":[$(list "${layers[@]}")]}
JSON
  manifest="sha256:$(sha256 "$work/manifest")"
  size="$(stat -c %s "$work/manifest")"
  mv "$work/manifest" "$layout/blobs/sha256/${manifest#*:}"

  printf '{"imageLayoutVersion":"1.0.0"}\n' >"$layout/oci-layout"
  # containerd and podman know the whole name, others the tag.
  cat >"$layout/index.json" <<JSON
{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"$manifest","size":$size,"platform":{"architecture":"amd64","os":"linux"},
"annotations":{"io.containerd.image.name":"$name:$version","org.opencontainers.image.ref.name":"$version"}}]}
JSON
  # What docker load reads where images are not kept in containerd: the same blobs, in Docker's older words.
  printf '[{"Config":"%s","RepoTags":["%s"],"Layers":[%s]}]\n' "$(path "$config")" "$name:$version" \
    "$(for layer in "${layers[@]}"; do printf '"%s"\n' "$(path "$layer")"; done | paste -sd,)" >"$layout/manifest.json"
  archive "$layout" "$image/gpumem.tar"
}

# archive FOLDER FILE: of the same files always the same bytes.
archive() {
  tar --create --file "$2" --directory "$1" --format=ustar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    $(cd "$1" && printf '%s\n' *)
}

sha256() { sha256sum "$1" | cut -d' ' -f1; }

# blob MEDIA-TYPE FILE: takes the file into the archive and prints its descriptor.
blob() {
  local digest size
  digest="$(sha256 "$2")" size="$(stat -c %s "$2")"
  mv "$2" "$work/layout/blobs/sha256/$digest"
  printf '{"mediaType":"%s","digest":"sha256:%s","size":%s}' "$1" "$digest" "$size"
}

# path DESCRIPTOR: where its blob lies in the archive.
path() { sed -E 's#.*"digest":"sha256:([0-9a-f]+)".*#blobs/sha256/\1#' <<<"$1"; }

# list ITEM...: with commas between.
list() { local IFS=,; printf '%s' "$*"; }

labels() {
  local prefix=org.opencontainers.image
  label "$prefix.title" gpumem
  printf ','; label "$prefix.description" "$description"
  printf ','; label "$prefix.version" "$version"
  printf ','; label "$prefix.licenses" "$licence"
  printf ','; label "$prefix.base.name" scratch
  [ -z "$source" ] || { printf ','; label "$prefix.source" "$source"; }
}

label() { printf '"%s":"%s"' "$1" "$(json "$2")"; }

# json TEXT: as it stands inside a JSON string.
json() { sed 's/[\\"]/\\&/g' <<<"$1"; }

debian_release() { sed -nE 's/^PRETTY_NAME="(.*)"/\1/p' "$work/debian/usr/lib/os-release"; }
