#!/usr/bin/env bash
# Makes a data directory from a backup of pg-base-backup.sh that, when PostgreSQL is started on it, plays the archived
# WAL up to a moment and then goes on from there.
#
#   deploy/backup/pg-base-restore.sh BACKUP DATA_DIR ARCHIVE [TIME]
#
# BACKUP    the folder that pg-base-backup.sh printed
# DATA_DIR  a directory that is not there or empty; run this as the user that runs PostgreSQL
# ARCHIVE   where archive-wal.sh puts finished WAL
# TIME      `2026-11-24 10:00:00+07`; without it everything that was archived
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/backup/common.sh
source "$here/common.sh"
PATH=$PATH:${PG_BIN:-/usr/lib/postgresql/15/bin}

[[ $# -eq 3 || $# -eq 4 ]] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }
backup=$1 data=$2 archive=$(realpath "$3") until=${4:-}
[[ $archive != *[\'\"\\%]* && $until != *\'* ]] || die "quotes, backslashes and % cannot stand in ARCHIVE and TIME"
[[ -z $(ls -A "$data" 2>/dev/null) ]] || die "$data is not empty"
pg_verifybackup --quiet "$backup" || die "the backup was damaged or changed"
mkdir -p "$data"
chmod 0700 "$data"
cp -a "$backup/." "$data/"
{
  printf "\n# pg-base-restore.sh\nrestore_command = 'cp \"%s/%%f\" \"%%p\"'\n" "$archive"
  printf "recovery_target_timeline = 'latest'\nrecovery_target_action = 'promote'\n"
  [[ -z $until ]] || printf "recovery_target_time = '%s'\n" "$until"
} >>"$data/postgresql.auto.conf"
touch "$data/recovery.signal"
sync -f "$data"
printf 'start PostgreSQL on %s; it is ready when it no longer says that it recovers\n' "$data"
