#!/usr/bin/env bash
# Tries the backup scripts on a PostgreSQL server of its own, in a temporary folder on a free port: with writers at
# work during the backup, a restore into another database, a damaged backup, and a restore to a moment.
#
#   deploy/backup/test.sh [CANHGIAC]
#
# CANHGIAC is the product's binary; with it, the tables are the product's and it starts on the restored database.
set -Eeuo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bin=${PG_BIN:-/usr/lib/postgresql/15/bin}
product=${1:-}
work=$(mktemp -d /tmp/canhgiac-backup-test.XXXXXX)
chmod 0755 "$work"
passed=0

as_postgres() { if [[ $EUID -eq 0 ]]; then (cd / && runuser -u postgres -- "$@"); else "$@"; fi; }
ok() { passed=$((passed + 1)) && printf 'ok: %s\n' "$*"; }
fail() { printf 'FAILED: %s\n%d passed, 1 failed\n' "$*" "$passed" >&2; exit 1; }
clean_up() {
  for data in "$work/pg" "$work/again"; do
    as_postgres "$bin/pg_ctl" -D "$data" -m immediate -w stop >/dev/null 2>&1 || true
  done
  [[ -z ${writer:-} ]] || kill "$writer" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'fail "line $LINENO"' ERR

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
start() { as_postgres "$bin/pg_ctl" -D "$1" -l "$1.log" -w -t 60 -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start >/dev/null; }
sql() { psql -XqAt -v ON_ERROR_STOP=1 "$1" -c "$2"; }

port=$(free_port)
install -d -m 0700 "$work/pg" "$work/archive"
touch "$work/pg.log" "$work/again.log"
install -d -m 0755 "$work/scripts"
cp "$here"/*.sh "$work/scripts/"
[[ $EUID -ne 0 ]] || chown -R postgres: "$work/pg" "$work/archive" "$work/pg.log" "$work/again.log"
as_postgres "$bin/initdb" -D "$work/pg" -U postgres --auth=trust --data-checksums >/dev/null
cat >>"$work/pg/postgresql.conf" <<CONF
archive_mode = on
archive_command = '$work/scripts/archive-wal.sh %p %f $work/archive'
max_wal_senders = 4
CONF
start "$work/pg" "$port"
server=postgres://postgres@127.0.0.1:$port
sql "$server/postgres" 'CREATE DATABASE one' && sql "$server/postgres" 'CREATE DATABASE two'

# The product's tables where the binary knows PostgreSQL; simple ones otherwise.
if [[ -n $product ]]; then
  CANHGIAC_DATABASE=$server/one "$product" migrate --data-dir "$work/data" >/dev/null
fi
sql "$server/one" 'CREATE TABLE noted (seq BIGSERIAL PRIMARY KEY, note TEXT NOT NULL)'
sql "$server/one" "INSERT INTO noted (note) SELECT 'note ' || n FROM generate_series(1, 20000) AS n"
mkdir -p "$work/evidence/ab"
printf 'picture' >"$work/evidence/picture"
hash=$(sha256sum <"$work/evidence/picture") && hash=${hash%% *}
mkdir -p "$work/evidence/${hash:0:2}" && mv "$work/evidence/picture" "$work/evidence/${hash:0:2}/$hash"
printf 'half' >"$work/evidence/ab/.tmpXYZ"

(while :; do sql "$server/one" "INSERT INTO noted (note) VALUES ('while it is copied')"; done) >/dev/null 2>&1 &
writer=$!
before=$(sql "$server/one" 'SELECT COUNT(*) FROM noted')
backup=$("$here/pg-backup.sh" "$server/one" "$work/backups" --evidence "$work/evidence" --keep 2 --stamp "$work/stamp")
kill "$writer" && { wait "$writer" 2>/dev/null || true; } && writer=''
held=$(sed -n 's/^public.noted //p' "$backup/counts.txt")
((held >= before)) || fail "the backup has $held rows, there were $before before it"
[[ -e $work/stamp && ! -e $backup/evidence/ab ]] || fail "the stamp, or an unfinished file of evidence"
ok "a backup under load holds the $before rows before it, $held in all"

CANHGIAC_DATABASE=$server/two "$here/pg-restore.sh" "$backup" - --evidence "$work/restored-evidence" >/dev/null
[[ $(sql "$server/two" 'SELECT COUNT(*) FROM noted') == "$held" ]] || fail "rows after the restore"
[[ -e $work/restored-evidence/${hash:0:2}/$hash ]] || fail "evidence after the restore"
ok "it restores into an empty database, row for row, with its evidence"

if "$here/pg-restore.sh" "$backup" "$server/two" >/dev/null 2>&1; then fail "a database with tables was overwritten"; fi
ok "a database with tables is refused"
cp -a "$backup" "$work/damaged" && printf 'x' >>"$work/damaged/database.dump"
sql "$server/postgres" 'CREATE DATABASE three'
if "$here/pg-restore.sh" "$work/damaged" "$server/three" >/dev/null 2>&1; then fail "a damaged backup was restored"; fi
ok "a damaged backup is refused"

if [[ -n $product ]]; then
  sql "$server/two" 'DROP TABLE noted'
  install -d -m 0700 "$work/data-two"
  [[ ! -e $work/data/master.key ]] || cp -p "$work/data/master.key" "$work/data-two/"
  http=127.0.0.1:$(free_port)
  CANHGIAC_DATABASE=$server/two CANHGIAC_EVIDENCE_DIR=$work/restored-evidence "$product" serve \
    --data-dir "$work/data-two" --http "$http" >"$work/product.log" 2>&1 &
  serving=$!
  ready=no
  for _ in $(seq 300); do
    if curl -sf "http://$http/readyz" >/dev/null; then ready=yes && break; fi
    kill -0 "$serving" 2>/dev/null || break
    sleep 0.1
  done
  kill "$serving" 2>/dev/null || true
  wait "$serving" || true
  [[ $ready == yes ]] || { cat "$work/product.log" >&2 && fail "the product does not become ready on the restored database"; }
  ok "the product starts on the restored database"
fi

# A moment between two changes, reached from a physical backup and the archive.
base=$("$here/pg-base-backup.sh" "host=127.0.0.1 port=$port user=postgres" "$work/backups" --keep 1)
sql "$server/one" "INSERT INTO noted (note) VALUES ('before the mistake')"
moment=$(sql "$server/one" 'SELECT now()')
wanted=$(sql "$server/one" 'SELECT COUNT(*) FROM noted')
sql "$server/one" 'DELETE FROM noted'
sql "$server/one" 'CHECKPOINT' && last=$(sql "$server/one" 'SELECT pg_walfile_name(pg_switch_wal())')
for _ in $(seq 300); do [[ ! -e $work/archive/$last ]] || break; sleep 0.1; done
[[ -e $work/archive/$last ]] || fail "the WAL was not archived"
"$work/scripts/archive-wal.sh" "$work/archive/$last" "$last" "$work/archive" || fail "the same file again is refused"
if "$work/scripts/archive-wal.sh" /etc/hostname "$last" "$work/archive" 2>/dev/null; then fail "other bytes under one name are taken"; fi
ok "WAL is archived once, the same again is fine, other bytes are refused"
[[ $EUID -ne 0 ]] || { chown -R postgres: "$base" && chmod 0755 "$work/backups"; }
install -d -m 0700 "$work/again" && { [[ $EUID -ne 0 ]] || chown postgres: "$work/again"; }
as_postgres "$work/scripts/pg-base-restore.sh" "$base" "$work/again" "$work/archive" "$moment" >/dev/null
second=$(free_port)
start "$work/again" "$second"
for _ in $(seq 300); do
  [[ $(sql "postgres://postgres@127.0.0.1:$second/one" 'SELECT pg_is_in_recovery()') != f ]] || break
  sleep 0.1
done
found=$(sql "postgres://postgres@127.0.0.1:$second/one" 'SELECT COUNT(*) FROM noted')
[[ $found == "$wanted" ]] || fail "at the moment there were $wanted rows, restored were $found"
ok "a server restored to the moment before a mistake has the $wanted rows of that moment"

if compgen -G "$work/backups/*.unfinished" >/dev/null; then fail "something unfinished is left"; fi
printf '%d passed, 0 failed\n' "$passed"
