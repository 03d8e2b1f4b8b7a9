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

listens() { # PORT
    snmp_env_run ss -Hlun "sport = :$1" | grep -q .
}
holder() { # udp|tcp PORT: who listens there, says ss
    snmp_env_run ss -Hlnp"${1:0:1}" "sport = :$2" | grep -o 'pid=[0-9]*' | head -n 1 | tr -dc 0-9
}
# Each takes six seconds, whatever the answer: they are asked side by side.
ask() { # NAME ADDRESS [COMMAND...]: the JSON of status in $SNMP_DIR/NAME.out; COMMAND runs it
    local name=$1 address=$2
    shift 2
    (
        snmp_env_run "$@" "$BUILD/bin/dcachemon" snmpd status --json -c "$SNMP_DIR/dcachemon.conf" \
            -a "$address" >"$SNMP_DIR/$name.out" 2>"$SNMP_DIR/$name.err"
        echo $? >"$SNMP_DIR/$name.status"
    ) &
    asking+=($!)
}
asking=()
answered() { wait "${asking[@]}"; asking=(); }
says() { # NAME EXPRESSION: true of its document d
    python3 - "$SNMP_DIR/$1.out" "$2" <<'EOF' || { sed 's/^/# /' "$SNMP_DIR/$1".{status,out,err}; return 1; }
import json, sys
d = json.load(open(sys.argv[1]))
assert eval(sys.argv[2]), sys.argv[2]
EOF
}
is() { says "$@" && [ "$(<"$SNMP_DIR/$1.status")" = 0 ]; } # it has ended with 0, too
is_well() { is "$1" "d['pid'] == ${SNMP_PIDS[snmpd]} and d['state'] in ('well', 'slow')"; }
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
    ask first "udp:$SNMP_ADDRESS"
    ask second udp:127.0.0.1:16162
    answered
    [ "$(holder udp 16161)" = "${SNMP_PIDS[snmpd]}" ] && [ "$(holder udp 16162)" = "${SNMP_PIDS[second]}" ] &&
        is first "d['pid'] == $(holder udp 16161) and d['process_unknown'] is None" &&
        is second "d['pid'] == $(holder udp 16162) and d['state'] in ('well', 'slow')"
}
test_transports() { # ADDRESS...: each of the second snmpd, and answered
    local address number=0
    for address; do ask "transport$((++number))" "$address"; done
    answered
    number=0
    for address; do
        is "transport$((++number))" "d['pid'] == ${SNMP_PIDS[second]} and d['measured']['answers'] > 0" ||
            { echo "# $address"; return 1; }
    done
}
test_stopped() { # the second one alone
    kill -STOP "${SNMP_PIDS[second]}"
    ask second udp:127.0.0.1:16162
    ask first "udp:$SNMP_ADDRESS"
    answered
    kill -CONT "${SNMP_PIDS[second]}"
    is second "d['pid'] == ${SNMP_PIDS[second]} and d['state'] == 'silent' and '-CONT ${SNMP_PIDS[second]}' in d['fix']" &&
        is_well first
}
test_spinning() {
    ask spinning udp:127.0.0.1:16163
    ask first "udp:$SNMP_ADDRESS"
    answered
    is spinning "d['pid'] == ${SNMP_PIDS[spinning]} and d['state'] == 'wedged'" && is_well first
}
# A program that is no snmpd.
answer_as_other() { # PORT
    snmp_env_spawn other python3 -c "import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('127.0.0.1', $1))
while True: s.sendto(*s.recvfrom(4096))"
    wait_for 20 listens "$1"
}
# /proc as hosts with hidepid=2 mount it, another instance of it, seen by nobody.
hidden() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare -m sh -c 'mount -t proc -o hidepid=2 proc /proc &&
        exec setpriv --reuid 65534 --regid 65534 --clear-groups "$0" "$@"' "$@"
}
export -f hidden
doctor_hidden() {
    snmp_env_run bash -c 'hidden "$@"' - "$BUILD/bin/dcachemon" doctor -c "$SNMP_DIR/spinning.conf" >"$SNMP_DIR/doctor" 2>&1
}
ask_what_cannot_be_told() { # of 16163, which does not answer, and 16199, where nobody is
    ask elsewhere udp:127.0.0.1:16199
    ask remote udp:192.0.2.1:16161
    ask other udp:127.0.0.1:16164
    ask hidepid udp:127.0.0.1:16163 bash -c 'hidden "$@"' -
    ask namespace udp:127.0.0.1:16163 unshare --pid --fork --mount-proc
    ask nobody udp:127.0.0.1:16199 unshare --pid --fork --mount-proc
    ask unprivileged udp:127.0.0.1:16163 setpriv --reuid 65534 --regid 65534 --clear-groups
    doctor_hidden & asking+=($!)
    answered
}
test_elsewhere() { # nobody at the address
    is elsewhere "d['pid'] is None and d['state'] == 'silent' and 'nobody listens there' in d['process_unknown'] and ' named snmpd here, at udp' in d['process_unknown']" &&
        is elsewhere "'mute_address = udp' in d['fix']"
}
# Not an address of this namespace.
test_remote() { is remote "d['pid'] is None and (d['not_measured'] or 'not one of this host' in d['process_unknown'])"; }
test_other_program() {
    is other "d['pid'] == ${SNMP_PIDS[other]} and 'answers there, not snmpd' in d['process_unknown'] and d['version'] is None"
}
unseen="d['pid'] is None and d['state'] == 'silent' and d['process_unknown'] == 'its process is not visible from here'"
test_hidepid() { is hidepid "$unseen and 'as root' in d['fix'] and d['measured']['refused'] is False"; }
test_pid_namespace() { says namespace "$unseen"; }
# Nobody there is said as ever.
test_hidden_absent() { says nobody "d['pid'] is None and d['state'] == 'absent'"; }
test_hidden_text() { # doctor warns, and says how to look
    grep -qE '^warn +snmpd_load +silent, its process is not visible from here: 0 of ' "$SNMP_DIR/doctor" &&
        grep -A 1 snmpd_load "$SNMP_DIR/doctor" | grep -q 'fix: look as root' || { sed 's/^/# /' "$SNMP_DIR/doctor"; return 1; }
}
# Names and no descriptors.
test_unprivileged() {
    is unprivileged "d['pid'] is None and int(d['process_unknown'].split()[2]) >= 3 and 'named snmpd, whose sockets' in d['process_unknown']"
}

