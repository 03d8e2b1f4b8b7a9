#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 150
# The interface tables in place of Debian's snmpd, which goes on answering when the subagent is gone: every row
# equal to those of a stock snmpd beside it, its reloads muted and put back, restarts and deaths survived.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/if_env.sh
. "$TOP/tests/lib/if_env.sh"

SNMP_MODULES=-smux # ifTable stays: that is what is taken over
MTU_OF_LO=.1.3.6.1.2.1.2.2.1.4.1
STAMP=.1.3.6.1.4.1.8072.9999.9999.1806.1.17.3.0

agent_pid() { pgrep -P "${SNMP_PIDS[subagent]}"; }
write_config() { # TAKEOVER CREDENTIALS
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
mute_address = udp:$SNMP_ADDRESS
mute_credentials = $2
CONF
}
start_subagent() { snmp_env_spawn subagent "$BUILD/bin/dcachemon-snmp" -f -c "$SNMP_DIR/dcachemon.conf"; }
logged() { grep -q -- "$1" "$SNMP_DIR/subagent.log"; }

# ---- tests ----

test_few_calls() { few_calls "$(agent_pid)" .1.3.6.1.2.1.2.2.1.2; }
test_mixed() { # one request for an interface and for an object of DCACHEMON-MIB: two registrations, one session
    local answer
    answer=$(snmp_get $MTU_OF_LO $STAMP; snmp_getnext ${STAMP%.0} ${MTU_OF_LO%.1}) || return 1
    [ "$(grep -c "^\($MTU_OF_LO = INTEGER: 65536\|$STAMP = Timeticks: \)" <<<"$answer")" = 4 ] || { echo "# $answer"; return 1; }
}
test_boundaries() { # GETNEXT from the last ours goes on behind the table, none of the built-in's between
    local last
    last=$(snmp_walk .1.3.6.1.2.1.2.2 | tail -1 | cut -d' ' -f1)
    [[ $last == .1.3.6.1.2.1.2.2.1.22.* ]] || return 1
    [[ $(snmp_getnext "$last") != .1.3.6.1.2.1.2.* ]]
}
test_first_after_pause() { # rows are gone; the request waits for the next snapshot
    local start
    sleep 36
    start=$(milliseconds)
    taken_over || return 1
    echo "# the first GET after a pause took $(($(milliseconds) - start)) ms, snmpget included"
    [ $(($(milliseconds) - start)) -lt 1000 ]
}
test_no_opens() { no_opens 10 "${SNMP_PIDS[snmpd]}" "${SNMP_PIDS[subagent]}" "$(agent_pid)"; }
# snmpd answers genErr to the one request that it had handed to a subagent before it saw the
# connection closed; the next must be answered, and none may be lost.
mtu_answered() {
    local answer
    answer=$(snmp_get $MTU_OF_LO 2>&1)
    [[ $answer == *genError* ]] && answer=$(snmp_get $MTU_OF_LO 2>&1)
    [[ $answer == *"INTEGER: 65536" ]] || { echo "# $answer"; return 1; }
}
test_sigkill_agent() {
    kill -KILL "$(agent_pid)"
    mtu_answered && wait_for 5 taken_over
}
test_sigkill_all() {
    kill -KILL "${SNMP_PIDS[subagent]}"
    wait "${SNMP_PIDS[subagent]}" 2>/dev/null
    wait_for 5 stock && mtu_answered || return 1
    wait_for 3 timeout_is 900 || { echo "# $(snmp_get $TIMEOUT)"; return 1; }
}
test_back() {
    local start
    start=$(milliseconds)
    start_subagent
    wait_for 5 taken_over || return 1
    echo "# back after $(($(milliseconds) - start)) ms"
}
test_snmpd_restart() {
    local start
    snmp_env_snmpd_kill TERM
    snmp_env_snmpd_start || return 1
    start=$(milliseconds)
    wait_for 5 taken_over && wait_for 5 timeout_is 900 || return 1
    echo "# mute and take-over back after $(($(milliseconds) - start)) ms"
    [ $(($(milliseconds) - start)) -lt 5000 ]
}
test_orderly() {
    kill -TERM "${SNMP_PIDS[subagent]}"
    wait "${SNMP_PIDS[subagent]}" || return 1
    unset 'SNMP_PIDS[subagent]'
    wait_for 5 timeout_is 3 && stock
}
test_open_credentials() { # taken over, but not muted, and it says why
    chmod 640 "$SNMP_DIR/credentials"
    : >"$SNMP_DIR/subagent.log"
    start_subagent
    wait_for 5 taken_over && wait_for 5 logged "open to group or others" && timeout_is 3
}
test_reload_off() {
    write_config off "$SNMP_DIR/credentials"
    kill -HUP "${SNMP_PIDS[subagent]}"
    wait_for 5 stock
}
test_auto_stays_off() {
    write_config auto ''
    kill -HUP "${SNMP_PIDS[subagent]}"
    sleep 3
    stock
}
test_v3() {
    chmod 600 "$SNMP_DIR/credentials"
    printf 'user = setter\nauth_protocol = SHA\nauth_password = "long enough"\n' >"$SNMP_DIR/credentials"
    printf 'priv_protocol = AES\npriv_password = also long enough\n' >>"$SNMP_DIR/credentials"
    sed -i 's/"//g' "$SNMP_DIR/credentials"
    write_config on "$SNMP_DIR/credentials"
    start_subagent
    wait_for 5 taken_over && wait_for 5 timeout_is 900
}

SNMP_EXTRA_CONF='createUser setter SHA "long enough" AES "also long enough"
rwuser setter priv'
snmp_env_prepare
make_interfaces
printf '# for SET\ncommunity = private\n' >"$SNMP_DIR/credentials"
chmod 600 "$SNMP_DIR/credentials"
write_config on "$SNMP_DIR/credentials"
snmp_env_snmpd_start || exit 1
remember_stock

tap_ok "stock snmpd reloads every 3 s" timeout_is 3
start_subagent
tap_ok "the tables are taken over" wait_for 5 taken_over
tap_ok "snmpd is muted" wait_for 5 timeout_is 900
tap_ok "the forecast knows that" wait_for 15 reload_every_is 900
tap_ok "every row and column is that of stock snmpd" test_equal
tap_ok "odd requests, too" test_odd
tap_ok "a request costs the agent few system calls" test_few_calls
tap_ok "nothing of the built-in table behind the last row" test_boundaries
tap_ok "one request for interfaces and for DCACHEMON-MIB" test_mixed
tap_ok "a new interface has its row" test_new_interface
tap_ok "no path below /proc/sys/net is walked" test_no_opens
unsanitized "$BUILD/bin/dcachemon-snmp" "the first request after a pause is answered" test_first_after_pause
tap_ok "agent killed: an answer at once, taken over again within 5 s" test_sigkill_agent
tap_ok "all killed: stock rows at once, still muted" test_sigkill_all
tap_ok "restarted: back within 5 s" test_back
tap_ok "snmpd restarted: mute and take-over back within 5 s" test_snmpd_restart
tap_ok "an orderly end gives back tables and reload" test_orderly
tap_ok "credentials open to others are refused" test_open_credentials
tap_ok "take-over switched off by a reload" test_reload_off
tap_ok "auto leaves a healthy snmpd alone" test_auto_stays_off
snmp_env_end subagent
tap_ok "SNMPv3 credentials mute, too" test_v3
grep -v "notice:" "$SNMP_DIR/subagent.log" | sed 's/^/# /'
tap_done
