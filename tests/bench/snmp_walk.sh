#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Our tables served by the module inside snmpd and by the agent process, beside net-snmp's table_container over AgentX
# with the same rows: one snmpd, one sampler, interleaved runs. snmpbulkwalk of a column: medians and minima with their
# ratios (on a busy machine the minima tell more), and the module beside snmpd's own tables of as many rows: the kernel's
# neighbours and routes. Then processor time: of a walked value; of a poll of all scalars and 20 superblocks, by GET and by GETBULK, and of as many GETs of sysUpTime; of a second without requests. Usage: snmp_walk.sh [ROWS [RUNS]]
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
ROWS=${1:-10000} RUNS=${2:-5} POLLS=40
declare -A TABLE=([module]=.1.3.6.1.4.1.8072.9999.9999.1806.1.3.1 [agent]=.1.3.6.1.4.1.8072.9999.9999.1807.1.3.1
    [container]=.1.3.6.1.4.1.8072.9999.9999.1899.1.3.1)
QUIET=600000 # milliseconds between two snapshots
failed=0

answers() { [[ $(snmp_get "${TABLE[$1]}.7.3") == *"Gauge32: 1000" ]]; }
start_sampler() { # ROWS INTERVAL_MS
    snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" "$@" "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX" "$SNMP_DIR/agent.conf"
    wait_for 10 answers module && wait_for 10 answers agent && return
    cat "$SNMP_DIR/"{snmpd,sampler}.log
    exit 1
}
server_pid() { # module, agent or container: the process that has the values
    case $1 in
        module) echo "${SNMP_PIDS[snmpd]}" ;;
        agent) pgrep -P "${SNMP_PIDS[sampler]}" ;;
        container) echo "${SNMP_PIDS[container]}" ;;
    esac
}
used_for() { # module, agent or container: microseconds of snmpd and that process
    local pids
    pids=$(printf '%s\n' "${SNMP_PIDS[snmpd]}" "$(server_pid "$1")" | sort -u)
    # shellcheck disable=SC2086 # numbers
    used $pids
}
# MEDIAN MINIMUM of the numbers in a file
summary() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)], a[1] }'; }
ratios() { # TEXT UNIT DIVISOR: files module, agent and container, if there is one, with a number per run
    local who
    for who in module agent container; do
        [ ! -e "$SNMP_DIR/$who" ] || echo "$who $(summary "$SNMP_DIR/$who")"
        rm -f "$SNMP_DIR/$who"
    done | awk -v text="$1" -v unit="$2" -v by="$3" '{ median[$1] = $2 / by; least[$1] = $3 / by }
        function line(what, v) {
            printf "%-52s %9.3f %9.3f ", text ", " what, v["module"], v["agent"]
            if ("container" in v) printf "%9.3f %-3s ratio %.2f %.2f\n", v["container"], unit, v["module"] / v["container"], v["agent"] / v["container"]
            else printf "%9s %-3s ratio %.2f\n", "", unit, v["module"] / v["agent"]
        }
        END { line("median", median); line("minimum", least) }'
}

walk() { # WHO COLUMN TIMES CPU
    local start=${EPOCHREALTIME/[.,]/} cpu
    cpu=$(used_for "$1")
    snmp_walk "${TABLE[$1]}.$2" >"$SNMP_DIR/out"
    echo $((${EPOCHREALTIME/[.,]/} - start)) >>"$3"
    echo $(($(used_for "$1") - cpu)) >>"$4"
    [ "$(wc -l <"$SNMP_DIR/out")" = "$ROWS" ] || { echo "# incomplete walk of the $1" >&2; failed=1; }
}
rows_of() { snmp_walk "${TABLE[$1]}.$2" | cut -d. -f12-; }

compare() { # NAME COLUMN
    local who
    # One of each first, not counted: all processes have then grown to size.
    for who in module agent container; do walk $who "$2" /dev/null /dev/null; done
    mkdir -p "$SNMP_DIR/cpu"
    for _ in $(seq "$RUNS"); do
        for who in module agent container; do walk $who "$2" "$SNMP_DIR/$who" "$SNMP_DIR/cpu/$who"; done
    done
    for who in module agent; do
        diff <(rows_of $who "$2") <(rows_of container "$2") >/dev/null || { echo "# $1: $who and container differ" >&2; failed=1; }
    done
    ratios "snmpbulkwalk, $ROWS rows, $1" s 1000000
    mv "$SNMP_DIR/cpu/"* "$SNMP_DIR"
    ratios "CPU per value, $1" us "$ROWS"
}

# Columns of snmpd's own tables that the kernel fills, each a row per neighbour or route.
declare -A BUILT_IN=([ipNetToMediaType]=.1.3.6.1.2.1.4.22.1.4 [ipNetToPhysicalType]=.1.3.6.1.2.1.4.35.1.6
    [ipCidrRouteType]=.1.3.6.1.2.1.4.24.4.1.6 [inetCidrRouteType]=.1.3.6.1.2.1.4.24.7.1.8)
