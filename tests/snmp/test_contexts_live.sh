#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# SNMP contexts with Debian's snmpd: three network namespaces with settings of their own, read with
# "snmpbulkwalk -v3 -n NAME" and by community, equal what ip and cat say inside of each; while
# they change, end and come back, and the configuration is read again. The take-over is off.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"

SNMP_MODULES=-smux # its own ifTable stays: it answers in the default context
CONTEXT_TABLE=.1.3.6.1.4.1.8072.9999.9999.1806.1.19
IF_NUMBER=.1.3.6.1.2.1.2.1.0
IF_NAME=.1.3.6.1.2.1.31.1.1.1.1
IF_OPER=.1.3.6.1.2.1.2.2.1.8
V4_RETRANS=.1.3.6.1.2.1.4.28.1.4
TABLES='.1.3.6.1.2.1.2.1 .1.3.6.1.2.1.2.2.1.1 .1.3.6.1.2.1.2.2.1.4 .1.3.6.1.2.1.2.2.1.7 .1.3.6.1.2.1.2.2.1.8
    .1.3.6.1.2.1.31.1.1.1.1 .1.3.6.1.2.1.4.28.1.4 .1.3.6.1.2.1.4.30.1.6 .1.3.6.1.2.1.4.30.1.7 .1.3.6.1.2.1.4.30.1.8'

v3() { # COMMAND CONTEXT WORDS...
    local command=$1 context=$2
    shift 2
    snmp_env_run "$command" -v3 -l authPriv -u reader -a SHA -A 'long enough' -x AES -X 'also long enough' \
        -n "$context" -On -Oe -Ot -t "${patience:-3}" -r 1 "$SNMP_ADDRESS" "$@"
}
v3_walk() { # CONTEXT
    local table
    for table in $TABLES; do v3 snmpbulkwalk "$1" "$table" | grep -v 'No Such\|No more'; done | sort
}
v3_get() { v3 snmpget "$@"; }
space() { echo "$SNMP_NETNS-$1"; }
inside() { # NAME CMD...
    local name=$1
    shift
    ip netns exec "$(space "$name")" "$@"
}
index_of() { inside "$1" cat "/sys/class/net/$2/ifindex"; }
set_sysctl() { inside "$1" sh -c "echo $3 >/proc/sys/net/$2"; } # NAME PATH VALUE
logged() { grep -q -- "$1" "$SNMP_DIR/subagent.log"; }

make_space() { # NAME MILLISECONDS FORWARDING
    ip netns add "$(space "$1")" || return 1
    ip -n "$(space "$1")" link set lo up
    ip -n "$(space "$1")" link add "$1-a" type veth peer name "$1-b"
    ip -n "$(space "$1")" link set "$1-a" up
    ip -n "$(space "$1")" link set "$1-b" up
    ip -n "$(space "$1")" addr add 10.9.0.1/24 dev "$1-a"
    ip -n "$(space "$1")" link set "$1-b" mtu $((1300 + $2 / 100))
    set_sysctl "$1" "ipv4/neigh/$1-a/retrans_time_ms" "$2"
    set_sysctl "$1" "ipv6/neigh/$1-a/retrans_time_ms" $(($2 + 100))
    set_sysctl "$1" "ipv6/neigh/$1-b/base_reachable_time_ms" $(($2 + 200))
    set_sysctl "$1" "ipv6/conf/$1-a/forwarding" "$3"
    settled() { ! ip -n "$(space "$1")" -6 addr | grep -q tentative; }
    wait_for 20 settled "$1"
}
end_spaces() {
    local name
    for name in red green blue gold; do ip netns del "$SNMP_NETNS-$name" 2>/dev/null; done
    snmp_env_stop
}
write_config() { # NAME...
    local name
    cat >"$SNMP_DIR/dcachemon.conf" <<CONF
[sampling]
socket = $SNMP_DIR/snapshot.sock
bpf = no
sysctls_interval = 1
[state]
folder =
[snmp]
agentx_socket = $SNMP_AGENTX
[if_mib]
takeover = off
CONF
    for name; do echo "context = $name /run/netns/$(space "$name")" >>"$SNMP_DIR/dcachemon.conf"; done
}
start_subagent() { snmp_env_spawn subagent "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"; }
reload() { kill -HUP "${SNMP_PIDS[subagent]}"; }

