#!/usr/bin/env bash
# Writes charts/gpumem/README.md: what the chart is, and each of its values with default and meaning, out of the comments of values.yaml.
#
#   hack/chart-readme.sh [--check]
#
# --check  writes nothing and fails when the file is not what it would write.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib/common.sh"

chart="$repo/charts/gpumem"

readme() {
  cat <<'TEXT'
# GpuMem

Says before a GPU job starts whether it fits into GPU memory, on which pool and on how many GPUs: at `kubectl apply`, by an admission webhook that explains,
and an operator that plans, rewrites and launches.

```sh
helm install gpumem charts/gpumem --namespace gpumem-system --create-namespace
helm test gpumem --namespace gpumem-system --logs
```

As installed it warns and refuses nothing: see `policy`. What it needs of a cluster, what happens when it is down, how to upgrade: docs/operations.md.

## Values

| value | default | what it is |
|---|---|---|
TEXT
  values
  printf '\nWritten by hack/chart-readme.sh from values.yaml; do not edit it.\n'
}

# A comment above a key, or behind it, is of that key; a line with `key:` and nothing behind it opens the keys below it.
values() {
  awk '
    function row(path, value, said) { gsub(/\|/, "\\|", value); gsub(/\|/, "\\|", said); gsub(/</, "\\&lt;", said); printf "| `%s` | %s | %s |\n", path, value == "" ? "" : "`" value "`", said }
    /^ *$/ { above = ""; next }
    /^ *#/ { line = $0; sub(/^ *# ?/, "", line); above = above == "" ? line : above " " line; next }
    {
      match($0, /^ */); depth = RLENGTH / 2
      line = substr($0, RLENGTH + 1); said = ""
      if (match(line, / +# /)) { said = substr(line, RSTART + RLENGTH); line = substr(line, 1, RSTART - 1) }
      key = line; sub(/:.*/, "", key)
      value = line; sub(/^[^:]*: ?/, "", value)
      keys[depth] = key; path = keys[0]
      for (at = 1; at <= depth; at++) path = path "." keys[at]
      if (said == "") said = above
      if (value != "" || said != "") row(path, value, said)
      above = ""
    }' "$chart/values.yaml"
}

case "${1:-}" in
  "") readme >"$chart/README.md" ;;
  --check) readme | diff - "$chart/README.md" >&2 || die "charts/gpumem/README.md is not what values.yaml says: run hack/chart-readme.sh" ;;
  *) usage; exit 2 ;;
esac
