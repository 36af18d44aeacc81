#!/usr/bin/env bash
# Serves a debug build and builds again whenever a source changes.

# shellcheck source=scripts/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

install_tools
mkdir -p data
# A folder of its own: cargo-leptos sets compiler flags of its own for debug builds, and the
# release's site must not be overwritten.
export CARGO_TARGET_DIR=$target/dev LEPTOS_SITE_ROOT=$target/dev/site
export OFFHOOK_SITE_ROOT=$LEPTOS_SITE_ROOT
export OFFHOOK_DATABASE_URL=${OFFHOOK_DATABASE_URL:-sqlite:data/dev.db}
say "Watching the sources (the first build usually takes 6 minutes on two cores)"
exec cargo leptos watch -- serve
