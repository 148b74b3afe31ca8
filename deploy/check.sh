#!/usr/bin/env bash
# Checks the files of deploy/ with the tools they are made for: shellcheck, promtool, systemd-analyze.
# A tool that is not here is said; with CI=true it is a failure.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0

ok() { passed=$((passed + 1)) && printf 'ok: %s\n' "$*"; }
have() {
  command -v "$1" >/dev/null && return
  [[ ${CI:-false} != true ]] || { printf '%s is missing\n%d passed, 1 failed\n' "$1" "$passed" >&2 && exit 1; }
  printf 'skipped: %s is not here\n' "$1"
  return 1
}

if have shellcheck; then
  shellcheck -x --source-path=.. check.sh backup/*.sh cluster/*.sh
  ok "scripts"
fi
if have promtool; then
  promtool check rules prometheus/alerts.yml
  (cd prometheus && promtool test rules alerts_test.yml)
  ok "alert rules fire on what they are for, and are silent otherwise"
fi
missing=$(grep -o 'operations.md#[a-z]*' prometheus/alerts.yml | sort -u | while IFS='#' read -r _ section; do
  grep -qi "^#* *$section\$" ../docs/operations.md || echo "$section"
done)
[[ -z $missing ]] || { printf 'docs/operations.md has no section for: %s\n%d passed, 1 failed\n' "$missing" "$passed" && exit 1; }
ok "every alert has its section in the runbook"
if have systemd-analyze; then
  for unit in systemd/* cluster/*.service; do
    # Verified without the product being installed.
    sed -E 's#/usr/(local/bin/canhgiac|bin/etcd|bin/patroni)#/bin/true#' "$unit" >"$work/$(basename "$unit")"
  done
  cp "$work/canhgiac@.service" "$work/canhgiac@gateway.service"
  (cd "$work" && systemd-analyze verify --man=no \
    ./canhgiac.service ./canhgiac@gateway.service ./canhgiac-backup.service ./canhgiac-backup.timer \
    ./canhgiac-etcd.service ./canhgiac-patroni.service)
  for unit in canhgiac.service canhgiac@.service canhgiac-backup.service; do
    systemd-analyze security --offline=true --threshold=20 "$work/$unit" | tail -n 1
  done
  ok "units"
fi
cat >"$work/cluster.env" <<'ENV'
NODES="pg1=10.20.0.11 pg2=10.20.0.12 pg3=10.20.0.13"
NETWORK=10.20.0.0/24
SUPERUSER_PASSWORD=a REPLICATION_PASSWORD=b REWIND_PASSWORD=c PATRONI_PASSWORD=d
ENV
cluster/render.sh "$work/cluster.env" pg2 "$work/pg2"
if [[ -x /usr/bin/patroni ]]; then
  /usr/bin/python3 - "$work/pg2" <<'PYTHON'
import sys, yaml
patroni = yaml.safe_load(open(sys.argv[1] + "/patroni.yml"))
etcd = yaml.safe_load(open(sys.argv[1] + "/etcd.yml"))
dcs = patroni["bootstrap"]["dcs"]
assert dcs["synchronous_mode"] is True and dcs["synchronous_mode_strict"] is True
assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"]
assert patroni["postgresql"]["connect_address"] == "10.20.0.12:5432"
assert etcd["initial-cluster"].count("http://10.20.0.1") == 3
PYTHON
fi
ok "the configuration of a real machine is filled in"
printf '%d passed, 0 failed\n' "$passed"
