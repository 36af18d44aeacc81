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

# The panel, the API and the engine on PostgreSQL, each of their servers on a database of its own.
# What has a PostgreSQL of its own and what is about other servers stays out. Without -p, for which
# other features would be chosen and everything compiled again.
test_on_postgres() {
  local left_out=() name
  for name in cancelled::what_a_ chaos:: copying:: messages:: nodes:: postgres:: roles::each_ roles::where_nobody_ seats:: \
    takeover:: vanished::; do
    left_out+=(--skip "$name")
  done
  OFFHOOK_TEST_DATABASE=postgres cargo test --locked --quiet --test it -- "${left_out[@]}"
}

timed "tools" install_tools
timed "Chromium" install_chromium
timed "PostgreSQL" install_postgres
start_postgres
timed "MariaDB, RabbitMQ, mail server" install_servers
timed "schemathesis" install_schemathesis
start_servers
lint
timed "unit and integration tests" cargo test --locked --quiet
timed "panel, API and engine on PostgreSQL" test_on_postgres
timed "release build" build
timed "API against its document" api_fuzz "$binary"
timed "end-to-end tests" e2e
printf '\n'
say "All of it holds (${SECONDS} s)"
