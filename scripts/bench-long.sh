#!/usr/bin/env bash
# The benchmarks that take long: with 10,000,000 deliveries in the log, which takes some 20 GB of
# disk in the folder for temporary files (TMPDIR).

# shellcheck source=scripts/bench.sh
source "$(dirname "${BASH_SOURCE[0]}")/bench.sh"

# A transaction that reads for ten minutes.
export OFFHOOK_BENCH_READ=${OFFHOOK_BENCH_READ:-600}
bench growth long-read
