#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 90
# The alarm reclaim_rules, by a daemon that reads what runs of "reclaim --rules" leave in its state
# folder: runs that failed, that were long ago, and one that ends it; in JSON, as rows, as traps.
. "$TOP/tests/lib/snmp_env.sh"
. "$TOP/tests/lib/traps.sh"
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
traps_prepare
snmp_env_snmpd_start || exit 1
traps_start || exit 1

ROOT=$TRAPS_ROOT
dcachemon=$BUILD/bin/dcachemon state=$SNMP_DIR/state sock=$SNMP_DIR/snapshot.sock
mkdir "$state"
write_conf() { # NAME SOCKET
    printf '%s\n' '[sampling]' "socket = $2" 'bpf = no' 'reclaim_interval = 1' '[state]' "folder = $state" \
        '[reclaim]' 'enabled = yes' '[notify]' 'grace = 0' 'min_interval = 0' >"$SNMP_DIR/$1"
}
write_conf conf "$sock"
write_conf nobody.conf "$SNMP_DIR/nobody.sock"
# The last good run, so many seconds ago, and the failures since then.
last_run() { echo "$(($(date +%s) - $1)) $2" >"$state/reclaim.new" && mv "$state/reclaim.new" "$state/reclaim.rules"; }
# snapshot PYTHON: over r (what reclaim has done), a (alarms of the rules) and e (their transitions)
snapshot() {
    "$dcachemon" show --cached --json --socket "$sock" -c "$SNMP_DIR/conf" 2>/dev/null | python3 -c "
import json, sys
j = json.load(sys.stdin)
a, e = ([x for x in j[k] if x['type'] == 'reclaim_rules'] for k in ('alarms', 'events'))
r = j['reclaim']
sys.exit(0 if $1 else 1)"
}
# The severity of the row whose type is reclaimRules(18), and where its resource points.
row() {
    local index
    index=$(snmp_walk "$ROOT.1.11.1.4" | sed -n 's/^.*\.\([0-9]*\) = INTEGER: 18$/\1/p')
    [ -n "$index" ] && snmp_get "$ROOT.1.11.1.3.$index" "$ROOT.1.11.1.5.$index" | tr '\n' ' '
}
shows() { [[ "$(row)" == *"INTEGER: $1 "*"OID: $ROOT.1.18.1.0 "* ]]; }
no_row() { ! row && snmp_get "$ROOT.1.18.18.0" | grep -q Gauge32; }

snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/conf" -x "$SNMP_AGENTX"
tap_ok "before the first run: the age is that of the daemon" wait_for 20 snapshot \
    "r and r['rules_age'] < 60 and r['rules_failed'] == 0"
tap_ok "and no alarm" snapshot "not a and not e"
tap_ok "the rows are served" wait_for 10 no_row

# A run that fails: nobody answers at its socket.
last_run 1000 0
"$dcachemon" reclaim --rules -c "$SNMP_DIR/nobody.conf" >"$SNMP_DIR/failed.out" 2>&1
tap_ok "a run without a daemon fails" test $? = 1
tap_ok "the failure is counted, the age goes on" wait_for 10 snapshot \
    "r['rules_failed'] == 1 and 1000 <= r['rules_age'] < 1100"
tap_ok "warning: a quarter of an hour without a good run" wait_for 10 snapshot \
    "len(a) == 1 and a[0]['severity'] == 'warning' and 1000 <= a[0]['value'] < 1100 and a[0]['threshold'] == 900"
tap_ok "the log says so" grep -qE \
    'reclaim_rules warning: last good run of reclaim --rules was 1[0-9]* seconds ago, at or above 900' "$SNMP_DIR/daemon.log"
tap_ok "its row in dcmAlarmTable, whose resource is dcmReclaim" wait_for 10 shows 2
tap_ok "the age goes on, its value stays that of the transition" wait_for 15 snapshot \
    "r['rules_age'] > a[0]['value'] + 2 and a[0]['value'] == e[-1]['value']"
tap_ok "dcmReclaimRulesFailed" sh -c "[ '$(snmp_get "$ROOT.1.18.19.0" | sed 's/.*: //')' = 1 ]"

last_run 4000 60
tap_ok "critical: an hour" wait_for 10 snapshot "len(a) == 1 and a[0]['severity'] == 'critical' and r['rules_failed'] == 60"
tap_ok "its row" wait_for 10 shows 3

"$dcachemon" reclaim --rules -c "$SNMP_DIR/conf" >"$SNMP_DIR/good.out" 2>&1
tap_ok "a good run ends well" test $? = 0
tap_ok "it clears the alarm" wait_for 10 snapshot "not a and e[-1]['severity'] == 'cleared' and
    r['rules_failed'] == 0 and r['rules_age'] < 60"
tap_ok "the row is gone" wait_for 10 no_row
seen="[t['severity'] for t in sink if t['kind'] == 18]"
tap_ok "managers were told of each" wait_for 10 traps "all($seen == [2, 3, 1] for sink in (v2, v3))"
tap_done
