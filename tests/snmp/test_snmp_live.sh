#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# The agent process below a real snmpd, fed by a sampler whose rows are known.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/fake_sampler.sh
. "$TOP/tests/lib/fake_sampler.sh"

ROWS=50
ROOT=.1.3.6.1.4.1.8072.9999.9999.1806
OTHER_ROOT=.1.3.6.1.4.1.8072.9999.9999.1807
SUPERBLOCKS=$ROOT.1.3.1
# Sanitizers that find something end the program with this status, which the tests would see.
export ASAN_OPTIONS="${ASAN_OPTIONS:-exitcode=99}" UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"

log() { cat "$SNMP_DIR/sampler.log"; }
logged() { # COUNT TEXT
    [ "$(grep -c -- "$2" "$SNMP_DIR/sampler.log")" = "$1" ]
}
new_log() {
    log >>"$SNMP_DIR/all.log"
    : >"$SNMP_DIR/sampler.log"
}
published() { sampler_report "${SNMP_PIDS[sampler]}" "$SNMP_DIR/sampler.log" "$1"; } # FIELD
snapshots() { sampler_publishes "${SNMP_PIDS[sampler]}" "$SNMP_DIR/sampler.log" "$1"; }
agent_pid() { pgrep -P "${SNMP_PIDS[sampler]}"; }
milliseconds() { echo $(($(date +%s%N) / 1000000)); }

serves() { [[ $(snmp_get "${1:-$SUPERBLOCKS.7.3}") == *"Gauge32: 1000" ]]; }
not_served() { [[ $(snmp_get "$1") == *"No Such"* ]]; }

# What the rows of tests/lib/synthetic.h look like on the wire: COLUMN TYPE FORMULA
expected_column() {
    awk -v rows=$ROWS -v oid="$SUPERBLOCKS.$1" -v type="$2" -v how="$3" 'BEGIN {
        for (i = 1; i <= rows; i++) {
            v = how == "thousand" ? (i == rows ? "4294967295" : 1000 * i) \
              : how == "wide" ? (i == rows ? "5000000000" : 1000 * i) \
              : how == "device" ? "\"0:" i "\"" : how == "mount" ? "\"/mnt/" i "\"" \
              : how == "even" ? (i % 2 ? "" : i) : i
            if (v != "") print oid "." 3 * i " = " type ": " v
        }
    }'
}
column_is() { # COLUMN TYPE FORMULA
    diff <(expected_column "$@") <(snmp_walk "$SUPERBLOCKS.$1") >&2
}

start_agent() { # [CONFIG]
    snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" $ROWS 200 \
        "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX" "$@"
}

end_agent() { # -> status of the agent
    kill -TERM "${SNMP_PIDS[sampler]}"
    wait "${SNMP_PIDS[sampler]}"
    local status=$?
    unset 'SNMP_PIDS[sampler]'
    return $status
}

# ---- start ----

test_master_absent() {
    start_agent "$SNMP_DIR/dcachemon.conf"
    wait_for 5 logged 1 "no AgentX master" && snapshots 12 && logged 1 "no AgentX master" || return 1
    local start
    start=$(milliseconds)
    snmp_env_snmpd_start && wait_for 5 serves || return 1
    echo "# served $(($(milliseconds) - start)) ms after the start of snmpd"
    logged 1 "connected to the AgentX master"
}

test_capabilities() {
    local status
    status=$(cat "/proc/$(agent_pid)/status")
    for set in Inh Prm Eff Bnd Amb; do
        grep -q "^Cap$set:[[:space:]]*0000000000000000$" <<<"$status" || return 1
    done
    grep -q "^NoNewPrivs:[[:space:]]*1$" <<<"$status"
}

# ---- values ----

test_every_get() { # each walked instance with its GET, 20 at a time
    snmp_walk $ROOT >"$SNMP_DIR/walk" || return 1
    [ "$(wc -l <"$SNMP_DIR/walk")" -gt $((ROWS * 10)) ] || return 1
    cut -d' ' -f1 "$SNMP_DIR/walk" | xargs -n 20 | while read -r -a oids; do
        snmp_get "${oids[@]}"
    done | diff "$SNMP_DIR/walk" - >&2
}

