# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the tests of taken-over interface tables share: interfaces in the namespace of snmp_env.sh,
# requests whose answers are compared with stock snmpd's, and which side answers. Source it after
# snmp_env.sh.

TABLES='.1.3.6.1.2.1.2.1 .1.3.6.1.2.1.2.2 .1.3.6.1.2.1.31.1.1 .1.3.6.1.2.1.31.1.5'
TIMEOUT=.1.3.6.1.4.1.8072.1.5.3.1.2.1.3.6.1.2.1.2.2
ALIAS_OF=.1.3.6.1.2.1.31.1.1.1.18

timeout_is() { [ "$(snmp_get "$TIMEOUT")" = "$TIMEOUT = INTEGER: $1" ]; }
taken_over() { # only our rows show the kernel's alias
    [ "$(snmp_get "$ALIAS_OF.$marked")" = "$ALIAS_OF.$marked = STRING: \"ours\"" ]
}
stock() { [ "$(snmp_get "$ALIAS_OF.$marked")" = "$ALIAS_OF.$marked = \"\"" ]; }
sanitized() { nm -D "$1" | grep -q ' U __asan_init'; } # FILE: built with AddressSanitizer
unsanitized() { # FILE TEXT COMMAND...: a test that waits for half a minute, once in CI
    if sanitized "$1"; then tap_skip "$2" "takes half a minute: without sanitizers only"; else tap_ok "${@:2}"; fi
}
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# Kinds as far as the kernel has them; waits until they are settled.
make_interfaces() {
    local n
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17; do
        ip -n "$SNMP_NETNS" link add "va$n" type veth peer name "vb$n" 2>/dev/null
    done
    for n in 1 2 3 4; do ip -n "$SNMP_NETNS" link add "br$n" type bridge 2>/dev/null; done
    for n in 10 20; do ip -n "$SNMP_NETNS" link add "va2.$n" link va2 type vlan id $n 2>/dev/null; done
    for n in 1 2; do ip -n "$SNMP_NETNS" link add "dummy$n" type dummy 2>/dev/null; done
    for n in 1 2 3; do ip -n "$SNMP_NETNS" link add "vx$n" type vxlan id $n dstport 4789 local 10.0.0.1 2>/dev/null; done
    ip -n "$SNMP_NETNS" link add sit9 type sit remote 10.0.0.9 local 10.0.0.1 2>/dev/null
    ip -n "$SNMP_NETNS" link add ipip9 type ipip remote 10.0.0.9 local 10.0.0.1 2>/dev/null
    for n in va1 vb1 va2 vb2 br1 vx1 sit9; do ip -n "$SNMP_NETNS" link set $n up 2>/dev/null; done
    for n in 1 2 3; do ip -n "$SNMP_NETNS" addr add "10.7.$n.1/24" dev "va$n"; done
    ip -n "$SNMP_NETNS" link set va4 mtu 1280
    ip -n "$SNMP_NETNS" link set br2 promisc on
    # Which side answers: marked has an alias, which 5.9.3 does not show.
    marked=$(ip netns exec "$SNMP_NETNS" cat /sys/class/net/va14/ifindex)
    ip -n "$SNMP_NETNS" link set va14 alias ours
    wait_for 10 settled
}
settled() { ! ip -n "$SNMP_NETNS" -6 addr | grep -q tentative; }
# snmpd's packets without multicast are right from its second load on.
second_load() { snmp_walk .1.3.6.1.2.1.31.1.1.1.7 | grep -q 'Counter64: [1-9]'; }

