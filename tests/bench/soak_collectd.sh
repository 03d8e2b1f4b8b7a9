#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The plugin, sampling by itself with default settings, in a collectd beside 20 stock plugins.
# Usage: soak_collectd.sh BUILD SECONDS
# Prints: CPU share of the plugin's thread and of collectd, resident memory, reads of the plugin,
# suspended reads, time of the shutdown. Fails when something is out of bounds.
set -u
cd "$(dirname "$0")/../.." || exit 1
TOP=$PWD BUILD=$(realpath "$1") seconds=$2
. tests/lib/tap.sh
. tests/lib/collectd_env.sh
need_collectd
stock=(buddyinfo contextswitch conntrack cpu df disk entropy fhcount interface irq load memory
    netlink numa processes protocols swap tcpconns uptime users vmem)
interval=10
usable=()
for module in "${stock[@]}"; do
    ldd "$modules/$module.so" 2>/dev/null | grep -q "not found" || usable+=("$module")
done
for module in "${usable[@]:0:20}"; do echo "LoadPlugin $module"; done >"$tmp/stock"
collectd_conf soak <"$tmp/stock"
start_collectd soak
check "collectd runs with $(wc -l <"$tmp/stock") stock plugins" kill -0 "$collectd_pid"
thread() { grep -lx dcachemon "/proc/$collectd_pid"/task/*/comm | head -1 | xargs dirname; }
# ticks STAT_FILE: user and system time. The name, in parentheses, may hold spaces.
ticks() { sed 's/.*) //' "$1" | awk '{ print $12 + $13 }'; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$collectd_pid/status"; }
fds() { find "/proc/$collectd_pid/fd" -mindepth 1 | wc -l; }
wait_for 20 csv_has soak totals/objects-dentries
own=$(thread)/stat hertz=$(getconf CLK_TCK)
own_before=$(ticks "$own") all_before=$(ticks "/proc/$collectd_pid/stat") began=$(date +%s%N)
rss_before=$(rss) fds_before=$(fds)
for ((waited = 0; waited < seconds; waited += 10)); do
    sleep 10
    kill -0 "$collectd_pid" || break
done
took=$((($(date +%s%N) - began) / 1000000))
share() { awk -v t="$1" -v h="$hertz" -v ms="$took" 'BEGIN { printf "%.3f", 100 * t / h / (ms / 1000) }'; }
own_share=$(share $(($(ticks "$own") - own_before))) all_share=$(share $(($(ticks "/proc/$collectd_pid/stat") - all_before)))
rss_after=$(rss) fds_after=$(fds)
reads=$(csv soak totals/objects-dentries | wc -l)
suspended=$(grep -c "read-function of plugin" "$tmp/soak.log")
stop_collectd
cat <<EOF
# $((took / 1000)) s at an interval of $interval s, $reads reads, $(find "$tmp/soak/csv" -type f | wc -l) series
# plugin's thread $own_share % of one CPU, all of collectd $all_share %
# resident $rss_before to $rss_after kB, descriptors $fds_before to $fds_after
# suspended reads $suspended, shutdown $stop_ms ms
EOF
check "at most 0.5 % of one CPU" awk -v s="$own_share" 'BEGIN { exit !(s <= 0.5) }'
check "no suspended read" test "$suspended" = 0
check "every read gave values" test "$reads" -ge $((seconds / interval - 1))
check "no more descriptors" test "$fds_after" -le $((fds_before + 2))
check "shutdown within 2 s" test "$stop_ms" -lt 2000 -a "$stop_status" = 0
done_testing
