#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# show --watch: appends, keeps its rhythm, ends cleanly.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon

for signal in INT TERM; do
    rm -f "$tmp/lines"
    "$dcachemon" show --no-bpf --json --watch 0.2 >"$tmp/lines" 2>"$tmp/err" &
    pid=$!
    on_exit "kill $pid 2>/dev/null"
    # A background job of a script ignores SIGINT unless it sets a handler: this one must.
    check "three documents come" wait_for 20 sh -c "test \$(wc -l <'$tmp/lines') -ge 3"
    kill -"$signal" "$pid"
    status=0
    wait "$pid" || status=$?
    check "SIG$signal ends it with 0" test "$status" = 0
    silent "$tmp/err"
    check "one document per line" python3 -c '
import json, sys
times = [json.loads(line)["time"] for line in open(sys.argv[1])]
assert len(times) >= 3 and times == sorted(set(times)), times' "$tmp/lines"
done

"$dcachemon" show --no-bpf --watch 0.2 >"$tmp/tables" 2>"$tmp/err" &
pid=$!
on_exit "kill $pid 2>/dev/null"
check "tables are appended" wait_for 20 sh -c "test \$(grep -c '^Dentry cache at' '$tmp/tables') -ge 2"
kill -INT "$pid"
wait "$pid"
check "no escape sequences in a file" sh -c "! LC_ALL=C grep -q '$(printf '\033')' '$tmp/tables'"

# On a terminal each sample replaces the last; script(1) gives it one.
timeout -s INT 3 script -qec "$dcachemon show --no-bpf --watch 0.5" /dev/null >"$tmp/tty" 2>&1 </dev/null
check "a terminal is redrawn" sh -c "test \$(grep -c '$(printf '\033')\[2J' '$tmp/tty') -ge 2"
done_testing
