#!/usr/bin/env bash
# Benchmarks of a release build, against a database in a temporary folder. Arguments are the names
# of benchmarks: scripts/bench.sh lists. All of them without any.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cargo run --locked --release --quiet --package bench -- "$@"
