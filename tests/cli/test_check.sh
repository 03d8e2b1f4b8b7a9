#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# dcachemon check as a monitoring plugin: exit status, one line, performance data. No root needed.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
# What the load of the host can raise is switched off.
{
    printf '[sampling]\nbpf = no\nsocket = %s/none.sock\n' "$tmp"
    printf '[alarm %s]\nenabled = no\n' lookup_latency snmpd_wedge reclaim_risk reclaim_stall
} >"$tmp/calm"
{ cat "$tmp/calm"; printf '[alarm dentries_total]\nwarning = 1\n'; } >"$tmp/warning"
{ cat "$tmp/warning"; printf 'critical = 2\n'; } >"$tmp/critical"
printf '[alarm dentries_total]\nwarning = many\n' >"$tmp/wrong"

one_line() { check "one line" test "$(wc -l <"$tmp/out")" = 1; }

run 0 "no alarm" "$dcachemon" check -c "$tmp/calm"
says "$tmp/out" '^DCACHEMON OK - no alarms; not seen: .*hash.* \| .*dentries_total=[0-9]+;50000000;100000000'
one_line
run 1 "above warning" "$dcachemon" check -c "$tmp/warning"
says "$tmp/out" '^DCACHEMON WARNING - 1 alarm: warning: entries of the host are [0-9]+, at or above 1;'
one_line
run 2 "above critical" "$dcachemon" check -c "$tmp/critical"
says "$tmp/out" '^DCACHEMON CRITICAL - 1 alarm: critical: '
one_line
# label=value[UOM];warning;critical without exponents, blanks between
check "performance data is well-formed" sh -c \
    "sed 's/.* | //' '$tmp/out' | tr ' ' '\n' | grep -vE '^[a-z_]+=-?[0-9]+(\.[0-9]+)?s?;[0-9.]*;[0-9.]*$' | diff /dev/null -"

run 2 "--only this type" "$dcachemon" check -c "$tmp/critical" --only dentries_total
check "--only shows no other value" test "$(grep -o '[a-z_]*=' "$tmp/out" | wc -l)" = 1
run 0 "--only another type" "$dcachemon" check -c "$tmp/critical" --only source_failed
run 3 "--only what cannot be measured" "$dcachemon" check -c "$tmp/critical" --only chain_length
says "$tmp/out" '^DCACHEMON UNKNOWN - '
run 3 "--only a rate, without a daemon" "$dcachemon" check -c "$tmp/calm" --only growth
says "$tmp/out" '^DCACHEMON UNKNOWN - a rate needs a running dcachemon-snmp'
run 3 "--cached without a daemon" "$dcachemon" check -c "$tmp/calm" --cached
run 3 "wrong configuration" "$dcachemon" check -c "$tmp/wrong"
says "$tmp/err" ':2: \[alarm dentries_total\] warning: must be a number'
run 3 "unknown type" "$dcachemon" check --only nonsense
run 3 "stray argument" "$dcachemon" check now
done_testing
