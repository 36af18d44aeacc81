#!/usr/bin/env bash
# What takes too long for every change: the fuzzer, and the property tests with many more cases
# (PROPTEST_CASES, 10,000): those in modules called `properties` or `agreement`, and those whose names
# begin with `property`.

# shellcheck source=scripts/fuzz.sh
source "$(dirname "${BASH_SOURCE[0]}")/fuzz.sh"

cases=${PROPTEST_CASES:-10000}

timed "cargo-fuzz" install_fuzz
(fuzz)
timed "property tests, $cases cases each" env PROPTEST_CASES="$cases" \
  cargo test --locked --quiet -p model -p flow -p engine -p script -- propert agreement
printf '\n'
say "All of it holds (${SECONDS} s)"
