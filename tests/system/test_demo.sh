#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The tour of "make run": shows every table within a minute and leaves nothing behind, also when it
# is interrupted.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without the subagent"; exit 0; }
mkdir "$tmp/work"

# Processes of the demo are those with its folder in their command line.
leftovers() {
    ls -A "$tmp/work"
    grep -lsF "$tmp/work/" /proc/[0-9]*/cmdline || true
}
nothing_left() { [ -z "$(leftovers)" ]; }

begin=$SECONDS
run 0 "the tour ends with 0" env TMPDIR="$tmp/work" "$TOP/packaging/run-demo.sh" "$BUILD"
check "in under a minute ($((SECONDS - begin)) s)" test $((SECONDS - begin)) -lt 60
cp "$tmp/out" "$tmp/tour"
for words in 'dcmTotalsDentries' 'dcmHashEntries' 'SNMP table: DCACHEMON-MIB::dcmSourceTable' \
    'dcmSuperblockTable' 'dcmChainTable' 'dcmLookupTable' '^Longest hash chains'; do
    says "$tmp/tour" "$words"
done
silent "$tmp/err"
check "nothing is left" nothing_left

for signal in INT TERM; do
    # setsid and a handler for SIGINT as a terminal would give it.
    env TMPDIR="$tmp/work" python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$TOP/packaging/run-demo.sh" "$BUILD" >"$tmp/out" 2>&1 &
    pid=$!
    check "SIG$signal: under way" wait_for 20 grep -q 'both run' "$tmp/out"
    kill -"$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    check "SIG$signal: ends with a failure" test "$status" -gt 1
    check "SIG$signal: nothing is left" nothing_left
done

run 1 "a build without programs fails" env TMPDIR="$tmp/work" "$TOP/packaging/run-demo.sh" "$tmp"
check "and leaves nothing" nothing_left
done_testing
