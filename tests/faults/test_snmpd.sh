#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 3600
# A real snmpd that is killed and stopped while managers walk without a pause.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/snmp_env.sh
. "$TOP/tests/lib/snmp_env.sh"
# shellcheck source=tests/lib/faults.sh
. "$TOP/tests/lib/faults.sh"
# shellcheck source=tests/lib/fake_sampler.sh
. "$TOP/tests/lib/fake_sampler.sh"

[ -x "$BUILD/tests/lib/snmp_agent" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
ROOT=.1.3.6.1.4.1.8072.9999.9999.1806
VALUE=$ROOT.1.3.1.7.3
kills=${FAULT_ROUNDS:-$(times 20 500)}
stop_seconds=$(times 10 60)

serves() { [[ $(snmp_get "$VALUE") == *"Gauge32: 1000" ]]; }
agent_pid() { pgrep -P "${SNMP_PIDS[sampler]}"; }
same_agent() { [ "$(agent_pid)" = "$agent" ]; }
published() { sampler_report "${SNMP_PIDS[sampler]}" "$SNMP_DIR/sampler.log" "$1"; } # FIELD
fds() { find "/proc/$agent/fd" | wc -l; }
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$agent/status"; }
# Managers that walk all the time, whatever the answers.
load() {
    local i
    for i in 1 2 3; do
        snmp_env_spawn "manager$i" bash -c 'while :; do
            snmpbulkwalk -v2c -c public -On -t 1 -r 0 -Cr50 "$0" "$1" >/dev/null 2>&1; done' \
            "$SNMP_ADDRESS" "$ROOT"
    done
}
load_end() { for i in 1 2 3; do snmp_env_end "manager$i"; done; }

snmp_env_start
snmp_env_spawn sampler "$subject/tests/lib/fake_sampler" 200 200 "$subject/tests/lib/snmp_agent" @FD@ "$SNMP_AGENTX"
tap_ok "served" wait_for 10 serves
agent=$(agent_pid)
load

# ---- killed ----
slowest=0 lost=0
for ((i = 0; i < kills; i++)); do
    snmp_env_snmpd_kill KILL
    snmp_env_snmpd_start >/dev/null || break
    begin=$(date +%s%N)
    wait_for 8 serves || lost=$((lost + 1))
    took=$((($(date +%s%N) - begin) / 1000000))
    [ $took -gt $slowest ] && slowest=$took
    # Not before the first rounds: allocators warm up.
    [ $i != 4 ] || { fds_before=$(fds) rss_before=$(rss); }
done
echo "# $kills kills, served again after at most $slowest ms"
tap_ok "snmpd killed $kills times under load: served again each time" test "$i/$lost" = "$kills/0"
tap_ok "snmpd killed: within five seconds" test $slowest -lt 5000
tap_ok "snmpd killed: by the same process" same_agent
tap_ok "snmpd killed: descriptors are level" test $(($(fds) - fds_before)) -le 1
echo "# resident $rss_before to $(rss) KiB"
tap_ok "snmpd killed: memory is level" test $(($(rss) - rss_before)) -le $((4096 + 20 * kills))
tap_ok "snmpd killed: snapshots went on" test "$(published max-gap-ms)" -lt 3000

# ---- stopped ----
before=$(published published)
kill -STOP "${SNMP_PIDS[snmpd]}"
sleep "$stop_seconds"
after=$(published published)
kill -CONT "${SNMP_PIDS[snmpd]}"
begin=$(date +%s%N)
tap_ok "snmpd stopped $stop_seconds s under load: served again" wait_for 10 serves
echo "# after $((($(date +%s%N) - begin) / 1000000)) ms; snapshots meanwhile: $((after - before))"
tap_ok "snmpd stopped: one snapshot per 200 ms all the time" test $((after - before)) -ge $((stop_seconds * 4))
tap_ok "snmpd stopped: by the same process" same_agent
load_end

# ---- GETBULK storms ----
storm() {
    local i pids=()
    for ((i = 0; i < $(times 20 400); i++)); do
        snmp_env_run snmpbulkget -v2c -c public -On -t 3 -r 0 -Cn0 -Cr$((i % 2 ? 1000 : 65535)) \
            "$SNMP_ADDRESS" $ROOT.1.3.1.7 $ROOT.1.3.1.6 $ROOT.1.6 $ROOT >/dev/null 2>&1 &
        pids+=($!)
        [ $((i % 5)) != 4 ] || { wait "${pids[@]}"; pids=(); }
    done
    # Without an argument it would wait for snmpd.
    [ ${#pids[@]} = 0 ] || wait "${pids[@]}"
    return 0
}
tap_ok "GETBULK storm of 65,535 repetitions is over" storm
tap_ok "GETBULK storm: served afterwards" wait_for 20 serves
tap_ok "GETBULK storm: by the same process" same_agent
tap_ok "GETBULK storm: snapshots went on" test "$(published max-gap-ms)" -lt 3000

kill -TERM "${SNMP_PIDS[sampler]}"
wait "${SNMP_PIDS[sampler]}"
tap_ok "ends with 0" test $? = 0
text="no report of AddressSanitizer"
if instrumented; then tap_ok "$text" no_report "$SNMP_DIR/sampler.log"; else tap_skip "$text" "no build-asan here"; fi
tap_done
