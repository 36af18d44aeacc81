#!/usr/bin/env bash
# Failures, injected into the release: killed, frozen, a full disk, a torn log, receivers that
# misbehave; counts what was lost, repeated, or out of order. Arguments go to the program:
# scripts/chaos.sh kills torn, --short, --seed 7. OFFHOOK_BINARY says which program; by default the
# release, built if need be.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

# The clock is set by libfaketime; without it that scenario says that it cannot run.
install_faketime() {
  if compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; then return; fi
  if ! command -v apt-get >/dev/null || [[ $(id -u) != 0 ]]; then return; fi
  say "Installing libfaketime from the system's packages (once)"
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y faketime >/dev/null ||
    note "libfaketime could not be installed; the reason stands above"
}

if [[ -z ${OFFHOOK_BINARY:-} ]]; then build; fi
install_faketime
export OFFHOOK_BINARY=${OFFHOOK_BINARY:-$binary}
cargo run --locked --release --quiet --package bench --bin chaos -- "$@"
