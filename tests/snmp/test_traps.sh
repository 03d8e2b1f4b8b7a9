#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# Notifications through a real snmpd to two managers, out of the alarm engine over made-up values.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/traps.sh
. "$TOP/tests/lib/traps.sh"
# shellcheck source=tests/lib/fake_sampler.sh
. "$TOP/tests/lib/fake_sampler.sh"

ROOT=$TRAPS_ROOT
ROWS=60
export ASAN_OPTIONS="${ASAN_OPTIONS:-exitcode=99}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

agent_pid() { pgrep -P "${SNMP_PIDS[sampler]}"; }
serves() { [[ $(snmp_get "$ROOT.1.3.1.7.3") == *"Gauge32: "* ]]; }

# rules [NOTIFY LINE...]: one level of each severity, no hold times.
rules() {
    printf '%s\n' '[notify]' 'grace = 0' "$@" '[alarm superblock_unused]' 'warning = 1000' \
        'critical = 100000' 'clear_ratio = 0.8' 'raise_after = 0' 'clear_after = 0' \
        '[alarm source_failed]' 'enabled = no' '[alarm coverage_stale]' 'enabled = no' \
        '[alarm superblock_shrink_seconds]' 'enabled = no' '[alarm growth]' 'enabled = no' \
        >"$SNMP_DIR/rules.new" && mv "$SNMP_DIR/rules.new" "$SNMP_DIR/rules"
}
values() { # LINE...
    held=("$@")
    printf '%s\n' "$@" >"$SNMP_DIR/values.new" && mv "$SNMP_DIR/values.new" "$SNMP_DIR/rules.values"
}
start_agent() { # INTERVAL_MS
    DCM_TEST_SOCKET=$SNMP_DIR/snapshot.sock DCM_TEST_ALARMS=$SNMP_DIR/rules snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" $ROWS "$1" \
        "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX" "$SNMP_DIR/rules"
    wait_for 10 serves
}
end_agent() { snmp_env_end sampler; }
snapshots() { sampler_publishes "${SNMP_PIDS[sampler]}" "$SNMP_DIR/sampler.log" "$1"; }
# One more alarm comes and goes: when both have been told, whatever was sent before has arrived.
sentinel() {
    local others=("${held[@]}")
    values "${others[@]}" '60 5000'
    wait_for 10 traps "all('/mnt/20' in [t['name'] for t in sink] for sink in (v2, v3))" || return 1
    values "${others[@]}"
    wait_for 10 traps "all(1 in [t['severity'] for t in sink if t['name'] == '/mnt/20'] for sink in (v2, v3))"
}
settled() { traps "len(v2) == $1 and len(v3) == $1" >/dev/null; }

