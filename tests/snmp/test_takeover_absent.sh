#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# The interface tables where something is missing: IPv6, /proc/sys/net/ipv6, all of /proc/sys/net, network
# namespaces. Fewer values then, no errors. The sampler alone with simulated roots, then the daemon below
# snmpd with the same things hidden from it, in mount and network namespaces of their own.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
if [ "$(id -u)" = 0 ] && [ -z "${DCM_UNSHARED:-}" ]; then
    DCM_UNSHARED=1 exec unshare -m --propagation private "$BASH" "$0" "$@"
fi
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
SNMP_MODULES=-smux
mkdir -p /run/netns && mount -t tmpfs -o mode=755 netns /run/netns && mount --make-private /run/netns || exit 1
snmp_env_prepare
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
ip -n "$SNMP_NETNS" link add va type veth peer name vb
ip -n "$SNMP_NETNS" link set va up
ip -n "$SNMP_NETNS" link set vb up
ip -n "$SNMP_NETNS" addr add 10.7.1.1/24 dev va
settled() { ! ip -n "$SNMP_NETNS" -6 addr | grep -q tentative; }
wait_for 10 settled
interfaces=$(ip netns exec "$SNMP_NETNS" ls /sys/class/net | wc -l)

NUMBER=.1.3.6.1.2.1.2.1 IF=.1.3.6.1.2.1.2.2 IFX=.1.3.6.1.2.1.31.1.1 V4=.1.3.6.1.2.1.4.28 V6=.1.3.6.1.2.1.4.30

# counts FILE: "rows of ifTable, of ifXTable, of ipv4 and ipv6InterfaceTable: sysctl values of both"
counts() {
    number() { grep -cE "^\\$1\\.1\\.($2)\\." "$walked"; }
    local walked=$1
    echo "$(number $IF 1) $(number $IFX 1) $(number $V4 2) $(number $V6 2): $(number $V4 4) $(number $V6 '6|7|8')"
}
all="$interfaces $interfaces"
expect() { # FILE COUNTS
    local got
    got=$(counts "$1")
    [ "$got" = "$2" ] || { echo "# got \"$got\" instead of \"$2\"" && sed 's/^/# /' "$SNMP_DIR/err" | head -5; return 1; }
}

# ---- simulated roots ----
dump() { # ROOT
    snmp_env_run "$BUILD/tests/lib/if_mib_dump" -r "$1" '' ifNumber ifTable ifXTable ipv4InterfaceTable \
        ipv6InterfaceTable >"$SNMP_DIR/dump" 2>"$SNMP_DIR/err"
}
dumped() { # ROOT COUNTS
    dump "$1" && [ ! -s "$SNMP_DIR/err" ] && expect "$SNMP_DIR/dump" "$2"
}
make_root() { # NAME FAMILY...: what a kernel with these families has
    local root=$SNMP_DIR/$1 family name
    shift
    mkdir -p "$root/proc/sys/net"
    for family; do
        for name in lo va vb; do
            mkdir -p "$root/proc/sys/net/$family"/{neigh,conf}/$name
            echo 1000 | tee "$root/proc/sys/net/$family/neigh/$name/"{retrans,base_reachable}_time_ms >/dev/null
            echo 0 >"$root/proc/sys/net/$family/conf/$name/forwarding"
        done
    done
    echo "$root"
}
tap_ok "everything there: 2 rows and values of IPv4, 3 rows with 3 values of IPv6" dumped '' "$all 2 3: 2 9"
tap_ok "no network namespaces: the same" dumped "$(make_root both ipv4 ipv6)" "$all 2 3: 2 9"
tap_ok "no /proc/sys/net/ipv6: rows without its values" dumped "$(make_root four ipv4)" "$all 2 3: 2 0"
tap_ok "no /proc/sys/net/ipv4: rows without its values" dumped "$(make_root six ipv6)" "$all 2 3: 0 9"
tap_ok "nothing below /proc/sys/net" dumped "$(make_root none)" "$all 2 3: 0 0"
tap_ok "no /proc at all" dumped "$SNMP_DIR/persistent" "$all 2 3: 0 0"

# ---- the daemon ----
cat >"$SNMP_DIR/dcachemon.conf" <<CONF
[sampling]
socket = $SNMP_DIR/snapshot.sock
bpf = no
[state]
folder =
[snmp]
agentx_socket = $SNMP_AGENTX
[if_mib]
takeover = on
CONF
walk_all() { for table in $NUMBER $IF $IFX $V4 $V6; do snmp_walk "$table"; done >"$SNMP_DIR/walk" 2>"$SNMP_DIR/err"; }
served() { [[ $(snmp_getnext $V4) == $V4.* ]]; } # the built-in modules have no such table
start() { # PREFIX...: of the daemon
    : >"$SNMP_DIR/subagent.log"
    snmp_env_spawn subagent "$@" "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"
    wait_for 20 served
}
# The sampler reads value after value: there may be rows before the last one. No walk may have errors.
complete() { # COUNTS
    walk_all
    cat "$SNMP_DIR/err" "$SNMP_DIR/walk" >>"$SNMP_DIR/walks"
    expect "$SNMP_DIR/walk" "$1"
}
answers() { # COUNTS
    : >"$SNMP_DIR/walks"
    { wait_for 10 complete "$1" || complete "$1"; } && [ "$(snmp_get $NUMBER.0)" = "$NUMBER.0 = INTEGER: $interfaces" ] &&
        ! grep -E 'genErr|Timeout' "$SNMP_DIR/walks" && ! grep ': error:' "$SNMP_DIR/subagent.log"
}
hidden() { # FOLDER CMD...: an empty one in its place
    local folder=$1
    shift
    exec unshare -m --propagation private sh -c 'mount -t tmpfs none "$0" && exec "$@"' "$folder" "$@"
}
case_of() { # TEXT COUNTS PREFIX...
    local text=$1 expected=$2
    shift 2
    tap_ok "snmpd, $text: taken over" start "$@"
    tap_ok "snmpd, $text: as many rows, no errors" answers "$expected"
    snmp_env_end subagent
}
export -f hidden
snmp_env_snmpd_start || exit 1
case_of "everything there" "$all 2 3: 2 9" env
case_of "/proc/sys/net/ipv6 missing" "$all 2 3: 2 0" bash -c 'hidden /proc/sys/net/ipv6 "$@"' hidden
case_of "/proc/sys/net missing" "$all 2 3: 0 0" bash -c 'hidden /proc/sys/net "$@"' hidden
if command -v strace >/dev/null; then
    case_of "no network namespaces" "$all 2 3: 2 9" strace -D -f -qq -o "$SNMP_DIR/strace" \
        -P /proc/thread-self/ns/net -e inject=openat:error=ENOENT
    tap_ok "that was so" grep -q 'ns/net.*INJECTED' "$SNMP_DIR/strace"
else
    tap_skip "no network namespaces" "no strace here"
fi
ip netns exec "$SNMP_NETNS" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
case_of "IPv6 disabled" "$all 2 0: 2 0" env
tap_done
