# Debian's packages, read through lists of our own: the machine's sources and lists stay as they are. Sourced.
# shellcheck shell=bash

# own_apt DIR: writes an apt configuration into DIR that reads the machine's sources, source packages included.
own_apt() {
  local dir="$1" file
  mkdir -p "$dir/sources" "$dir/lists/partial" "$dir/archives/partial"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$file" ] || continue
    sed -nE 's/^[[:space:]]*deb[[:space:]]+(.*)/deb \1\ndeb-src \1/p' "$file" >"$dir/sources/$(basename "${file%.list}").list"
  done
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed -E 's/^Types:.*/Types: deb deb-src/' "$file" >"$dir/sources/$(basename "$file")"
  done
  cat >"$dir/apt.conf" <<CONF
Dir::Etc::sourcelist "/dev/null";
Dir::Etc::sourceparts "$dir/sources";
Dir::State::lists "$dir/lists";
Dir::Cache "$dir";
APT::Sandbox::User "";
APT::Get::Assume-Yes "true";
APT::Install-Recommends "false";
CONF
}

# need_commands DIR LOG COMMAND=PACKAGE...: installs the packages whose command is missing.
need_commands() {
  local dir="$1" log="$2" pair missing=()
  shift 2
  for pair in "$@"; do have "${pair%%=*}" || missing+=("${pair#*=}"); done
  [ "${#missing[@]}" -eq 0 ] || install_packages "$dir" "$log" "${missing[@]}"
}

# install_packages DIR LOG PACKAGE...: through the lists that own_apt set up in DIR.
install_packages() {
  local dir="$1" log="$2"
  shift 2
  may_become_root || die "these packages are missing and this user may not install them; run: apt-get install $*"
  step "installing $*" "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get -c "$dir/apt.conf" install "$@"
}
