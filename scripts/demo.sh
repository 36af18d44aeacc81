#!/usr/bin/env bash
# A contact centre to look at: a database in a temporary folder, the sample, an administrator, and
# simulated traffic until Ctrl-C; then all of it is thrown away.

# shellcheck source=scripts/build.sh
source "$(dirname "${BASH_SOURCE[0]}")/build.sh"

build

folder=$(mktemp -d)
server='' traffic=''
stop() {
  trap - EXIT INT TERM
  [[ -z $traffic ]] || kill "$traffic" 2>/dev/null || true
  [[ -z $server ]] || kill "$server" 2>/dev/null || true
  wait
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 0' INT TERM

export OFFHOOK_LISTEN=${OFFHOOK_LISTEN:-127.0.0.1:3000}
export OFFHOOK_DATABASE_URL=sqlite:$folder/demo.db
export OFFHOOK_SITE_ROOT=$site
url=http://$OFFHOOK_LISTEN
password=$(od -An -N 9 -tx1 /dev/urandom | tr -d ' \n')

free_port='const server = require("node:net").createServer();
  server.listen(0, "127.0.0.1", () => { console.log(server.address().port); server.close(); })'
receiver=127.0.0.1:$(node -e "$free_port")

say "Loading the sample contact centre"
"$binary" migrate >/dev/null
"$binary" sample --receiver "$receiver"
printf '%s' "$password" | "$binary" user add demo --role admin --password-stdin >/dev/null
# In the environment, where a list of processes does not show it.
OFFHOOK_TOKEN=$("$binary" token add demo --scope ingest,read)
export OFFHOOK_TOKEN

say "Starting the server"
"$binary" serve >"$folder/server.log" 2>&1 &
server=$!
# Says that it listens, and then answers: where another server has the address, that one answers
# and ours ends.
ready() {
  grep -q '^Offhook listens' "$folder/server.log" &&
    node -e 'fetch(process.argv[1]).then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))' "$url/readyz"
}
for _ in $(seq 100); do
  if ready || ! kill -0 "$server" 2>/dev/null; then break; fi
  sleep 0.1
done
ready || die "the server did not start" "$(tail -n 5 "$folder/server.log")"

printf '\n    Signed in, once, at\n    %s%s%s\n    later as demo with the password %s\n\n' \
  "$bold" "$("$binary" user link demo)" "$plain" "$password"

say "Playing traffic, about 5 events a second; Ctrl-C ends the demo and throws all of it away"
"$binary" simulate --rate 5 --seconds 86400 --speed 30 --target "$url" &
traffic=$!
wait "$traffic" || true
traffic=''
wait "$server" || true
