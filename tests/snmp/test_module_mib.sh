#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# DCACHEMON-MIB inside Debian's snmpd: what the module answers is what the agent process answers, byte for byte, from
# one sampler with a row in every table; who answers while one of the two, or the sampler, is not there.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/if_env.sh
. "$TOP/tests/lib/if_env.sh"

ROOT=.1.3.6.1.4.1.8072.9999.9999.1806
AGENT_ROOT=.1.3.6.1.4.1.8072.9999.9999.1807
THIRD_ROOT=.1.3.6.1.4.1.8072.9999.9999.1808
UNUSED=1.3.1.7.3 # of the first superblock: 1,000
QUIET=600000     # milliseconds between two snapshots: the first one stays
export ASAN_OPTIONS="${ASAN_OPTIONS:-exitcode=99}"
# shellcheck source=tests/lib/module_env.sh
. "$TOP/tests/lib/module_env.sh"
USER_CONF='createUser reader SHA "long enough" AES "also long enough"
rouser reader priv'

configure() { # LINE...: after dlmod
    SNMP_EXTRA_CONF="$USER_CONF" write_module_conf
    printf '%s\n' "$@" >>"$SNMP_SNMPD_CONF"
}
with_module() { configure "$@" && reload_snmpd; }
# The sampler with the agent process as its child, which serves ROOT.
start_sampler() { # INTERVAL_MS ROOT [ROWS]
    snmp_env_end sampler
    rm -f "$SNMP_DIR/sampler.log"
    printf '[snmp]\nroot_oid = %s\n' "${2#.}" >"$SNMP_DIR/dcachemon.conf"
    DCM_TEST_SOCKET=$SNMP_DIR/snapshot.sock DCM_TEST_FULL=1 DCM_TEST_HIGH_INDEXES=1 snmp_env_spawn sampler \
        "$BUILD/tests/lib/fake_sampler" "${3:-20}" "$1" "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX" "$SNMP_DIR/dcachemon.conf"
}
agent_pid() { pgrep -P "${SNMP_PIDS[sampler]}"; }
calls_logged() { grep -c 'handler: ' "$SNMP_DIR/sampler.log"; }
calls_logged_again() { [ "$(calls_logged)" -gt "$1" ]; }
agent_calls() { # that have reached the agent process
    local before
    # Before it has said something, the signal would end it.
    grep -q 'AgentX master' "$SNMP_DIR/sampler.log" || return 1
    before=$(calls_logged)
    kill -USR1 "$(agent_pid)"
    wait_for 3 calls_logged_again "$before" || return 1
    sed -n 's/.*handler: \([0-9]*\) calls.*/\1/p' "$SNMP_DIR/sampler.log" | tail -1
}
served() { [[ $(snmp_get "$1.$UNUSED") == *"Gauge32: 1000" ]]; } # ROOT
not_served() { [[ $(snmp_get "$1.$UNUSED") == *"No Such Object"* ]]; }
answers_at() { # module|agent ROOT
    local before after
    before=$(agent_calls) && served "$2" && served "$2" && after=$(agent_calls) || return 1
    case $1 in
        module) [ "$after" = "$before" ] ;;
        agent) [ "$after" -ge $((before + 2)) ] ;;
    esac
}

# ---- the same answers ----

