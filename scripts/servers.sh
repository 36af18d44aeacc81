#!/usr/bin/env bash
# The servers that flows speak to, for tests: MariaDB, RabbitMQ and a mail server, each on a port and
# in a folder of its own, thrown away at the end. Exports where they are: OFFHOOK_TEST_MARIADB and
# OFFHOOK_TEST_BROKER are addresses, OFFHOOK_TEST_SMTP is a port, and OFFHOOK_TEST_MAIL the file of
# what was mailed.
# By hand: bash scripts/servers.sh cargo test --test it messages

# shellcheck source=scripts/postgres.sh
source "$(dirname "${BASH_SOURCE[0]}")/postgres.sh"
# shellcheck source=scripts/tools.sh
source "$root/scripts/tools.sh"

rabbitmq_bin=/usr/lib/rabbitmq/bin

install_servers() {
  local missing=()
  command -v mariadbd >/dev/null || missing+=(mariadb-server)
  [[ -x $rabbitmq_bin/rabbitmq-server ]] || missing+=(rabbitmq-server)
  if ((${#missing[@]})); then install_packages "${missing[@]}"; fi
  command -v mariadbd >/dev/null || die "MariaDB was installed and is not to be found"
  [[ -x $rabbitmq_bin/rabbitmq-server ]] || die "RabbitMQ was installed and is not to be found"
}

start_servers() {
  servers_folder=$(mktemp -d /tmp/offhook-servers.XXXXXX)
  servers_pids=()
  at_end+=(stop_servers)
  start_mariadb
  start_rabbitmq
  start_smtp
}

# ours PID [-]: ends with the rest, with all of its group where that is said; and unsung.
ours() {
  servers_pids+=("${2:-}$1")
  disown "$1"
}

# Whether something listens on this port of the loopback.
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# A port that nobody listens on now.
free_port() {
  local port
  for port in $(shuf -i 30000-32000 -n 50); do
    if ! listens "$port"; then
      printf '%s' "$port"
      return
    fi
  done
  die "there is no free port"
}

# await NAME PID LOG COMMAND...: until the command holds, for a minute at most.
await() {
  local name=$1 pid=$2 log=$3 _
  shift 3
  for _ in $(seq 600); do
    if "$@" >/dev/null 2>&1; then return; fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  die "$name does not start" "$(tail -n 5 "$log")"
}

start_mariadb() {
  local folder=$servers_folder/mariadb port as=() pid
  port=$(free_port)
  mkdir "$folder"
  if [[ $(id -u) == 0 ]]; then
    chmod 755 "$servers_folder"
    chown mysql "$folder"
    as=(--user=mysql)
  fi
  mariadb-install-db --no-defaults --datadir="$folder/data" --skip-test-db \
    --auth-root-authentication-method=normal "${as[@]}" >"$folder.log" 2>&1 ||
    die "MariaDB could not be set up" "$(tail -n 5 "$folder.log")"
  mariadbd --no-defaults --datadir="$folder/data" --socket="$folder/socket" --port="$port" \
    --bind-address=127.0.0.1 --pid-file="$folder/pid" "${as[@]}" >>"$folder.log" 2>&1 &
  pid=$!
  ours "$pid"
  await MariaDB "$pid" "$folder.log" mariadb-admin --no-defaults --user=root \
    --socket="$folder/socket" ping
  mariadb --no-defaults --user=root --socket="$folder/socket" --execute "
    CREATE DATABASE crm CHARACTER SET utf8mb4;
    CREATE USER flows@127.0.0.1 IDENTIFIED BY 'sink';
    GRANT ALL ON crm.* TO flows@127.0.0.1"
  export OFFHOOK_TEST_MARIADB=mysql://flows:sink@127.0.0.1:$port/crm
}

start_rabbitmq() {
  local folder=$servers_folder/rabbitmq port names pid
  port=$(free_port)
  names=$(free_port)
  mkdir "$folder"
  # Started here, and not by the server, so that it ends with the rest.
  epmd -address 127.0.0.1 -port "$names" >"$folder/names.log" 2>&1 &
  ours "$!"
  touch "$folder/plugins"
  # A busy machine may keep a client waiting for longer than the ten seconds of its own.
  echo "handshake_timeout = 60000" >"$folder/rabbitmq.conf"
  HOME=$folder ERL_EPMD_PORT=$names ERL_EPMD_ADDRESS=127.0.0.1 \
    RABBITMQ_NODENAME=offhook-test@localhost RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 \
    RABBITMQ_NODE_PORT=$port RABBITMQ_DIST_PORT=$(free_port) \
    RABBITMQ_MNESIA_BASE=$folder/data RABBITMQ_LOG_BASE=$folder/log RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_CONFIG_FILE=$folder/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$folder/plugins \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS="-kernel inet_dist_use_interface {127,0,0,1}" \
    setsid "$rabbitmq_bin/rabbitmq-server" >"$folder.log" 2>&1 &
  pid=$!
  ours "$pid" -
  # It listens as the last of what it does.
  await RabbitMQ "$pid" "$folder.log" listens "$port"
  export OFFHOOK_TEST_BROKER=amqp://guest:guest@127.0.0.1:$port/%2f
}

start_smtp() {
  local folder=$servers_folder/smtp pid
  mkdir "$folder"
  export OFFHOOK_TEST_MAIL=$folder/mail
  touch "$OFFHOOK_TEST_MAIL"
  node "$root/scripts/smtp-sink.mjs" "$OFFHOOK_TEST_MAIL" >"$folder/port" 2>"$folder.log" &
  pid=$!
  ours "$pid"
  await "the mail server" "$pid" "$folder.log" test -s "$folder/port"
  OFFHOOK_TEST_SMTP=$(head -n 1 "$folder/port")
  export OFFHOOK_TEST_SMTP
}

stop_servers() {
  local pid
  # At once: what they hold is thrown away. RabbitMQ is several processes of one group.
  for pid in "${servers_pids[@]}"; do kill -KILL -- "$pid" 2>/dev/null || true; done
  for pid in "${servers_pids[@]}"; do
    while kill -0 -- "$pid" 2>/dev/null; do sleep 0.1; done
  done
  rm -rf "$servers_folder"
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
  install_postgres
  start_postgres
  install_npm
  install_servers
  start_servers
  "$@"
fi
