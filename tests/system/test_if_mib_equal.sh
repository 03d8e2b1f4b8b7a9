#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# ifNumber, ifTable and ifXTable of 40 interfaces of mixed kinds: what our sampler and value code say is
# what Debian's snmpd says, row by row and column by column. In mount and network namespaces of its
# own; differences that are meant stand in docs/if-mib.md and in the filter below.
TOP=${TOP:-$PWD} BUILD=${BUILD:-$PWD/build}
export TOP BUILD
if [ "$(id -u)" != 0 ] || ! command -v snmpd >/dev/null; then
    echo "1..0 # SKIP needs root and snmpd"
    exit 0
fi
if [ -z "${DCM_UNSHARED:-}" ]; then
    DCM_UNSHARED=1 exec unshare -m --propagation private "$BASH" "$0" "$@"
fi
. "$TOP/tests/lib/tap.sh"
export MIBS='' MIBDIRS=$tmp SNMP_PERSISTENT_DIR=$tmp/persistent
mkdir -p /run/netns
mount -t tmpfs -o mode=755 netns /run/netns && mount --make-private /run/netns || exit 1
on_exit 'umount -l /run/netns'
ip netns add side
on_exit 'ip netns del side'
in_side() { ip netns exec side "$@"; }

# ---- 40 interfaces, as far as the kernel has the kinds ----
kinds= net=0
works() { case " $kinds " in *" $1 "*) ;; *) kinds="$kinds $1" ;; esac; }
link() { # KIND ARGS...
    local kind=$1
    shift
    ip -n side link add "$@" 2>>"$tmp/kinds" && works "$kind"
}
ip -n side link set lo up
for n in 1 2 3 4 5 6 7 8; do link veth "va$n" type veth peer name "vb$n"; done
for n in 1 2 3 4; do link bridge "br$n" type bridge; done
for n in 1 2 3; do link macvlan "mv$n" link va1 type macvlan; done
for n in 1 2 3; do link vxlan "vx$n" type vxlan id "$n" dstport 4789 local 10.0.0.1; done
for n in 1 2; do link ifb "ifb$n" type ifb; done
for n in 1 2; do link dummy "dummy$n" type dummy; done
for n in 10 20; do link vlan "va2.$n" link va2 type vlan id "$n"; done
link sit sit9 type sit remote 10.0.0.9 local 10.0.0.1
link ipip ipip9 type ipip remote 10.0.0.9 local 10.0.0.1
link gre gre9 type gre remote 10.0.0.9 local 10.0.0.1
link ip6tnl tnl9 type ip6tnl remote ::1
link bond bond9 type bond
link vrf vrf9 type vrf table 9
link wireguard wg9 type wireguard
for n in 1 2; do
    in_side ip tuntap add dev "tun$n" mode tun 2>/dev/null && works tun
    in_side ip tuntap add dev "tap$n" mode tap 2>/dev/null && works tap
done
n=9
while [ "$(in_side ls /sys/class/net | wc -l)" -lt 40 ]; do
    link veth "va$n" type veth peer name "vb$n" || break
    n=$((n + 1))
done
for i in va1 vb1 va2 vb2 va3 br1 br2 mv1 vx1 ifb1 tun1 tap1 sit9 gre9 bond9; do
    ip -n side link set "$i" up 2>/dev/null
done
ip -n side link set vb3 master br1
ip -n side link set br2 promisc on
ip -n side link set va4 mtu 1280
ip -n side link set va5 address 02:00:00:00:00:00
ip -n side link set va6 mtu 9000 up
for i in va1 br1 mv1 vx1 tun1; do
    net=$((net + 1))
    ip -n side addr add "10.7.$net.1/24" dev "$i" 2>/dev/null
done
ip -n side addr add 10.8.1.1/24 dev va2 label va2:1
echo "# kinds:$kinds"
settled() { ! ip -n side -6 addr | grep -q tentative; }
wait_for 10 settled
in_side ping -q -c 3 -i 0.2 127.0.0.1 >/dev/null 2>&1

# ---- both sides ----
cat >"$tmp/snmpd.conf" <<EOF
rocommunity public 127.0.0.1
agentaddress udp:127.0.0.1:161
EOF
# Not through the function: ip(8) then becomes snmpd under the number that is ended below.
ip netns exec side snmpd -f -Lf "$tmp/log" -C -c "$tmp/snmpd.conf" -p "$tmp/pid" -I -smux \
    >/dev/null 2>&1 &