# Names and pointers of both roots as one; stamps, in hundredths of a second, apart.
as_one_root() { sed "s/${1//./\\.}/ROOT/g"; }
same() { # FUNCTION...: output with $root in place is the same for both
    local root
    root=$ROOT && "$@" 2>&1 | as_one_root "$ROOT" >"$SNMP_DIR/module.out"
    root=$AGENT_ROOT && "$@" 2>&1 | as_one_root "$AGENT_ROOT" >"$SNMP_DIR/agent.out"
    diff <(grep -v Timeticks "$SNMP_DIR/module.out") <(grep -v Timeticks "$SNMP_DIR/agent.out") >"$SNMP_DIR/diff" ||
        { sed 's/^/# /' "$SNMP_DIR/diff" | head; return 1; }
    # The agent process knows sysUpTime from the answer to its Open, which has taken a moment.
    paste <(grep -o 'Timeticks: ([0-9]*' "$SNMP_DIR/module.out" | tr -dc '0-9\n') \
        <(grep -o 'Timeticks: ([0-9]*' "$SNMP_DIR/agent.out" | tr -dc '0-9\n') |
        awk '{ d = $1 - $2; if (NF != 2 || d < -3 || d > 3) bad = 1 } END { exit bad }'
}
values() { wc -l <"$SNMP_DIR/module.out"; }
walk_bulk() { snmp_walk "$root.1"; }
walk_next() { snmp_env_run snmpwalk -v2c -c public -On -Oe -Ox -t 2 -r 0 "$SNMP_ADDRESS" "$root.1"; }
walk_v1() { snmp_env_run snmpwalk -v1 -c public -On -Oe -t 2 -r 0 "$SNMP_ADDRESS" "$root.1.3"; }
walk_v3() {
    snmp_env_run snmpbulkwalk -v3 -l authPriv -u reader -a SHA -A 'long enough' -x AES -X 'also long enough' \
        -On -Oe -t 3 -r 0 "$SNMP_ADDRESS" "$root.1"
}
test_walks() { # each column that the MIB has is there
    local columns
    same walk_bulk || return 1
    columns=$(sed 's/\.[0-9]* = .*//; /^[^R]/d' "$SNMP_DIR/module.out" | sort -u | wc -l)
    echo "# $(values) values in $columns columns and scalars"
    [ "$(values)" -gt 400 ] || return 1
    [ "$columns" = "$("$BUILD/tests/lib/dump_metrics" mib | grep -c $'\treadonly\t')" ] && same walk_next && same walk_v1
}
test_walk_v3() { same walk_v3 && [ "$(values)" -gt 400 ]; }
# Fractions of a unit, in the alarm table and in that of transitions.
numbers() {
    local table
    "$BUILD/bin/dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" >"$SNMP_DIR/json" || return 1
    for table in 11 12; do
        snmp_walk "$root.1.$table" >"$SNMP_DIR/walk" &&
            python3 "$TOP/tests/lib/alarm_numbers.py" "$SNMP_DIR/json" "$SNMP_DIR/walk" "$root" 2 || return 1
    done
}
test_numbers() {
    local root
    for root in $ROOT $AGENT_ROOT; do numbers || return 1; done
    grep 'Counter64' "$SNMP_DIR/walk" | grep -qv '000000$'
}
odd() {
    local name
    for name in "" .0 .1 .1.1 .1.1.0 .1.1.1 .1.1.1.0 .1.1.1.0.0 .1.3 .1.3.1 .1.3.1.7 .1.3.1.7.0 .1.3.1.7.3.1 .1.3.1.7.4 \
        .1.3.1.7.2147483647 .1.3.1.7.2147483648 .1.3.1.7.4294967294 .1.3.1.7.4294967295 .1.3.1.200 .1.3.2 .1.200 .1.200.1; do
        snmp_getnext "$root$name" | grep -F "$root.1"
        [ -z "$name" ] || snmp_get "$root$name"
    done
    snmp_get "$root.1.3.1.7.3" "$root.1.3.1.7.4" "$root.1.1.1.0" "$root.1.3.1.5.6" .1.3.6.1.2.1.1.8.0 | sed '$d'
    snmp_getnext "$root.1.3.1.7" "$root.1.3.1.5.6" "$root.1.1"
    snmp_env_run snmpbulkget -v2c -c public -On -Oe -Cn2 -Cr9 "$SNMP_ADDRESS" "$root.1.1" "$root.1.1.1" "$root.1.3.1.7" \
        "$root.1.3.1.4" "$root.1.3.1.11.50"
    snmp_set "$root.1.3.1.7.3" u 5
}
test_odd() {
    same odd || return 1
    echo "# $(values) answers"
    [ "$(values)" -ge 75 ] && grep -q notWritable "$SNMP_DIR/module.out"
}

# ---- who answers ----

