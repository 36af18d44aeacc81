#!/usr/bin/env bash
# Checks that cargo and Node are there, and installs what the build needs and lacks: the wasm
# target, cargo-leptos, the wasm-bindgen command of Cargo.lock's version, the locked npm packages.
# Sourced by the other scripts, so that PATH leads to what was installed.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

cargo_leptos=0.3.10

check_cargo() {
  command -v cargo >/dev/null ||
    die "cargo is not installed" "Install Rust with rustup (see rust-lang.org), then run this again."
  local want have
  want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  have=$(rustc --version | cut -d ' ' -f 2)
  at_least "$have" "$want" ||
    die "Rust $have is too old; $want or newer is needed" "Run: rustup update stable"
  command -v cc >/dev/null ||
    die "there is no C compiler (cc)" "On Debian: apt-get install build-essential"
}

check_node() {
  command -v node >/dev/null && command -v npm >/dev/null ||
    die "Node is not installed" "Install Node 20 or newer, with npm, then run this again."
  local have
  have=$(node --version)
  at_least "${have#v}" 20 || die "Node $have is too old; 20 or newer is needed"
}

# installed NAME VERSION: whether the command on PATH, or one of ours put there, is this version.
installed() {
  local bin=$tools/$1-$2/bin
  if [[ -x $bin/$1 ]]; then PATH=$bin:$PATH; fi
  # The subcommand's name comes after cargo's own; all print "name version".
  [[ " $("$1" --version 2>/dev/null || true) " == *" $2 "* ]]
}

# install NAME CRATE VERSION TIME [ARGUMENTS...]: a command from its crate, unless it is there.
install() {
  local name=$1 crate=$2 version=$3 time=$4
  shift 4
  if installed "$name" "$version"; then return; fi
  say "Installing $crate $version (once; usually $time)"
  # Optimised as much as the work is worth: the command runs for seconds.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_TARGET_DIR=$tools/build-$name \
    cargo install --quiet "$crate@$version" --root "$tools/$name-$version" "$@" ||
    die "$crate $version could not be installed" "The reason stands above; a network is needed."
  rm -rf "$tools/build-$name"
  installed "$name" "$version" || die "$name $version was installed and does not run"
}

# has_wasm_target: whether rustc has the standard library for the browser.
has_wasm_target() { [[ -d $(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib ]]; }

install_wasm_target() {
  if has_wasm_target; then return; fi
  command -v rustup >/dev/null ||
    die "Rust's wasm32-unknown-unknown target is missing, and rustup, which would install it, too"
  say "Installing Rust's target for the browser (once; usually 10 s)"
  rustup target add wasm32-unknown-unknown
}

# rustup's minimal profile has neither.
install_lints() {
  if cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1; then return; fi
  command -v rustup >/dev/null ||
    die "cargo fmt or cargo clippy is missing, and rustup, which would install them, too"
  say "Installing rustfmt and clippy (once; usually 10 s)"
  rustup component add rustfmt clippy
}

# The locked npm packages, again only when the lock has changed.
install_npm() {
  local mark=node_modules/.installed-lock
  if cmp -s package-lock.json "$mark"; then return; fi
  say "Installing the locked npm packages (usually 10 s)"
  npm ci --no-audit --no-fund --loglevel=error
  cp package-lock.json "$mark"
}

install_tools() {
  check_cargo
  check_node
  install_wasm_target
  install_npm
  install cargo-leptos cargo-leptos "$cargo_leptos" "8 minutes on two cores" \
    --locked --no-default-features --features no_downloads
  # Its own lock file is not used: it holds yanked versions now and then.
  install wasm-bindgen wasm-bindgen-cli "$(locked wasm-bindgen)" "2 to 4 minutes on two cores"
  export PATH
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then install_tools; fi
