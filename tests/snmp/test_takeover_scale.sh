#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# needs: chains
# long: only
# Taken-over tables of 60 interfaces among 1,500 live namespaces that share one hash chain: nothing walks a path
# below /proc/sys/net, nothing grows from polling, values are those of cat. Then interfaces that change while
# they are polled, and few descriptors. NAMESPACES and SECONDS_TRACED make it shorter or longer.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/live.sh
. "$TOP/tests/lib/live.sh"
NAMESPACES=${NAMESPACES:-1500} SECONDS_TRACED=${SECONDS_TRACED:-15}
SNMP_MODULES=-smux
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
command -v strace >/dev/null || { echo "1..0 # SKIP no strace here"; exit 0; }

IF=.1.3.6.1.2.1.2.2.1 V4=.1.3.6.1.2.1.4.28.1 V6=.1.3.6.1.2.1.4.30.1 UPTIME=.1.3.6.1.2.1.1.3.0
in_net() { ip netns exec "$SNMP_NETNS" "$@"; }
index_of() { in_net cat "/sys/class/net/$1/ifindex"; }
muted() { snmp_get .1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2 | grep -q 'INTEGER: 900'; }
served() { [[ $(snmp_getnext $V4) == $V4.* ]]; }
settled() { ! ip -n "$SNMP_NETNS" -6 addr | grep -q tentative; }
sampler() { echo "${SNMP_PIDS[subagent]}"; }
family() { # a process and its descendants
    local child
    echo "$1"
    for child in $(pgrep -P "$1"); do family "$child"; done
}
fds() { find "/proc/$(sampler)/fd" -mindepth 1 | wc -l; }
dentries() { cut -f1 /proc/sys/fs/dentry-state; }
kilobytes() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }

snmp_env_prepare
for n in {1..29}; do
    echo "link add va$n type veth peer name vb$n"
    echo "link set va$n up"
    echo "link set vb$n up"
    echo "addr add 10.7.$n.1/24 dev va$n"
done | ip -n "$SNMP_NETNS" -batch - || exit 1
ip -n "$SNMP_NETNS" link add br0 type bridge
wait_for 20 settled
in_net sh -c 'cd /proc/sys/net && echo 1234 >ipv4/neigh/va3/retrans_time_ms &&
    echo 4321 >ipv6/neigh/va4/base_reachable_time_ms && echo 1 >ipv6/conf/va5/forwarding'
printf 'community = private\n' >"$SNMP_DIR/credentials"
chmod 600 "$SNMP_DIR/credentials"
cat >"$SNMP_DIR/dcachemon.conf" <<CONF
[sampling]
socket = $SNMP_DIR/snapshot.sock
bpf = no
lookups_interval = 2
[state]
folder =
[snmp]
agentx_socket = $SNMP_AGENTX
[if_mib]
takeover = on
mute_address = udp:$SNMP_ADDRESS
mute_credentials = $SNMP_DIR/credentials
CONF
snmp_env_snmpd_start || exit 1
snmp_env_spawn subagent "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"
tap_ok "taken over and muted" wait_for 20 muted
# The timer of three seconds that ran when the mute came still ends with one load.
last_load=$((SECONDS + 8))
last_load_done() { [ "$SECONDS" -ge "$last_load" ]; }