test_getnext_walk() {
    snmp_env_run snmpwalk -v2c -c public -On -Oe -t 2 -r 0 "$SNMP_ADDRESS" "$ROOT.1.6" >"$SNMP_DIR/next"
    snmp_walk "$ROOT.1.6" | diff "$SNMP_DIR/next" - >&2
}

test_exceptions() {
    [[ $(snmp_get "$SUPERBLOCKS.7.4") == *"No Such Instance"* ]] &&
        [[ $(snmp_get "$ROOT.1.1.3.0") == *"No Such Instance"* ]] &&
        [[ $(snmp_get "$SUPERBLOCKS.7") == *"No Such Instance"* ]] &&
        [[ $(snmp_get "$SUPERBLOCKS.1.3") == *"No Such Object"* ]] &&
        [[ $(snmp_get "$ROOT.1.99.1.0") == *"No Such Object"* ]] &&
        [[ $(snmp_get "$ROOT.1") == *"No Such Object"* ]]
}

test_end_of_view() { # what follows our last instance is nobody's or another module's
    local last
    last=$(tail -n 1 "$SNMP_DIR/walk" | cut -d' ' -f1)
    [[ $(snmp_getnext "$last") != "$ROOT."* ]]
}

test_odd_names() {
    local long
    long=$SUPERBLOCKS.7.3$(printf '.4294967295%.0s' $(seq 100))
    [[ $(snmp_getnext "$long") == "$SUPERBLOCKS.7.6 = Gauge32: 2000" ]] &&
        [[ $(snmp_get "$long") == *"No Such Instance"* ]] &&
        [[ $(snmp_getnext "$SUPERBLOCKS.7.4294967295") == "$SUPERBLOCKS.8.3 = Gauge32: 10" ]] &&
        [[ $(snmp_getnext "$SUPERBLOCKS.7.2147483648") == "$SUPERBLOCKS.8.3 = Gauge32: 10" ]] &&
        [[ $(snmp_getnext "$SUPERBLOCKS.7") == "$SUPERBLOCKS.7.3 = Gauge32: 1000" ]] &&
        [[ $(snmp_getnext "$SUPERBLOCKS.0.5.5") == "$SUPERBLOCKS.2.3 = STRING: \"tmpfs\"" ]] &&
        [[ $(snmp_getnext "$ROOT") == "$ROOT.1.1.1.0 = Gauge32: 123456" ]] &&
        [[ $(snmp_getnext "$ROOT.0.1") == "$ROOT.1.1.1.0 = Gauge32: 123456" ]]
}

test_set() {
    snmp_set "$SUPERBLOCKS.7.3" u 5 2>&1 | grep -q notWritable && serves
}

test_hostile_name() { # as an Erlang or Python manager would read it: octets, not a rendering
    local hex
    hex=$(snmp_env_run snmpget -v2c -c public -On -Ox -t 2 "$SNMP_ADDRESS" "$ROOT.1.6.1.5.2")
    [ "$(wc -l <<<"$hex")" -le 2 ] &&
        ! grep -qiE '[ "](0A|1B|FF|7F|[89A-F][0-9A-F]) ' <<<"${hex#*STRING:}"
}

test_change_stamps() { # one value for as long as nothing changes, not later than now
    local first uptime
    first=$(snmp_env_run snmpget -v2c -c public -Oqvt "$SNMP_ADDRESS" "$ROOT.1.17.3.0") || return 1
    snapshots 3 || return 1
    [ "$first" = "$(snmp_env_run snmpget -v2c -c public -Oqvt "$SNMP_ADDRESS" "$ROOT.1.17.3.0")" ] ||
        return 1
    uptime=$(snmp_env_run snmpget -v2c -c public -Oqvt "$SNMP_ADDRESS" .1.3.6.1.2.1.1.3.0)
    [ "$first" -ge 0 ] && [ "$first" -le "$uptime" ]
}

test_parallel() {
    local i pids=()
    for i in $(seq 50); do
        snmp_get "$SUPERBLOCKS.7.3" "$SUPERBLOCKS.8.6" >"$SNMP_DIR/get.$i" 2>&1 &
        pids+=($!)
    done
    wait "${pids[@]}"
    [ "$(cat "$SNMP_DIR"/get.* | grep -c "Gauge32: 1000$")" = 50 ] &&
        [ "$(cat "$SNMP_DIR"/get.* | grep -c "Gauge32: 20$")" = 50 ]
}

