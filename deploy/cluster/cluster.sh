#!/usr/bin/env bash
# Three PostgreSQL nodes under Patroni with etcd, strictly synchronous, on this machine: to learn on and to test with.
#
#   deploy/cluster/cluster.sh up DIR            start it (a new one, or the one that DIR holds); prints its URL
#   deploy/cluster/cluster.sh url DIR           the URL for `database = "…"` of the product
#   deploy/cluster/cluster.sh status DIR        who is primary, who follows
#   deploy/cluster/cluster.sh primary DIR       the primary's name: pg1, pg2 or pg3
#   deploy/cluster/cluster.sh kill-primary DIR  the primary's "machine" dies: kill -9 of its etcd, Patroni, PostgreSQL; prints its name
#   deploy/cluster/cluster.sh kill NODE DIR     the same for any node
#   deploy/cluster/cluster.sh start NODE DIR    a dead node comes back
#   deploy/cluster/cluster.sh wait DIR          until one is primary and all nodes that run follow it, one synchronously
#   deploy/cluster/cluster.sh stop DIR          stop everything, keep the data
#   deploy/cluster/cluster.sh down DIR          stop everything, remove DIR
#
# Needs the Debian packages patroni, etcd-server, postgresql-15, and curl. Everything listens on 127.0.0.1 only,
# on free ports. As root it runs everything as the user postgres, which must be able to enter DIR.
# CLUSTER_WAIT_S is how long `up` and `wait` wait (120), CLUSTER_TTL_S when a silent primary counts as dead (8).
# The configuration comes from the same templates as that of three real machines: see docs/operations.md.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
nodes=(pg1 pg2 pg3)
wait_s=${CLUSTER_WAIT_S:-120}

say() { printf '%s\n' "$*" >&2; }
die() { say "cluster.sh: $*"; exit 1; }

as_postgres() { # as root, the servers and everything they own belong to postgres
  if [[ $EUID -eq 0 ]]; then runuser -u postgres -- "$@"; else "$@"; fi
}

load() { # the cluster's settings; every command but `up` needs a folder that `up` has made
  [[ -r $dir/cluster.env ]] || die "$dir holds no cluster (cluster.sh up $dir makes one)"
  # shellcheck source=/dev/null
  source "$dir/cluster.env"
}

is_node() { [[ " ${nodes[*]} " == *" $1 "* ]] || die "no node is called $1 (${nodes[*]})"; }

port() { local name="$1_$2"; printf '%s' "${!name}"; } # port PG_PORT pg1

free_ports() { # free_ports N: below the range from which outgoing connections take theirs, so that a dead node's stay free
  python3 - "$1" <<'PYTHON'
import random, socket, sys
wanted, held = int(sys.argv[1]), []
candidates = list(range(15000, 32000))
random.shuffle(candidates)
for port in candidates:
    if len(held) == wanted:
        break
    one = socket.socket()
    try:
        one.bind(("127.0.0.1", port))
    except OSError:
        one.close()
        continue
    held.append(one)
print(" ".join(str(one.getsockname()[1]) for one in held))
PYTHON
}

secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

create() { # a new cluster's folder: ports, passwords, the nodes' configuration
  local ports node i=0
  read -ra ports <<<"$(free_ports 12)"
  mkdir -p "$dir"
  local ttl=${CLUSTER_TTL_S:-8}
  (
    umask 077
    {
      echo 'NODES="pg1=127.0.0.1 pg2=127.0.0.1 pg3=127.0.0.1"'
      echo 'NETWORK=127.0.0.1/32'
      for name in SUPERUSER REPLICATION REWIND PATRONI APPLICATION; do echo "${name}_PASSWORD=$(secret)"; done
      echo "TTL=$ttl LOOP_WAIT=1 RETRY_TIMEOUT=$(((ttl - 1) / 2)) WATCHDOG=off SOCKET_DIR="
      printf 'ARCHIVE_COMMAND=%q\n' "${CLUSTER_ARCHIVE_COMMAND:-/bin/true}"
      for node in "${nodes[@]}"; do
        echo "PG_PORT_$node=${ports[i]} PATRONI_PORT_$node=${ports[i + 1]}"
        echo "ETCD_CLIENT_PORT_$node=${ports[i + 2]} ETCD_PEER_PORT_$node=${ports[i + 3]}"
        printf 'DATA_DIR_%s=%q ETCD_DIR_%s=%q PGPASS_%s=%q\n' \
          "$node" "$dir/$node/data" "$node" "$dir/$node/etcd" "$node" "$dir/$node/pgpass"
        i=$((i + 4))
      done
    } >"$dir/cluster.env"
  )
  for node in "${nodes[@]}"; do
    mkdir -p "$dir/$node"
    "$here/render.sh" "$dir/cluster.env" "$node" "$dir/$node"
  done
  if [[ $EUID -eq 0 ]]; then chown -R postgres: "$dir"; fi
  as_postgres test -r "$dir/pg1/patroni.yml" || die "the user postgres cannot enter $dir (a folder above it is closed to others)"
}

