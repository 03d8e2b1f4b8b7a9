#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# A manager that speaks SNMPv1 only, which has no Counter64: a walk of everything ends, shows what v2c shows but
# for the 64-bit objects, and their 32-bit twins are right; an alarm arrives as a trap of version 1.
set -u
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/traps.sh
. "$TOP/tests/lib/traps.sh"
# shellcheck source=tests/lib/known_agent.sh
. "$TOP/tests/lib/known_agent.sh"

v1() { # TOOL OPTION... OID...
    local tool=$1
    shift
    snmp_env_run "$tool" -v1 -c public -On -Oe -t 3 -r 0 "$SNMP_ADDRESS" "$@"
}
known_get() { v1 snmpget "$1"; }

# ---- values ----

ours() { grep -c "^$KNOWN_ROOT\." "$1"; } # FILE
walks() { v1 snmpwalk -Ox "$KNOWN_ROOT" >"$SNMP_DIR/v1" && [ "$(ours "$SNMP_DIR/v1")" -gt 300 ]; }
# From the first object of snmpd to beyond ours, as a manager does that knows no MIB.
walks_all() {
    v1 snmpwalk -Ox .1 >"$SNMP_DIR/all" || { tail -2 "$SNMP_DIR/all" | sed 's/^/# /'; return 1; }
    [ "$(ours "$SNMP_DIR/all")" = "$(ours "$SNMP_DIR/v1")" ] && ! grep -q Counter64 "$SNMP_DIR/all"
}
twins() {
    snmp_walk -Ox "$KNOWN_ROOT" >"$SNMP_DIR/v2" && known_model &&
        python3 "$TOP/tests/lib/snmp_json.py" twins "$SNMP_DIR/model.json" "$SNMP_DIR/v1" "$SNMP_DIR/v2"
}
# GET of a Counter64 is noSuchName, GETNEXT passes it over (RFC 3584, 4.2.2.1).
counter64() {
    local wide=$KNOWN_ROOT.1.3.1.11 next
    [[ $(v1 snmpget "$wide.3" 2>&1) == *noSuchName* ]] || return 1
    next=$(v1 snmpgetnext "$wide.3") && [[ $next == "$KNOWN_ROOT.1."* && $next != *Counter64* && $next != "$wide."* ]] ||
        { echo "# $next"; return 1; }
}
ends() { # after the last one comes nothing of ours: another's, or the end
    local next
    next=$(v1 snmpgetnext "$(tail -1 "$SNMP_DIR/v1" | cut -d' ' -f1)" 2>&1)
    [[ $next != "$KNOWN_ROOT."* && ($next == *noSuchName* || $next == .1.*) ]]
}

# ---- an alarm ----

old_manager() {
    mkdir -p "$SNMP_DIR/v1.d"
    cat >"$SNMP_DIR/v1.conf" <<'CONF'
authCommunity log old
format1 TRAP %V|%N|%w|%q|%v\n
CONF
    snmp_env_spawn v1 env SNMP_PERSISTENT_DIR="$SNMP_DIR/v1.d" snmptrapd -f -On -Oe -Lf "$SNMP_DIR/v1.traps" -C \
        -c "$SNMP_DIR/v1.conf" udp:127.0.0.1:16203
    wait_for 10 grep -q NET-SNMP "$SNMP_DIR/v1.traps"
}
# As RFC 3584, 3.2, has it: the enterprise is the root, as the last but one of its arcs is 0; then the variables of
# the v2c trap but for its first two.
told() { # ORDER SPECIFIC
    local variables
    wait_for 10 traps "order(v2) == $1" || return 1
    variables=$(grep "^TRAP " "$SNMP_DIR/v2.traps" | sed 's/^TRAP [^|]*|[^|]*|//' | tail -1)
    wait_for 10 last_is "TRAP $KNOWN_ROOT|6|$2|$variables" ||
        { printf '# v2: %s\n# v1: %s\n' "$variables" "$(tail -1 "$SNMP_DIR/v1.traps")"; return 1; }
}
# Of snmptrapd 5.9.3 %q is ".1", where its manual has a number.
last_is() { [ "$(grep '^TRAP ' "$SNMP_DIR/v1.traps" | tail -1 | sed 's/|6|\./|6|/')" = "$1" ]; }
raised() { known_unused 1500 && told '[(1, 2)]' 1; }
cleared() { known_unused 10 && told '[(1, 2), (1, 1)]' 2; }

traps_prepare
echo 'trapsink 127.0.0.1:16203 old' >>"$SNMP_SNMPD_CONF"
traps_start v2 && old_manager && snmp_env_snmpd_start || exit 1
tap_ok "the agent serves" known_tables
tap_ok "the tree is walked" walks
tap_ok "so is everything that snmpd has" walks_all
tap_ok "all but Counter64, whose twins are right" twins
tap_ok "a Counter64 is not there" counter64
tap_ok "the end of ours is no error" ends
tap_ok "the engine of alarms runs" known_alarms
tap_ok "an alarm arrives as a trap of version 1" raised
tap_ok "so does its end" cleared
tap_done
