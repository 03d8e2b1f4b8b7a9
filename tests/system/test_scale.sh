#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: host
# long: only
# make bench-scale in a small form: 1 million missing names, and the same aims but for times.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
"$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1 || { echo "1..0 # SKIP no BPF here"; exit 0; }

run 2 "refuses what memory has no room for" "$TOP/tests/bench/scale.sh" "$BUILD" 1000000000000
says "$tmp/err" '^bench-scale: 1,000,000,000,000 missing names take [0-9.]+ GiB and [0-9.]+ are to spare: ENTRIES=[0-9]+ would fit$'
silent "$tmp/out"
run 0 "meets its aims with a million" env UNTIMED=1 "$TOP/tests/bench/scale.sh" "$BUILD" 1000000
says "$tmp/out" '^\| longest BPF run \|'
says "$tmp/out" '^\| `umount` of 500,000 \| forecast '
check "leaves nothing mounted" test -z "$(grep -o '/tmp/dcachemon-scale[^ ]*' /proc/mounts)"
done_testing
