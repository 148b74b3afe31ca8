#!/usr/bin/env bash
# Fills in the two configuration files of one machine of the PostgreSQL cluster.
#
#   deploy/cluster/render.sh SETTINGS NODE FOLDER
#
# SETTINGS  the file of cluster.env.example, filled in; NODE one of the names in its NODES
# FOLDER    where patroni.yml and etcd.yml are written, readable by their owner only (they hold passwords)
#
# Paths, ports and programs are Debian's unless SETTINGS says otherwise; a setting that ends in _NODE is for that node.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

[[ $# -eq 3 ]] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
settings=$1 node=$2 folder=$3
[[ -r $settings ]] || { echo "cannot read $settings" >&2; exit 1; }
# shellcheck source=/dev/null
source "$settings"

missing=()
for name in NODES NETWORK SUPERUSER_PASSWORD REPLICATION_PASSWORD REWIND_PASSWORD PATRONI_PASSWORD; do
  [[ -n ${!name:-} ]] || missing+=("$name")
done
((${#missing[@]} == 0)) || { echo "$settings does not set: ${missing[*]}" >&2; exit 1; }

TTL=${TTL:-20} LOOP_WAIT=${LOOP_WAIT:-5} RETRY_TIMEOUT=${RETRY_TIMEOUT:-7}
((LOOP_WAIT + 2 * RETRY_TIMEOUT <= TTL)) || { echo "LOOP_WAIT + 2 * RETRY_TIMEOUT exceeds TTL in $settings" >&2; exit 1; }

of() { # of NAME NODE DEFAULT: the node's own setting, the common one, or the default
  local own="$1_$2"
  printf '%s' "${!own:-${!1:-$3}}"
}

host='' clients='' peers=''
for entry in $NODES; do
  name=${entry%%=*} address=${entry#*=}
  clients+="${clients:+,}$address:$(of ETCD_CLIENT_PORT "$name" 2379)"
  peers+="${peers:+,}$name=http://$address:$(of ETCD_PEER_PORT "$name" 2380)"
  [[ $name != "$node" ]] || host=$address
done
[[ -n $host ]] || { echo "$node is not among the NODES of $settings" >&2; exit 1; }

declare -A value=(
  [NODE]=$node [HOST]=$host [NETWORK]=$NETWORK
  [ETCD_CLIENTS]=$clients [ETCD_PEERS]=$peers
  [ETCD_CLIENT_PORT]=$(of ETCD_CLIENT_PORT "$node" 2379) [ETCD_PEER_PORT]=$(of ETCD_PEER_PORT "$node" 2380)
  [PATRONI_PORT]=$(of PATRONI_PORT "$node" 8008) [PG_PORT]=$(of PG_PORT "$node" 5432)
  [SUPERUSER_PASSWORD]=$SUPERUSER_PASSWORD [REPLICATION_PASSWORD]=$REPLICATION_PASSWORD
  [REWIND_PASSWORD]=$REWIND_PASSWORD [PATRONI_PASSWORD]=$PATRONI_PASSWORD
  [TTL]=$TTL [LOOP_WAIT]=$LOOP_WAIT [RETRY_TIMEOUT]=$RETRY_TIMEOUT
  [MAX_CONNECTIONS]=${MAX_CONNECTIONS:-200} [ARCHIVE_COMMAND]=${ARCHIVE_COMMAND:-/bin/true} [WATCHDOG]=${WATCHDOG:-automatic}
  [PG_BIN]=${PG_BIN:-/usr/lib/postgresql/15/bin}
  [DATA_DIR]=$(of DATA_DIR "$node" /var/lib/postgresql/canhgiac)
  [ETCD_DIR]=$(of ETCD_DIR "$node" /var/lib/etcd/canhgiac)
  [PGPASS]=$(of PGPASS "$node" /var/lib/postgresql/canhgiac.pgpass)
  [SOCKET_DIR]=${SOCKET_DIR-/var/run/postgresql}
)

umask 077
mkdir -p "$folder"
for file in patroni.yml etcd.yml; do
  text=$(<"$here/$file")
  for key in "${!value[@]}"; do
    text=${text//"@$key@"/"${value[$key]}"}
  done
  if [[ $text =~ @[A-Z_]+@ ]]; then
    echo "$file: nothing says what ${BASH_REMATCH[0]} is" >&2
    exit 1
  fi
  printf '%s\n' "$text" >"$folder/$file"
done
