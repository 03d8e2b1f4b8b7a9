#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What one poll of one host costs: packets, bytes and AgentX round trips, counted in a network
# namespace that holds nothing else. Usage: poll_cost.sh BUILD; prints rows for docs/scale.md.
set -u
BUILD=$(realpath "$1") TOP=$(realpath "$(dirname "$0")/../..")
PATH=$PATH:/usr/sbin:/sbin
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
root=.1.3.6.1.4.1.8072.9999.9999.1806

datagrams() { snmp_env_run cat /proc/net/snmp | awk '/^Udp: [0-9]/ { print $5 }'; } # sent by anybody in there
octets() { snmp_env_run cat /proc/net/dev | awk '$1 == "lo:" { print $10 }'; }
agent_requests() { # of all AgentX calls so far
    local seen
    seen=$(grep -c 'handler: ' "$SNMP_DIR/daemon.log")
    kill -USR1 "$(pgrep -P "${SNMP_PIDS[daemon]}" | head -1)"
    wait_for 3 more_lines "$seen" || true
    sed -n 's/.*handler: \([0-9]*\) calls.*/\1/p' "$SNMP_DIR/daemon.log" | tail -1
}
more_lines() { [ "$(grep -c 'handler: ' "$SNMP_DIR/daemon.log")" -gt "$1" ]; }
measure() { # NAME CMD...
    local name=$1 d b a begin ms
    shift
    a=$(agent_requests) d=$(datagrams) b=$(octets) begin=$(date +%s%N)
    "$@" >"$SNMP_DIR/poll" 2>&1 || { echo "# $name failed"; return; }
    ms=$((($(date +%s%N) - begin) / 1000000))
    d=$(($(datagrams) - d)) b=$(($(octets) - b)) a=$(($(agent_requests) - a))
    printf '| %s | %d | %d | %d | %d |\n' "$name" "$d" "$b" "$a" "$ms"
}
walk() { manager snmpbulkwalk -v2c -c public -On -t 5 "$@" >/dev/null; }
manager() { snmp_env_run "$@"; }
tables() { local t; for t in "$@"; do walk -Cr25 "$SNMP_ADDRESS" "$root.1.$t" || return 1; done; }
scrape() { snmp_env_run curl -sS "http://127.0.0.1:9116/snmp?module=dcachemon&target=$SNMP_ADDRESS" | grep -c '^dcm'; }

live_need_bpf
snmp_env_start
live_daemon >/dev/null || exit 1
rows=$(walk_rows=$(snmp_walk $root.1.3.1.6 | wc -l); echo "$walk_rows")
echo "superblocks: $rows"
echo '| poll | packets | bytes on the wire | AgentX calls | ms |'
echo '| --- | --- | --- | --- | --- |'
measure 'one GET: active alarms' manager snmpget -v2c -c public -On "$SNMP_ADDRESS" $root.1.15.1.0
measure 'one GET: active alarms, longest chain, dentries, negatives' manager snmpget -v2c -c public -On "$SNMP_ADDRESS" \
    $root.1.15.1.0 $root.1.4.5.0 $root.1.1.1.0 $root.1.1.3.0
measure 'alarm table, empty' tables 11
measure 'chain table, 32 rows' tables 6
measure "superblock table, $rows rows" tables 3
measure 'all objects, snmpbulkwalk -Cr25' walk -Cr25 "$SNMP_ADDRESS" $root.1
if command -v prometheus-snmp-exporter >/dev/null; then
    snmp_env_spawn exporter prometheus-snmp-exporter --config.file="$TOP/packaging/snmp_exporter/snmp-0.22.yml" \
        --web.listen-address=127.0.0.1:9116
    wait_for 10 scrape
    measure 'one scrape by snmp_exporter (and its HTTP)' scrape
    echo "series of this host: $(scrape)"
fi
