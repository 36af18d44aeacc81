#!/usr/bin/env bash
# End-to-end tests of the release in Chromium. Arguments go to Playwright: scripts/e2e.sh hooks

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"
# shellcheck source=scripts/chromium.sh
source "$root/scripts/chromium.sh"

e2e() {
  OFFHOOK_BINARY=$binary OFFHOOK_SITE=$site \
    playwright test --config end2end/playwright.config.ts "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  install_chromium
  build
  e2e "$@"
fi