snmpd=$!
on_exit "kill $snmpd; wait $snmpd"
walk() { in_side snmpbulkwalk -v2c -c public -On -Ox -Ot 127.0.0.1 "$1"; }
answers() { [ "$(walk 1.3.6.1.2.1.2.1 | wc -l)" = 1 ]; }
check "snmpd answers" wait_for 10 answers
# Its packets without multicast are right from its second load on, 3 s after the first.
second_load() { walk 1.3.6.1.2.1.31.1.1.1.7 | grep -q 'Counter64: [1-9]'; }
check "snmpd has loaded twice" wait_for 15 second_load

theirs() { walk 1.3.6.1.2.1.2.1; walk 1.3.6.1.2.1.2.2; walk 1.3.6.1.2.1.31.1.1; walk 1.3.6.1.2.1.31.1.5; }
ours() { "$BUILD/tests/lib/if_mib_dump" /run/netns/side ifNumber ifTable ifXTable ifTableLastChange; }
# The walk itself makes traffic on lo, and snmpd's answers are up to 3 s old: the counters of lo
# are compared as a range, everything else exactly.
is_lo_counter='^\.1\.3\.6\.1\.2\.1\.(2\.2\.1\.1[0-9]|31\.1\.1\.1\.([2-9]|1[0-3]))\.1 '
compare() {
    ours >"$tmp/before"
    theirs >"$tmp/theirs"
    sleep 3.2
    theirs >"$tmp/theirs"
    ours >"$tmp/ours"
    grep -vE "$is_lo_counter" "$tmp/ours" >"$tmp/ours.cmp"
    grep -vE "$is_lo_counter" "$tmp/theirs" >"$tmp/theirs.cmp"
    diff "$tmp/theirs.cmp" "$tmp/ours.cmp" >"$tmp/diff"
}
# Neighbour discovery may move a counter between the two walks: three tries.
for try in 1 2 3; do compare && break; done
if [ -s "$tmp/diff" ]; then
    fail "every row and column is equal to snmpd's" "$tmp/diff"
else
    pass "every row and column is equal to snmpd's: $(wc -l <"$tmp/ours.cmp") values"
fi
rows=$(grep -c '^\.1\.3\.6\.1\.2\.1\.2\.2\.1\.1\.' "$tmp/ours")
check "$rows interfaces, 40 wanted" test "$rows" -ge 40
check "40 columns of each: no more, no less" \
    test "$(grep -cE '^\.1\.3\.6\.1\.2\.1\.(2\.2|31\.1\.1)\.' "$tmp/ours")" = $((rows * 40))
between() { # of lo: before <= theirs <= ours
    join <(grep -E "$is_lo_counter" "$tmp/before" | awk '{ print $1, $NF }' | sort) \
        <(grep -E "$is_lo_counter" "$tmp/theirs" | awk '{ print $1, $NF }' | sort) |
        join - <(grep -E "$is_lo_counter" "$tmp/ours" | awk '{ print $1, $NF }' | sort) |
        awk '{ n++; if ($2 > $3 || $3 > $4) { print; bad = 1 } } END { exit bad || n != 22 }'
}
check "22 counters of lo lie within the traffic of the moment" between

# ---- IP-MIB: Debian's snmpd is built without these tables, so cat is the witness ----
"$BUILD/tests/lib/if_mib_dump" /run/netns/side ipv4InterfaceTable ipv6InterfaceTable >"$tmp/ip"
ip_expected() {
    local i index
    for i in $(in_side ls /sys/class/net); do
        index=$(in_side cat "/sys/class/net/$i/ifindex")
        if ip -n side -4 addr show dev "$i" | grep -q inet; then
            echo ".1.3.6.1.2.1.4.28.1.4.$index = Gauge32: $(in_side cat "/proc/sys/net/ipv4/neigh/$i/retrans_time_ms")"
        fi
        if ip -n side -6 addr show dev "$i" | grep -q inet6; then
            echo ".1.3.6.1.2.1.4.30.1.6.$index = Gauge32: $(in_side cat "/proc/sys/net/ipv6/neigh/$i/base_reachable_time_ms")"
            echo ".1.3.6.1.2.1.4.30.1.7.$index = Gauge32: $(in_side cat "/proc/sys/net/ipv6/neigh/$i/retrans_time_ms")"
            echo ".1.3.6.1.2.1.4.30.1.8.$index = INTEGER: $((2 - $(in_side cat "/proc/sys/net/ipv6/conf/$i/forwarding")))"
        fi
    done | sort
}
ip_expected >"$tmp/ip.expected"
grep -E '\.4\.(28\.1\.4|30\.1\.[678])\.' "$tmp/ip" | sort >"$tmp/ip.ours"
check "ipv4- and ipv6InterfaceTable equal cat: $(wc -l <"$tmp/ip.ours") values" \
    diff "$tmp/ip.expected" "$tmp/ip.ours"
check "there are such rows" test "$(wc -l <"$tmp/ip.ours")" -gt 20
done_testing
