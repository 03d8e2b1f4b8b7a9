#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# snmpbulkwalk of our table beside net-snmp's table_container serving the same rows: interleaved
# runs against one snmpd, medians and minima with their ratios (on a busy machine the minima tell
# more) and CPU time. Usage: snmp_walk.sh [ROWS [RUNS]]
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
ROWS=${1:-10000} RUNS=${2:-5}
OURS=.1.3.6.1.4.1.8072.9999.9999.1806.1.3.1
THEIRS_TABLE=.1.3.6.1.4.1.8072.9999.9999.1899.1.3
THEIRS=$THEIRS_TABLE.1
failed=0

answers() { [[ $(snmp_get "$1.7.3") == *"Gauge32: 1000" ]]; }
microseconds() { echo $(($(date +%s%N) / 1000)); }
# MEDIAN MINIMUM of the numbers in a file
summary() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)], a[1] }'; }
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

walk() { # OID FILE
    local start
    start=$(microseconds)
    snmp_walk "$1" >"$SNMP_DIR/out"
    echo $(($(microseconds) - start)) >>"$SNMP_DIR/$2"
    [ "$(wc -l <"$SNMP_DIR/out")" = "$ROWS" ] || { echo "# incomplete walk of $1" >&2; failed=1; }
}

compare() { # NAME COLUMN
    local ours theirs
    rm -f "$SNMP_DIR"/{ours,theirs}
    # One of each first, not counted: both processes and snmpd have then grown to size.
    walk "$OURS.$2" warm && walk "$THEIRS.$2" warm
    for _ in $(seq "$RUNS"); do
        walk "$OURS.$2" ours
        walk "$THEIRS.$2" theirs
    done
    diff <(snmp_walk "$OURS.$2" | cut -d. -f12-) <(snmp_walk "$THEIRS.$2" | cut -d. -f12-) >/dev/null ||
        { echo "# $1: the two tables differ" >&2; failed=1; }
    ours=$(summary "$SNMP_DIR/ours") theirs=$(summary "$SNMP_DIR/theirs")
    awk -v n="$1" -v rows="$ROWS" -v ours="$ours" -v theirs="$theirs" 'BEGIN {
        split(ours, o, " "); split(theirs, t, " ")
        split("median minimum", what, " ")
        for (i = 1; i <= 2; i++)
            printf "%-46s %9.3f s %9.3f s  ratio %.2f\n",
                "snmpbulkwalk, " rows " rows, " n ", " what[i], o[i] / 1e6, t[i] / 1e6, o[i] / t[i] }'
}

snmp_env_start
snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" "$ROWS" 10000 \
    "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX"
snmp_env_spawn container "$BUILD/tests/bench/table_container" "$SNMP_AGENTX" "$ROWS" $THEIRS_TABLE
wait_for 10 answers $OURS || { cat "$SNMP_DIR/sampler.log"; exit 1; }
wait_for 10 answers $THEIRS || { cat "$SNMP_DIR/container.log"; exit 1; }
printf '%-46s %11s %11s\n' '' dcachemon container
compare "gauge" 7
compare "text" 5
compare "64-bit" 11
printf '%-46s %11s %11s\n' 'CPU of the subagent, ticks' \
    "$(cpu_ticks "$(pgrep -P "${SNMP_PIDS[sampler]}")")" "$(cpu_ticks "${SNMP_PIDS[container]}")"
exit $failed
