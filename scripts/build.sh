#!/usr/bin/env bash
# Builds the release: the binary, and the site that it serves. Does nothing when what is there was
# built from just these sources by just these tools.

# shellcheck source=scripts/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

# What the last build was made from and what it made; a changed file on either side starts a new one.
stamp=$target/release/.offhook-built

# A digest of everything that goes into the build. Contents, not times: a checkout, a deleted file
# and a clock that was set make no difference.
inputs() {
  {
    rustc --version
    cargo-leptos --version
    cat package-lock.json
    cat scripts/shrink.mjs
    find .cargo Cargo.toml Cargo.lock app crates frontend server migrations style -type f -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum
}

outputs() { stat --format '%n %s %Y' "$binary" "$site"/pkg/* 2>/dev/null || true; }

build() {
  install_tools
  local made_from
  made_from=$(inputs)
  if [[ -x $binary && -d $site/pkg && -f $stamp && $(<"$stamp") == "$made_from"$'\n'"$(outputs)" ]]; then
    return
  fi
  if [[ -x $binary ]]; then
    say "Building the release (what changed; usually 1 to 8 minutes on two cores)"
  else
    say "Building the release (once; usually 15 minutes on two cores)"
  fi
  local begun=$SECONDS
  rm -f "$stamp"
  # cargo-leptos's own default for the site does not follow CARGO_TARGET_DIR.
  if [[ -n ${CARGO_TARGET_DIR:-} ]]; then export LEPTOS_SITE_ROOT=$site; fi
  cargo leptos build --release --precompress --bin-cargo-args=--locked --lib-cargo-args=--locked ||
    die "the release does not build" "The reason stands above."
  node "$root/scripts/shrink.mjs" "$site/pkg"
  printf '%s\n%s' "$made_from" "$(outputs)" >"$stamp"
  note "built in $((SECONDS - begun)) s: $binary"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then build; fi
