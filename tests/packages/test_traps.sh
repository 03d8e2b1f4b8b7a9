#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 90
# Both notifications, as the MIB has them, through a real snmptrapd to the handler and to snmptt.
set -u
PATH=$PATH:/usr/sbin:/sbin
. "$TOP/tests/lib/snmp_env.sh"
packaging=$TOP/packaging
root=.1.3.6.1.4.1.8072.9999.9999.1806

send() { # NUMBER SEVERITY TEXT: of alarm 7
    local c=$root.1.11.1
    snmp_env_run snmptrap -v2c -c public 127.0.0.1:16200 '' $root.0."$1" $c.2.7 u 12 $c.3.7 i "$2" $c.4.7 i 1 \
        $c.5.7 o $root.1.6.1.2.1 $c.6.7 s '/proc/sys/net/ipv6' $c.7.7 s 5200 $c.8.7 s 5000 $c.9.7 s "$3" \
        $c.10.7 x 07EA0B160B1E0000
}
result_is() { # STATUS TEXT
    grep -q "PROCESS_SERVICE_CHECK_RESULT;[^;]*;dentry cache;$1;.*$2" "$SNMP_DIR/command"
}
read_one() { timeout 20 head -n 1 <&7 >"$SNMP_DIR/read"; }
handled() { [ "$(grep -c . "$SNMP_DIR/handled")" = "$1" ]; }
snmptt_says() { grep -q "$1" "$SNMP_DIR/snmptt.log"; }
one_line_each() { [ "$(grep -c . "$SNMP_DIR/command")" = "$1" ]; }

start_trap_daemon() {
    sed -n '/^authCommunity/p' "$packaging/snmptrapd/snmptrapd.conf" >"$SNMP_DIR/snmptrapd.conf"
    sed -n "s|^traphandle \([.0-9]*\) .*|traphandle \1 $SNMP_DIR/handle|p" "$packaging/snmptrapd/snmptrapd.conf" \
        >>"$SNMP_DIR/snmptrapd.conf"
    {
        printf '#!/bin/sh\ncat >%s/trap.$$\n' "$SNMP_DIR"
        # shellcheck disable=SC2016
        printf 'DCACHEMON_COMMAND_FILE=%s/command %s/snmptrapd/dcachemon-trap <%s/trap.$$\n' "$SNMP_DIR" "$packaging" "$SNMP_DIR"
        ! command -v snmptt >/dev/null || printf 'snmptt --ini=%s/snmptt.ini <%s/trap.$$ >>%s/snmptt.err 2>&1\n' "$SNMP_DIR" "$SNMP_DIR" "$SNMP_DIR"
        printf 'echo >>%s/handled x\n' "$SNMP_DIR"
    } >"$SNMP_DIR/handle"
    chmod 755 "$SNMP_DIR/handle"
    sed "s|^log_file = .*|log_file = $SNMP_DIR/snmptt.log|; s|^syslog_enable = .*|syslog_enable = 0|;
        s|^unknown_trap_log_enable = .*|unknown_trap_log_enable = 0|; s|^/etc/.*/snmptt.conf|$packaging/snmptt/dcachemon.conf|;
        s|^ipv6_enable = .*|ipv6_enable = 0|;
        s|^log_system_enable = .*|log_system_enable = 0|" /etc/snmp/snmptt.ini >"$SNMP_DIR/snmptt.ini" 2>/dev/null
    # -On: snmptt wants numeric OIDs; the handler takes names as well.
    snmp_env_spawn snmptrapd snmptrapd -f -Lo -On -C -c "$SNMP_DIR/snmptrapd.conf" udp:127.0.0.1:16200
    wait_for 5 grep -q 'NET-SNMP version' "$SNMP_DIR/snmptrapd.log"
}

# ----

command -v snmptrapd >/dev/null || { echo "1..0 # SKIP no snmptrapd"; exit 0; }
snmp_env_prepare
: >"$SNMP_DIR/command"
tap_ok "snmptrapd takes the configuration" start_trap_daemon
send 1 2 'chain /proc/sys/net ipv6: 1200 entries, above 1000'
tap_ok "a warning becomes a passive result" wait_for 10 result_is 1 'chain /proc/sys/net ipv6: 1200'
send 1 3 'chain /proc/sys/net ipv6: 5200 entries, above 5000'
tap_ok "a critical alarm too" wait_for 10 result_is 2 5200
send 2 1 'chain /proc/sys/net ipv6: 12 entries'
tap_ok "its clear as well" wait_for 10 result_is 0 '12 entries'
# shellcheck disable=SC2016
send 1 3 'evil;1;$(touch /tmp/x) `id`'$'\n''[0] PROCESS_SERVICE_CHECK_RESULT;forged;x;0;y'
tap_ok "a forged text arrives as one harmless line" wait_for 10 result_is 2 'evil_1'
tap_ok "nothing else was written" one_line_each 4

# While Nagios does not run, there is no pipe, or one that nobody reads. snmptrapd goes on.
mv "$SNMP_DIR/command" "$SNMP_DIR/before"
send 1 3 'while there is no pipe'
tap_ok "without a command pipe the handler ends" wait_for 20 handled 5
tap_ok "and makes no file in its place" test ! -e "$SNMP_DIR/command"
mkfifo "$SNMP_DIR/command"
send 1 3 'while nobody reads'
tap_ok "nor does it wait for a reader of the pipe" wait_for 20 handled 6
exec 7<>"$SNMP_DIR/command"
send 1 3 "$(printf '%0380d' 0) the last words"
tap_ok "a reader gets a long line" read_one
tap_ok "all of it" grep -q 'CHECK_RESULT;[^;]*;dentry cache;2;CRITICAL .*: 0*.*the last words$' "$SNMP_DIR/read"
exec 7>&-
if command -v snmptt >/dev/null; then
    tap_ok "snmptt tells the severities apart" wait_for 20 snmptt_says 'Critical.*5200 entries'
    tap_ok "and the warning" snmptt_says 'Warning.*1200 entries'
    tap_ok "and the clear" snmptt_says 'Normal.*over: chain'
else
    tap_skip "snmptt" "not installed"
fi
snmp_env_end snmptrapd
tap_done
