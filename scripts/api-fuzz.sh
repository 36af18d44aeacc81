#!/usr/bin/env bash
# Asks the API what its document allows, and much that it does not, by schemathesis, and holds each
# answer against the document: no 5xx, no status, type or shape that the document does not name.
# OFFHOOK_BINARY says which program; by default the release, built if need be.
# It is asked on SQLite; on PostgreSQL by
#   OFFHOOK_TEST_DATABASE=postgres bash scripts/postgres.sh scripts/api-fuzz.sh
# Arguments go to schemathesis: scripts/api-fuzz.sh --include-path /api/v1/queues

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

requirements=$root/scripts/api-fuzz.txt
schemathesis=$(sed -n 's/^schemathesis==//p' "$requirements")
fuzz_tools=$tools/schemathesis-$schemathesis

has_venv() { python3 -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; }

install_python() {
  if has_venv; then return; fi
  local needed=('the API is tested with Python 3.10 or newer and its venv module'
    'On Debian: apt-get install python3-venv')
  install_packages python3-venv
  has_venv || die "${needed[@]}"
}

# The versions of api-fuzz.txt, again only when they have changed.
install_schemathesis() {
  if cmp -s "$requirements" "$fuzz_tools/.installed"; then return; fi
  install_python
  say "Installing schemathesis $schemathesis (once; usually 20 s)"
  rm -rf "$fuzz_tools"
  python3 -m venv "$fuzz_tools" &&
    "$fuzz_tools/bin/pip" install --quiet --disable-pip-version-check -r "$requirements" ||
    die "schemathesis $schemathesis could not be installed" \
      "The reason stands above; a network is needed."
  cp "$requirements" "$fuzz_tools/.installed"
}

# api_fuzz PROGRAM ARGUMENTS...: in a shell of its own, whose end ends the server.
api_fuzz() (
  program=$1
  shift
  install_schemathesis
  folder=$(mktemp -d)
  server='' made=''
  stop() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    wait
    [[ -z $made ]] || dropdb --force --maintenance-db="$OFFHOOK_TEST_POSTGRES" "$made" || true
    rm -rf "$folder"
  }
  trap stop EXIT
  trap 'exit 1' INT TERM

  free_port='const server = require("node:net").createServer();
    server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); })'
  port=$(node -e "$free_port")
  url=http://127.0.0.1:$port
  export OFFHOOK_LISTEN=127.0.0.1:$port OFFHOOK_DATABASE_URL=sqlite:$folder/fuzz.db
  export OFFHOOK_PUBLIC_URL=$url OFFHOOK_KEY_FILE=$folder/key
  if [[ ${OFFHOOK_TEST_DATABASE:-sqlite} == postgres ]]; then
    createdb --maintenance-db="$OFFHOOK_TEST_POSTGRES" "offhook_fuzz_$BASHPID"
    made=offhook_fuzz_$BASHPID
    OFFHOOK_DATABASE_URL=${OFFHOOK_TEST_POSTGRES%/*}/$made
  fi
  "$program" migrate >/dev/null
  "$program" sample --receiver "127.0.0.1:$(node -e "$free_port")" >/dev/null
  # In the environment, where a list of processes does not show it.
  OFFHOOK_FUZZ_TOKEN=$("$program" token add fuzz --scope ingest,manage,read)
  export OFFHOOK_FUZZ_TOKEN
  "$program" serve >"$folder/server.log" 2>&1 &
  server=$!
  answers() { node -e 'fetch(process.argv[1]).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))' "$url/readyz"; }
  for _ in $(seq 100); do
    if answers || ! kill -0 "$server" 2>/dev/null; then break; fi
    sleep 0.1
  done
  answers || die "the server did not start" "$(tail -n 5 "$folder/server.log")"

  (cd "$folder" && SCHEMATHESIS_HOOKS=$root/scripts/api-fuzz.py "$fuzz_tools/bin/st" --config-file "$root/scripts/api-fuzz.toml" --no-color run \
    "$url/api/openapi.json" "$@") || exit 1
  if ! answers || grep -q panicked "$folder/server.log"; then
    die "the server did not live through it" "$(tail -n 20 "$folder/server.log")"
  fi
)

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  if [[ -z ${OFFHOOK_BINARY:-} ]]; then build; fi
  api_fuzz "${OFFHOOK_BINARY:-$binary}" "$@"
fi