SNMP_MODULES=-smux
snmp_env_prepare
chmod 755 "$SNMP_DIR"
printf '[sampling]\nsocket =\nbpf = no\n' >"$SNMP_DIR/dcachemon.conf"
printf '[sampling]\nsocket =\nbpf = no\n[if_mib]\nmute_address = udp:127.0.0.1:16163\n' >"$SNMP_DIR/spinning.conf"
printf 'agentaddress %s\n' "udp:127.0.0.1:16162,udp6:[::1]:16162,tcp:127.0.0.1:16162,unix:$SNMP_DIR/u.sock" \
    >"$SNMP_DIR/second.conf"
snmp_env_snmpd_start || exit 1
# Another one in the same namespace.
snmp_env_spawn second /usr/sbin/snmpd -f -Lo -C -c "$SNMP_DIR/second.conf" -I -smux
wait_for 20 listens 16162 || exit 1
tap_ok "each address has its own process" test_both
tap_ok "over TCP, IPv6 and a Unix socket" test_transports tcp:127.0.0.1:16162 TCP:16162 udp6:[::1]:16162 "[::1]:16162" \
    "unix:$SNMP_DIR/u.sock" "$SNMP_DIR/u.sock"
tap_ok "a stopped one is silent, the other well" test_stopped
spin 16163
tap_ok "one that spins is wedged, the other well" test_spinning
# From here on it is as silent without a processor of its own.
kill -STOP "${SNMP_PIDS[spinning]}"
answer_as_other 16164
ask_what_cannot_be_told
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

# ---- the modules that were left out, from the command line ----
port=16170
cases=$SNMP_DIR/modules
cat >"$cases" <<'EOF'
-smux,mteTrigger,mteTriggerConf,ifTable -I -smux,mteTrigger,mteTriggerConf,ifTable
-smux_-ifTable,ifXTable -I -smux -I-ifTable,ifXTable -r
-smux,mteTrigger -rI -smux:mteTrigger localhost
EOF
while read -r _ options; do
    echo "agentaddress udp:127.0.0.1:$((++port))" >"$SNMP_DIR/$port.conf"
    # shellcheck disable=SC2086 # several options
    snmp_env_spawn "snmpd$port" /usr/sbin/snmpd -f -Lo -C -c "$SNMP_DIR/$port.conf" $options
    wait_for 20 listens $port
    ask "modules$port" "udp:127.0.0.1:$port"
done <"$cases"
answered
port=16170
while read -r want options; do
    tap_ok "modules: $options" is "modules$((++port))" "d['modules'] == '${want//_/ }'"
done <"$cases"
tap_done
