# Shared by pg-backup.sh and pg-restore.sh; not a program.
# shellcheck shell=bash

die() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }

# libpq understands the product's URL; of several hosts it is to take the one that may write.
writable() { if [[ $1 == *\?* ]]; then printf '%s&target_session_attrs=read-write' "$1"; else printf '%s?target_session_attrs=read-write' "$1"; fi; }

# shellcheck disable=SC2034 # used by those who read this file
count_rows="SELECT format('%s.%s %s', table_schema, table_name, (xpath('/row/n/text()', query_to_xml(
    format('SELECT COUNT(*) AS n FROM %I.%I', table_schema, table_name), false, true, '')))[1]::text)
  FROM information_schema.tables
  WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1;"