# What the context shows is what its namespace has; leaves both for the message.
equal() { # NAME
    inside "$1" python3 "$TOP/tests/lib/context_rows.py" >"$SNMP_DIR/$1.expected" &&
        v3_walk "$1" >"$SNMP_DIR/$1.shown" && cmp "$SNMP_DIR/$1.expected" "$SNMP_DIR/$1.shown"
}
becomes_equal() { # NAME
    wait_for 20 equal "$1" && return 0
    diff "$SNMP_DIR/$1.expected" "$SNMP_DIR/$1.shown" | sed 's/^/# /'
    sed 's/^/# /' "$SNMP_DIR/subagent.log" | tail -5
    return 1
}
column() { # COLUMN NAME: of DCACHEMON-MIB, that context's row
    local row
    row=$(snmp_walk "$CONTEXT_TABLE.1.2" | grep "\"$2\"" | sed 's/ .*//; s/.*\.//')
    snmp_get "$CONTEXT_TABLE.1.$1.$row" | sed 's/.* = [^:]*: *//; s/"//g'
}
state_is() { [ "$(column 4 "$1")" = "$2" ]; }
empty() { # NAME: no row, and it says so
    [ "$(v3_get "$1" $IF_NUMBER)" = "$IF_NUMBER = INTEGER: 0" ] &&
        ! v3 snmpbulkwalk "$1" .1.3.6.1.2.1.2.2 | grep -q '^\.1\.3\.6\.1\.2\.1\.2\.2\.1\.'
}

# ---- tests ----

test_three() { becomes_equal red && becomes_equal green && becomes_equal blue; }
test_differ() { # the three are not the same by chance
    [ "$(cat "$SNMP_DIR"/{red,green,blue}.shown | grep -c "^$V4_RETRANS\." | tr -d ' ')" -ge 3 ] &&
        [ "$(v3_get red "$V4_RETRANS.$(index_of red red-a)")" = \
            "$V4_RETRANS.$(index_of red red-a) = Gauge32: 1100" ] &&
        [ "$(v3_get blue "$V4_RETRANS.$(index_of blue blue-a)")" = \
            "$V4_RETRANS.$(index_of blue blue-a) = Gauge32: 3300" ]
}
test_default() { # snmpd's own tables, of its own namespace: nothing is taken over
    ! snmp_walk $IF_NAME | grep -q 'red-\|green-\|blue-' && snmp_walk $IF_NAME | grep -q '"lo"'
}
test_unknown() { ! patience=0.5 v3_get nowhere $IF_NUMBER 2>/dev/null | grep -q INTEGER; }
test_community() { # rocommunity and com2sec -Cn
    snmp_env_run snmpbulkwalk -v2c -c red-c -On -Oe "$SNMP_ADDRESS" $IF_NAME | grep -q '"red-a"' &&
        snmp_env_run snmpbulkwalk -v2c -c green-c -On -Oe "$SNMP_ADDRESS" $IF_NAME | grep -q '"green-a"'
}
test_table() {
    state_is red 2 && state_is blue 2 && [ "$(column 3 green)" = "/run/netns/$(space green)" ] &&
        [ "$(column 5 red)" = 3 ] && [[ $(column 7 red) == "07 "* ]]
}
test_sysctls() {
    set_sysctl red ipv4/neigh/red-a/retrans_time_ms 1230
    set_sysctl green ipv6/conf/green-a/forwarding 1
    set_sysctl blue ipv6/neigh/blue-b/base_reachable_time_ms 7700
    test_three
}
test_rename() {
    ip -n "$(space red)" link set red-b down && ip -n "$(space red)" link set red-b name red-new &&
        ip -n "$(space red)" link set red-new up && becomes_equal red
}
test_move() { # to another context: a row there, and a down one here, as interface_fadeout has it
    local index
    index=$(index_of green green-b)
    ip -n "$(space green)" link set green-b netns "$(space blue)" || return 1
    moved() {
        v3_walk blue | grep -q '"green-b"' && [[ $(v3_get green "$IF_OPER.$index") == *"INTEGER: 2" ]]
    }
    wait_for 20 moved && becomes_equal blue
}
test_delete() {
    local index
    index=$(index_of blue green-b)
    ip -n "$(space blue)" link del green-b
    down() { [[ $(v3_get blue "$IF_OPER.$index") == *"INTEGER: 2" ]]; }
    wait_for 20 down
}
test_end() { # while it is polled
    local walker
    (while v3_walk red >/dev/null; do :; done) &
    walker=$!
    ip netns del "$(space red)"
    wait_for 20 empty red && wait_for 10 state_is red 3
    local status=$?
    kill "$walker" && wait "$walker" 2>/dev/null
    [ $status = 0 ] && [[ $(column 6 red) == *"No such file"* ]]
}
test_end_releases() { # nothing of the sampler keeps it alive or its files open
    # Its own namespace is the way back.
    released() {
        ls -l "/proc/${SNMP_PIDS[subagent]}/fd" >"$SNMP_DIR/fds"
        [ "$(grep -c 'net:\[' "$SNMP_DIR/fds")" -le 1 ] && ! grep -q 'red-' "$SNMP_DIR/fds"
    }
    wait_for 20 released
}
test_again() { # under the same name: a new one
    make_space red 4400 1 && becomes_equal red && wait_for 10 state_is red 2 &&
        [[ $(v3_get red .1.3.6.1.2.1.31.1.5.0) != *" = 0" ]]
}
test_reload_adds() {
    make_space gold 5500 0 || return 1
    write_config red green blue gold
    reload
    becomes_equal gold && ! logged "refused a registration"
}
test_reload_removes() {
    write_config red gold
    reload
    gone() { ! v3_walk blue | grep -q INTEGER; }
    wait_for 20 gone && wait_for 20 logged "context blue is no longer served" && becomes_equal red &&
        [ "$(snmp_walk "$CONTEXT_TABLE.1.2" | wc -l)" = 2 ]
}
test_self_and_process() { # two more ways to name one, and a second name of a namespace
    local pid
    ip netns exec "$(space blue)" sleep 300 >/dev/null 2>&1 &
    pid=$!
    write_config red gold
    printf 'context = %s\n' "me self" "proc pid:$pid" "red2 /run/netns/$(space red)" >>"$SNMP_DIR/dcachemon.conf"
    reload
    shows() { v3 snmpbulkwalk "$1" $IF_NAME | grep -q "$2"; }
    wait_for 20 shows proc '"blue-a"' && wait_for 20 shows red2 '"red-a"' && wait_for 20 shows me '"lo"'
    local status=$?
    kill "$pid" && wait "$pid" 2>/dev/null
    [ $status = 0 ] && wait_for 20 empty proc
}
test_snmpd_restart() {
    snmp_env_snmpd_kill TERM
    snmp_env_snmpd_start && becomes_equal red && becomes_equal gold
}
# CAP_SYS_ADMIN; without BPF the count of namespaces keeps CAP_SYS_PTRACE, too.
may_enter() { [ $((0x$(sed -n 's/^CapEff:[[:space:]]*//p' "/proc/${SNMP_PIDS[subagent]}/status") & 0x200000)) != 0 ]; }
may_not_enter() { ! may_enter; }
test_without_contexts() { # CAP_SYS_ADMIN is gone; a context that a reload brings says so
    write_config
    snmp_env_end subagent
    : >"$SNMP_DIR/subagent.log"
    start_subagent
    wait_for 20 logged "connected to the AgentX master" || return 1
    may_not_enter || return 1
    write_config red
    reload
    wait_for 20 logged "right to enter namespaces was given up" || return 1
    refused() {
        v3_get red $IF_NUMBER # somebody must ask
        [ "$(column 4 red)" = 4 ] && [[ $(column 6 red) == *CAP_SYS_ADMIN* ]]
    }
    wait_for 20 refused
}

