#!/usr/bin/env bash
# A PostgreSQL server for tests, on a port and in a folder of its own, thrown away at the end.
# Exports OFFHOOK_TEST_POSTGRES, its address, and POSTGRES_BIN, the folder of its programs.
# By hand: bash scripts/postgres.sh cargo test -p storage
# or: OFFHOOK_TEST_DATABASE=postgres bash scripts/postgres.sh cargo test --test it rest

# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# Prints the folder of the newest server's programs.
find_postgres() {
  local folder
  for folder in "${POSTGRES_BIN:-}" $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [[ -n $folder && -x $folder/initdb ]]; then
      printf '%s' "$folder"
      return
    fi
  done
  folder=$(command -v initdb) && dirname "$folder"
}

install_postgres() {
  if find_postgres >/dev/null; then return; fi
  install_packages postgresql
  find_postgres >/dev/null ||
    die "PostgreSQL was installed and is not to be found" \
      "Set POSTGRES_BIN to the folder of its programs."
}

# Runs a command as somebody whom the server's programs agree to run as: they refuse root.
as_postgres() {
  if [[ $(id -u) == 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

# Starts the server, unless one is given.
start_postgres() {
  local bin port
  bin=$(find_postgres)
  export POSTGRES_BIN=$bin
  if [[ -n ${OFFHOOK_TEST_POSTGRES:-} ]]; then return; fi
  postgres_folder=$(mktemp -d /tmp/offhook-postgres.XXXXXX)
  if [[ $(id -u) == 0 ]]; then chown postgres "$postgres_folder"; fi
  at_end+=(stop_postgres)
  as_postgres "$bin/initdb" --pgdata="$postgres_folder/data" --username=offhook --auth=trust \
    --encoding=UTF8 --locale=C.UTF-8 >"$postgres_folder.log" 2>&1 ||
    die "PostgreSQL could not be set up" "See $postgres_folder.log"
  # A port that is free now; another process may take it before the server does. A test that serves
  # has some 25 connections, and as many run at once as there are cores.
  for port in $(shuf -i 20000-30000 -n 5); do
    if as_postgres "$bin/pg_ctl" --pgdata="$postgres_folder/data" --wait --silent \
      --log="$postgres_folder/log" start \
      --options="-p $port -h 127.0.0.1 -k '$postgres_folder' -c max_connections=1000"; then
      postgres_pid=$(head -n 1 "$postgres_folder/data/postmaster.pid")
      export OFFHOOK_TEST_POSTGRES=postgres://offhook@127.0.0.1:$port/postgres
      return
    fi
  done
  die "PostgreSQL does not start" "$(tail -n 5 "$postgres_folder/log")"
}

stop_postgres() {
  if [[ -n ${postgres_pid:-} ]]; then
    # At once: what it holds is thrown away.
    kill -QUIT "$postgres_pid" 2>/dev/null || true
    while kill -0 "$postgres_pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -rf "$postgres_folder" "$postgres_folder.log"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  install_postgres
  start_postgres
  "$@"
fi
