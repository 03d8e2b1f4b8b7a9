#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# needs: chains
# From 1,500 network namespaces to two managers: raise, table, JSON, the end of the agent, clear.
set -u
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/traps.sh
. "$TOP/tests/lib/traps.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"

ROOT=$TRAPS_ROOT
CHAIN=1 LOOKUP=2 TEST=15 # DcmAlarmType
agent_pid() { pgrep -P "${SNMP_PIDS[daemon]}"; }
show() { # the daemon's snapshot, for json
    "$dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/empty.conf" >"$SNMP_DIR/show.json"
}

daemon() {
    live_daemon '[state]' "folder = $SNMP_DIR/state" '[notify]' 'grace = 1' 'min_interval = 0' \
        '[alarm chain_length]' 'raise_after = 3' 'clear_after = 3' '[alarm lookup_latency]' \
        'raise_after = 3' 'clear_after = 3' 'critical = 1' # a busy machine's lookups stay a warning
}
# of NAME: the chain or the lookup of that path, at both managers
told() { # COUNT KIND NAME SEVERITY
    traps "all([len([t for t in sink if (t['kind'], t['name'], t['severity'])
        == ($2, '$3', $4)]) == $1 for sink in (v2, v3)])"
}
net=/proc/sys/net

test_raises() {
    plant netns 1500 || return 1
    wait_for 40 told 1 $CHAIN $net/ipv6 2 && wait_for 20 told 1 $LOOKUP $net/ipv6 2 &&
        wait_for 10 told 1 $CHAIN $net/core 2
}
test_variables() {
    traps "every(well_formed) and every(lambda t: t['kind'] != $CHAIN or 1000 <= float(t['value']) <= 1560
        and t['threshold'] == '1000' and t['resource'].startswith('$ROOT.1.6.1.2.'))" &&
        traps "every(lambda t: t['kind'] != $LOOKUP or float(t['value']) >= 5e-5
            and t['threshold'] in ('0.00005', '0.0005') and t['resource'].startswith('$ROOT.1.8.1.2.'))"
}
test_table_equals_json() {
    local column=$ROOT.1.11.1
    show || return 1
    snmp_env_run snmpbulkwalk -v2c -c public -Onq -t 3 "$SNMP_ADDRESS" $column >"$SNMP_DIR/alarms" || return 1
    python3 - "$SNMP_DIR" "$column" <<'PY'
import json, sys
folder, column = sys.argv[1:]
severities = {"1": "cleared", "2": "warning", "3": "critical"}
rows = {}
for line in open(folder + "/alarms"):
    name, _, value = line.rstrip("\n").partition(" ")
    arc, index = name[len(column) + 1:].split(".")
    rows.setdefault(int(index), {})[int(arc)] = value.strip('"')
snmp = {i: (int(r[2]), severities[r[3]], r[6], r[8], r[9], r[11] == "1") for i, r in rows.items()}
alarms = json.load(open(folder + "/show.json"))["alarms"]
want = {a["index"]: (a["sequence"], a["severity"], a["resource"], f"{a['threshold']:.9f}".rstrip("0").rstrip("."),
                     a["text"], a["test"]) for a in alarms}
if snmp != want or not want:
    print("# snmp", snmp, "json", want)
sys.exit(snmp != want or not want)
PY
}
test_pointers() { # of every active alarm
    local pointer
    snmp_env_run snmpbulkwalk -v2c -c public -Onqv -t 3 "$SNMP_ADDRESS" "$ROOT.1.11.1.5" >"$SNMP_DIR/pointers"
    [ -s "$SNMP_DIR/pointers" ] || return 1
    while read -r pointer; do
        [[ $(snmp_get "$pointer") != *"No Such"* ]] || { echo "# $pointer"; return 1; }
    done <"$SNMP_DIR/pointers"
}
test_trap_marked() {
    "$dcachemon" test-trap --socket "$SNMP_DIR/snapshot.sock" >"$SNMP_DIR/out" || return 1
    wait_for 10 told 1 $TEST test 2 && wait_for 10 told 1 $TEST test 1 &&
        traps "every(lambda t: t['kind'] != $TEST or well_formed(t) and 'test' in t['text'])"
}
test_stable() { traps 'len(set(order(v2))) == len(v2) and len(set(order(v3))) == len(v3)'; }
test_counters() {
    local sent
    sent=$(grep -c "$ROOT.0" "$SNMP_DIR/v2.traps")
    counted() { # a report takes a second or two to be published
        show && json "(d['alarm_status']['sent'], d['alarm_status']['queued']) == ($sent, 0)"
    }
    { wait_for 5 counted || counted; } && json "d['alarm_status']['notifications_enabled'] is True" &&
        [ "$(named dcmNotificationsSent.0)" -ge 5 ] && [ "$(named dcmNotificationsEnabled.0)" = true ]
}
# The agent dies alone, and the namespaces end before it is back.
test_clears() {
    local agent
    agent=$(agent_pid)
    kill -STOP "$agent"
    plant_end
    cleared() { show && json "not [a for a in d['alarms'] if a['type'] == 'chain_length']" >/dev/null; }
    wait_for 40 cleared || return 1
    kill -KILL "$agent"
    wait_for 40 told 1 $CHAIN $net/ipv6 1 && wait_for 20 told 1 $CHAIN $net/core 1 &&
        wait_for 20 told 1 $LOOKUP $net/ipv6 1
}

traps_prepare
live_need_bpf
traps_start && snmp_env_snmpd_start || exit 1
mkdir "$SNMP_DIR/state"
: >"$SNMP_DIR/empty.conf"
daemon || { echo "1..0 # SKIP the daemon does not serve"; exit 1; }
tap_ok "the host is calm" wait_for 90 live_calm
tap_ok "1,500 namespaces raise chain_length and lookup_latency, one trap each at both managers" test_raises
tap_ok "every variable: name, order, type, value" test_variables
tap_ok "active table equals alarms of JSON" test_table_equals_json
tap_ok "every RowPointer resolves" test_pointers
tap_ok "test-trap arrives, marked" test_trap_marked
tap_ok "nothing came twice" test_stable
tap_ok "counters say what was sent" test_counters
tap_ok "the agent killed while the namespaces end: the clears arrive all the same" test_clears
tap_done
