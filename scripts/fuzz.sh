#!/usr/bin/env bash
# Hostile input for what reads the texts of flows: each target for OFFHOOK_FUZZ_SECONDS (60).
# Arguments are names of targets: scripts/fuzz.sh path xml; all without any. What was found to reach
# new places is kept for the next time, beside the tools; what breaks something is kept in
# crates/flow/fuzz/artifacts, and the way to run it again is printed. One that is slow has 60 seconds:
# a flow that waited at each pass of two loops took 17.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cargo_fuzz=0.13.2

install_fuzz() {
  rustup toolchain list | grep -q '^nightly' ||
    die "the fuzzer needs a nightly toolchain" "Run: rustup toolchain install nightly --profile minimal"
  PATH=$tools/cargo-fuzz-$cargo_fuzz/bin:$PATH
  if [[ $(cargo fuzz --version 2>/dev/null) == *" $cargo_fuzz" ]]; then return; fi
  say "Installing cargo-fuzz $cargo_fuzz (once; usually 1 minute)"
  cargo install --quiet --locked "cargo-fuzz@$cargo_fuzz" --root "$tools/cargo-fuzz-$cargo_fuzz" ||
    die "cargo-fuzz $cargo_fuzz could not be installed" "The reason stands above; a network is needed."
}

fuzz() {
  local targets=("$@") one kept seconds=${OFFHOOK_FUZZ_SECONDS:-60}
  cd "$root/crates/flow"
  if ((${#targets[@]} == 0)); then mapfile -t targets < <(cargo +nightly fuzz list); fi
  for one in "${targets[@]}"; do
    kept=${tools%/tools}/fuzz/$one
    mkdir -p "$kept"
    timed "fuzz $one" cargo +nightly fuzz run --target-dir "$target/fuzz" "$one" "$kept" \
      "fuzz/seeds/$one" -- -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -max_len=4096 \
      -print_final_stats=1 -verbosity=0
  done
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  install_fuzz
  fuzz "$@"
fi
