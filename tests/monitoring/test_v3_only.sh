#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# A host and a manager that speak SNMPv3 with authentication and privacy (SHA, AES) and nothing else: the
# whole MIB as JSON has it, and an alarm as an inform.
set -u
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/traps.sh
. "$TOP/tests/lib/traps.sh"
# shellcheck source=tests/lib/known_agent.sh
. "$TOP/tests/lib/known_agent.sh"

UPTIME=.1.3.6.1.2.1.1.3.0
AUTH='authentication phrase' PRIV='privacy phrase'

v3() { # TOOL OPTION... OID...
    local tool=$1
    shift
    snmp_env_run "$tool" -v3 -u reader -l authPriv -a SHA -A "$AUTH" -x AES -X "$PRIV" -On -Oe -t 3 -r 0 "$SNMP_ADDRESS" "$@"
}
known_get() { v3 snmpget "$1"; }
snmp_env_answers() { v3 snmpget $UPTIME; } # in place of the one for communities
# Neither community nor trap sink of v1 and v2c is left.
only_v3() {
    sed -i '/community/d; /^trap2sink/d' "$SNMP_SNMPD_CONF" &&
        printf '%s\n' "createUser reader SHA \"$AUTH\" AES \"$PRIV\"" 'rouser reader priv' >>"$SNMP_SNMPD_CONF"
}

# ---- who may read ----

refused() { # OPTION...: no value, whatever is said instead
    local said
    ! said=$(snmp_env_run snmpget "$@" -On -t 1 -r 0 "$SNMP_ADDRESS" $UPTIME 2>&1) || { echo "# $* reads: $said"; return 1; }
}
others_refused() {
    local user=(-v3 -u reader)
    refused -v1 -c public && refused -v2c -c public && refused "${user[@]}" -l noAuthNoPriv &&
        refused "${user[@]}" -l authNoPriv -a SHA -A "$AUTH" &&
        refused "${user[@]}" -l authPriv -a SHA -A 'another phrase' -x AES -X "$PRIV"
}

# ---- values ----

walked() { v3 snmpbulkwalk -Ox -Cr50 "$KNOWN_ROOT" >"$SNMP_DIR/walk" && v3 snmpwalk -Ox "$KNOWN_ROOT" >"$SNMP_DIR/next"; }
show_cached() {
    : >"$SNMP_DIR/empty.conf"
    "$BUILD/bin/dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/empty.conf" >"$SNMP_DIR/show.json"
}
as_json() { # WALK
    python3 "$TOP/tests/lib/snmp_json.py" values "$SNMP_DIR/model.json" "$1" "$SNMP_DIR/show.json"
}
all_of_json() { known_model && show_cached && as_json "$SNMP_DIR/walk"; }
# The comparison can fail: one number off by one, one text with another letter, one row too few.
notices() {
    local change
    for change in '/\.3\.1\.7\.6 = /s/2000$/2001/' '/\.13\.1\.2\.2 = /s/STRING: \([0-9A-F]\)/STRING: 4/' \
        '/\.3\.1\.[0-9]*\.6 = /d'; do
        sed "$change" "$SNMP_DIR/walk" >"$SNMP_DIR/changed"
        ! cmp -s "$SNMP_DIR/walk" "$SNMP_DIR/changed" || { echo "# $change changes nothing"; return 1; }
        ! as_json "$SNMP_DIR/changed" >"$SNMP_DIR/out" 2>&1 || { echo "# $change is not noticed"; return 1; }
    done
}

# ---- an alarm ----

raised() { known_unused 1500 && wait_for 10 traps 'order(v3) == [(1, 2)]'; }
cleared() { known_unused 10 && wait_for 10 traps 'order(v3) == [(1, 2), (1, 1)]'; }
# What is not acknowledged is sent again after a second.
acknowledged() {
    sleep 3
    traps "order(v3) == [(1, 2), (1, 1)] and all(map(well_formed, v3)) and v3[0]['value'] == '1500'
        and all(t['name'] == '$KNOWN_MOUNT' for t in v3)"
}
stranger() { # OPTION...: a notification of somebody else
    snmp_env_run snmptrap "$@" 127.0.0.1:16202 '' "$KNOWN_ROOT.0.1" "$KNOWN_ROOT.1.11.1.2.9" u 9
}
strangers_ignored() { # the next one of ours is the next one that is seen
    stranger -v2c -c public && stranger -v3 -e 0x8000000001020304 -u informer -l authNoPriv -a SHA -A authpass12 &&
        known_unused 1500 && wait_for 10 traps 'len(v3) > 2' && traps 'order(v3)[2:] == [(2, 2)]'
}

traps_prepare
only_v3
traps_start v3 && snmp_env_snmpd_start || exit 1
tap_ok "nobody else may read" others_refused
tap_ok "the agent serves" known_tables
tap_ok "the whole MIB is walked" walked
tap_ok "by GETNEXT the same" diff -q "$SNMP_DIR/walk" "$SNMP_DIR/next"
tap_ok "all that JSON has, and nothing else" all_of_json
tap_ok "a difference is noticed" notices
tap_ok "the engine of alarms runs" known_alarms
tap_ok "an alarm arrives as an inform" raised
tap_ok "so does its end" cleared
tap_ok "each once, with all its values" acknowledged
tap_ok "what comes without authentication and privacy is dropped" strangers_ignored
tap_done
