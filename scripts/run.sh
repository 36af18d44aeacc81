#!/usr/bin/env bash
# Installs what is missing, builds the release, and serves it with SQLite under ./data.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

build
mkdir -p data
export OFFHOOK_LISTEN=${OFFHOOK_LISTEN:-127.0.0.1:3000}
export OFFHOOK_DATABASE_URL=${OFFHOOK_DATABASE_URL:-sqlite:data/offhook.db}
export OFFHOOK_SITE_ROOT=$site
say "Serving on http://$OFFHOOK_LISTEN (Ctrl-C ends it)"
exec "$binary" serve
