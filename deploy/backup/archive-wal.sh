#!/usr/bin/env bash
# Archives one finished WAL file of PostgreSQL, durably, once: for archive_command.
#
#   archive_command = '/usr/local/lib/canhgiac/archive-wal.sh %p %f /srv/canhgiac-archive'
#
# A file that is there already with the same bytes is fine (PostgreSQL asks again after a crash, and after a failover
# another machine may ask); with other bytes it is refused, and PostgreSQL keeps its own and complains.
set -euo pipefail
[[ $# -eq 3 ]] || { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
from=$1 name=$2 archive=$3
target=$archive/$name
if [[ -e $target ]]; then
  cmp -s -- "$from" "$target" && exit 0
  echo "archive-wal.sh: $target is there with other bytes" >&2
  exit 1
fi
mkdir -p "$archive"
partial=$(mktemp "$archive/.$name.XXXXXX")
trap 'rm -f -- "$partial"' EXIT
cat -- "$from" >"$partial"
chmod 0640 "$partial"
sync -- "$partial"
# Never over one that appeared meanwhile.
ln -- "$partial" "$target"
sync -- "$archive"
