#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# The drop-ins for snmpd as they are shipped, with their commented-out variants, on a real snmpd: each
# is taken without a complaint and has its effect.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
PATH=$PATH:/usr/sbin:/sbin
. "$TOP/tests/lib/snmp_env.sh"
folder=$TOP/packaging/snmpd
timeout=.1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2 # nsCacheTimeout of ifTable
SNMP_MODULES=-smux

# variant FILE PATTERN: the drop-in, with the commented-out lines that start with PATTERN in force.
variant() { sed -E "s/^#($2)/\1/" "$folder/$1"; }
restart() { # LINE...: snmpd with these lines and nothing else but an address and a community
    [ -z "${SNMP_PIDS[snmpd]:-}" ] || snmp_env_snmpd_kill KILL
    : >"$SNMP_DIR/snmpd.log"
    printf 'agentaddress udp:%s\nagentXSocket %s\nrocommunity public default .1\n' "$SNMP_ADDRESS" "$SNMP_AGENTX" \
        >"$SNMP_SNMPD_CONF"
    printf '%s\n' "$@" >>"$SNMP_SNMPD_CONF"
    snmp_env_snmpd_start
}
no_complaint() { ! grep -iE 'error|warning|unknown|bad |invalid|missing' "$SNMP_DIR/snmpd.log" | sed 's/^/# /' | grep .; }
v3() { # PROGRAM ARG...: as the user of the credentials
    local program=$1
    shift
    snmp_env_run "$program" -v3 -u dcachemon -l authPriv -a SHA -A 'authentication secret' -x AES -X 'privacy secret' \
        -On -t 3 -r 1 "$SNMP_ADDRESS" "$@" >"$SNMP_DIR/out" 2>&1
}
timeout_is() { [[ $(snmp_get $timeout) == *"INTEGER: $1" ]]; }
refused() { ! "$@" >/dev/null 2>&1; }

command -v snmpset >/dev/null || { echo "1..0 # SKIP no snmpset"; exit 0; }
snmp_env_prepare

complains() { ! no_complaint >/dev/null; }
tap_ok "snmpd starts with a mistake in its configuration" restart 'agentXPerm 0660'
tap_ok "and says so" complains
# A group that every system has, in place of the one that the package makes.
tap_ok "snmpd takes the drop-in for the socket" restart "$(sed '/^agentXPerms/s/agentx$/adm/' "$folder/dcachemon-agentx.conf")"
tap_ok "without a complaint" no_complaint
tap_ok "the group may open the socket, others not" test "$(stat -c %a:%G "$SNMP_AGENTX")" = 660:adm

tap_ok "snmpd takes both kinds of trap sink" restart "$(variant dcachemon-traps.conf 'informsink|trap2sink|trapsess' |
    sed 's/nms\.example\.org/127.0.0.1:16299/')"
tap_ok "without a complaint" no_complaint

tap_ok "snmpd takes the mute by credentials" restart "$(variant dcachemon-mute.conf '(createUser|rwuser) dcachemon')"
tap_ok "without a complaint" no_complaint
tap_ok "a SET with the credentials passes" v3 snmpset $timeout i 900
tap_ok "and has its effect" timeout_is 900
tap_ok "but nothing else can be set with them" refused v3 snmpset .1.3.6.1.2.1.1.6.0 s x
tap_ok "nor without them" refused snmp_env_run snmpset -v2c -c public -t 1 -r 0 "$SNMP_ADDRESS" $timeout i 5
tap_ok "nor as that user without keys" refused snmp_env_run snmpset -v3 -u dcachemon -l noAuthNoPriv -t 1 -r 0 \
    "$SNMP_ADDRESS" $timeout i 5
tap_ok "it is as it was" timeout_is 900

# The module of this build; that its rows are right is for tests/snmp.
tap_ok "snmpd takes the module" restart "$(sed "s|^dlmod.*|dlmod dcachemon $BUILD/lib/snmpd/dcachemon.so|" "$folder/dcachemon-module.conf")"
tap_ok "without a complaint" no_complaint
tap_ok "and says what it does" grep -q 'only when asked for it' "$SNMP_DIR/snmpd.log"

# Every 2 s instead of every minute.
tap_ok "snmpd takes the mute by itself" restart "$(variant dcachemon-mute.conf '(createUser|iquerySecName|rwuser) iqw|iquerySecName|setEvent|monitor' |
    sed 's/-r 60/-r 2/')"
tap_ok "without a complaint" no_complaint
tap_ok "and sets the time" wait_for 40 timeout_is 900
tap_ok "nobody from outside can" refused snmp_env_run snmpset -v3 -u iqw -l noAuthNoPriv -t 1 -r 0 "$SNMP_ADDRESS" $timeout i 5
tap_ok "so it stays" timeout_is 900
tap_done