fill_built_in() { # ROWS
    local row address
    echo "link add rows type veth peer name peer"
    echo "addr add 10.0.0.1/8 dev rows"
    echo "link set rows up"
    for row in $(seq "$1"); do
        address=$((row / 250 % 250)).$((row % 250 + 1))
        echo "neigh add 10.1.$address lladdr 02:00:00:00:00:01 nud permanent dev rows"
        echo "route add 172.16.$address/32 dev rows"
    done
}
built_in() {
    local name start
    fill_built_in "$ROWS" | ip -netns "$SNMP_NETNS" -batch - || { failed=1; return; }
    # One of each first, not counted: snmpd has then read the kernel's table.
    for name in module "${!BUILT_IN[@]}"; do
        for _ in 0 $(seq "$RUNS"); do
            start=${EPOCHREALTIME/[.,]/}
            snmp_walk "${BUILT_IN[$name]:-${TABLE[module]}.7}" >"$SNMP_DIR/out"
            echo "$name $((${EPOCHREALTIME/[.,]/} - start)) $(wc -l <"$SNMP_DIR/out")"
        done | tail -n +2
    done | awk -v rows="$ROWS" '$3 < rows { print "# " $1 ": " $3 " rows" >"/dev/stderr"; next }
        !($1 in least) || $2 < least[$1] { least[$1] = $2 }
        END {
            for (name in least) {
                line = sprintf("snmpbulkwalk, %d rows, %s, minimum", rows, name)
                if (name != "module") printf "%-52s %9.3f %19.3f %-3s ratio %.2f\n", line, least["module"] / 1e6, least[name] / 1e6, "s", least["module"] / least[name]
            }
        }'
}

scalars() { # GROUP.NUMBER of all that there are
    "$BUILD/tests/lib/dump_metrics" mib | awk -F'\t' '$4 == "readonly" && $2 ~ /^[0-9]+\.[0-9]+$/ { print $2 }'
}
row_names() { # WHO ROW
    local column
    for column in 2 3 4 5 6 7 8 9 10 11 12 13; do printf '%s ' "${TABLE[$1]}.$column.$((3 * $2))"; done
}
# Requests of a poll of all scalars and all columns of the last 20 superblocks: GETs of 25 scalars and of a row each, or
# GETBULKs of 20 values for each group of scalars and of 20 rows.
get_names() { # WHO
    local row
    scalars | sed "s/.*/${TABLE[$1]%.3.1}.&.0/" | xargs -n25
    for row in $(seq $((ROWS - 19)) "$ROWS"); do row_names "$1" "$row" && echo; done
}
bulk_names() { # WHO
    scalars | cut -d. -f1 | sort -u | sed "s/.*/${TABLE[$1]%.3.1}.&/"
    row_names "$1" $((ROWS - 20)) && echo
}
uptime_names() { get_names "$1" | sed 's/.*/.1.3.6.1.2.1.1.3.0/'; } # as many requests that ask for none of ours
poll_once() { snmp_env_run "$TOP/tests/bench/poll_once.py" "$SNMP_ADDRESS" "$2" <"$SNMP_DIR/names.$1"; } # WHO REPETITIONS
poll() { # get|bulk REPETITIONS TEXT
    local who before
    local -A values
    for who in module agent; do
        "$1_names" $who >"$SNMP_DIR/names.$who"
        values[$who]=$(poll_once $who "$2") || failed=1
    done
    [ "${values[module]}" = "${values[agent]}" ] || { echo "# module and agent differ" >&2; failed=1; }
    for _ in $(seq $POLLS); do
        for who in module agent; do
            before=$(used_for $who)
            poll_once $who "$2" >/dev/null || failed=1
            echo $(($(used_for $who) - before)) >>"$SNMP_DIR/$who"
        done
    done
    ratios "CPU of a poll by $3, ${values[module]} values" us 1
}
# What a snapshot of ROWS rows per second costs each of them while nobody asks.
idle() {
    local who
    local -A before
    start_sampler "$ROWS" 1000
    for who in module agent; do before[$who]=$(used "$(server_pid $who)"); done
    sleep 10
    for who in module agent; do echo $(($(used "$(server_pid $who)") - before[$who])) >"$SNMP_DIR/$who"; done
    ratios "CPU per second without requests, $ROWS rows" us 10
}

snmp_env_prepare
printf '%s\n' "dlmod dcachemon $BUILD/lib/snmpd/dcachemon.so" "dcachemonSocket $SNMP_DIR/snapshot.sock" 'dcachemonMIB on' >>"$SNMP_SNMPD_CONF"
printf '[snmp]\nroot_oid = 1.3.6.1.4.1.8072.9999.9999.1807\n' >"$SNMP_DIR/agent.conf"
export DCM_TEST_SOCKET=$SNMP_DIR/snapshot.sock
snmp_env_snmpd_start || exit 1
start_sampler "$ROWS" $QUIET
snmp_env_spawn container "$BUILD/tests/bench/table_container" "$SNMP_AGENTX" "$ROWS" "${TABLE[container]%.1}"
wait_for 10 answers container || { cat "$SNMP_DIR/container.log"; exit 1; }
printf '%-52s %9s %9s %9s\n' '' module agent container
compare "gauge" 7
compare "text" 5
compare "64-bit" 11
snmp_env_end container
built_in
idle
DCM_TEST_FULL=1 start_sampler "$ROWS" $QUIET
poll uptime 0 "GET, sysUpTime alone"
poll get 0 GET
poll bulk 20 GETBULK
exit $failed
