#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: chains
# More than 500 namespaces that come and go while they are sampled, 170 at a time; with CHURN=60 500
# at a time for 60 s.
. "${TOP:?set by tests/run}/tests/lib/netns_cache.sh"

resident() { awk '/^VmRSS/ { print $2 }' "/proc/$driver_pid/status"; }
every() { # COMMAND, below "ip netns", with each of the names
    for ((n = 1; n <= churned; n++)); do echo "netns $1 churn$n"; done | ip -batch - >/dev/null
}
churned=170
[ -z "${CHURN:-}" ] || churned=500
start -- /run/netns
tell refresh
tell "wantall"
tell run
start_fds=$(fd_count) end=$(($(date +%s) + ${CHURN:-5})) rounds=0 most=0 first_kb=0 level=yes
while [ $rounds -lt 3 ] || [ "$(date +%s)" -lt $end ]; do
    every add
    ip -all netns exec ip link set lo up >/dev/null
    tell refresh
    tell wantall
    tell "run 2"
    now=$(fd_count)
    [ "$now" -le $most ] || most=$now
    every del
    # Half of the time the rounds notice first that they are gone.
    [ $((rounds % 2)) = 0 ] || tell run
    tell refresh
    tell run
    [ "$(fd_count)" = "$start_fds" ] || level="$(fd_count) in round $rounds"
    rounds=$((rounds + 1))
    [ $rounds != 2 ] || first_kb=$(resident) # one round of each kind has been
    [ -z "${CHURN:-}" ] || echo "# round $rounds: $(resident) kB"
done
check "$rounds times $churned namespaces churned: descriptors $start_fds, $most, then level" equal "$level" yes
check "while they lived their files were open" test "$most" -ge $((start_fds + churned * 4))
last_kb=$(resident)
check "memory after two rounds ($first_kb kB) and at the end ($last_kb kB) is level" \
    test "$last_kb" -le $((first_kb + first_kb / 10 + 512))
stop
done_testing
