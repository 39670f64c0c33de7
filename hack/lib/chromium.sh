# Debian's Chromium, unpacked and not installed, with the libraries and the font that are missing here. Sourced by tools.sh.
# shellcheck shell=bash disable=SC2154

chromium="$cache/chromium"

# obtain_chromium: leaves $chromium/chromium, a script that starts the browser with what lies beside it.
obtain_chromium() {
  [ ! -d "$chromium" ] || return 0 # another run has just done it
  have apt-get && have dpkg-deb || die "chromium is missing, and this is not Debian; install it and put it on PATH"
  rm -rf "$cache"/chromium.?????? # of runs that were killed: we hold the lock
  local work log="$cache/chromium.log"
  work="$(mktemp -d "$cache/chromium.XXXXXX")"
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  : >"$log"
  own_apt "$work"
  step "reading Debian's package lists" "$log" apt-get -c "$work/apt.conf" update || die "the log is $log"
  step "downloading chromium" "$log" unpack_chromium "$work" || die "Debian's package chromium-headless-shell could not be fetched; the log is $log"
  write_chromium_fonts "$work/unpacked"
  write_chromium_start "$work/unpacked"
  mv "$work/unpacked" "$chromium"
}

# Only what this machine lacks is downloaded: its own C library goes on being used.
unpack_chromium() {
  local archive
  apt-get -c "$1/apt.conf" -o Debug::NoLocking=true --download-only install chromium-headless-shell fonts-dejavu-core || return 1
  for archive in "$1"/archives/*.deb; do dpkg-deb --extract "$archive" "$1/unpacked" || return 1; done
}

write_chromium_fonts() {
  cat >"$1/fonts.conf" <<CONF
<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir><dir>$chromium/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
CONF
}

write_chromium_start() {
  local libraries
  libraries="$(cd "$1" && find . -name '*.so*' -printf "$chromium/%h\n" | sort -u | paste -sd :)"
  cat >"$1/chromium" <<START
#!/bin/sh
export LD_LIBRARY_PATH="$libraries"
export FONTCONFIG_FILE="$chromium/fonts.conf"
exec "$chromium/usr/lib/chromium/chromium-headless-shell" "\$@"
START
  chmod +x "$1/chromium"
}