# ---- by name ----

named() { # CLIENT ARG...
    (
        cd "$TOP" && . tests/lib/mibs.sh
        exec ip netns exec "$SNMP_NETNS" env SNMPCONFPATH="$SNMP_DIR/client" \
            SNMP_PERSISTENT_DIR="$SNMP_DIR/client" "$@"
    )
}
named_get() { named snmpget -v2c -c public -OqvU "$SNMP_ADDRESS" "DCACHEMON-MIB::$1"; }

names_resolve() {
    [ "$(named snmptranslate -On DCACHEMON-MIB::dcmSuperblockUnused.9 2>/dev/null)" = "$SUPERBLOCKS.7.9" ]
}

test_names() {
    [ "$(named_get dcmSuperblockUnused.9)" = 3000 ] &&
        [ "$(named_get dcmSourceStatus.4)" = unsupported ] &&
        [ "$(named_get dcmChainName.1)" = ipv6 ]
}

test_table_by_name() {
    named snmptable -v2c -c public -OU -Ci -Cb -Cf '|' "$SNMP_ADDRESS" \
        DCACHEMON-MIB::dcmSuperblockTable >"$SNMP_DIR/table"
    # every row, an absent value as "?", empty texts, and one with all its columns
    [ "$(grep -c '^[0-9]*|tmpfs|' "$SNMP_DIR/table")" = $ROWS ] &&
        grep -q '^3|tmpfs|id1|0:1|/mnt/1|?|1000|' "$SNMP_DIR/table" &&
        grep -q '^6|tmpfs|id2|0:2|/mnt/2|2|2000|20|2|2|2000|20|2\(|?\)*|\{7\}$' "$SNMP_DIR/table"
}

# ---- life ----

test_master_killed() {
    local start
    snmp_env_snmpd_kill KILL
    wait_for 3 logged 1 "lost the AgentX master" || return 1
    snapshots 15 || return 1
    start=$(milliseconds)
    snmp_env_snmpd_start && wait_for 5 serves || return 1
    echo "# served $(($(milliseconds) - start)) ms after the start of the new snmpd"
    [ $(($(milliseconds) - start)) -lt 5000 ] && logged 1 "lost the AgentX master" && logged 2 "connected to the AgentX master"
}

# The agent may block with its master; the sampler must not notice.
test_master_stopped() {
    local before after start
    before=$(published published)
    kill -STOP "${SNMP_PIDS[snmpd]}"
    sleep 15
    after=$(published published)
    kill -CONT "${SNMP_PIDS[snmpd]}"
    start=$(milliseconds)
    wait_for 5 serves || return 1
    echo "# served $(($(milliseconds) - start)) ms after snmpd went on;" \
        "snapshots meanwhile: $((after - before)), $(grep ^published "$SNMP_DIR/sampler.log" | tail -1)"
    # The session that the agent gave up meanwhile may still be open in snmpd for a moment.
    wait_for 5 logged 2 "lost the AgentX master" && snapshots 10 && serves || return 1
    # 15 s with one snapshot every 200 ms, and no long gap between two
    [ $((after - before)) -ge 60 ] &&
        [ "$(published max-gap-ms)" -lt 3000 ]
}

test_reload() {
    printf '[snmp]\nroot_oid = %s\n' "${OTHER_ROOT#.}" >"$SNMP_DIR/dcachemon.conf"
    kill -HUP "$(agent_pid)"
    wait_for 5 serves "$OTHER_ROOT.1.3.1.7.3" && not_served "$SUPERBLOCKS.7.3" || return 1
    printf '[snmp]\nroot_oid = junk.1\n' >"$SNMP_DIR/dcachemon.conf"
    kill -HUP "$(agent_pid)"
    wait_for 5 logged 1 "the configuration stays as it was" || return 1
    serves "$OTHER_ROOT.1.3.1.7.3" || return 1
    printf '[snmp]\nroot_oid = %s\n' "${ROOT#.}" >"$SNMP_DIR/dcachemon.conf"
    kill -HUP "$(agent_pid)"
    wait_for 5 serves
}