walk_tables() { for t in $TABLES; do snmp_walk "$t"; done; }
# The alias is the mark.
comparable() { grep -vF "$ALIAS_OF.$marked "; }
counters='^\.1\.3\.6\.1\.2\.1\.(2\.2\.1\.1[0-9]|31\.1\.1\.1\.([2-9]|1[0-3]))\.[0-9]+ '
# The walks move the counters of lo, neighbour discovery those of the others: not back, and not by
# more than a moment's traffic. All else is equal.
counters_moved_little() {
    join <(grep -E "$counters" "$SNMP_DIR/stock" | awk '{ print $1, $NF }' | sort) \
        <(grep -E "$counters" "$SNMP_DIR/ours" | awk '{ print $1, $NF }' | sort) |
        awk '$3 < $2 || $3 - $2 > 2e6 { print "# " $0; bad = 1 } { n++ } END { exit bad || n < 40 * 22 }'
}
# What stock snmpd says, before anything of ours is there.
remember_stock() {
    wait_for 15 second_load
    walk_tables | comparable >"$SNMP_DIR/stock"
    odd_requests >"$SNMP_DIR/stock.odd"
}
test_equal() {
    walk_tables | comparable >"$SNMP_DIR/ours"
    diff <(grep -vE "$counters" "$SNMP_DIR/stock") <(grep -vE "$counters" "$SNMP_DIR/ours") >"$SNMP_DIR/diff"
    echo "# $(wc -l <"$SNMP_DIR/ours") values of $(grep -cF '.1.3.6.1.2.1.2.2.1.1.' "$SNMP_DIR/ours") interfaces"
    [ ! -s "$SNMP_DIR/diff" ] && [ "$(grep -cF '.1.3.6.1.2.1.2.2.1.1.' "$SNMP_DIR/ours")" -ge 40 ] ||
        { sed 's/^/# /' "$SNMP_DIR/diff" | head -20; return 1; }
    diff <(cut -d' ' -f1 "$SNMP_DIR/stock") <(cut -d' ' -f1 "$SNMP_DIR/ours") && counters_moved_little
}
# Names between, before and behind rows, and beyond columns; several in one request.
odd_requests() {
    local name i last=$((marked + 1000000))
    for name in .1.3.6.1.2.1.2 .1.3.6.1.2.1.2.1 .1.3.6.1.2.1.2.1.0 .1.3.6.1.2.1.2.2 .1.3.6.1.2.1.2.2.1.0 \
        .1.3.6.1.2.1.2.2.1.4 .1.3.6.1.2.1.2.2.1.4.0 .1.3.6.1.2.1.2.2.1.4.1.0 ".1.3.6.1.2.1.2.2.1.4.$last" \
        .1.3.6.1.2.1.2.2.1.3.4294967294 ".1.3.6.1.2.1.2.2.1.22.$last" .1.3.6.1.2.1.2.2.1.23 .1.3.6.1.2.1.2.2.2 \
        ".1.3.6.1.2.1.31.1.1.1.1.$last" .1.3.6.1.2.1.31.1.1.1.13.99999 .1.3.6.1.2.1.31.1.1.1.14.1; do
        snmp_getnext "$name"
    done
    for i in 1 2 3 4 5; do snmp_get ".1.3.6.1.2.1.2.2.1.$i.1" ".1.3.6.1.2.1.2.2.1.$i.$marked" .1.3.6.1.2.1.1.8.0; done
    snmp_getnext .1.3.6.1.2.1.2.2.1.1 .1.3.6.1.2.1.2.2.1.3.1 .1.3.6.1.2.1.1.8 .1.3.6.1.2.1.31.1.1.1.1.1
    snmp_get ".1.3.6.1.2.1.2.2.1.2.$last" .1.3.6.1.2.1.2.2.1.4.1.1 2>&1
    snmp_env_run snmpbulkget -v2c -c public -On -Oe -Cn1 -Cr7 "$SNMP_ADDRESS" \
        .1.3.6.1.2.1.2.1 .1.3.6.1.2.1.2.2.1.3 .1.3.6.1.2.1.2.2.1.4.5 .1.3.6.1.2.1.31.1.1.1.1
}
test_odd() {
    odd_requests >"$SNMP_DIR/ours.odd"
    echo "# $(wc -l <"$SNMP_DIR/ours.odd") answers"
    diff "$SNMP_DIR/stock.odd" "$SNMP_DIR/ours.odd" | sed 's/^/# /'
    [ "${PIPESTATUS[0]}" = 0 ] && [ "$(wc -l <"$SNMP_DIR/ours.odd")" -ge 50 ]
}
test_new_interface() {
    local index
    ip -n "$SNMP_NETNS" link add fresh type bridge
    index=$(ip netns exec "$SNMP_NETNS" cat /sys/class/net/fresh/ifindex)
    fresh_row() { [[ $(snmp_get ".1.3.6.1.2.1.2.2.1.2.$index") == *'"fresh"' ]]; }
    wait_for 6 fresh_row
}
# How many interface files a trace of system calls (strace -e trace=file) has seen opened or examined.
interface_opens() { # FILE
    grep -cE '"/proc/sys/net/[^"/]+/[^"]' "$1"
}
# No path below /proc/sys/net by the processes given, while one of them idles and one is polled. The
# lookup probes go to the three folders themselves, and are left aside.
no_opens() { # SECONDS PID...
    local seconds=$1 args=() pid opens tracer
    shift
    for pid; do args+=(-p "$pid"); done
    (exec timeout "$seconds" strace -f -qq -e trace=file -o "$SNMP_DIR/strace" "${args[@]}") 2>/dev/null &
    tracer=$!
    while ! pid_gone $tracer; do
        snmp_walk .1.3.6.1.2.1.2.2.1.2 >/dev/null
        sleep 0.5
    done
    opens=$(interface_opens "$SNMP_DIR/strace")
    echo "# $opens opens and stats of interface files in $seconds s"
    [ "$opens" = 0 ]
}

# Whether snmpd's module serves DCACHEMON-MIB, as the sampler was told.
module_mib_is() { # True, False, or None: no module
    "$BUILD/bin/dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/dcachemon.conf" 2>/dev/null |
        python3 -c "import json, sys; sys.exit(json.load(sys.stdin)['snmpd']['module_mib'] is not $1)" 2>/dev/null
}
# What the sampler was told of snmpd's reloads, and that the forecast goes by it.
reload_every_is() { # SECONDS, 0: only when asked, None: not told
    "$BUILD/bin/dcachemon" show --cached --json --socket "$SNMP_DIR/snapshot.sock" -c "$SNMP_DIR/dcachemon.conf" 2>/dev/null |
        python3 -c "
import json, sys
s, every = json.load(sys.stdin)['snmpd'], $1
ratio, seconds = s['wedge_ratio'], s['reload_seconds']
assert s['reload_every_seconds'] == every, s
assert (ratio == 0) if every == 0 else abs(ratio - seconds / (every or 3)) <= ratio / 100, s" 2>/dev/null
}
