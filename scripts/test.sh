#!/usr/bin/env bash
# Everything that must hold: formatting, lints, unit and integration tests; and of the release the
# API against its document, and the end-to-end tests in Chromium, the size of the first page among
# them.

# shellcheck source=scripts/e2e.sh
source "$(dirname "${BASH_SOURCE[0]}")/e2e.sh"
# shellcheck source=scripts/servers.sh
source "$root/scripts/servers.sh"
# shellcheck source=scripts/lint.sh
source "$root/scripts/lint.sh"
# shellcheck source=scripts/api-fuzz.sh
source "$root/scripts/api-fuzz.sh"

timed "tools" install_tools
timed "Chromium" install_chromium
timed "PostgreSQL" install_postgres
start_postgres
timed "MariaDB, RabbitMQ, mail server" install_servers
timed "schemathesis" install_schemathesis
start_servers
lint
timed "unit and integration tests" cargo test --locked --quiet
timed "release build" build
timed "API against its document" api_fuzz "$binary"
timed "end-to-end tests" e2e
printf '\n'
say "All of it holds (${SECONDS} s)"
