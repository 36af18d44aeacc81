#!/usr/bin/env bash
# Installs what is missing, builds the release, and serves it with SQLite under ./data.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

build
mkdir -p data
export OFFHOOK_SITE_ROOT=$site
say "Serving (Ctrl-C ends it)"
exec "$binary" serve