alive() { # alive PIDFILE: the process that wrote it still runs
  local pid
  pid=$(cat "$1" 2>/dev/null) && [[ -n $pid ]] && kill -0 "$pid" 2>/dev/null && [[ ! $(ps -o stat= -p "$pid") == Z* ]]
}

launch() { # launch NODE NAME command…: in the background, in its own session, its number in NAME.pid
  local node=$1 name=$2
  shift 2
  if alive "$dir/$node/$name.pid"; then return; fi
  # shellcheck disable=SC2016 # expanded by the inner shell
  as_postgres setsid bash -c 'cd "$1" && echo $$ >"$2.pid" && shift && exec "${@:2}" >>"$1.log" 2>&1 </dev/null' \
    launch "$dir/$node" "$name" "$@" >/dev/null 2>&1 </dev/null &
  disown
}

start_node() {
  launch "$1" etcd etcd --config-file "$dir/$1/etcd.yml"
  launch "$1" patroni patroni "$dir/$1/patroni.yml"
}

rest() { # rest NODE PATH: Patroni's own interface; a standby answers /leader with an error status, which is an answer
  curl -sS --max-time 2 "http://127.0.0.1:$(port PATRONI_PORT "$1")$2" 2>/dev/null
}

primary() { # the node that says that it holds the leader's lock
  local node code
  for node in "${nodes[@]}"; do
    code=$(curl -s -o /dev/null -w '%{http_code}' --max-time 2 "http://127.0.0.1:$(port PATRONI_PORT "$node")/primary" || true)
    if [[ $code == 200 ]]; then
      printf '%s\n' "$node"
      return
    fi
  done
  return 1
}

running_nodes() {
  local node
  for node in "${nodes[@]}"; do
    if alive "$dir/$node/patroni.pid"; then echo "$node"; fi
  done
}

settled() { # one primary, every node that runs follows it, one of them synchronously
  local leader running
  leader=$(primary) || return 1
  running=$(running_nodes | wc -l)
  rest "$leader" /cluster | python3 -c '
import json, sys
try:
    members = json.load(sys.stdin)["members"]
except (ValueError, KeyError):
    sys.exit(1)
follows = [m for m in members if m["role"] in ("sync_standby", "replica") and m["state"] in ("running", "streaming")]
sync = [m for m in follows if m["role"] == "sync_standby"]
leads = [m for m in members if m["role"] == "leader" and m["state"] == "running"]
same = len({m.get("timeline") for m in follows + leads}) == 1
sys.exit(not (len(leads) == 1 and same and len(follows) == int(sys.argv[1]) - 1 and (sync or not follows)))
' "$running"
}

wait_settled() {
  local deadline=$((SECONDS + wait_s))
  until settled; do
    ((SECONDS < deadline)) || die "no settled cluster within ${wait_s} s; see $dir/pg*/patroni.log and $dir/pg*/etcd.log"
    sleep 0.3
  done
}

sql() { # sql DATABASE: the statements of standard input, on the primary, as the superuser
  local leader
  leader=$(primary) || die "there is no primary"
  PGPASSWORD=$SUPERUSER_PASSWORD psql -X -q -v ON_ERROR_STOP=1 \
    "host=127.0.0.1 port=$(port PG_PORT "$leader") user=postgres dbname=$1 connect_timeout=5"
}

url() {
  local node hosts=''
  for node in "${nodes[@]}"; do hosts+="${hosts:+,}127.0.0.1:$(port PG_PORT "$node")"; done
  printf 'postgres://canhgiac:%s@%s/canhgiac\n' "$APPLICATION_PASSWORD" "$hosts"
}

