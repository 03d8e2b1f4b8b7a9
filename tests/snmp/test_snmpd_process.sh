#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# "dcachemon snmpd status" ties process, processor time and verdict to the address asked. ss(8) says
# who listens there.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
command -v ss >/dev/null || { echo "1..0 # SKIP no ss"; exit 0; }

second() { # OPTION...: another snmpd in the same namespace, on 16162 over UDP
    snmp_env_spawn second /usr/sbin/snmpd -f -Lo -C -c "$SNMP_DIR/second.conf" "$@"
    wait_for 20 listens 16162
}
listens() { # PORT
    snmp_env_run ss -Hlun "sport = :$1" | grep -q .
}
holder() { # udp|tcp PORT: who listens there, says ss
    snmp_env_run ss -Hlnp"${1:0:1}" "sport = :$2" | grep -o 'pid=[0-9]*' | head -n 1 | tr -dc 0-9
}
status() { # ADDRESS [COMMAND...]: its JSON in $SNMP_DIR/out; COMMAND runs it
    local address=$1
    shift
    snmp_env_run "$@" "$BUILD/bin/dcachemon" snmpd status --json -c "$SNMP_DIR/dcachemon.conf" \
        -a "$address" >"$SNMP_DIR/out" 2>"$SNMP_DIR/err"
}
is() { # EXPRESSION: of the document d
    python3 - "$SNMP_DIR/out" "$1" <<'EOF' || { sed 's/^/# /' "$SNMP_DIR/out" "$SNMP_DIR/err"; return 1; }
import json, sys
d = json.load(open(sys.argv[1]))
assert eval(sys.argv[2]), sys.argv[2]
EOF
}
# An agent that takes requests and answers none, at a whole processor, as a wedged snmpd.
spin() { # PORT
    snmp_env_spawn spinning python3 -c "import socket
open('/proc/self/comm', 'w').write('snmpd')
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', $1))
while True: pass"
    wait_for 20 listens "$1"
}
test_both() {
    [ "$(holder udp 16161)" = "${SNMP_PIDS[snmpd]}" ] && [ "$(holder udp 16162)" = "${SNMP_PIDS[second]}" ] &&
        status "udp:$SNMP_ADDRESS" && is "d['pid'] == $(holder udp 16161) and d['process_unknown'] is None" &&
        status udp:127.0.0.1:16162 && is "d['pid'] == $(holder udp 16162) and d['state'] in ('well', 'slow')"
}
test_transports() { # ADDRESS...: each of the second snmpd, and answered
    local address
    for address; do
        status "$address" && is "d['pid'] == ${SNMP_PIDS[second]} and d['measured']['answers'] > 0" ||
            { echo "# $address"; return 1; }
    done
}
test_stopped() { # the second one alone
    kill -STOP "${SNMP_PIDS[second]}"
    status udp:127.0.0.1:16162 &&
        is "d['pid'] == ${SNMP_PIDS[second]} and d['state'] == 'silent' and '-CONT ${SNMP_PIDS[second]}' in d['fix']" &&
        status "udp:$SNMP_ADDRESS" && is "d['pid'] == ${SNMP_PIDS[snmpd]} and d['state'] in ('well', 'slow')"
    local result=$?
    kill -CONT "${SNMP_PIDS[second]}"
    return $result
}
test_spinning() {
    status udp:127.0.0.1:16163 &&
        is "d['pid'] == ${SNMP_PIDS[spinning]} and d['state'] == 'wedged'" &&
        status "udp:$SNMP_ADDRESS" && is "d['pid'] == ${SNMP_PIDS[snmpd]} and d['state'] in ('well', 'slow')"
}
test_elsewhere() { # nobody at the address
    status udp:127.0.0.1:16199 &&
        is "d['pid'] is None and d['state'] == 'silent' and 'nobody listens there' in d['process_unknown'] and ' named snmpd here, at udp' in d['process_unknown']" &&
        is "'mute_address = udp' in d['fix']"
}
test_remote() { # not an address of this namespace
    status udp:192.0.2.1:16161
    is "d['pid'] is None and (d['not_measured'] or 'not one of this host' in d['process_unknown'])"
}
test_other_program() {
    snmp_env_spawn other python3 -c "import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', 16164))
while True: s.sendto(*s.recvfrom(4096))"
    wait_for 20 listens 16164 && status udp:127.0.0.1:16164 &&
        is "d['pid'] == ${SNMP_PIDS[other]} and 'answers there, not snmpd' in d['process_unknown'] and d['version'] is None"
}
# /proc as hosts with hidepid=2 mount it, another instance of it, seen by nobody.
hidden() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc &&
        exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"' "$@"
}
export -f hidden

