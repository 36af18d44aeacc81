#!/usr/bin/env bash
# Everything that must hold: formatting, lints, unit and integration tests, the size budget, and
# the end-to-end tests of the release in Chromium.

# shellcheck source=scripts/e2e.sh
source "$(dirname "${BASH_SOURCE[0]}")/e2e.sh"
# shellcheck source=scripts/lint.sh
source "$root/scripts/lint.sh"
# shellcheck source=scripts/budget.sh
source "$root/scripts/budget.sh"

timed "tools" install_tools
timed "Chromium" install_chromium
lint
timed "unit and integration tests" cargo test --locked --quiet
timed "release build" build
timed "size budget" budget
timed "end-to-end tests" e2e
printf '\n'
say "All of it holds (${SECONDS} s)"