create_database() { # once; the password goes over standard input, not over the command line
  sql postgres <<SQL
SELECT format('CREATE ROLE canhgiac LOGIN PASSWORD %L', '$APPLICATION_PASSWORD')
  WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'canhgiac') \gexec
SELECT 'CREATE DATABASE canhgiac OWNER canhgiac ENCODING ''UTF8'' TEMPLATE template0'
  WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = 'canhgiac') \gexec
SQL
}

descendants() { # descendants PID: it and everything below it
  local child
  for child in $(pgrep -P "$1" || true); do descendants "$child"; done
  echo "$1"
}

pids_of() { # everything that runs for a node: etcd, Patroni, PostgreSQL (which Patroni starts as a process of its own)
  local node=$1 pid file
  for file in "$dir/$node/patroni.pid" "$dir/$node/etcd.pid"; do
    if alive "$file"; then descendants "$(cat "$file")"; fi
  done
  pid=$(head -n 1 "$dir/$node/data/postmaster.pid" 2>/dev/null || true)
  # A number left by an earlier life may belong to somebody else by now: look at what it runs.
  if [[ -n $pid ]] && tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF -- "$dir/$node/data"; then
    descendants "$pid"
  fi
}

wait_gone() { # wait_gone PID…
  local pid deadline=$((SECONDS + 30))
  for pid in "$@"; do
    while kill -0 "$pid" 2>/dev/null && [[ ! $(ps -o stat= -p "$pid") == Z* ]]; do
      ((SECONDS < deadline)) || die "process $pid does not end"
      sleep 0.05
    done
  done
}

kill_node() { # as if the machine lost its power: nothing gets to say goodbye
  local pids
  mapfile -t pids < <(pids_of "$1" | sort -u)
  ((${#pids[@]} > 0)) || die "$1 does not run"
  kill -9 "${pids[@]}" 2>/dev/null || true
  wait_gone "${pids[@]}"
}

stop_all() { # Patroni first: it stops its PostgreSQL, then etcd; what will not end is killed
  local node pids=()
  for node in "${nodes[@]}"; do
    if alive "$dir/$node/patroni.pid"; then kill -TERM "$(cat "$dir/$node/patroni.pid")" && pids+=("$(cat "$dir/$node/patroni.pid")"); fi
  done
  if ((${#pids[@]} > 0)); then
    (wait_gone "${pids[@]}") || say "Patroni does not end by itself; killing it"
  fi
  for node in "${nodes[@]}"; do
    mapfile -t pids < <(pids_of "$node" | sort -u)
    if ((${#pids[@]} > 0)); then
      kill -INT "${pids[@]}" 2>/dev/null || true
      (wait_gone "${pids[@]}") || kill -9 "${pids[@]}" 2>/dev/null || true
    fi
  done
}

usage() { sed -n '2,20s/^# \{0,1\}//p' "$0" >&2; exit 2; }

command=${1:-}
case $command in
  kill | start) [[ $# -eq 3 ]] || usage; is_node "$2"; node=$2 dir=$3 ;;
  up | url | status | primary | kill-primary | wait | stop | down) [[ $# -eq 2 ]] || usage; dir=$2 ;;
  *) usage ;;
esac
dir=$(realpath -m "$dir")

case $command in
  up)
    for need in patroni etcd psql curl python3 setsid pgrep; do
      command -v "$need" >/dev/null || die "$need is missing: apt-get install patroni etcd-server postgresql-15 curl procps"
    done
    [[ -e $dir/cluster.env ]] || { [[ -z $(ls -A "$dir" 2>/dev/null) ]] || die "$dir is not empty"; create; }
    load
    for node in "${nodes[@]}"; do start_node "$node"; done
    wait_settled
    create_database
    url
    ;;
  url) load && url ;;
  status)
    load
    leader=$(primary) || die "there is no primary at the moment (nodes that run: $(running_nodes | xargs))"
    patronictl -c "$dir/$leader/patroni.yml" list
    ;;
  primary) load && { primary || die "there is no primary at the moment"; } ;;
  kill-primary)
    load
    leader=$(primary) || die "there is no primary at the moment"
    kill_node "$leader"
    printf '%s\n' "$leader"
    ;;
  kill) load && kill_node "$node" ;;
  start) load && start_node "$node" ;;
  wait) load && wait_settled ;;
  stop) load && stop_all ;;
  down)
    load
    stop_all
    rm -rf "$dir"
    ;;
esac
