#!/usr/bin/env bash
# Formatting, and clippy with warnings as errors, for the server's half and the browser's.

# shellcheck source=scripts/tools.sh
source "$(dirname "${BASH_SOURCE[0]}")/tools.sh"

server_only='tokio|mio|sqlx|sqlx-core|axum|hyper|utoipa|storage|engine|admin'

# The browser's half must not drag in what only a server can use.
browser_tree() {
  local tree leaked
  tree=$(cargo tree --locked -p frontend --target wasm32-unknown-unknown --edges normal --prefix none)
  leaked=$(cut -d ' ' -f 1 <<<"$tree" | sort -u | grep -xE "$server_only" || true)
  [[ -z $leaked ]] ||
    die "the browser's half depends on: $(tr '\n' ' ' <<<"$leaked")" \
      "Make it optional behind app's feature ssr. See: cargo tree -p frontend -i NAME --target wasm32-unknown-unknown"
}

lint() {
  install_lints
  timed "formatting" cargo fmt --all --check
  timed "browser's dependencies" browser_tree
  timed "clippy, server" cargo clippy --locked --quiet --all-targets -- -D warnings
  timed "clippy, browser" \
    cargo clippy --locked --quiet -p frontend --target wasm32-unknown-unknown -- -D warnings
  timed "types of the end-to-end tests" tsc --project end2end/tsconfig.json
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  install_tools
  lint
fi