test_raise() {
    values '9 1500'
    wait_for 10 settled 1 && traps 'order(v2) == order(v3) == [(1, 2)]'
}
test_variables() {
    traps 'every(well_formed)' && traps "every(lambda t: t['kind'] == 3 and t['sequence'] == 1
        and t['name'] == '/mnt/3' and t['value'] == '1500' and t['threshold'] == '1000'
        and t['resource'] == '$ROOT.1.3.1.2.9')"
}
test_pointer() {
    local pointer
    pointer=$(snmp_env_run snmpget -v2c -c public -Onqv -t 2 "$SNMP_ADDRESS" "$ROOT.1.11.1.5.1")
    [ "$pointer" = "$ROOT.1.3.1.2.9" ] && [[ $(snmp_get "$pointer") == *'STRING: "tmpfs"' ]]
}
test_table_equals_trap() { # each variable's name answers a GET with the same value
    local oids
    oids=$(for arc in 2 3 4 5 6 7 8 9 10; do echo "$ROOT.1.11.1.$arc.1"; done)
    # shellcheck disable=SC2086
    diff <(snmp_get $oids) \
        <(grep -F "$ROOT.0.1" "$SNMP_DIR/v2.traps" | tr '|' '\n' | tail -n +3)
}
numbers() { # TABLE INDEX...: value and threshold as text and as number
    snmp_walk "$ROOT.1.$1" >"$SNMP_DIR/walk" &&
        "$BUILD/bin/dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" >"$SNMP_DIR/json" || return 1
    shift
    python3 "$TOP/tests/lib/alarm_numbers.py" "$SNMP_DIR/json" "$SNMP_DIR/walk" "$ROOT" "$@"
}
test_numbers_raised() {
    numbers 11 1 && numbers 12 1 && [[ $(snmp_get "$ROOT.1.11.1.12.1") == *"Counter64: 1500000000" ]] &&
        [[ $(snmp_get "$ROOT.1.11.1.14.1") == *'"entries"' ]]
}
# The row is gone from the alarm table, the transition is in the other.
test_numbers_cleared() {
    numbers 12 1 2 3 && [[ $(snmp_get "$ROOT.1.12.1.12.3") == *"Counter64: 10000000" ]] &&
        [[ $(snmp_get "$ROOT.1.11.1.12.1") == *"No Such Instance"* ]]
}
test_severity() {
    values '9 200000'
    wait_for 10 settled 2 && traps "order(v2) == order(v3) == [(1, 2), (1, 3)]
        and v2[1]['threshold'] == '100000'"
}
test_clear() {
    values '9 10'
    wait_for 10 settled 3 && traps "order(v2) == order(v3) == [(1, 2), (1, 3), (1, 1)]
        and every(well_formed)" && traps "[t['sequence'] for t in v2] == [1, 2, 3]"
}
shown() { [[ $(snmp_get "$ROOT.1.3.1.7.$1") == *"Gauge32: $2" ]]; } # INDEX UNUSED
test_no_flapping() {
    local i
    traps_forget
    for i in $(seq 20); do # between the clear level of 800 and the level of 1,000, and just above
        values '9 1010'
        wait_for 10 shown 9 1010 || return 1
        values '9 810'
        wait_for 10 shown 9 810 || return 1
    done
    wait_for 10 settled 1 && traps 'order(v2) == order(v3) == [(2, 2)]' || return 1
    values '9 700'
    wait_for 10 settled 2 && traps 'order(v3)[1] == (2, 1)'
}
test_master_killed() {
    traps_forget
    values '12 5000'
    wait_for 10 settled 1 || return 1
    snmp_env_snmpd_kill KILL
    values '12 5000' '15 5000' # one more while nobody listens, and one that comes and goes
    snapshots 5 || return 1
    values '12 5000' '15 5000' '18 5000'
    snapshots 5 || return 1
    values '12 5000' '15 5000'
    snapshots 5 || return 1
    snmp_env_snmpd_start
    wait_for 15 traps 'len(v2) >= 5 and len(v3) >= 5'
    sentinel || return 1
    # what was cleared within the last minute may have been lost with the session, too
    traps "sorted(order(v2)) == sorted(order(v3)) == [(1, 1), (2, 1), (3, 2), (3, 2), (4, 2), (6, 1), (6, 2)]
        and every(well_formed)" || return 1
    values
    wait_for 10 settled 9 && traps "sorted(order(v2)[7:]) == sorted(order(v3)[7:]) == [(3, 1), (4, 1)]
        and every(well_formed)"
}
test_nothing_twice() { # a stable session: each transition once at each manager
    traps_forget
    values '21 5000' '24 5000'
    wait_for 10 settled 2 && snapshots 20 && sentinel && traps 'len(v2) == len(v3) == 4' || return 1
    values
    wait_for 10 settled 6
}