test_off() { # nothing of it is asked for
    wait_for 5 served "$AGENT_ROOT" && sleep 1.5 && not_served "$ROOT"
}
test_on() { with_module 'dcachemonMIB on' && wait_for 5 served "$ROOT" && [ "$(said "answering DCACHEMON-MIB at 1.3.6.1.4.1.8072.9999.9999.1806")" = 1 ]; }
test_bad_value() {
    with_module 'dcachemonMIB perhaps' && wait_for 3 said_again 'dcachemonMIB needs on, off or an OID in numbers' 0 && sleep 1.2 &&
        not_served "$ROOT"
}
test_other_root() { with_module "dcachemonMIB $THIRD_ROOT" && wait_for 5 served "$THIRD_ROOT" && not_served "$ROOT"; }
# A sampler with nothing new to publish is not taken for one that hangs.
test_quiet() {
    local past=$((quiet_since + 13000))
    while [ "$(milliseconds)" -lt $past ]; do
        served "$ROOT" || { echo "# not served"; return 1; }
        sleep 0.2
    done
    ! grep 'is silent' "$SNMP_DIR/snmpd.log"
}
test_both() { # on one root the module is asked first; without it the agent process answers at once
    start_sampler $QUIET "$ROOT"
    wait_for 10 answers_at module "$ROOT" || return 1
    with_module
    wait_for 5 answers_at agent "$ROOT" && with_module 'dcachemonMIB on' && wait_for 5 answers_at module "$ROOT"
}
test_stopped() { # a sampler that hangs is left to the agent process, which has its last snapshot
    kill -STOP "${SNMP_PIDS[sampler]}"
    wait_for 5 served "$ROOT" && wait_for 20 answers_at agent "$ROOT" && wait_for 1 said_again 'the sampler is silent: .*, DCACHEMON-MIB is left to others' 0
    local status=$?
    kill -CONT "${SNMP_PIDS[sampler]}"
    [ $status = 0 ] && wait_for 5 answers_at module "$ROOT"
}
test_killed() { # then there is nobody
    kill -KILL "${SNMP_PIDS[sampler]}"
    wait "${SNMP_PIDS[sampler]}" 2>/dev/null
    unset 'SNMP_PIDS[sampler]'
    wait_for 5 not_served "$ROOT" || return 1
    start_sampler 20 "$AGENT_ROOT" 2000
    wait_for 5 served "$ROOT"
}
# The registration goes while a request that points into it waits for another subagent.
test_lost_while_others_wait() {
    local answer
    snmp_env_spawn slow python3 "$TOP/tests/lib/slow_agent.py" "$SNMP_AGENTX" 0.7
    wait_for 5 grep -q ready "$SNMP_DIR/slow.log" || return 1
    (sleep 1 && kill -KILL "${SNMP_PIDS[sampler]}") &
    answer=$(snmp_env_run snmpbulkget -v2c -c public -On -t 15 -r 0 -Cr6 "$SNMP_ADDRESS" $ROOT.1.3.1.7 .1.3.6.1.4.1.55555.1 2>&1)
    wait "${SNMP_PIDS[sampler]}" 2>/dev/null
    unset 'SNMP_PIDS[sampler]'
    snmp_env_end slow
    wait_for 2 not_served "$ROOT" && start_sampler 20 "$AGENT_ROOT" 2000 && wait_for 5 served "$ROOT" || return 1
    [[ $answer == *genError* ]] || { echo "# $answer"; return 1; }
}

# ---- memory ----

kilobytes() { awk '/^VmRSS:/ { print $2 }' "/proc/${SNMP_PIDS[snmpd]}/status"; }
test_snapshots_freed() { # 2,000 rows, 50 times a second: mapped they are over 300 KB each
    local before after
    sleep 0.5
    before=$(kilobytes)
    for _ in 1 2 3 4 5 6; do served "$ROOT" || return 1; sleep 0.5; done
    after=$(kilobytes)
    echo "# resident: $before KB, 3 s later $after KB"
    [ $((after - before)) -le 1024 ]
}
test_reloads() { # of snmpd; what it keeps of its own configuration at each is a few KB
    local before after
    for _ in 1 2 3; do reload_snmpd && wait_for 5 served "$ROOT" || return 1; done
    before=$(kilobytes)
    for _ in 1 2 3 4 5 6; do reload_snmpd && wait_for 5 served "$ROOT" || return 1; done
    after=$(kilobytes)
    echo "# resident: $before KB, six reloads later $after KB"
    [ $((after - before)) -le 1024 ]
}
test_ends() {
    local status
    kill -TERM "$snmpd_pid"
    wait "$snmpd_pid"
    status=$?
    unset 'SNMP_PIDS[snmpd]'
    [ $status = 0 ] || { echo "# status $status"; return 1; }
    ! grep -E 'AddressSanitizer|runtime error|Segmentation' "$SNMP_DIR/snmpd.log"
}

snmp_env_prepare
configure
start_sampler $QUIET $AGENT_ROOT
snmp_env_snmpd_start || exit 1
snmpd_pid=${SNMP_PIDS[snmpd]}
tap_ok "off unless it is switched on" test_off
tap_ok "another value is refused and said" test_bad_value
tap_ok "at another root" test_other_root
tap_ok "switched on" test_on
quiet_since=$(milliseconds)
tap_ok "walks are those of the agent process" test_walks
tap_ok "with SNMPv3, too" test_walk_v3
tap_ok "numbers of alarms are JSON's values" test_numbers
tap_ok "odd requests, too" test_odd
tap_ok "a sampler with nothing to say stays" test_quiet
tap_ok "module and agent process on one root: the module, then the agent process" test_both
tap_ok "sampler stopped: left to the agent process, taken up again" test_stopped
tap_ok "sampler killed: nobody, and back with the next" test_killed
tap_ok "sampler killed while another subagent is slow" test_lost_while_others_wait
unsanitized "$MODULE" "snapshots leave nothing behind in snmpd" test_snapshots_freed
unsanitized "$MODULE" "loading again and again, neither" test_reloads
tap_ok "snmpd ends well with it" test_ends
grep -E "dcachemon" "$SNMP_DIR/snmpd.log" | sort | uniq -c | sed 's/^/# /'
tap_done
