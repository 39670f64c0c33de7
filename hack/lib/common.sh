# What the scripts in hack/ share. Sourced, never run. Progress goes to stderr, so that stdout carries results only.
# shellcheck shell=bash disable=SC2034

# Everything obtained or built lives outside the tree, so that `git clean` and a second work tree cost nothing.
cache="${GPUMEM_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or GPUMEM_CACHE}/.cache}/gpumem}"
repo="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# usage: prints the comment block at the top of the script that runs.
usage() { awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0" >&2; }

# under_lock NAME COMMAND...: one process at a time; a second one waits and then finds the work done.
under_lock() {
  local name="$1"; shift
  mkdir -p "$cache"
  if ! have flock; then "$@"; return; fi
  (
    flock --nonblock 9 || { say "waiting for another run that holds $cache/$name.lock"; flock 9; }
    "$@"
  ) 9>"$cache/$name.lock"
}

# step TEXT LOG COMMAND...: runs COMMAND with its output in LOG and shows one line with the elapsed time.
# The command gets a process group of its own, so that an interrupt can end all of it.
step() {
  local text="$1" log="$2" pid status=0 started=$SECONDS
  shift 2
  set -m
  "$@" >>"$log" 2>&1 9>&- </dev/null &
  pid=$!
  set +m
  # shellcheck disable=SC2064 # the pid is wanted as it is now
  trap "kill -TERM -- -$pid 2>/dev/null || true; exit 130" INT TERM HUP
  while kill -0 "$pid" 2>/dev/null; do
    if [ -t 2 ]; then
      printf '\r%s … %d s ' "$text" $((SECONDS - started)) >&2
    elif [ $(((SECONDS - started) % 30)) -eq 0 ]; then
      say "$text … $((SECONDS - started)) s"
    fi
    sleep 1
  done
  wait "$pid" || status=$?
  trap - INT TERM HUP
  [ -t 2 ] && printf '\r' >&2
  if [ "$status" -eq 0 ]; then say "$text: done in $((SECONDS - started)) s"; return 0; fi
  say "$text: failed after $((SECONDS - started)) s (exit status $status). The last lines of $log:"
  tail -n 15 "$log" >&2
  return "$status"
}

# as_root COMMAND...: directly as root, else through sudo.
as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }

# may_become_root: asks for the sudo password now, in the foreground, where a person can answer.
may_become_root() { [ "$(id -u)" -eq 0 ] || { have sudo && sudo -v; }; }