test_hostile_name() { # well_formed looks at text and name
    traps_forget
    values '6 5000'
    wait_for 10 settled 1 && traps "every(well_formed) and v2[0]['index'] and 'a' in v2[0]['name']"
    local status=$?
    values
    wait_for 10 settled 2 && return $status
}
test_other_root() {
    local other=.1.3.6.1.4.1.8072.9999.9999.1807
    { printf '[snmp]\nroot_oid = %s\n' "${other#.}"; cat "$SNMP_DIR/rules"; } >"$SNMP_DIR/rules.other"
    cp "$SNMP_DIR/rules" "$SNMP_DIR/rules.old"
    mv "$SNMP_DIR/rules.other" "$SNMP_DIR/rules"
    kill -HUP "$(agent_pid)"
    moved() { [[ $(snmp_get "$other.1.3.1.7.3") == *"Gauge32: "* ]]; }
    wait_for 10 moved || return 1
    traps_forget
    values '27 5000'
    TRAPS_ROOT=$other
    wait_for 10 settled 1 && traps "every(well_formed) and v2[0]['resource'] == '$other.1.3.1.2.27'"
    local status=$?
    TRAPS_ROOT=$ROOT
    values
    mv "$SNMP_DIR/rules.old" "$SNMP_DIR/rules"
    kill -HUP "$(agent_pid)"
    wait_for 10 serves && return $status
}

# ---- the whole daemon ----

daemon_rules() { # LEVEL
    printf '%s\n' '[sampling]' 'bpf = no' 'budget_percent = 5' 'dentry_state_interval = 0.2' \
        "socket = $SNMP_DIR/snapshot.sock" '[notify]' 'grace = 0' 'min_interval = 0' \
        '[state]' "folder = $SNMP_DIR/state" '[alarm dentries_total]' "warning = $1" \
        'critical = off' 'raise_after = 0' 'clear_after = 0' >"$SNMP_DIR/daemon.new"
    mv "$SNMP_DIR/daemon.new" "$SNMP_DIR/daemon.conf"
}
daemon_start() {
    snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/daemon.conf" -x "$SNMP_AGENTX"
}
daemon_logged() { grep -q "$1" "$SNMP_DIR/daemon.log"; }
total() { # COUNT SEVERITY
    traps "len([t for t in v2 if (t['kind'], t['severity']) == (6, $2)]) == $1
        and len([t for t in v3 if (t['kind'], t['severity']) == (6, $2)]) == $1"
}
test_arrived() { traps "all([t['severity'] for t in sink if t['kind'] == 15] == [2, 1] for sink in (v2, v3))"; }
# The clear waits for snmpd when the daemon is started again: it is in the state.
test_daemon_restart() {
    end_agent
    mkdir "$SNMP_DIR/state"
    traps_forget
    daemon_rules 1
    daemon_start
    wait_for 15 total 1 2 || { total 1 2; return 1; }
    snmp_env_snmpd_kill KILL
    daemon_rules 1e12
    kill -HUP "${SNMP_PIDS[daemon]}"
    wait_for 10 daemon_logged 'dentries_total cleared' || return 1
    snmp_env_end daemon
    daemon_start
    snmp_env_snmpd_start
    wait_for 20 total 1 1 || { total 1 1; return 1; }
    "$BUILD/bin/dcachemon" test-trap --socket "$SNMP_DIR/snapshot.sock" >/dev/null && wait_for 10 test_arrived
    total 1 1 && total 1 2 && traps 'every(well_formed)'
    local status=$?
    snmp_env_end daemon
    return $status
}

# ---- a burst ----

