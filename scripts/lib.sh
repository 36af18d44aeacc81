# shellcheck shell=bash
# What the scripts share: where things are, how they speak. Sourced, not run.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

# The build's folder, absolute, wherever CARGO_TARGET_DIR puts it.
target=${CARGO_TARGET_DIR:-target}
case $target in /*) ;; *) target=$root/$target ;; esac
binary=$target/release/offhook
site=$target/site

# Tools that the scripts install, one folder for each version, beside whatever the machine has.
tools=${XDG_CACHE_HOME:-$HOME/.cache}/offhook/tools
# Servers lie where only root looks by itself.
export PATH=$root/node_modules/.bin:$PATH:${CARGO_HOME:-$HOME/.cargo}/bin:/usr/sbin:/sbin

if [[ -t 1 ]]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

# say TEXT: one step, before it is taken.
say() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }

# note TEXT: something about the step.
note() { printf '    %s\n' "$*"; }

# die TEXT...: what is wrong and what to do about it, one line each; ends the script.
die() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

# timed NAME COMMAND...: runs it under a heading, and says how long it took. When it fails the
# script ends there, and says where.
timed() {
  local name=$1 begun=$SECONDS
  shift
  section=$name
  printf '\n%s==== %s%s\n' "$bold" "$name" "$plain"
  "$@"
  printf '%s==== %s: %s s%s\n' "$bold" "$name" "$((SECONDS - begun))" "$plain"
  section=''
}

section=''
# Functions that clean up at the end, however that comes.
at_end=()
trap 'status=$?; for clean_up in "${at_end[@]}"; do "$clean_up"; done; if [[ $status != 0 && -n $section ]]; then
  printf "\n%s==== FAILED: %s (after %s s in all)%s\n" "$bold" "$section" "$SECONDS" "$plain" >&2
fi' EXIT

# at_least HAVE WANT: whether version HAVE is WANT or newer.
at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

# locked CRATE: the crate's version in Cargo.lock.
locked() {
  awk -v name="\"$1\"" '$1 == "name" { found = $3 == name }
    found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' Cargo.lock
}

# install_packages NAME...: of the system's.
install_packages() {
  command -v apt-get >/dev/null ||
    die "these scripts need $*, and there is no apt-get to install it" "Install it by hand."
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    sudo -n true 2>/dev/null ||
      die "these scripts need $*, and installing it needs root" "Run: sudo apt-get install $*"
    as_root=(sudo -n)
  fi
  say "Installing from the system's packages: $* (once; usually 1 minute)"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@" >/dev/null ||
    die "$* could not be installed" "The reason stands above."
}