# ---- values ----
inside() { # "COLUMN.INDEX VALUE" of every sysctl file, as cat shows it
    in_net sh -c '
        cd /proc/sys/net
        for i in $(ls /sys/class/net); do
            n=$(cat /sys/class/net/$i/ifindex)
            ! ip -4 -o addr show dev $i | grep -q inet || echo "$0.4.$n $(cat ipv4/neigh/$i/retrans_time_ms)"
            ip -6 -o addr show dev $i | grep -q inet6 || continue
            echo "$1.6.$n $(cat ipv6/neigh/$i/base_reachable_time_ms)"
            echo "$1.7.$n $(cat ipv6/neigh/$i/retrans_time_ms)"
            echo "$1.8.$n $((2 - $(cat ipv6/conf/$i/forwarding)))"
        done' $V4 $V6 | sort
}
polled() {
    for table in $V4.4 $V6.6 $V6.7 $V6.8; do snmp_walk $table; done |
        sed 's/ = [^:]*: / /; s/(\([0-9]*\))/\1/' | awk '{ print $1, $NF }' | sort
}
values_equal() {
    inside >"$SNMP_DIR/inside"
    polled >"$SNMP_DIR/polled"
    [ "$(wc -l <"$SNMP_DIR/inside")" -ge "$1" ] && cmp -s "$SNMP_DIR/inside" "$SNMP_DIR/polled"
}
test_values() { # AT LEAST
    wait_for 15 values_equal "$1" || { diff "$SNMP_DIR/inside" "$SNMP_DIR/polled" | sed 's/^/# /' | head -20; false; }
}

# ---- no walks, no growth ----
poll_once() {
    for table in $IF.2 $IF.10 $V4 $V6; do snmp_walk $table >/dev/null 2>&1; done
}
# The lookup probes go to the three folders themselves, and are left aside.
walks() { grep -E '"(/proc/sys/)?net/[^"/]+/[^"]|"/proc/sys/net/[^"/]+/[^"]|</proc/sys/net[^>]*>, "[^"]' "$1"; }
test_no_walks() {
    local args=() pid tracer n answered=0 before least=
    for pid in "${SNMP_PIDS[snmpd]}" $(family "$(sampler)"); do args+=(-p "$pid"); done
    (exec timeout "$SECONDS_TRACED" strace -f -y -qq -e trace=file -o "$SNMP_DIR/strace" "${args[@]}") 2>/dev/null &
    tracer=$!
    wait_for 5 grep -q 'TracerPid:[^0-9]*[1-9]' "/proc/${SNMP_PIDS[snmpd]}/status"
    for n in {1..12}; do snmp_get $UPTIME >/dev/null 2>&1 && answered=$((answered + 1)); done
    # Whole periods, some of them without the tracer where each takes long.
    polls=0 traced=0
    until pid_gone $tracer && [ "$polls" -ge 50 ]; do
        before=$(dentries)
        for n in {1..10}; do
            poll_once
            pid_gone $tracer || traced=$((traced + 1))
        done
        polls=$((polls + 10)) before=$(($(dentries) - before))
        [ -n "$least" ] && [ "$before" -ge "$least" ] || least=$before
        sleep 1
    done
    wait $tracer
    growth=$least
    echo "# $answered of 12 GETs, $((traced * 4)) walks, $(wc -l <"$SNMP_DIR/strace") calls with paths traced"
    walks "$SNMP_DIR/strace" | head -5 | sed 's/^/# /'
    [ "$answered" = 12 ] && [ "$traced" -ge 3 ] && ! walks "$SNMP_DIR/strace" | grep -q .
}
# All of the machine is counted, and each poll starts processes. A path walked anew per poll would be
# 10 polls x 60 interfaces x 4 files in each of the periods.
test_no_growth() {
    echo "# nr_dentry in the quietest 10 polls: $growth"
    [ "$growth" -lt 2400 ]
}
chain_is_real() {
    "$dcachemon" show --fresh --json >"$SNMP_DIR/show.json" &&
        json "any(c['length'] >= $NAMESPACES and c['parent'] == '/proc/sys/net' for c in d['chains'])"
}
plant netns "$NAMESPACES" || { echo "Bail out! cannot plant $NAMESPACES namespaces"; exit 1; }
if "$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1; then
    tap_ok "$NAMESPACES live namespaces are one chain below /proc/sys/net" chain_is_real
else
    tap_skip "$NAMESPACES live namespaces are one chain" "no BPF here"