test_hidepid() {
    status udp:127.0.0.1:16163 bash -c 'hidden "$@"' -
    is "d['pid'] is None and d['state'] == 'silent' and d['process_unknown'] == 'its process is not visible from here'" &&
        is "'as root' in d['fix'] and d['measured']['refused'] is False"
}
test_pid_namespace() {
    status udp:127.0.0.1:16163 unshare --pid --fork --mount-proc
    is "d['pid'] is None and d['state'] == 'silent' and d['process_unknown'] == 'its process is not visible from here'"
}
test_hidden_absent() { # nobody there is said as ever
    status udp:127.0.0.1:16199 unshare --pid --fork --mount-proc
    is "d['pid'] is None and d['state'] == 'absent'"
}
test_hidden_text() { # doctor warns, and says how to look
    snmp_env_run bash -c 'hidden "$@"' - "$BUILD/bin/dcachemon" doctor -c "$SNMP_DIR/spinning.conf" >"$SNMP_DIR/out" 2>"$SNMP_DIR/err"
    grep -qE '^warn +snmpd_load +silent, its process is not visible from here: 0 of ' "$SNMP_DIR/out" &&
        grep -A 1 snmpd_load "$SNMP_DIR/out" | grep -q 'fix: look as root' || { sed 's/^/# /' "$SNMP_DIR/out"; return 1; }
}
test_unprivileged() { # names and no descriptors
    status udp:127.0.0.1:16163 setpriv --reuid 65534 --regid 65534 --clear-groups
    is "d['pid'] is None and int(d['process_unknown'].split()[2]) >= 3 and 'named snmpd, whose sockets' in d['process_unknown']"
}
lists() { # WANT OPTION...
    local want=$1
    shift
    second "$@" && status udp:127.0.0.1:16162 && is "d['modules'] == '$want'"
}

SNMP_MODULES=-smux
snmp_env_prepare
chmod 755 "$SNMP_DIR"
printf '[sampling]\nsocket =\nbpf = no\n' >"$SNMP_DIR/dcachemon.conf"
printf '[sampling]\nsocket =\nbpf = no\n[if_mib]\nmute_address = udp:127.0.0.1:16163\n' >"$SNMP_DIR/spinning.conf"
printf 'agentaddress %s\n' "udp:127.0.0.1:16162,udp6:[::1]:16162,tcp:127.0.0.1:16162,unix:$SNMP_DIR/u.sock" \
    >"$SNMP_DIR/second.conf"
snmp_env_snmpd_start || exit 1
second -I -smux || exit 1
tap_ok "each address has its own process" test_both
tap_ok "over TCP, IPv6 and a Unix socket" test_transports tcp:127.0.0.1:16162 TCP:16162 udp6:[::1]:16162 "[::1]:16162" \
    "unix:$SNMP_DIR/u.sock" "$SNMP_DIR/u.sock"
tap_ok "a stopped one is silent, the other well" test_stopped
spin 16163
tap_ok "one that spins is wedged, the other well" test_spinning
tap_ok "nobody at the address: where one listens" test_elsewhere
tap_ok "an address of another host" test_remote
tap_ok "another program holds the port" test_other_program
tap_ok "hidepid=2: silent, not absent" test_hidepid
tap_ok "a PID namespace: silent, not absent" test_pid_namespace
tap_ok "a PID namespace, and nobody there: absent" test_hidden_absent
tap_ok "doctor warns of the hidden one" test_hidden_text
tap_ok "without privileges: one of them" test_unprivileged
snmp_env_end spinning
snmp_env_end other
while read -r want options; do
    # shellcheck disable=SC2086 # several options
    tap_ok "modules: $options" lists "${want//_/ }" $options
done <<'EOF'
-smux,mteTrigger,mteTriggerConf,ifTable -I -smux,mteTrigger,mteTriggerConf,ifTable
-smux_-ifTable,ifXTable -I -smux -I-ifTable,ifXTable -r
-smux,mteTrigger -rI -smux:mteTrigger localhost
EOF
tap_done
