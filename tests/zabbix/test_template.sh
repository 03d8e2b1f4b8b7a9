#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 480
# The template for Zabbix in a real server ("make deps-zabbix"): import, discovery, values, and the alarm
# of planted namespaces, as notification and as polled, from its start to its end; items that go on over
# restarts of the daemon and, as it believes, of the host.
set -u
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root for a network namespace"; exit 0; }
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"
# shellcheck source=tests/lib/zabbix_env.sh
. "$TOP/tests/lib/zabbix_env.sh"
template=$TOP/packaging/zabbix/dcachemon-6.0.yaml
# shellcheck disable=SC2034 # of snmp_env.sh
SNMP_EXTRA_CONF="trap2sink 127.0.0.1:16200 public"
root=.1.3.6.1.4.1.8072.9999.9999.1806
planted=900 level=600

leave() {
    [ "$BASHPID" = "$$" ] || return
    [ ${#LIVE_PLANTS[@]} = 0 ] || plant_end
    zabbix_leave
}
or_logs() { "$@" || { zabbix_logs; return 1; }; }
# zabbix_within SECONDS CHECK...: its last reason is seen.
paced() { zabbix "$@" || { sleep 0.5; return 1; }; } # the machine has others to serve
zabbix_within() {
    local seconds=$1
    shift
    wait_for "$seconds" paced "$@" || zabbix "$@" || { zabbix problems; return 1; }
}
# poll_until PART CHECK...: a poll that the server is asked for before it knows the items is lost.
poll_until() {
    local part=$1 try
    shift
    for try in 1 2 3; do
        zabbix poll "$part" || return 1
        wait_for $((10 * try)) paced "$@" && break
    done
    zabbix "$@"
}

# ---- the host ----

# Alarms of chains only: what else the planted namespaces raise is no matter here.
daemon() {
    local lines=() name
    for name in $("$dcachemon" default-config | sed -n 's/^\[alarm \(.*\)\]$/\1/p'); do
        [ "$name" = chain_length ] || lines+=("[alarm $name]" 'enabled = no')
    done
    mkdir -p "$SNMP_DIR/state"
    live_daemon '[state]' "folder = $SNMP_DIR/state" '[notify]' 'grace = 5' 'min_interval = 0' \
        '[alarm chain_length]' "warning = $level" 'critical = off' 'raise_after = 2' 'clear_after = 2' "${lines[@]}"
}
host() {
    # The levels of the triggers, as an administrator sets them.
    # shellcheck disable=SC2016
    zabbix_analyze && zabbix host "${SNMP_ADDRESS%:*}" "${SNMP_ADDRESS#*:}" public '{$DCACHEMON.CHAIN_LENGTH.WARN}'=$level \
        '{$DCACHEMON.CHAIN_LENGTH.CRIT}'=$level || return 1
    zabbix_receiver && daemon &&
        snmp_env_spawn series python3 "$TOP/tests/lib/zabbix.py" "$SNMP_DIR" - series "$SNMP_DIR/snapshot.sock" "$dcachemon"
}
discovers() {
    poll_until discovery discovered superblocks && zabbix_within 20 discovered lookups && zabbix_within 20 discovered sources
}
# Twice, for rates are made of two values.
polls_all() { poll_until '' polled >/dev/null; poll_until '' polled; }

# ---- alarms ----

# The same in a hurry, so that holding times and polls take seconds.
hurry() {
    sed -E 's/delay: "(1m|10m)"/delay: "5s"/; s/,3m\)/,15s)/g; s/,5m\)/,30s)/g' "$template" >"$SNMP_DIR/hurry.yaml"
    ! cmp -s "$template" "$SNMP_DIR/hurry.yaml" && zabbix import "$SNMP_DIR/hurry.yaml"
}
calm() { [ "$(named dcmHashMaxChain.0)" -lt $level ]; }
raises() { wait_for 90 calm && plant netns $planted && zabbix_within 60 problem 2 "$by_trap"; }
test_trap() { "$dcachemon" test-trap --socket "$SNMP_DIR/snapshot.sock" >/dev/null; }
own_end() { # COUNT: of the test alarm, while others go on
    test_trap && zabbix_within 30 solved "$1" 'test alarm raised' && zabbix problem 2 "$by_trap"
}
with_names() { # the receiver, when it knows the MIB
    zabbix_receiver env "${LIVE_ENV[@]}" && test_trap && zabbix_within 30 solved 2 'test alarm raised' &&
        zabbix trap 'DCACHEMON-MIB::dcmAlarmCleared'
}
# What zabbix_trap_receiver.pl, which Debian has not, writes of a raise (1) and its clear (2).
upstream() { # NUMBER
    printf '%s ZBXTRAP 127.0.0.1\nPDU INFO:\n  version                        1\nVARBINDS:\n' "$(date +%Y%m%d.%H%M%S)"
    printf '  %-30s type=%-2d value=%s\n' DISMAN-EVENT-MIB::sysUpTimeInstance 67 'Timeticks: (55) 0:00:00.55' \
        SNMPv2-MIB::snmpTrapOID.0 6 "OID: NET-SNMP-MIB::netSnmpPlaypen.1806.0.$1" \
        NET-SNMP-MIB::netSnmpPlaypen.1806.1.11.1.2.98 66 'Gauge32: 5' \
        NET-SNMP-MIB::netSnmpPlaypen.1806.1.11.1.9.98 4 'STRING: "as upstream has it"'
}
as_upstream() {
    upstream 1 >>"$ZABBIX_TRAPS"
    zabbix_within 30 problem 1 'as upstream has it$' || return 1
    upstream 2 >>"$ZABBIX_TRAPS"
    zabbix_within 30 solved 1 'as upstream has it$'
}
forged() {
    snmp_env_run snmptrap -v2c -c public 127.0.0.1:16200 '' $root.0.1 $root.1.11.1.2.99 u 1 \
        $root.1.11.1.9.99 s $'a\n2026-11-25 20:00:00 ZBXTRAP 127.0.0.9\nb"' &&
        zabbix_within 30 trap 'ZBX_TRAP 127.0.0.9' && ! grep -q 'ZBXTRAP 127.0.0.9' "$ZABBIX_TRAPS"
}
silent() {
    snmp_env_end daemon
    zabbix_within 90 problem 1 'no values from'
}
back() { daemon && zabbix_within 60 solved 1 'no values from'; }
# restarts [COMMAND...]: with that between the end and the start.
restarts() {
    zabbix remember && snmp_env_end daemon && "$@" && daemon && zabbix poll discovery || return 1
    wait_for 60 paced goes_on
    zabbix goes_on || { zabbix problems; return 1; }
}
# What the server says of our items, triggers and notifications beside "no such instance".
no_complaint() {
    ! grep -E 'cannot|failed|invalid|unmatched trap|became not supported' "$SNMP_DIR/server.log" |
        grep -vE 'No Such (Instance|Object)' | grep -E 'dcachemon|trap|trigger' | sed 's/^/# /' | grep .
}

need_zabbix
snmp_env_prepare
zabbix_prepare
trap leave EXIT
live_need_bpf
tap_ok "a database with Zabbix's tables" or_logs zabbix_database
tap_ok "the server runs" or_logs zabbix_server
tap_ok "the front end answers" or_logs zabbix_front_end
[ "$tap_failed" = 0 ] || { tap_done; exit 1; }
snmp_env_snmpd_start || exit 1
tap_ok "the template is imported" zabbix import "$template"
tap_ok "Zabbix exports what stands in the file" zabbix same "$template"
tap_ok "a host with the template" host
tap_ok "every superblock, lookup and source is discovered" discovers
tap_ok "every item has a value" polls_all
tap_ok "but what snmpget has none of" zabbix_within 20 supported
tap_ok "each value is one that the daemon had" zabbix values
tap_ok "no problem is open" zabbix problem 0 '^(?!.*chain)' # which others on this machine may have

by_trap='hash chain of /proc/sys/net/(ipv6|core) has'
polled='warning alarm chainLength \(1\) on .*: /proc/sys/net/(ipv6|core)'
by_level='chain_length is'
tap_ok "the template in a hurry" hurry
tap_ok "$planted namespaces: two notifications, a problem each" raises
tap_ok "which the trap item holds" zabbix trap "$root.0.1|enterprises|8072.9999.9999.1806.0.1"
tap_ok "the two alarms are polled as well" zabbix_within 60 problem 2 "$polled"
tap_ok "and the level of the longest chain, once" zabbix_within 60 problem 1 "$by_level"
tap_ok "as critical, without the warning" zabbix problem 1 "$by_level critical"
tap_ok "the end of another alarm ends no other problem" own_end 1
plant_end
tap_ok "the end of the namespaces ends both problems by notification" zabbix_within 60 solved 2 "$by_trap"
tap_ok "those of the polled alarms" zabbix_within 100 solved 2 "$polled"
tap_ok "and that of the level" zabbix_within 60 solved 1 "$by_level critical"
tap_ok "notifications with names of the MIB count as well" with_names
tap_ok "and those in the form of Zabbix's own receiver" as_upstream
tap_ok "a forged one is no other host's" forged
tap_ok "without the subagent: no values" silent
tap_ok "until it is back" back
tap_ok "after a restart of the daemon history goes on under the names" restarts true
tap_ok "so it does after a restart of the host" restarts live_reboot
tap_ok "the server complains of nothing" no_complaint
zabbix problems
tap_done
