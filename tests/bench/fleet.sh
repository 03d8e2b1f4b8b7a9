#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Many hosts on one machine: fleet.sh BUILD [AGENTS], 200 unless said. Each "host" is a network namespace
# with an snmpd and a dcachemon-snmp of its own; a bridge joins them to one with snmp_exporter and
# snmptrapd. Prints tables for docs/scale.md. Root. Ten minutes for 200; below 100 the storm by a chain,
# which takes minutes whatever their number, is left out (CHAIN=yes or no says otherwise).
set -u
BUILD=$(realpath "$1") AGENTS=${2:-200} TOP=$(realpath "$(dirname "$0")/../..")
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "bench-fleet: needs root for network namespaces" >&2; exit 1; }
# A bridge has 1,023 ports at most.
[[ $AGENTS =~ ^[1-9][0-9]{0,2}$ ]] || { echo "bench-fleet: AGENTS is 1 to 999" >&2; exit 2; }
# In a mount namespace of its own the names of the namespaces and every mount end with the last
# process, even when nobody is left to clean up.
if [ -z "${FLEET_PRIVATE:-}" ]; then
    FLEET_PRIVATE=1 exec unshare -m --propagation private "$0" "$BUILD" "$AGENTS"
fi
. "$TOP/tests/lib/snmp_env.sh"
mkdir -p /run/netns && mount -t tmpfs -o size=1m fleet /run/netns || exit 1

mac() { printf '02:00:00:00:%02x:%02x' $(($1 >> 8)) $(($1 & 255)); }
address() { echo "10.77.$(($1 >> 8)).$(($1 & 255))"; } # the monitoring has number 1
host() { echo "$SNMP_NETNS-$1"; }
numbers() { seq 2 $((AGENTS + 1)); }

# Neighbours are given, not asked for: the kernel holds 1,024 that it learnt itself, over all namespaces.
plug() { # NUMBER NAMESPACE: address, and the neighbours read from standard input
    local n
    echo "link set lo up"
    echo "link set eth0 up"
    echo "address add $(address "$1")/16 dev eth0"
    while read -r n; do
        echo "neighbour add $(address "$n") lladdr $(mac "$n") dev eth0 nud permanent"
    done
}
build_network() {
    local n place
    { echo "netns add $(host hub)"; for n in $(numbers); do echo "netns add $(host "$n")"; done; } | ip -batch - || return 1
    {
        echo "link add bridge type bridge"
        echo "link set bridge up"
        for n in 1 $(numbers); do
            place=$(host "$n")
            [ "$n" != 1 ] || place=$SNMP_NETNS
            echo "link add port$n type veth peer name eth0 address $(mac "$n") netns $place"
            echo "link set port$n master bridge up"
        done
    } | ip -n "$(host hub)" -batch - || return 1
    numbers | plug 1 | ip -n "$SNMP_NETNS" -batch - || return 1
    # A host that looks for IPv6 routers for ever would stand among the packets of the polls.
    for n in $(numbers); do
        echo 1 | plug "$n" | nsenter --net="/run/netns/$(host "$n")" sh -c \
            'echo 0 >/proc/sys/net/ipv6/conf/eth0/router_solicitations; exec ip -batch -' || return 1
    done
}
fleet_stop() {
    local n
    [ "$BASHPID" = "$$" ] || return
    [ -z "${SNMP_PIDS[fleet]:-}" ] || snmp_env_end fleet # with all that it started
    for n in hub $(numbers); do echo "netns del $(host "$n")"; done | ip -force -batch - 2>/dev/null
    snmp_env_stop
}

snmp_env_prepare
trap fleet_stop EXIT
begin=$(date +%s%N)
build_network || { echo "bench-fleet: cannot make the network" >&2; exit 1; }
printf '%d namespaces stand after %d ms\n' "$AGENTS" $((($(date +%s%N) - begin) / 1000000)) >&2
# In the background and waited for, so that a signal to this shell is answered at once.
(PYTHONDONTWRITEBYTECODE=1 snmp_env_exec "$SNMP_DIR/client" "$SNMP_DIR/client" python3 "$TOP/tests/bench/fleet/main.py" \
    --build "$BUILD" --top "$TOP" --folder "$SNMP_DIR" --namespace "$SNMP_NETNS" --agents "$AGENTS" \
    --chain "${CHAIN:-auto}" --bpf "${BPF:-$AGENTS}" --rounds "${ROUNDS:-1}") </dev/null &
SNMP_PIDS[fleet]=$!
wait "${SNMP_PIDS[fleet]}"
status=$?
unset 'SNMP_PIDS[fleet]'
exit $status
