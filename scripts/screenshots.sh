#!/usr/bin/env bash
# Takes pictures of every page, light and dark, at three widths, into end2end/out/screenshots.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"
# shellcheck source=scripts/chromium.sh
source "$root/scripts/chromium.sh"

install_chromium
build
OFFHOOK_BINARY=$binary OFFHOOK_SITE=$site \
  playwright test --config end2end/screenshots.config.ts "$@"
note "the pictures are in end2end/out/screenshots"
