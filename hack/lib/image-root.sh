# The image's file system: the native binary and what it needs of Debian, unpacked and not installed. Sourced by image.sh.
# shellcheck shell=bash disable=SC2154

libraries=usr/lib/x86_64-linux-gnu

# make_root: into $work/root, in two parts that become two layers: debian changes seldom, gpumem with every version.
make_root() {
  local library package openssl
  mkdir -p "$work/fetched" "$work/debian/$libraries" "$work/gpumem"
  read_package_lists
  openssl="$(libssl)"
  for package in base-files ca-certificates libc6 "$openssl"; do fetch_package "$package"; done
  # gpumem loads OpenSSL by name, so that the linker does not know of it.
  for library in libssl.so.3 libcrypto.so.3; do add_library "$library"; done
  add_needs_of "$repo/artifacts/native/gpumem" "$work/debian/$libraries"/*
  add_debian_files
  add_gpumem_files
  chmod -R u=rwX,go=rX "$work/debian" "$work/gpumem"
  chmod 1777 "$work/debian/tmp"
  rm -rf "$image/root"
  mkdir "$image/root"
  cp -a "$work/debian/." "$work/gpumem/." "$image/root"
}

# Kept between runs, so that a second one only asks whether they are still the newest.
read_package_lists() {
  own_apt "$cache/debian"
  : >"$log"
  step "reading Debian's package lists" "$log" apt-get -c "$cache/debian/apt.conf" update || die "the log is $log"
}

# libssl: OpenSSL 3, whose package was renamed when time_t grew (Debian 13, Ubuntu 24.04).
libssl() {
  local name
  for name in libssl3t64 libssl3; do
    apt-cache -c "$cache/debian/apt.conf" show --no-all-versions "$name" >/dev/null 2>&1 && { printf '%s\n' "$name"; return; }
  done
  die "this release has no package of OpenSSL 3 (libssl3), which gpumem needs for TLS"
}

# fetch_package NAME: its newest version, unpacked in $work/packages/NAME.
fetch_package() {
  [ ! -d "$work/packages/$1" ] || return 0
  (cd "$work/fetched" && apt-get -c "$cache/debian/apt.conf" download "$1") >>"$log" 2>&1 ||
    { tail -n 15 "$log" >&2; die "Debian's package $1 could not be fetched; the log is $log"; }
  mkdir -p "$work/packages/$1"
  dpkg-deb --extract "$work/fetched/$1"_*.deb "$work/packages/$1"
}

# add_library NAME: from whichever package it lies in.
add_library() {
  local file
  file="$(find "$work/packages" -path "*/x86_64-linux-gnu/$1" -print -quit)"
  [ -n "$file" ] || return 1
  cp -L "$file" "$work/debian/$libraries/"
}

# add_needs_of FILE...: the libraries that they were linked with, and those that these were; ldd follows the chain.
add_needs_of() {
  local library needs
  needs="$(ldd "$@" | sed -nE '/linux-vdso/d; s#^\t(/.*/)?([^/ ]+) (=>|\().*#\2#p' | sort -u)"
  for library in $needs; do
    case "$library" in
      libgcc_s.so.1) fetch_package libgcc-s1 ;;
      libstdc++.so.6) fetch_package libstdc++6 ;;
      libz.so.1) fetch_package zlib1g ;;
      libzstd.so.1) fetch_package libzstd1 ;;
    esac
    add_library "$library" || die "gpumem needs $library; say in add_needs_of (${BASH_SOURCE[0]}) which package has it"
  done
}

# What is neither library nor binary: certificates, names, licences, and what scanners go by.
add_debian_files() {
  local root="$work/debian" package text
  mkdir -p "$root"/{dev,etc/ssl/certs,proc,sys,tmp,usr/lib64,usr/share/common-licenses,var/lib/dpkg/status.d}
  ln -s usr/lib "$root/lib"
  ln -s usr/lib64 "$root/lib64"
  ln -s ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 "$root/usr/lib64/"
  cp "$work/packages/base-files/usr/lib/os-release" "$root/usr/lib/"
  ln -s ../usr/lib/os-release "$root/etc/os-release"
  cat "$work/packages"/ca-certificates/usr/share/ca-certificates/mozilla/*.crt >"$root/etc/ssl/certs/ca-certificates.crt"
  printf '%s\n' root:x:0:0:root:/:/sbin/nologin nonroot:x:65532:65532:nonroot:/:/sbin/nologin >"$root/etc/passwd"
  printf '%s\n' root:x:0: nonroot:x:65532: >"$root/etc/group"
  printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
  for package in $(packages); do
    # As distroless images have it: Trivy, Grype and others look here.
    dpkg-deb --field "$work/fetched/${package}"_*.deb >"$root/var/lib/dpkg/status.d/$package"
    mkdir -p "$root/usr/share/doc/$package"
    cp -L "$work/packages/$package/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/"
  done
  for text in $(grep -rhoE 'common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$root/usr/share/doc" | sort -u); do
    cp -L "$work/packages/base-files/usr/share/$text" "$root/usr/share/common-licenses/"
  done
}

# packages: the names of Debian's packages in the image.
packages() { (cd "$work/packages" && printf '%s\n' *); }

# The binary, and the licences of what is compiled into it; a package without a text of its own names licence and holder in its nuspec.
add_gpumem_files() {
  local id folder text
  cp "$repo/artifacts/native/gpumem" "$work/gpumem/"
  install -D --mode=644 "$repo/LICENSE" "$work/gpumem/usr/share/doc/gpumem/LICENSE"
  while read -r id _ folder; do
    for text in "$folder"/[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]* "$folder"/[Tt][Hh][Ii][Rr][Dd]-[Pp][Aa][Rr][Tt][Yy]-* "$folder/$id.nuspec"; do
      [ ! -f "$text" ] || install -D --mode=644 "$text" "$work/gpumem/usr/share/doc/gpumem/$id/${text##*/}"
    done
  done < <(compiled_in)
}

# compiled_in: `id version folder` of each NuGet package that the compiler was given, the runtime's among them.
compiled_in() {
  sed -nE 's#^-r:(.*/([^/]+)/([0-9][^/]*))/(lib|runtimes)/.*#\2 \3 \1#p' "$references" | sort -u
}