test_terminate() {
    local pid start
    pid=$(agent_pid)
    start=$(milliseconds)
    end_agent || return 1
    echo "# ended in $(($(milliseconds) - start)) ms"
    pid_gone "$pid" && not_served "$SUPERBLOCKS.7.3"
}

test_high_indexes() { # sub-identifiers of 2^31 and more
    DCM_TEST_HIGH_INDEXES=1 start_agent && wait_for 5 serves || return 1
    local status=0 index tail
    tail=$(snmp_walk "$SUPERBLOCKS.7" | tail -n 2)
    [ "$tail" = "$SUPERBLOCKS.7.2147483648 = Gauge32: 1000
$SUPERBLOCKS.7.4294967295 = Gauge32: 2000" ] || { echo "# $tail"; status=1; }
    for index in 2147483648 4294967295; do
        [[ $(snmp_get "$SUPERBLOCKS.7.$index") == *"Gauge32: "[12]000 ]] || status=1
    done
    snmp_env_run snmpwalk -v2c -c public -On -Oe "$SNMP_ADDRESS" "$SUPERBLOCKS.7" | tail -n 2 |
        diff - <(echo "$tail") >&2 || status=1
    end_agent && return $status
}

self_started() { snmp_env_run snmpget -v2c -c public -Oqvt "$SNMP_ADDRESS" "$ROOT.1.17.14.0"; }
test_sampler_ends() {
    start_agent && wait_for 5 serves || return 1
    first_started=$(self_started)
    kill -USR2 "${SNMP_PIDS[sampler]}"
    wait "${SNMP_PIDS[sampler]}" || return 1
    unset 'SNMP_PIDS[sampler]'
    not_served "$SUPERBLOCKS.7.3" && log | grep -q "the sampler has ended"
}

test_discontinuity() { # of the sampler's counters: another sampler, another time
    start_agent && wait_for 5 serves || return 1
    [ "$first_started" -gt 0 ] && [ "$(self_started)" -gt "$first_started" ]
    local status=$?
    end_agent && return $status
}

# select(2) with a plain fd_set ends at 1,024.
test_high_descriptor() {
    snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" $ROWS 200 python3 -c '
import os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
for _ in range(1100):
    os.set_inheritable(os.open("/dev/null", os.O_RDONLY), True)
os.execv(sys.argv[1], sys.argv[1:])' "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX"
    wait_for 5 serves || return 1
    local pid highest
    pid=$(agent_pid)
    highest=$(find "/proc/$pid/fd" -lname 'socket:*' -printf '%f\n' | sort -n | tail -1)
    [ "$highest" -gt 1024 ] && column_is 7 Gauge32 thousand && end_agent
}

# A master refuses a second registration of the same objects; it has to be tried again.
test_registration_refused() {
    start_agent && wait_for 5 serves || return 1
    snmp_env_spawn second "$BUILD/tests/lib/fake_sampler" 1 200 \
        "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX"
    local refusal='the master refused a registration: error 263 duplicateRegistration'
    wait_for 5 grep -q "$refusal" "$SNMP_DIR/second.log" || return 1
    snapshots 20 || return 1
    [ "$(grep -c "$refusal" "$SNMP_DIR/second.log")" = 1 ] || return 1
    # The words of the library.
    ! grep "registering pdu failed" "$SNMP_DIR/second.log" || return 1
    serves && end_agent || return 1
    # the only row of the second one: index 3, above 32 bits
    second_serves() { [[ $(snmp_get "$SUPERBLOCKS.7.3") == *"Gauge32: 4294967295" ]]; }
    wait_for 10 second_serves && snmp_env_end second
}

test_terminate_stopped_master() {
    local start
    start_agent && wait_for 5 serves || return 1
    kill -STOP "${SNMP_PIDS[snmpd]}"
    start=$(milliseconds)
    end_agent
    local status=$?
    echo "# ended in $(($(milliseconds) - start)) ms"
    kill -CONT "${SNMP_PIDS[snmpd]}"
    [ $status = 0 ] && [ $(($(milliseconds) - start)) -lt 4000 ]
}

test_user() {
    chmod 700 "$SNMP_DIR" && chmod 600 "$SNMP_AGENTX"
    printf '[snmp]\nuser = nobody\n' >"$SNMP_DIR/dcachemon.conf"
    new_log
    start_agent "$SNMP_DIR/dcachemon.conf"
    wait_for 5 logged 1 "no permission for the AgentX socket" || return 1
    # The owner of /proc/PID is that of the process.
    [ "$(ps -o user= -p "$(agent_pid)")" = nobody ] || return 1
    chmod 711 "$SNMP_DIR" && chmod 666 "$SNMP_AGENTX"
    wait_for 5 serves && end_agent
}

test_no_report() {
    new_log
    ! grep -E "Sanitizer|runtime error" "$SNMP_DIR/all.log" >&2
}

# ---- time in the handler ----

test_ten_thousand_rows() {
    local p99 line
    new_log
    snmp_env_spawn sampler "$BUILD/tests/lib/fake_sampler" 10000 500 \
        "$BUILD/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX"
    wait_for 5 serves || return 1
    [ "$(snmp_walk "$SUPERBLOCKS.7" | wc -l)" = 10000 ] || return 1
    # a column whose every second value is absent, and a name behind all of them
    [ "$(snmp_walk "$SUPERBLOCKS.6" | wc -l)" = 5000 ] || return 1
    kill -USR1 "$(agent_pid)"
    wait_for 3 grep -q "handler: .*p99" "$SNMP_DIR/sampler.log" || return 1
    line=$(grep "handler: .*p99" "$SNMP_DIR/sampler.log" | tail -1)
    echo "# ${line#*: }"
    p99=$(sed -n 's/.*p99 \([0-9]*\) us.*/\1/p' <<<"$line")
    end_agent && [ "$p99" -lt 5000 ]
}

snmp_env_prepare
printf '[snmp]\nroot_oid = %s\nping_interval = 5\n' "${ROOT#.}" >"$SNMP_DIR/dcachemon.conf"
tap_ok "starts without a master and finds it" test_master_absent
tap_ok "gives up every capability" test_capabilities
tap_ok "Gauge32 column, saturated in the last row" column_is 7 Gauge32 thousand
tap_ok "64-bit twin" column_is 11 Counter64 wide
tap_ok "absent values are no instances" column_is 6 Gauge32 even
tap_ok "device column" column_is 4 STRING device
tap_ok "mount point column" column_is 5 STRING mount
tap_ok "GET of each walked instance gives the same" test_every_get
tap_ok "GETNEXT walk equals GETBULK walk" test_getnext_walk
tap_ok "noSuchObject and noSuchInstance" test_exceptions
tap_ok "nothing of ours after the last instance" test_end_of_view
tap_ok "odd names" test_odd_names
tap_ok "SET is refused as notWritable" test_set
tap_ok "a hostile name is escaped" test_hostile_name
tap_ok "change stamps stand still on the master's clock" test_change_stamps
tap_ok "50 parallel requests" test_parallel
tap_ok "few system calls for a value" few_calls "$(agent_pid)" $SUPERBLOCKS.7
if names_resolve; then
    tap_ok "values by name" test_names
    tap_ok "snmptable by name" test_table_by_name
else
    tap_skip "values by name" "what DCACHEMON-MIB imports is not installed (package erlang-snmp)"
    tap_skip "snmptable by name" "what DCACHEMON-MIB imports is not installed (package erlang-snmp)"
fi
tap_ok "snmpd killed and started again" test_master_killed
tap_ok "snmpd stopped for 15 s" test_master_stopped
tap_ok "SIGHUP moves the root, a broken file does not" test_reload
tap_ok "SIGTERM ends cleanly" test_terminate
tap_ok "indexes of 2^31 and more" test_high_indexes
tap_ok "ends with the sampler" test_sampler_ends
tap_ok "the discontinuity time moves with the sampler" test_discontinuity
tap_ok "a session descriptor above 1,024" test_high_descriptor
tap_ok "a refused registration is repeated" test_registration_refused
tap_ok "SIGTERM while snmpd is stopped" test_terminate_stopped_master
tap_ok "runs as the configured user, warns about permission" test_user
tap_ok "p99 in the handler below 5 ms with 10,000 rows" test_ten_thousand_rows
tap_ok "no report of a sanitizer" test_no_report
tap_done
