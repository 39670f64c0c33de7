# Starts, watches and stops the processes of the control plane in $dir. Sourced by control-plane.sh.
# shellcheck shell=bash disable=SC2154

marker=.gpumem-control-plane # only a folder with this file in it is ever removed

# start NAME COMMAND...: in a process group of its own, so that Ctrl-C in the terminal is not for it.
start() {
  local name="$1"
  shift
  printf '%q ' "$@" >"$dir/$name.command"
  set -m
  (cd "$dir" && exec nohup "$@") </dev/null >"$dir/$name.log" 2>&1 &
  set +m
  printf '%s\n' "$!" >"$dir/$name.pid"
}

# has_flag BINARY FLAG: releases differ in what they understand.
has_flag() {
  local help
  help="$("$1" --help 2>&1)" || true
  case "$help" in *" $2 "* | *"'$2'"*) return 0 ;; *) return 1 ;; esac
}

# is_running NAME: the recorded process lives and is ours; the system may have given its number to another one.
is_running() {
  local pid
  pid="$(cat "$dir/$1.pid" 2>/dev/null)" || return 1
  kill -0 "$pid" 2>/dev/null || return 1
  if [ -r "/proc/$pid/cmdline" ]; then tr '\0' ' ' <"/proc/$pid/cmdline"; else ps -o args= -p "$pid"; fi | grep -qF "$dir"
}

# At once: the data goes with the processes, so there is nothing to shut down in good order.
stop_all() {
  local name
  for name in watch kube-controller-manager kube-apiserver etcd; do
    [ "$(cat "$dir/$name.pid" 2>/dev/null)" != "$$" ] || continue # the watch that runs this very script
    while is_running "$name"; do
      kill -KILL "$(cat "$dir/$name.pid")" 2>/dev/null || ! is_running "$name" || die "may not stop $name: another user started it"
      sleep 0.05
    done
  done
}

# Returns when a killed process has gone, so that its port and its data are free.
kill_one() {
  is_running "${name:?which one: etcd or kube-apiserver}" || die "$name does not run in $dir"
  kill -s "$signal" "$(cat "$dir/$name.pid")"
  case "$signal" in KILL | TERM) while is_running "$name"; do sleep 0.05; done ;; esac
}

start_again() {
  local command
  if [ "$name" = kube-controller-manager ] && [ ! -e "$dir/$name.command" ]; then
    obtain_controller_manager && start_controller_manager
    return
  fi
  [ -e "$dir/${name:?which one: etcd or kube-apiserver}.command" ] || die "$name never ran in $dir"
  ! is_running "$name" || die "$name runs in $dir already"
  eval "command=($(cat "$dir/$name.command"))"
  start "$name" "${command[@]}"
}

down() {
  [ -e "$dir/$marker" ] || { say "nothing is running in $dir"; return 0; }
  stop_all
  rm -rf "$dir"
}

# A helper that ends with the process it watches, and takes the control plane with it: also when that process was killed.
watch_pid() {
  # shellcheck disable=SC2016 # the inner shell expands these
  start watch bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done; exec "$2" down --dir "$3"' \
    watch "$while_pid" "$repo/hack/control-plane.sh" "$dir"
}

# request PATH: as administrator, with openssl only, which is here anyway.
request() {
  local answer
  answer="$(printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" |
    openssl s_client -quiet -connect "$(sed 's|https://||' "$dir/address")" -CAfile "$dir/ca.crt" \
      -cert "$dir/admin.crt" -key "$dir/admin.key" -verify_return_error 2>/dev/null)" || true
  [[ "$answer" == HTTP/1.?" 200 "* ]]
}

is_ready() { request /readyz; }

wait_ready() {
  local deadline=$((SECONDS + ${KUBEBUILDER_CONTROLPLANE_START_TIMEOUT_SECONDS:-60}))
  while [ "$SECONDS" -lt "$deadline" ]; do
    is_ready && return
    is_running kube-apiserver && is_running etcd || return 1
    sleep 0.3
  done
  return 1
}

# Below the range from which the system takes ports for outgoing connections.
free_port() {
  local candidate
  while :; do
    candidate=$((10000 + (RANDOM * 32768 + RANDOM) % 22000))
    (: <"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null || { printf '%s\n' "$candidate"; return; }
  done
}