transitions() { snmp_env_run snmpget -v2c -c public -Oqv -t 2 "$SNMP_ADDRESS" "$ROOT.1.15.2.0"; }
burst_over() { [ "$(transitions)" -ge "$1" ]; }
arrived() { tail -c "+$(($(cat "$SNMP_DIR/$1.from") + 1))" "$SNMP_DIR/$1.traps" | grep -c ^TRAP; }
test_burst() { # the bucket is 20 and 5 a second
    local start slow=0 seconds count
    end_agent
    rules 'min_interval = 0' 'rate = 5' 'burst = 20'
    values
    traps_forget
    start_agent 20 || return 1
    start=$(date +%s%N)
    values 'burst 10000'
    until burst_over 10000; do
        serves || slow=$((slow + 1))
        [ $(($(date +%s%N) - start)) -lt 60000000000 ] || return 1
    done
    count=$(arrived v2) # before the time: others arrive meanwhile
    seconds=$((($(date +%s%N) - start) / 1000000000 + 1))
    echo "# $(transitions) transitions in about $seconds s, $count traps, $slow late answers"
    [ $slow = 0 ] && [ "$count" -gt 0 ] && [ "$count" -le $((20 + 5 * (seconds + 1))) ] || return 1
    # in the end the manager knows what is true: nothing is raised
    wait_for 30 traps "set(last(v2).values()) == {1} and order(v2) == order(v3)" || return 1
    traps "len(set(order(v2))) == len(v2)"
}
test_burst_stopped_master() { # no bucket to speak of, and a master that does not read
    end_agent
    rules 'min_interval = 0' 'rate = 1000' 'burst = 10000'
    values
    traps_forget
    start_agent 20 || return 1
    kill -STOP "${SNMP_PIDS[snmpd]}"
    values 'burst 10000'
    snapshots 150 || return 1
    kill -CONT "${SNMP_PIDS[snmpd]}"
    wait_for 60 burst_over 10000 || return 1
    # How many were told depends on who was quicker, and UDP loses some of such a flood: a few more
    # alarms show that everything still runs, by traps and by informs.
    local i
    for i in $(seq 60); do
        values "9 $((5000 + i))"
        sleep 1
        values
        traps "all(any(5000 < int(t['value']) < 6000 for t in sink) for sink in (v2, v3))" >/dev/null && break
    done
    [ "$i" -lt 60 ] || return 1
    echo "# $(arrived v2) traps, $(arrived v3) informs"
    serves
}
raised() { [[ $(snmp_get "$ROOT.1.15.1.0") == *"Gauge32: 1" ]]; }
test_disabled() {
    end_agent
    { printf '[snmp]\nnotifications = no\n'; cat "$SNMP_DIR/rules"; } >"$SNMP_DIR/rules.off"
    mv "$SNMP_DIR/rules.off" "$SNMP_DIR/rules"
    values '9 5000'
    traps_forget
    start_agent 100 || return 1
    wait_for 10 raised && snapshots 10 && traps 'len(v2) == len(v3) == 0'
}
test_no_report() { ! grep -hE "Sanitizer|runtime error" "$SNMP_DIR/sampler.log" "$SNMP_DIR/daemon.log" >&2; }

traps_prepare
rules 'min_interval = 0'
values
traps_start || { echo "1..0 # SKIP snmptrapd does not start"; exit 1; }
snmp_env_snmpd_start || exit 1
start_agent 100 || exit 1
tap_ok "a raise reaches both managers" test_raise
tap_ok "every variable: name, order, type, value" test_variables
tap_ok "the RowPointer resolves" test_pointer
tap_ok "the variables are instances of the alarm table" test_table_equals_trap
tap_ok "value and threshold are JSON's as numbers, too: raised" test_numbers_raised
tap_ok "a change of severity is a raise" test_severity
tap_ok "the clear has the same variables" test_clear
tap_ok "value and threshold are JSON's as numbers, too: cleared" test_numbers_cleared
tap_ok "no flapping around a level" test_no_flapping
tap_ok "snmpd killed: active alarms are sent again, nothing else twice" test_master_killed
tap_ok "nothing twice on a stable session" test_nothing_twice
tap_ok "a hostile name is safe for shells" test_hostile_name
tap_ok "notifications follow a new root" test_other_root
tap_ok "a clear that waits survives a restart of the daemon" test_daemon_restart
tap_ok "nothing when notifications are off" test_disabled
tap_ok "10,000 transitions stay within the bucket and hold nobody up" test_burst
tap_ok "10,000 transitions while snmpd is stopped" test_burst_stopped_master
tap_ok "no report of a sanitizer" test_no_report
tap_done
