#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# The module inside Debian's snmpd: loaded and unloaded by SIGHUP, every row equal to the built-in ones before, no
# reload in the background with or without a sampler, built-in rows as soon as the sampler is gone.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/if_env.sh
. "$TOP/tests/lib/if_env.sh"

SNMP_MODULES=-smux
# shellcheck source=tests/lib/module_env.sh
. "$TOP/tests/lib/module_env.sh"

with_module() { # on the running snmpd
    write_module_conf "$@"
    reload_snmpd
}
without_module() { snmp_env_write_conf; reload_snmpd; }
write_config() { # TAKEOVER
    cat >"$SNMP_DIR/dcachemon.conf" <<CONF
[sampling]
socket = $SNMP_DIR/snapshot.sock
bpf = no
lookups_interval = 1
snmpd_interval = 1
[state]
folder =
[snmp]
agentx_socket = $SNMP_AGENTX
[if_mib]
takeover = $1
CONF
}
start_sampler() { snmp_env_spawn sampler "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"; }
same_snmpd() { [ "${SNMP_PIDS[snmpd]}" = "$snmpd_pid" ] && ! pid_gone "$snmpd_pid"; }

# Interface files that snmpd itself opens or examines, while nobody asks.
opens_while_idle() { # SECONDS
    timeout "$1" strace -f -qq -e trace=file -o "$SNMP_DIR/strace" -p "${SNMP_PIDS[snmpd]}" 2>/dev/null
    interface_opens "$SNMP_DIR/strace"
}
test_reloads() { # the oracle: stock snmpd does
    local opens
    opens=$(opens_while_idle 4)
    echo "# $opens opens and stats in 4 s"
    [ "$opens" -gt 40 ]
}
test_no_reload() {
    local opens
    opens=$(opens_while_idle 7)
    echo "# $opens opens and stats in 7 s"
    [ "$opens" = 0 ] && timeout_is 3
}
test_loaded() { with_module && wait_for 3 said_once && stock; }
said_once() { [ "$(said 'No such file or directory: snmpd answers the interface tables itself')" = 1 ]; }
test_built_in_fresh() { # built-in rows are loaded when asked for, at most 3 s old
    ip -n "$SNMP_NETNS" link set va6 mtu 1400
    mtu_shown() { [[ $(snmp_get ".1.3.6.1.2.1.2.2.1.4.$(ip netns exec "$SNMP_NETNS" cat /sys/class/net/va6/ifindex)") == *": 1400" ]]; }
    wait_for 5 mtu_shown || return 1
    ip -n "$SNMP_NETNS" link set va6 mtu 1500
}
test_taken_over() { wait_for 5 taken_over && timeout_is 900; }
# The module's own word reaches JSON, the manager and the people.
serves_mib() { [[ $(snmp_get .1.3.6.1.4.1.8072.9999.9999.1806.1.10.5.0) == *"INTEGER: $1" ]]; } # 1 or 2
status_says() { # TEXT
    "$BUILD/bin/dcachemon" snmpd status -c "$SNMP_DIR/dcachemon.conf" >"$SNMP_DIR/status"
    grep -q "^DCACHEMON-MIB  *$1 " "$SNMP_DIR/status" || { sed 's/^/# /' "$SNMP_DIR/status"; return 1; }
}
test_told_off() { wait_for 10 module_mib_is False && wait_for 10 serves_mib 2; }
test_told_on() {
    with_module && echo 'dcachemonMIB on' >>"$SNMP_SNMPD_CONF" && reload_snmpd && wait_for 10 module_mib_is True &&
        serves_mib 1 && status_says "served by the module" && with_module && wait_for 10 module_mib_is False
}
test_no_opens() { no_opens 6 "${SNMP_PIDS[snmpd]}" "${SNMP_PIDS[sampler]}"; }
test_first_after_pause() { # rows are gone after 30 s, in which snmpd has nothing to do; a GETBULK: all its rows
    local start first opens
    opens=$(opens_while_idle 32)
    echo "# $opens opens and stats in 32 s"
    [ "$opens" = 0 ] || return 1
    start=$(milliseconds)
    first=$(snmp_env_run snmpbulkget -v2c -c public -On -Oe -t 2 -r 0 -Cn1 -Cr9 "$SNMP_ADDRESS" .1.3.6.1.2.1.2.1 .1.3.6.1.2.1.2.2.1.2)
    echo "# the first request after a pause took $(($(milliseconds) - start)) ms, snmpbulkget included"
    [ $(($(milliseconds) - start)) -lt 1000 ] || return 1
    [ "$(grep -c '^\.1\.3\.6\.1\.2\.1\.2\.2\.1\.2\.' <<<"$first")" = 9 ] && return
    printf '# %s\n' "$first"
    return 1
}
# snmpd asks itself, after a pause, and until it has the answer serves neither the sampler nor its alarms: whoever
# asks for the tables meanwhile waits, too.
test_monitor() {
    SNMP_EXTRA_CONF='createUser internal SHA internalpass AES
rouser internal
iquerySecName internal
monitor -r 40 -u internal links .1.3.6.1.2.1.2.2.1.8 != 1' write_module_conf
    snmp_env_snmpd_kill TERM # monitors start with snmpd
    snmp_env_snmpd_start || return 1
    snmpd_pid=${SNMP_PIDS[snmpd]}
    sleep 43
    taken_over && taken_over && [ "$(said 'failed to run mteTrigger query')" = 0 ] && with_module
}
test_two_lines() { # the second one does nothing, and nothing of it is left behind
    with_module
    printf 'dlmod dcachemon %s\n' "$MODULE" >>"$SNMP_SNMPD_CONF"
    reload_snmpd
    wait_for 5 taken_over || return 1
    without_module
    sleep 2
    same_snmpd && stock || return 1
    with_module
    wait_for 5 taken_over
}
# The registrations go while a request that points into them waits for another subagent.
test_lost_while_others_wait() {
    local answer
    snmp_env_spawn slow python3 "$TOP/tests/lib/slow_agent.py" "$SNMP_AGENTX" 0.7
    wait_for 5 grep -q ready "$SNMP_DIR/slow.log" || return 1
    (sleep 1 && kill -KILL "${SNMP_PIDS[sampler]}") &
    answer=$(snmp_env_run snmpbulkget -v2c -c public -On -t 15 -r 0 -Cr6 "$SNMP_ADDRESS" .1.3.6.1.2.1.2.2.1.2 .1.3.6.1.4.1.55555.1 2>&1)
    wait "${SNMP_PIDS[sampler]}" 2>/dev/null
    unset 'SNMP_PIDS[sampler]'
    snmp_env_end slow
    stock && start_sampler && wait_for 5 taken_over || return 1
    [[ $answer == *genError* ]] || { echo "# $answer"; return 1; }
}
test_sampler_killed() {
    kill -KILL "${SNMP_PIDS[sampler]}"
    wait "${SNMP_PIDS[sampler]}" 2>/dev/null
    unset 'SNMP_PIDS[sampler]'
    stock && timeout_is 3
}
test_back() {
    local start
    start=$(milliseconds)
    start_sampler
    wait_for 5 taken_over || return 1
    echo "# back after $(($(milliseconds) - start)) ms"
}
test_sampler_stopped() { # a silent sampler is given up while somebody asks
    kill -STOP "${SNMP_PIDS[sampler]}"
    wait_for 20 stock || return 1
    kill -CONT "${SNMP_PIDS[sampler]}"
    wait_for 5 taken_over
}
test_reloads_under_load() { # 15 times unloaded and loaded beside walks; each unload drops what waits
    local n answered=0 walker
    while :; do snmp_walk .1.3.6.1.2.1.2.2 >/dev/null 2>&1; done &
    walker=$!
    for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        reload_snmpd && snmp_get .1.3.6.1.2.1.2.2.1.4.1 >/dev/null 2>&1 && answered=$((answered + 1))
    done
    kill $walker
    wait $walker 2>/dev/null
    echo "# $answered of 15 answered"
    [ "$answered" -ge 14 ] && wait_for 5 taken_over && same_snmpd
}
# The server sends what is no snapshot: said, and the built-in rows answer.
test_junk() {
    python3 - "$SNMP_DIR/junk.sock" <<'PY' &
import array, os, socket, sys, tempfile
server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
server.bind(sys.argv[1])
server.listen(8)
file = tempfile.TemporaryFile()
file.write(b"DCM" * 5000)
file.flush()
memfd = os.memfd_create("junk", os.MFD_ALLOW_SEALING)
os.write(memfd, os.urandom(70000))
import fcntl
fcntl.fcntl(memfd, 1033, 15)  # F_ADD_SEALS: all four
answers = [(b"s", [file.fileno()]), (b"s", [memfd]), (b"x", []), (b"s" * 60000, [memfd] * 4), (b"s", [0])]
for n in range(200):
    client, _ = server.accept()
    data, descriptors = answers[n % len(answers)]
    try:
        client.recv(100)
        client.sendmsg([data], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", descriptors))] if descriptors else [])
        client.recv(100)
    except OSError:
        pass
    client.close()
PY
    SNMP_PIDS[junk]=$!
    wait_for 5 test -S "$SNMP_DIR/junk.sock"
    with_module "$SNMP_DIR/junk.sock"
    wait_for 5 said_again "junk.sock: " 0 || return 1
    sleep 6 # six connections, each with another kind
    stock && same_snmpd && echo "# $(said 'junk.sock: ') said of them, the same once" &&
        [ "$(ls "/proc/$snmpd_pid/fd" | wc -l)" -le 40 ]
}
test_both() { # the agent process takes over, too: it answers where the module does not
    write_config on
    start_sampler
    with_module
    wait_for 5 taken_over || return 1
    wait_for 10 grep -q "answering the interface tables in place" "$SNMP_DIR/sampler.log" || return 1
    without_module # the agent has no credentials to mute with: the forecast is of 3 s again
    wait_for 5 taken_over && wait_for 15 reload_every_is None && snmp_env_end sampler && wait_for 5 stock
}
test_timer_back() {
    local opens
    timeout_is 3 || return 1
    opens=$(opens_while_idle 4)
    echo "# $opens opens and stats in 4 s"
    [ "$opens" -gt 40 ]
}
test_ends() {
    with_module
    kill -TERM "$snmpd_pid"
    wait "$snmpd_pid"
    local status=$?
    unset 'SNMP_PIDS[snmpd]'
    [ $status = 0 ] || { echo "# status $status"; return 1; }
    ! grep -E 'AddressSanitizer|runtime error|Segmentation' "$SNMP_DIR/snmpd.log"
}

snmp_env_prepare
make_interfaces
snmp_env_snmpd_start || exit 1
snmpd_pid=${SNMP_PIDS[snmpd]}
remember_stock
write_config off

tap_ok "stock snmpd reloads in the background" test_reloads
tap_ok "loaded by SIGHUP, without a sampler: said once, built-in rows" test_loaded
tap_ok "nothing is reloaded in the background" test_no_reload
tap_ok "built-in rows are fresh when asked for" test_built_in_fresh
start_sampler
tap_ok "the tables are taken over" test_taken_over
tap_ok "the forecast knows that nothing is reloaded" wait_for 15 reload_every_is 0
tap_ok "the module says that it leaves DCACHEMON-MIB to the agent" test_told_off
tap_ok "and that it serves it" test_told_on
wait_for 5 taken_over
tap_ok "every row and column is that of stock snmpd" test_equal
tap_ok "odd requests, too" test_odd
tap_ok "a new interface has its row" test_new_interface
tap_ok "no path below /proc/sys/net is walked" test_no_opens
unsanitized "$MODULE" "the first request after a pause is answered" test_first_after_pause
tap_ok "sampler killed: built-in rows at once" test_sampler_killed
tap_ok "started again: back within 5 s" test_back
tap_ok "sampler stopped: given up, taken up again" test_sampler_stopped
tap_ok "reloads of snmpd under load" test_reloads_under_load
tap_ok "sampler killed while another subagent is slow" test_lost_while_others_wait
unsanitized "$MODULE" "snmpd that asks itself does not stop" test_monitor
tap_ok "a second dlmod line does no harm" test_two_lines
snmp_env_end sampler
tap_ok "junk from the socket is refused" test_junk
snmp_env_end junk
tap_ok "an agent that takes over, too, stands behind it" test_both
tap_ok "unloaded: snmpd's own timer runs again" test_timer_back
tap_ok "snmpd ends well with it" test_ends
grep -E "dcachemon" "$SNMP_DIR/snmpd.log" | sort | uniq -c | sed 's/^/# /'
tap_done
