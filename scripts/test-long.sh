#!/usr/bin/env bash
# What takes too long for every change: the fuzzer, and the property tests with many more cases.

# shellcheck source=scripts/fuzz.sh
source "$(dirname "${BASH_SOURCE[0]}")/fuzz.sh"

timed "cargo-fuzz" install_fuzz
(fuzz)
timed "property tests, 10,000 cases each" \
  env PROPTEST_CASES=10000 cargo test --locked --quiet -p flow -p model -p engine propert
printf '\n'
say "All of it holds (${SECONDS} s)"
