#!/usr/bin/env bash
# Finds a Chromium for the end-to-end tests, or installs Debian's. Exports CHROMIUM, its path.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" /usr/bin/chromium chromium chromium-browser google-chrome; do
    if [[ -n $name ]] && CHROMIUM=$(command -v "$name"); then
      export CHROMIUM
      return
    fi
  done
  return 1
}

install_chromium() {
  if find_chromium; then return; fi
  command -v apt-get >/dev/null ||
    die "the end-to-end tests need Chromium, and there is none" \
      "Install it, or set CHROMIUM to its path."
  local as_root=()
  if [[ $(id -u) != 0 ]]; then
    sudo -n true 2>/dev/null ||
      die "the end-to-end tests need Chromium, and installing it needs root" \
        "Run: sudo apt-get install chromium, or set CHROMIUM to the path of one that is there."
    as_root=(sudo -n)
  fi
  say "Installing Chromium from the system's packages (once; usually 1 minute)"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y chromium >/dev/null ||
    die "Chromium could not be installed" "The reason stands above."
  find_chromium || die "Chromium was installed and is not to be found"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then install_chromium; fi
