#!/usr/bin/env bash
# Holds what the first page makes a browser load, its WASM and JavaScript as brotli, to 300 KB.

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

limit=300000

budget() {
  local -a files
  mapfile -t files < <(find "$site/pkg" -name '*.wasm.br' -o -name '*.js.br' | sort)
  # Without both, something else than a precompressed release lies there.
  printf '%s\n' "${files[@]}" | grep -q '\.wasm\.br$' ||
    die "$site/pkg holds no precompressed WASM" "Build it with: make build"
  printf '%s\n' "${files[@]}" | grep -q '\.js\.br$' ||
    die "$site/pkg holds no precompressed JavaScript" "Build it with: make build"
  local total=0 file size
  for file in "${files[@]}"; do
    size=$(stat --format %s "$file")
    note "$(printf '%8d bytes  %s' "$size" "${file#"$site"/}")"
    total=$((total + size))
  done
  note "$(printf '%8d bytes of %d' "$total" "$limit")"
  ((total <= limit)) || die "the first page loads $total bytes of WASM and JavaScript; $limit are allowed"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then budget; fi
