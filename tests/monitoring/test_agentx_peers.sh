#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# lldpd, and zebra and bgpd of FRR, beside ours on one snmpd ("make deps-monitoring"), while each of them
# restarts: what restarts answers again in time, the others answer all the time, and snmpd has the same
# registrations as before.
set -u
PATH=$PATH:/usr/sbin:/sbin:/usr/lib/frr
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
for program in lldpd zebra bgpd; do
    command -v $program >/dev/null || { echo "1..0 # SKIP no $program here (make deps-monitoring)"; exit 0; }
done
[ -n "$(find /usr/lib -name bgpd_snmp.so 2>/dev/null)" ] || { echo "1..0 # SKIP no frr-snmp here (make deps-monitoring)"; exit 0; }

ROOT=.1.3.6.1.4.1.8072.9999.9999.1806
SOURCES=$ROOT.1.13.1.2    # dcmSourceName: the same rows on every host
LLDP=.1.0.8802.1.1.2      # LLDP-MIB
BGP=.1.3.6.1.2.1.15       # BGP4-MIB
AS=64501 NEIGHBOUR_AS=64502 NEIGHBOUR=192.0.2.7 # RFC 5398, RFC 5737
OURS_BACK=5 # seconds: dcachemon-snmp(8), "within seconds"
PEERS_BACK=20 # they look for a master every 15 seconds (agentXPingInterval of libnetsnmp)

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# ---- who runs here ----

# peer NAME CMD...: with a /run of its own, where the others of this host may be.
peer() {
    local name=$1
    shift
    # shellcheck disable=SC2016
    snmp_env_spawn "$name" sh -c 'mount -t tmpfs none /run && mkdir /run/frr && chown frr: /run/frr && exec "$@"' sh "$@"
}
start_lldp() { peer lldp lldpd -d -x -X "$SNMP_AGENTX" -u "$SNMP_DIR/lldpd.sock" -O "$SNMP_DIR/lldpd.conf" -S 'beside dcachemon'; }
frr() { # NAME OPTION...
    local name=$1
    shift
    peer "$name" "$name" -M snmp -f "$SNMP_DIR/frr/$name.conf" -i "$SNMP_DIR/frr/$name.pid" -z "$SNMP_DIR/frr/zserv" \
        --vty_socket "$SNMP_DIR/frr" -P 0 --log stdout "$@"
}
start_bgp() { frr bgpd -p 0; }
start_ours() { snmp_env_spawn daemon "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf" -x "$SNMP_AGENTX"; }
prepare() {
    # FRR gives up root: it must reach the socket.
    SNMP_EXTRA_CONF="agentXPerms 0777 0755" snmp_env_write_conf
    chmod 711 "$SNMP_DIR" && mkdir "$SNMP_DIR/frr" "$SNMP_DIR/state" && : >"$SNMP_DIR/lldpd.conf" || return 1
    printf '[sampling]\nhash_interval = 0\nsocket = %s\n[state]\nfolder = %s\n' "$SNMP_DIR/snapshot.sock" "$SNMP_DIR/state" \
        >"$SNMP_DIR/dcachemon.conf"
    # libnetsnmp reads this for an application that calls itself "frr".
    echo "agentXSocket $SNMP_AGENTX" >"$SNMP_DIR/client/frr.conf"
    printf 'hostname peers\nagentx\n' >"$SNMP_DIR/frr/zebra.conf"
    cat >"$SNMP_DIR/frr/bgpd.conf" <<CONF
hostname peers
agentx
router bgp $AS
 bgp router-id 192.0.2.1
 neighbor $NEIGHBOUR remote-as $NEIGHBOUR_AS
CONF
    chown -R frr: "$SNMP_DIR/frr" && chmod 644 "$SNMP_DIR/client/frr.conf"
    # Two ports for lldpd.
    ip -n "$SNMP_NETNS" link add p0 type veth peer name p1 && ip -n "$SNMP_NETNS" link set p0 up &&
        ip -n "$SNMP_NETNS" link set p1 up
}

# ---- what they answer ----

ours_answers() { [ -n "${sources:-}" ] && [ "$(snmp_walk $SOURCES)" = "$sources" ]; }
lldp_answers() { [[ $(snmp_get $LLDP.1.3.4.0) == *'"beside dcachemon"' ]] && [ "$(snmp_walk $LLDP.1.3.7.1.3 | wc -l)" -ge 2 ]; }
bgp_answers() { [[ $(snmp_get $BGP.2.0) == *": $AS" ]] && [[ $(snmp_get $BGP.3.1.9.$NEIGHBOUR) == *": $NEIGHBOUR_AS" ]]; }
all_answer() { ours_answers && lldp_answers && bgp_answers; }
learn_sources() { sources=$(snmp_walk $SOURCES) && [ "$(wc -l <<<"$sources")" -ge 5 ]; }

