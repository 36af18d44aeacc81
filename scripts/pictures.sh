#!/usr/bin/env bash
# Takes the pictures of README and docs from the release into docs/images.

# shellcheck source=scripts/e2e.sh
source "$(dirname "${BASH_SOURCE[0]}")/e2e.sh"

install_chromium
build
OFFHOOK_PICTURES=$root/docs/images e2e pictures
