#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# Every form of an address: what net-snmp's own client reaches, dcachemon reaches too, and ties to the same process.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"

client() { # ADDRESS: net-snmp's, with the same credentials
    snmp_env_run snmpget -v3 -u setter -l authNoPriv -a SHA -A "long enough" -t 1 -r 0 -Oqv "$1" \
        .1.3.6.1.2.1.1.3.0 >"$SNMP_DIR/theirs" 2>&1
}
mute() { # ADDRESS
    snmp_env_run "$BUILD/bin/dcachemon" snmpd mute -c "$SNMP_DIR/dcachemon.conf" -a "$1" >"$SNMP_DIR/out" 2>&1
}
holder() { snmp_env_run "$BUILD/tests/lib/find_snmpd" "$1" >"$SNMP_DIR/holder"; }
file_takes() { # KEY VALUE
    printf '[%s]\n%s = %s\n' "${1%.*}" "${1#*.}" "$2" >"$SNMP_DIR/file.conf"
    "$BUILD/bin/dcachemon" check-config "$SNMP_DIR/file.conf" >"$SNMP_DIR/out" 2>&1
}
show() {
    sed 's/^/# /' "$SNMP_DIR/theirs" "$SNMP_DIR/out" "$SNMP_DIR/holder"
    return 1
}
both() { # ADDRESS
    client "$1" && mute "$1" && holder "$1" && file_takes if_mib.mute_address "$1" &&
        [ "$(cat "$SNMP_DIR/holder")" = "${SNMP_PIDS[snmpd]} snmpd" ] || show
}
neither() { ! client "$1" && ! mute "$1" && ! file_takes if_mib.mute_address "$1" || show; }
ours_only_refuses() { # ADDRESS REGEX: net-snmp knows more than dcachemon, which says so at once
    ! mute "$1" && grep -qE -- "$2" "$SNMP_DIR/out" && ! file_takes if_mib.mute_address "$1" &&
        grep -qE -- "$2" "$SNMP_DIR/out" || show
}
agentx() { # STATUS ADDRESS: by the file and by -x
    local got=0
    file_takes snmp.agentx_socket "$2" || got=1
    [ "$got" = "$1" ] || return 1
    got=0
    "$BUILD/bin/dcachemon-snmp" -x "$2" --help >"$SNMP_DIR/out" 2>&1 || got=1
    [ "$got" = "$1" ]
}

SNMP_MODULES=-smux
snmp_env_prepare
cat >"$SNMP_SNMPD_CONF" <<CONF
agentaddress udp:127.0.0.1:161,tcp:127.0.0.1:161,udp6:[::1]:161,tcp6:[::1]:161,unix:$SNMP_DIR/u.sock,udp:127.0.0.1:16161
rocommunity public
createUser setter SHA "long enough"
rwuser setter auth
CONF
printf 'user = setter\nauth_protocol = SHA\nauth_password = long enough\n' >"$SNMP_DIR/credentials"
chmod 600 "$SNMP_DIR/credentials"
printf '[if_mib]\nmute_credentials = %s/credentials\n' "$SNMP_DIR" >"$SNMP_DIR/dcachemon.conf"
snmp_env_snmpd_start || exit 1
mute udp:127.0.0.1
if grep -q 'built without SNMP' "$SNMP_DIR/out"; then
    echo "1..0 # SKIP built without SNMP"
    exit 0
fi
for address in udp:127.0.0.1:161 UDP:127.0.0.1 127.0.0.1 127.0.0.1:16161 16161 udp:161 :161 udp: localhost:16161 'udp:[127.0.0.1]:161' \
    tcp:127.0.0.1 Tcp:127.0.0.1:161 tcp:161 'tcp6:[::1]:161' 'tcpv6:[::1]' TCPIPV6:161 'udp6:[::1]:161' 'UDPv6:[::1]' 'udpipv6:[::1]:161' \
    ipv6:::1 udp6:161 ::1 '[::1]' '[::1]:161' "unix:$SNMP_DIR/u.sock" "UNIX:$SNMP_DIR/u.sock" "$SNMP_DIR/u.sock"; do
    tap_ok "${address/$SNMP_DIR/DIR}" both "$address"
done
for address in 127.0.0.1:snmp 127.0.0.1: '[::1' '[::1]161' udp:127.0.0.1:99999; do
    tap_ok "neither takes $address" neither "$address"
done
tap_ok "an interface is refused at once" ours_only_refuses udp:127.0.0.1@lo:161 'cannot name an interface'
tap_ok "TLS is refused at once" ours_only_refuses tls:127.0.0.1:10161 'not "tls"'
tap_ok "a relative path is refused at once" ours_only_refuses unix:u.sock 'absolute path'
if [ -x "$BUILD/bin/dcachemon-snmp" ]; then
    for address in /run/x unix:/run/x UNIX:/run/x; do tap_ok "AgentX at $address" agentx 0 "$address"; done
    for address in tcp:127.0.0.1:705 TCP:705 'tcp6:[::1]:705' udp:705 localhost:705 unix:x x; do
        tap_ok "no AgentX at $address, by file and by -x" agentx 1 "$address"
    done
fi
tap_done
