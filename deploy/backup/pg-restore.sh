#!/usr/bin/env bash
# Restores a backup of pg-backup.sh into an empty database, and proves it by the rows of every table.
#
#   deploy/backup/pg-restore.sh BACKUP URL [--evidence DIR] [--send-waiting]
#
# BACKUP          the folder that pg-backup.sh printed
# URL             of a database without tables; better in the environment: CANHGIAC_DATABASE=… pg-restore.sh BACKUP -
# --evidence      where the evidence is to lie; must be empty or not there
# --send-waiting  send the messages that waited when the backup was made. Without it they become uncertain, since they
#                 may have left after the backup, and nobody gets one twice
#
# Give the product the same master key as before, then start it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/backup/common.sh
source "$here/common.sh"

[[ $# -ge 2 ]] || { sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2; }
folder=$1 url=$2 evidence='' sends=no
shift 2
while [[ $# -gt 0 ]]; do
  case $1 in
    --evidence) evidence=${2:?} && shift ;;
    --send-waiting) sends=yes ;;
    *) die "what is $1?" ;;
  esac
  shift
done
[[ $url != - ]] || url=${CANHGIAC_DATABASE:?set it to the URL of the database}
url=$(writable "$url")
[[ -f $folder/SHA256SUMS ]] || die "$folder is no finished backup"
(cd "$folder" && sha256sum --quiet --strict -c SHA256SUMS) || die "the backup was damaged or changed"
[[ -z $evidence || -z $(ls -A "$evidence" 2>/dev/null) ]] || die "$evidence is not empty"

tables=$(psql -XqAt -v ON_ERROR_STOP=1 "$url" -c "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')")
[[ $tables == 0 ]] || die "the database has tables already; restore into an empty one"

# All or nothing.
pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$url" "$folder/database.dump"
counted=$(psql -XqAt -v ON_ERROR_STOP=1 "$url" -c "$count_rows")
diff <(printf '%s\n' "$counted") "$folder/counts.txt" >&2 || die "the tables do not have the rows that the backup says"
psql -Xq -v ON_ERROR_STOP=1 "$url" -c 'SET client_min_messages = error' -c 'ANALYZE'

if [[ -n $evidence && -d $folder/evidence ]]; then
  mkdir -p "$evidence"
  cp -a "$folder/evidence/." "$evidence/"
  find "$evidence" -exec sync -- {} +
fi
if [[ $sends == no ]]; then
  psql -XqAt -v ON_ERROR_STOP=1 "$url" <<'SQL'
SELECT to_regclass('message') IS NOT NULL AS has_messages \gset
\if :has_messages
WITH held AS (
  UPDATE message SET state = 'uncertain', error = 'waited when the backup was made',
      done_us = (extract(epoch FROM now()) * 1000000)::bigint
  WHERE state IN ('planned', 'sending') RETURNING 1)
SELECT format('%s messages waited then and may have left since: they are uncertain and are not sent again', count(*)) FROM held;
\endif
SQL
fi
printf 'restored: %s tables, rows as in the backup\n' "$(wc -l <"$folder/counts.txt")"
