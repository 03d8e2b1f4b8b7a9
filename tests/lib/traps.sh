# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# Two managers for the tests of notifications, sourced after tests/lib/snmp_env.sh: "v2" receives
# v2c traps, "v3" SNMPv3 informs (authPriv), each a snmptrapd of its own. Call traps_prepare
# before snmpd starts, then traps_start. What arrived lies in $SNMP_DIR/v2.traps and v3.traps.
#
#   traps PYTHON       whether an expression holds for "v2" and "v3": lists of dictionaries with
#                      sequence, severity, kind, resource, name, value, threshold, text, time,
#                      index, raised (bool), oids and types (lists)

TRAPS_ROOT=${TRAPS_ROOT:-.1.3.6.1.4.1.8072.9999.9999.1806}

traps_prepare() {
    SNMP_EXTRA_CONF="trap2sink 127.0.0.1:16201 public
trapsess -v3 -Ci -u informer -l authPriv -a SHA -A authpass12 -x AES -X privpass12 127.0.0.1:16202"
    snmp_env_prepare
    cat >"$SNMP_DIR/v2.conf" <<'CONF'
authCommunity log public
format2 TRAP %V|%v\n
CONF
    cat >"$SNMP_DIR/v3.conf" <<'CONF'
createUser informer SHA authpass12 AES privpass12
authUser log informer priv
format2 TRAP %V|%v\n
CONF
}

# traps_start [v2|v3]: both, or one. Waits until they answer: a trap to nobody is lost, and an inform is
# repeated only a few times.
traps_start() {
    local sink port=16201
    for sink in v2 v3; do
        mkdir -p "$SNMP_DIR/$sink.d"
        echo 0 >"$SNMP_DIR/$sink.from"
        : >"$SNMP_DIR/$sink.traps"
        [ "${1:-$sink}" != $sink ] ||
            snmp_env_spawn $sink env SNMP_PERSISTENT_DIR="$SNMP_DIR/$sink.d" snmptrapd -f -On -Oe \
                -Lf "$SNMP_DIR/$sink.traps" -C -c "$SNMP_DIR/$sink.conf" "udp:127.0.0.1:$port"
        port=$((port + 1))
    done
    for sink in ${1:-v2 v3}; do wait_for 10 grep -q NET-SNMP "$SNMP_DIR/$sink.traps" || return 1; done
}

# What arrived so far is no longer looked at. (snmptrapd goes on where it was in a file cut short.)
traps_forget() {
    local sink
    for sink in v2 v3; do stat -c %s "$SNMP_DIR/$sink.traps" >"$SNMP_DIR/$sink.from"; done
}

traps() { python3 "$TOP/tests/lib/traps.py" "$SNMP_DIR" "$TRAPS_ROOT" "$1"; }
