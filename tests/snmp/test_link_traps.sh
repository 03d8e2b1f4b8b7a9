#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# linkUp and linkDown of a real kernel's interfaces through a real snmpd to a manager.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/traps.sh
. "$TOP/tests/lib/traps.sh"

STATUS=.1.3.6.1.2.1.2.2.1
link() { ip -n "$SNMP_NETNS" link "$@"; }
# One without a peer, so that its status follows at once.
add_plain() { # NAME NUMBER
    link add "$1" type dummy 2>/dev/null ||
        link add "$1" type vxlan id "$2" dstport 4789 local 127.0.0.1 2>/dev/null
}
index_of() { ip netns exec "$SNMP_NETNS" cat "/sys/class/net/$1/ifindex"; }
config() { # [LINE]
    printf '%s\n' '[sampling]' 'bpf = no' 'socket =' '[snmp]' "agentx_socket = $SNMP_AGENTX" '[state]' \
        'folder =' '[notify]' 'rate = 50' '[if_mib]' "$@" >"$SNMP_DIR/dcachemon.conf"
}
start_daemon() { snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"; }
logged() { [ "$(grep -c -- "$1" "$SNMP_DIR/daemon.log")" -ge "$2" ]; } # TEXT TIMES

# The link notifications since the last forget: arc of snmpTraps (3 is linkDown, 4 linkUp), then
# "NAME = VALUE" of each variable.
received() {
    tail -c "+$(($(cat "$SNMP_DIR/v2.from") + 1))" "$SNMP_DIR/v2.traps" | grep ^TRAP |
        sed -n 's/^[^|]*|[^|]*= OID: \.1\.3\.6\.1\.6\.3\.1\.1\.5\.\([34]\)|/\1|/p' | sed 's/|\.1\.3\.6\.1\.6\.3\.1\.1\.4\.3\.0 = [^|]*$//'
}
expected() { # ARC INDEX ADMIN OPER
    echo "$1|$STATUS.1.$2 = INTEGER: $2|$STATUS.7.$2 = INTEGER: $3|$STATUS.8.$2 = INTEGER: $4"
}
arrived() { [ "$(received | wc -l)" -ge "$1" ]; }
# What a manager gets is exactly these, in whatever order: "ARC INDEX ADMIN OPER" each.
exactly() {
    local line
    wait_for 20 arrived $# || { received | sed 's/^/# only /'; return 1; }
    # shellcheck disable=SC2086
    diff <(for line; do expected $line; done | sort) <(received | sort)
}
# An interface comes and goes, its notifications last: whatever went out before has arrived.
sentinel() {
    local sentinel
    sentinel=$(index_of mark)
    link set mark up
    wait_for 20 has "4|$STATUS.1.$sentinel " && link set mark down && wait_for 20 has "3|$STATUS.1.$sentinel "
}
has() { received | grep -qF "$1"; }
with_sentinel() { # "ARC INDEX ADMIN OPER"...: exactly these and those of the sentinel
    sentinel && exactly "$@" "4 $(index_of mark) 1 1" "3 $(index_of mark) 2 2"
    local status=$?
    traps_forget
    return $status
}

test_off() {
    config
    start_daemon
    wait_for 20 logged 'connected to the AgentX master' 1 || return 1
    link set va up
    link set vb up
    link set vb down
    snmp_env_end daemon
    ! logged 'linkUp and linkDown' 1 && [ -z "$(received)" ]
}
both_up() { # the kernel takes up to a second to say so
    [ "$(ip netns exec "$SNMP_NETNS" cat /sys/class/net/{va,vb}/operstate)" = $'up\nup' ]
}
test_start() { # what was so before is not told
    link set vb up
    wait_for 20 both_up || return 1
    config 'link_traps = on'
    start_daemon
    wait_for 20 logged 'linkUp and linkDown are sent for' 1 &&
        wait_for 20 logged 'connected to the AgentX master' 2 && with_sentinel
}
test_admin_down() { # the peer has no carrier then
    link set va down
    with_sentinel "3 $va 2 2" "3 $vb 1 2"
}
test_admin_up() {
    link set va up
    with_sentinel "4 $va 1 1" "4 $vb 1 1"
}
test_carrier() {
    link set vb down
    with_sentinel "3 $va 1 2" "3 $vb 2 2" || return 1
    link set vb up
    with_sentinel "4 $va 1 1" "4 $vb 1 1"
}
test_other_changes() {
    link set va mtu 1400
    link set va alias other
    link set va promisc on
    add_plain quiet 3 && link del quiet
    with_sentinel
}
test_new_and_deleted() {
    add_plain fresh 4
    local index
    index=$(index_of fresh)
    link set fresh up
    wait_for 20 arrived 1 || return 1
    link del fresh
    with_sentinel "4 $index 1 1" "3 $index 2 2"
}
lost() { # the kernel had no room for an event
    ip netns exec "$SNMP_NETNS" awk '$4 == "00000001" && $9 > 0 { lost = 1 } END { exit !lost }' /proc/net/netlink
}
flood() {
    for _ in $(seq 20); do
        seq -f 'link set vb alias %g' 600 | ip -n "$SNMP_NETNS" -batch - && lost && return 0
    done
    return 1
}
test_lost_events() { # a dump tells what they would have
    local gone agent
    add_plain gone 5
    gone=$(index_of gone)
    link set gone up
    wait_for 20 has "4|$STATUS.1.$gone " || return 1
    traps_forget
    agent=$(pgrep -P "${SNMP_PIDS[daemon]}")
    kill -STOP "$agent"
    flood
    local status=$?
    link set steady down
    link del gone
    kill -CONT "$agent"
    [ $status = 0 ] && exactly "3 $(index_of steady) 2 2" "3 $gone 2 2" || return 1
    traps_forget
    link set steady up
    with_sentinel "4 $(index_of steady) 1 1"
}
test_reconnect() { # changed meanwhile: told by the last state
    snmp_env_snmpd_kill KILL
    wait_for 20 logged 'lost the AgentX master' 1 || return 1
    link set steady down
    link set steady up
    link set vb down
    snmp_env_snmpd_start
    with_sentinel "3 $va 1 2" "3 $vb 2 2"
}
test_log() { ! grep -E 'seccomp refused|Sanitizer|runtime error' "$SNMP_DIR/daemon.log" >&2; }

traps_prepare
link add va type veth peer name vb || { echo "1..0 # SKIP no veth interfaces here"; exit 0; }
if ! add_plain mark 1 || ! add_plain steady 2; then
    echo "1..0 # SKIP no dummy or vxlan interfaces here"
    exit 0
fi
link set steady up
va=$(index_of va) vb=$(index_of vb)
traps_start || { echo "1..0 # SKIP snmptrapd does not start"; exit 1; }
snmp_env_snmpd_start || exit 1
tap_ok "off by default" test_off
tap_ok "what is up at the start is not told" test_start
tap_ok "set down: linkDown of it and of its peer, once each" test_admin_down
tap_ok "set up: linkUp of both, once each" test_admin_up
tap_ok "the peer's carrier: admin stays up" test_carrier
tap_ok "other changes are not told" test_other_changes
tap_ok "a new interface, and linkDown when it is deleted" test_new_and_deleted
tap_ok "events that the kernel dropped" test_lost_events
tap_ok "snmpd restarted: the last state is told" test_reconnect
snmp_env_end daemon
tap_ok "no system call was refused, no report of a sanitizer" test_log
tap_done
