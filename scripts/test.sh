#!/usr/bin/env bash
# Everything that must hold: formatting, lints, unit and integration tests, and the
# end-to-end tests of the release in Chromium, the size of the first page among them.

# shellcheck source=scripts/e2e.sh
source "$(dirname "${BASH_SOURCE[0]}")/e2e.sh"
# shellcheck source=scripts/lint.sh
source "$root/scripts/lint.sh"

timed "tools" install_tools
timed "Chromium" install_chromium
lint
timed "unit and integration tests" cargo test --locked --quiet
timed "release build" build
timed "end-to-end tests" e2e
printf '\n'
say "All of it holds (${SECONDS} s)"