fi
poll_once
tap_ok "values equal cat: 29 of IPv4, 177 of IPv6" test_values 206
full=$(fds)
wait_for 10 last_load_done
tap_ok "$SECONDS_TRACED s of polling: every GET answered, no path below /proc/sys/net walked" test_no_walks
tap_ok "polling does not make dentries" test_no_growth
tap_ok "polling does not make descriptors ($full)" test "$(fds)" -le $((full + 2))
in_net sh -c 'cd /proc/sys/net && echo 99 >ipv4/neigh/va3/retrans_time_ms && echo 0 >ipv6/conf/va5/forwarding'
tap_ok "changed values follow" test_values 206

# ---- interfaces that change while they are polled ----
poller() { while :; do snmp_walk .1.3.6.1.2.1.2.2 >/dev/null || echo failed; done; }
poller >"$SNMP_DIR/poller" 2>&1 &
poller=$!
has() { [[ $(snmp_get "$IF.$1") == *" $2" ]]; }
down() { has "7.$1" 'INTEGER: 2' && has "8.$1" 'INTEGER: 2'; }
ip -n "$SNMP_NETNS" link add moving type veth peer name staying
ip -n "$SNMP_NETNS" link set moving up
ip -n "$SNMP_NETNS" link set staying up
moving=$(index_of moving) staying=$(index_of staying)
tap_ok "a new interface has a row" wait_for 15 has "2.$moving" 'STRING: "moving"'
ip -n "$SNMP_NETNS" link set moving down
ip -n "$SNMP_NETNS" link set moving name renamed
ip -n "$SNMP_NETNS" link set renamed up
tap_ok "renamed while polled: the new name" wait_for 15 has "2.$moving" 'STRING: "renamed"'
wait_for 10 settled
tap_ok "and its values" test_values 210
ip netns add "$SNMP_NETNS-x"
ip -n "$SNMP_NETNS" link set renamed netns "$SNMP_NETNS-x"
tap_ok "moved to another namespace while polled: a row that is down" wait_for 15 down "$moving"
ip netns del "$SNMP_NETNS-x"
tap_ok "its peer is deleted with that namespace while polled" wait_for 15 down "$staying"
tap_ok "no values of what is gone" test_values 206
kill $poller
wait $poller 2>/dev/null
tap_ok "all walks meanwhile were answered" test ! -s "$SNMP_DIR/poller"
few_left() { [ "$(fds)" -le $((full + 2)) ]; }
tap_ok "no descriptors of what is gone" wait_for 15 few_left

# ---- few descriptors ----
more() { # 20 more interfaces need 80 files
    for n in {41..50}; do
        echo "link add vc$n type veth peer name vd$n"
        echo "link set vc$n up"
        echo "link set vd$n up"
        echo "addr add 10.7.$n.1/24 dev vc$n"
        echo "addr add 10.8.$n.1/24 dev vd$n"
    done | ip -n "$SNMP_NETNS" -batch -
    wait_for 20 settled
}
rows_of_all() { [ "$(snmp_walk $IF.2 | wc -l)" -ge 80 ]; }
twelve() { for n in {1..12}; do snmp_get $UPTIME >/dev/null || return 1; done; }
before=$(kilobytes "$(sampler)")
soft=$(prlimit --pid "$(sampler)" --nofile --output SOFT --noheadings)
prlimit --pid "$(sampler)" --nofile=$(($(fds) + 8)):
more
tap_ok "EMFILE: rows of 20 more interfaces all the same" wait_for 20 rows_of_all
tap_ok "EMFILE: 12 of 12 GETs" twelve
sleep 4
tap_ok "EMFILE: the same sampler, no more descriptors" test "$(fds)" -le $((full + 10))
prlimit --pid "$(sampler)" --nofile="${soft// /}:"
tap_ok "afterwards all values equal cat" test_values 286
echo "# resident kB of the sampler: $before, $(kilobytes "$(sampler)")"
grep ': error:' "$SNMP_DIR/subagent.log" | sed 's/^/# /'
plant_end
tap_done
