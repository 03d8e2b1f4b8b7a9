#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: host
# sees: mounts
# The tour of "make run": within a minute it shows the chain and the names that it plants, its alarm
# raised and cleared, who makes the names, and frees them. It leaves nothing behind, also when it is
# interrupted.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without the subagent"; exit 0; }
mkdir "$tmp/work"

# The demo's processes, which alone have this folder for temporary files; its files and its mounts.
leftovers() {
    ls -A "$tmp/work"
    grep -lsazxF "TMPDIR=$tmp/work" /proc/[0-9]*/environ || true
    grep -F "$tmp/work" /proc/self/mountinfo || true
}
nothing_left() {
    local left
    left=$(leftovers)
    [ -z "$left" ] || { echo "# left: $left"; return 1; }
}
demo() { env TMPDIR="$tmp/work" "$TOP/packaging/run-demo.sh" "$1"; }
# excerpt N: what the tour says under its heading N.
excerpt() { sed -n "/^== $1\. /,/^== $(($1 + 1))\. /p" "$tmp/tour" >"$tmp/part-$1"; }

begin=$SECONDS
run 0 "the tour ends with 0" demo "$BUILD"
check "in under a minute ($((SECONDS - begin)) s)" test $((SECONDS - begin)) -lt 60
cp "$tmp/out" "$tmp/tour"
silent "$tmp/err"
check "nothing is left" nothing_left
for part in {1..11}; do excerpt "$part"; done
# Each heading is followed by a line that says why.
check "eleven headings with a reason" test "$(grep -A 1 '^== ' "$tmp/tour" | grep -c '^   [A-Z].*\.$')" = 11

# 201 or a few more: others on this machine make namespaces as well.
chain='([2-9][0-9]{2}|[0-9]+,?[0-9]{3})'
if "$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1; then
    says "$tmp/part-2" 'hash table read: 100 % of [0-9]+ buckets'
    says "$tmp/part-3" "^ *$chain +$chain proc +/proc/sys/net +(ipv6|core)\$"
    says "$tmp/part-3" "of 'plant' \\(PID [0-9]+, .*which holds them open"
    says "$tmp/part-4" '20,[0-9]{3} +overlay +0:[0-9]+ .*/overlay$'
    says "$tmp/part-5" '^ *(1[89]|2[0-2]),[0-9]{3} .*/home/.pki/nssdb +\.a#_dOeSnotExist_\.db'
    says "$tmp/part-5" 'NSS probes .*NSS_SDB_USE_CACHE=yes'
    says "$tmp/part-6" "^[0-9]+ +$chain +proc +/proc/sys/net +(ipv6|core) +$chain\$"
    says "$tmp/part-6" '^[0-9]+ +overlay +0:[0-9]+ +20[0-9]{3} +20[0-9]{3} .*/overlay$'
    says "$tmp/part-6" '/home/.pki/nssdb +NSS probes'
    says "$tmp/part-7" '^snmpTrapOID.0 = dcmAlarmRaised$'
    # It may be raised while the namespaces are still being made.
    says "$tmp/part-7" '^dcmAlarmText.*/proc/sys/net/(ipv6|core) has ([1-9][0-9]{2}|[0-9]+,?[0-9]{3}) entries, at or above 100$'
    says "$tmp/part-8" '^ *[0-9,]+ +[0-9,]+ .* plant .*/home/.pki/nssdb'
    says "$tmp/part-9" '12[0-9],[0-9]{3} -> [0-9]{1,3} unused dentries .*mount options unchanged'
    says "$tmp/part-10" '^snmpTrapOID.0 = dcmAlarmCleared$'
else
    skip "what it plants is seen" "no BPF here: $("$BUILD/tests/lib/walk_dump" --passes 0 | sed -n 's/^error //p')"
fi

# interrupted SIGNAL STATUS WORDS: once these words were said.
interrupted() {
    # A handler for SIGINT as a terminal would give it.
    env TMPDIR="$tmp/work" python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$TOP/packaging/run-demo.sh" "$BUILD" >"$tmp/out" 2>&1 &
    local pid=$! status=0
    check "SIG$1: under way, '$3'" wait_for 30 grep -q "$3" "$tmp/out"
    kill -"$1" "$pid"
    wait "$pid" || status=$?
    [ "$status" = "$2" ] || { echo "# status $status"; tail -n 3 "$tmp/out" | sed 's/^/# /'; }
    check "SIG$1: ends with $2" test "$status" = "$2"
    check "SIG$1: nothing is left" wait_for 5 nothing_left # the end of a daemon's child is its own
}
interrupted INT 130 'all run'
interrupted TERM 143 'hash table read'
interrupted INT 130 '^\$ dcachemon who'

run 1 "a build without programs fails" demo "$tmp"
check "and leaves nothing" nothing_left
done_testing
