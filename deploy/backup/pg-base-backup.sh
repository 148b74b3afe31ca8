#!/usr/bin/env bash
# A physical copy of the whole PostgreSQL server, from which with archived WAL any later moment can be restored.
#
#   deploy/backup/pg-base-backup.sh CONNECTION PLACE [--keep NUMBER]
#
# CONNECTION  of a role with REPLICATION, as `host=10.20.0.12 port=5432 user=replicator`; its password from ~/.pgpass
#             or PGPASSWORD. A standby spares the primary.
# PLACE       each backup becomes a folder below it, named after the time; printed at the end
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/backup/common.sh
source "$here/common.sh"
PATH=$PATH:${PG_BIN:-/usr/lib/postgresql/15/bin}

[[ $# -eq 2 || ($# -eq 4 && $3 == --keep && $4 =~ ^[1-9][0-9]*$) ]] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2; }
umask 077
mkdir -p "$2"
name=$(date -u +%Y-%m-%dT%H%M%SZ)
folder=$2/base-$name.unfinished
pg_basebackup --dbname="$1" --pgdata="$folder" --checkpoint=fast --wal-method=stream --manifest-checksums=SHA256
pg_verifybackup --quiet "$folder"
mv "$folder" "$2/base-$name"
sync -- "$2"
if [[ $# -eq 4 ]]; then
  find "$2" -mindepth 1 -maxdepth 1 -name 'base-*' -not -name '*.unfinished' -print0 | sort -z | head -z -n "-$4" |
    while IFS= read -r -d '' old; do rm -rf -- "$old"; done
fi
printf '%s\n' "$2/base-$name"