SNMP_EXTRA_CONF='createUser reader SHA "long enough" AES "also long enough"
rouser reader priv
rocommunity red-c default .1 red
com2sec -Cn green green-sec default green-c
group green-group v2c green-sec
view everything included .1
access green-group green v2c noauth exact everything none none'
snmp_env_prepare
trap end_spaces EXIT
make_space red 1100 0 && make_space green 2200 0 && make_space blue 3300 1 || exit 1
snmp_env_snmpd_start || exit 1
write_config red green blue
start_subagent
context_rows() { [ "$(snmp_walk "$CONTEXT_TABLE.1.2" | wc -l)" = 3 ]; }
wait_for 20 context_rows

tap_ok "three contexts show what their namespaces have" test_three
tap_ok "each its own" test_differ
tap_ok "the default context is snmpd's" test_default
tap_ok "an unknown context has nothing" test_unknown
tap_ok "contexts by community" test_community
tap_ok "the table of contexts" test_table
tap_ok "CAP_SYS_ADMIN is kept for them" may_enter
tap_ok "changed settings show" test_sysctls
tap_ok "an interface renamed" test_rename
tap_ok "an interface moved to another namespace" test_move
tap_ok "an interface deleted" test_delete
tap_ok "a namespace ends while it is polled: empty tables" test_end
tap_ok "nothing is kept of it" test_end_releases
tap_ok "it comes back under the same name" test_again
tap_ok "a reload adds a context" test_reload_adds
tap_ok "a reload removes two" test_reload_removes
tap_ok "a namespace by process, the own one, one by two names" test_self_and_process
tap_ok "snmpd restarted: the contexts are back" test_snmpd_restart
tap_ok "without contexts CAP_SYS_ADMIN is not kept" test_without_contexts
grep -v "notice:" "$SNMP_DIR/subagent.log" | sed 's/^/# /'
tap_done
