#!/usr/bin/env bash
# A backup of an installation on PostgreSQL while it runs: the database as of one moment, and the evidence.
#
#   deploy/backup/pg-backup.sh URL PLACE [--evidence DIR] [--keep NUMBER] [--stamp FILE]
#
# URL         as in `database = "…"`; better in the environment: CANHGIAC_DATABASE=… pg-backup.sh - PLACE
# PLACE       each backup becomes a folder below it, named after the time; printed at the end
# --evidence  the directory of evidence files, copied too
# --keep      remove all but the newest so many
# --stamp     touch this file in the end (DATA_DIR/last-backup: its age is in the metrics)
#
# The folder holds database.dump (pg_dump), counts.txt (rows by table as of the same moment), evidence/ and SHA256SUMS.
# The master key is not in it. pg_dump of the same or a newer major version than the server is needed.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=deploy/backup/common.sh
source "$here/common.sh"

[[ $# -ge 2 ]] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 2; }
url=$1 place=$2 evidence='' keep='' stamp=''
shift 2
while [[ $# -gt 0 ]]; do
  case $1 in
    --evidence) evidence=${2:?} ;;
    --keep) keep=${2:?} ;;
    --stamp) stamp=${2:?} ;;
    *) die "what is $1?" ;;
  esac
  shift 2
done
[[ $url != - ]] || url=${CANHGIAC_DATABASE:?set it to the URL of the database}
[[ -z $keep || $keep =~ ^[1-9][0-9]*$ ]] || die "--keep takes a number from 1"
[[ -z $evidence || -d $evidence ]] || die "there is no directory $evidence"
url=$(writable "$url")

umask 077
mkdir -p "$place"
place=$(realpath "$place")
name=$(date -u +%Y-%m-%dT%H%M%SZ)
folder=$place/$name.unfinished
mkdir "$folder"

# One session holds a snapshot: what it counts and what pg_dump writes is the same moment.
coproc SESSION { PGOPTIONS='-c idle_in_transaction_session_timeout=0' exec psql -XqAt -v ON_ERROR_STOP=1 "$url" 2>&1; }
# Bash forgets the coprocess's numbers when it ends.
# shellcheck disable=SC2153 # bash sets it
session_pid=$SESSION_PID session_out=${SESSION[0]} session_in=${SESSION[1]}
printf 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\nSELECT pg_export_snapshot();\n' >&"$session_in"
read -r -t 60 snapshot <&"$session_out" || die "the database does not answer"
[[ $snapshot =~ ^[0-9A-F-]+$ ]] || die "no snapshot: $snapshot"
pg_dump --format=custom --no-owner --no-privileges --snapshot="$snapshot" --file="$folder/database.dump" "$url"
printf '%s\nCOMMIT;\n\\echo counted\n' "$count_rows" >&"$session_in"
: >"$folder/counts.txt"
while read -r -t 3600 line <&"$session_out"; do
  [[ $line != 'counted' ]] || break
  printf '%s\n' "$line" >>"$folder/counts.txt"
done
[[ ${line:-} == 'counted' ]] || die "the rows could not be counted"
printf '\\q\n' >&"$session_in"
wait "$session_pid" || die "the session that held the snapshot failed"

if [[ -n $evidence ]]; then
  mkdir "$folder/evidence"
  # Files appear whole and never change, so a copy beside the running product is good; what is named otherwise is unfinished.
  (cd "$evidence" &&
    find . -regextype posix-extended -type f \( -regex '.*/[0-9a-f]{64}' -o -name .installation \) -print0 |
    xargs -0 -r cp -p --parents -t "$folder/evidence")
  while IFS= read -r -d '' file; do
    sum=$(sha256sum <"$file")
    [[ $(basename "$file") == "${sum%% *}" ]] || die "$file is not what was kept: its hash differs"
  done < <(find "$folder/evidence" -regextype posix-extended -type f -regex '.*/[0-9a-f]{64}' -print0)
fi
# A dump that cannot be listed cannot be restored.
pg_restore --list "$folder/database.dump" >/dev/null
(cd "$folder" && find . -type f ! -name '*SUMS*' -print0 | sort -z | xargs -0 sha256sum >.SUMS && mv .SUMS SHA256SUMS)
find "$folder" -exec sync -- {} +
mv "$folder" "$place/$name"
sync -- "$place"
[[ -z $stamp ]] || touch "$stamp"

if [[ -n $keep ]]; then
  find "$place" -mindepth 2 -maxdepth 2 -name SHA256SUMS -not -path '*.unfinished/*' -printf '%h\0' | sort -z | head -z -n "-$keep" |
    while IFS= read -r -d '' old; do rm -rf -- "$old"; done
fi
printf '%s\n' "$place/$name"
