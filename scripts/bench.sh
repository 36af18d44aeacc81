#!/usr/bin/env bash
# Benchmarks of a release. Arguments are the names of benchmarks: scripts/bench.sh sustained latency;
# all short ones without any. OFFHOOK_BINARY says which program; by default the release, built if
# need be. What was measured is printed, and kept as JSON in the build's folder.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

bench() {
  if [[ -z ${OFFHOOK_BINARY:-} ]]; then build; fi
  OFFHOOK_BINARY=${OFFHOOK_BINARY:-$binary} \
    cargo run --locked --release --quiet --package bench --bin bench -- \
    --json "$target/bench.json" "$@"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then bench "$@"; fi
