#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Stock snmpd, the same with its interface tables taken over by the agent process and muted, and with the module
# inside it, one after the other in a namespace of their own: snmpd.sh BUILD INTERFACES NAMESPACES... prints a
# table. Each number of NAMESPACES is planted once and stays while all three are measured. dcachemon-snmp
# runs with its default settings (BPF=no: without its passes). Needs root, snmpd and strace.
set -u
BUILD=$(realpath "$1") TOP=$(realpath "$(dirname "$0")/../..") INTERFACES=$2
shift 2
PATH=$PATH:/usr/sbin:/sbin
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/live.sh"
SECONDS_IDLE=${SECONDS_IDLE:-30}
PLANT_SECONDS=${PLANT_SECONDS:-600} # read by plant
SNMP_MODULES=-smux
probe=.1.3.6.1.2.1.1.3.0

family() { # a process and its descendants
    local child
    echo "$1"
    for child in $(pgrep -P "$1"); do family "$child"; done
}
answered() { # of 12, one a second at most
    local n=0
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
        snmp_env_run snmpget -v2c -c public -t 1 -r 0 "$SNMP_ADDRESS" $probe >/dev/null 2>&1 && n=$((n + 1))
        sleep 0.2
    done
    echo $n
}
opens() { # below the families in /proc/sys/net, in SECONDS_IDLE, while tables are polled
    local args=() pid
    for pid in "$@"; do args+=(-p "$pid"); done
    (exec timeout "$SECONDS_IDLE" strace -f -qq -e trace=file -o "$SNMP_DIR/strace" "${args[@]}") 2>/dev/null &
    pid=$!
    until pid_gone $pid; do
        snmp_walk .1.3.6.1.2.1.2.2.1.2 >/dev/null 2>&1
        sleep 1
    done
    wait $pid
    grep -cE '"/proc/sys/net/[^"/]+/[^"]' "$SNMP_DIR/strace"
}
wall() { # milliseconds of the fastest of three walks; - when one failed
    local begin took best=
    for _ in 1 2 3; do
        begin=$(date +%s%N)
        snmp_env_run "$@" >"$SNMP_DIR/walk" 2>&1 && ! grep -q Timeout "$SNMP_DIR/walk" || { echo -; return; }
        took=$((($(date +%s%N) - begin) / 1000000))
        [ -n "$best" ] && [ "$took" -ge "$best" ] || best=$took
    done
    echo "$best"
}
bulk() { wall snmpbulkwalk -v2c -c public -t 3 -r 0 -Cr25 "$SNMP_ADDRESS" "$1"; }
# All columns of a row in one request: with its GETBULK requests it asks column by column, as a walk does.
rows() { wall env MIBDIRS="$SNMP_DIR/mibs" MIBS=BENCH-MIB snmptable -CB -v2c -c public -t 3 -r 0 "$SNMP_ADDRESS" "BENCH-MIB::$1"; }
# Debian has no IF-MIB; snmptable only needs the shape.
bench_mib() {
    echo 'BENCH-MIB DEFINITIONS ::= BEGIN'
    echo 'interfaces OBJECT IDENTIFIER ::= { iso 3 6 1 2 1 2 }'
    echo 'ifMIBObjects OBJECT IDENTIFIER ::= { iso 3 6 1 2 1 31 1 }'
    bench_table if interfaces 2 {1..22}
    bench_table ifX ifMIBObjects 1 {1..13} {15..19}
    echo END
}
bench_object() { # NAME SYNTAX PARENT NUMBER [INDEX]
    echo "$1 OBJECT-TYPE SYNTAX $2 MAX-ACCESS read-only STATUS current DESCRIPTION \"\" ${5:-} ::= { $3 $4 }"
}
bench_table() { # NAME PARENT NUMBER COLUMNS...
    local name=$1 column
    bench_object "${name}Table" "SEQUENCE OF ${name}Entry" "$2" "$3"
    bench_object "${name}Entry" "${name}Entry" "${name}Table" 1 "INDEX { ${name}1 }"
    shift 3
    for column; do bench_object "$name$column" INTEGER "${name}Entry" "$column"; done
}
measure() { # NAMESPACES NAME PIDS...
    local count=$1 name=$2 a snmpd before theirs ours=0 before_ours=0
    shift 2
    snmpd=${SNMP_PIDS[snmpd]} a=$(answered) before=$(used "$snmpd")
    [ $# = 0 ] || before_ours=$(used "$@")
    sleep "$SECONDS_IDLE"
    theirs=$(($(used "$snmpd") - before))
    [ $# = 0 ] || ours=$(($(used "$@") - before_ours))
    printf '| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n' "$count" "$name" "$a" \
        "$(percent $theirs)" "$(percent $ours)" "$(opens "$snmpd" "$@")" \
        "$(bulk .1.3.6.1.2.1.2.2)" "$(bulk .1.3.6.1.2.1.31.1.1)" "$(rows ifTable)" "$(rows ifXTable)"
}
percent() { awk -v us="$1" -v s="$SECONDS_IDLE" 'BEGIN { printf "%.3f %%", us / s / 1e4 }'; }

snmp_env_prepare
mkdir "$SNMP_DIR/mibs" && bench_mib >"$SNMP_DIR/mibs/BENCH-MIB.txt"
for ((n = 1; n <= INTERFACES / 2; n++)); do
    echo "link add a$n type veth peer name b$n"
    # No more with addresses: snmpd's ipAddressTable lists all addresses once for each of them.
    [ $n -le 150 ] || continue
    echo "link set a$n up"
    echo "link set b$n up"
    echo "addr add 10.9.$((n / 200)).$((n % 200 + 1))/32 dev a$n"
done | ip -n "$SNMP_NETNS" -batch - || exit 1
printf 'community = private\n' >"$SNMP_DIR/credentials"
chmod 600 "$SNMP_DIR/credentials"
write_config() { # TAKEOVER
    cat >"$SNMP_DIR/dcachemon.conf" <<CONF
[sampling]
socket = $SNMP_DIR/snapshot.sock
bpf = ${BPF:-yes}
[state]
folder =
[snmp]
agentx_socket = $SNMP_AGENTX
[if_mib]
takeover = $1
mute_address = udp:$SNMP_ADDRESS
mute_credentials = $SNMP_DIR/credentials
CONF
}
muted() { snmp_get .1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2 | grep -q 'INTEGER: 900'; }

echo "| namespaces | snmpd | GETs of 12 | CPU of snmpd | CPU of dcachemon-snmp | interface files opened in $SECONDS_IDLE s | ifTable ms | ifXTable ms | ifTable by rows | ifXTable by rows |"
echo "| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
# The stock one is started before the namespaces: where a reload takes 3 s, one that starts reloads for
# ever. Each side has an snmpd of its own: one that was muted and is no longer goes on without its timer.
measure_stock() {
    measure "$1" stock
    snmp_env_snmpd_kill KILL
}
# Both taken-over sides: started before the namespaces are there, or beside them.
measure_with_us() { # NAMESPACES NAME TAKEOVER
    local pids
    write_config "$3"
    : >"$SNMP_DIR/subagent.log"
    snmp_env_snmpd_start || exit 1
    snmp_env_spawn subagent "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"
    wait_for 30 muted || { echo "# not muted:"; sed 's/^/# /' "$SNMP_DIR/subagent.log"; exit 1; }
    snmp_walk .1.3.6.1.2.1.2.2.1.1 >/dev/null 2>&1 # opens the files
    sleep 45                                      # rows are dropped: nobody polls any more
    mapfile -t pids < <(family "${SNMP_PIDS[subagent]}")
    measure "$1" "$2" "${pids[@]}"
    snmp_env_end subagent
    snmp_env_snmpd_kill KILL
}
measure_agent() { measure_with_us "$1" "taken over by the agent" on; }
measure_module() {
    SNMP_EXTRA_CONF="dlmod dcachemon $BUILD/lib/snmpd/dcachemon.so
dcachemonSocket $SNMP_DIR/snapshot.sock"
    snmp_env_write_conf
    measure_with_us "$1" "taken over by the module" off
    SNMP_EXTRA_CONF=
    snmp_env_write_conf
}
SIDES=${SIDES:-stock agent module}
for count in "$@"; do
    case $SIDES in *stock*) snmp_env_snmpd_start || exit 1 ;; esac
    [ "$count" = 0 ] || plant netns "$count" || exit 1
    sleep 5
    for side in $SIDES; do "measure_$side" "$count"; done
    [ "$count" = 0 ] || plant_end
done