# What snmpd says of its registrations (nsModuleTable of NET-SNMP-AGENT-MIB) and of what its subagents can
# do (sysORDescr): the names of the rows of the first, and the values of the second, sorted.
registered() {
    snmp_walk .1.3.6.1.4.1.8072.1.2.1.1.4 | sed 's/ = .*//' | grep -E "(${ROOT//./\\.}|${LLDP//./\\.}|${BGP//./\\.})\." | sort
    snmp_walk .1.3.6.1.2.1.1.9.1.3 | sed 's/^[^=]*= //' | sort
}
same_registered() { registered | diff "$SNMP_DIR/registered" - >"$SNMP_DIR/registered.diff"; }
said_registered() { wait_for 3 same_registered || { sed 's/^/# /' "$SNMP_DIR/registered.diff" | head; return 1; }; }
# A walk that goes back ends with an error.
walks() {
    local root
    for root in $ROOT $LLDP $BGP; do
        snmp_walk "$root" >"$SNMP_DIR/walk" || { echo "# the walk of $root fails"; return 1; }
        [ -s "$SNMP_DIR/walk" ] || { echo "# nothing below $root"; return 1; }
        [ -z "$(sed 's/ = .*//' "$SNMP_DIR/walk" | sort | uniq -d)" ] || { echo "# twice below $root"; return 1; }
    done
}
beside() { # WHO
    local other
    for other in ours lldp bgp; do
        [ $other = "$1" ] || "${other}_answers" || disturbed+=" $other"
    done
    "$1_answers"
}
# back SECONDS WHO: answers again within SECONDS, and the others do all the time.
back() {
    local begin
    begin=$(milliseconds) disturbed=''
    wait_for "$1" beside "$2" || { echo "# $2 does not answer"; logs; return 1; }
    echo "# $2 answers $(($(milliseconds) - begin)) ms later"
    [ -z "$disturbed" ] || { echo "# meanwhile no answer of$disturbed"; return 1; }
    said_registered && walks
}

# ---- restarts ----

# With the processes that it has started.
killed() { # NAME
    local pid=${SNMP_PIDS[$1]} children child
    children=$(pgrep -P "$pid")
    # shellcheck disable=SC2086
    kill -KILL "$pid" $children
    wait "$pid" 2>/dev/null
    # lldpd's child has its control socket.
    for child in $children; do wait_for 3 pid_gone "$child"; done
    snmp_env_end "$1"
}
restart() { # ended|killed WHO NAME SECONDS
    case $1 in
    ended) snmp_env_end "$3" ;;
    killed) killed "$3" ;;
    esac
    "start_$2" && back "$4" "$2"
}
agent_killed() { kill -KILL "$(pgrep -P "${SNMP_PIDS[daemon]}" | head -1)" && back $OURS_BACK ours; }
again() { # SECONDS WHO
    wait_for "$1" "$2_answers" || { echo "# $2 does not answer"; return 1; }
    echo "# $2 answers $(($(milliseconds) - started)) ms after the start of snmpd"
}
master() { # TERM|KILL: all of them come back
    snmp_env_snmpd_kill "$1"
    started=$(milliseconds)
    snmp_env_snmpd_start && again $OURS_BACK ours && again $PEERS_BACK lldp && again $PEERS_BACK bgp && said_registered && walks
}
logs() {
    local name
    for name in lldp zebra bgpd daemon snmpd; do tail -8 "$SNMP_DIR/$name.log" | sed "s/^/# $name: /"; done
}

snmp_env_prepare
prepare || exit 1
snmp_env_snmpd_start || exit 1
start_lldp
frr zebra -A 127.0.0.1
wait_for 10 test -S "$SNMP_DIR/frr/zserv"
start_bgp
start_ours
tap_ok "ours answers" wait_for 20 learn_sources
tap_ok "so do lldpd and bgpd beside it" wait_for $PEERS_BACK all_answer
[ "$tap_failed" = 0 ] || { logs; tap_done; exit 1; }
registered >"$SNMP_DIR/registered"
for root in "$ROOT" $LLDP $BGP; do tap_ok "below $root something is registered" grep -qF "$root." "$SNMP_DIR/registered"; done
tap_ok "each is walked to its end" walks
tap_ok "ours ends and starts" restart ended ours daemon $OURS_BACK
tap_ok "ours is killed and starts" restart killed ours daemon $OURS_BACK
tap_ok "our agent process is killed" agent_killed
tap_ok "lldpd ends and starts" restart ended lldp lldp $PEERS_BACK
tap_ok "lldpd is killed and starts" restart killed lldp lldp $PEERS_BACK
tap_ok "bgpd ends and starts" restart ended bgp bgpd $PEERS_BACK
tap_ok "bgpd is killed and starts" restart killed bgp bgpd $PEERS_BACK
tap_ok "snmpd ends and starts: all come back" master TERM
tap_ok "snmpd is killed and starts: all come back" master KILL
tap_done
