#!/usr/bin/env bash
# Failures, injected into the release: killed, frozen, a full disk, a torn log, receivers that
# misbehave; counts what was lost, repeated, or out of order. Arguments go to the program:
# scripts/chaos.sh kills torn, --short, --seed 7. OFFHOOK_BINARY says which program; by default the
# release, built if need be.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

if [[ -z ${OFFHOOK_BINARY:-} ]]; then build; fi
export OFFHOOK_BINARY=${OFFHOOK_BINARY:-$binary}
cargo run --locked --release --quiet --package bench --bin chaos -- "$@"
