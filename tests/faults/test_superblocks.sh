#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: superblocks
# 1,500 superblocks, 10,000 with "make check-faults", in a mount namespace of their own, dropped again in one go.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/faults.sh
. "$TOP/tests/lib/faults.sh"

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
"$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1 || { echo "1..0 # SKIP no BPF here"; exit 0; }
count=$(times 1500 10000)
show() { "$BUILD/bin/dcachemon" show --json --fresh >"$tmp/show" && python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
s = {s["name"]: s for s in d["sources"]}["superblocks"]
tmpfs = [b for b in d["superblocks"] if b["fstype"] == "tmpfs"] # namespaces of others bring sysfs and mqueue
print(s["state"], len(tmpfs), s["cost_seconds"], s["reason"])' "$tmp/show"; }
read -r state before cost reason < <(show)
mkdir "$tmp/mnt"
mkfifo "$tmp/hold"
unshare -m --propagation private bash -c 'mount -t tmpfs -o size=1m none "$1" && mkdir $(seq -f "$1/%.0f" "$2") &&
    for ((i = 1; i <= $2; i++)); do mount -t tmpfs -o size=4k none "$1/$i" || exit 1; done
    echo ready; read -r _' bash "$tmp/mnt" "$count" <"$tmp/hold" >"$tmp/mounts" 2>&1 &
mounts=$!
exec {hold}>"$tmp/hold"
on_exit "kill -KILL $mounts 2>/dev/null"
check "$count superblocks are mounted" wait_for 120 grep -q ready "$tmp/mounts"
begin=$(date +%s%N)
read -r state seen cost reason < <(show)
echo "# state $state, $seen rows ($before before), source cost $cost s, reason: $reason;" \
    "show took $((($(date +%s%N) - begin) / 1000000)) ms"
# Others mount and unmount beside this test.
check "all of them are seen" test $((seen - before)) -ge $((count - 20)) -a $((seen - before)) -le $((count + 20))
check "the source is well" test "$state" = ok
check "within three seconds" test $((($(date +%s%N) - begin) / 1000000)) -lt 3000
# While they go away by the thousand.
exec {hold}>&-
failures=0
for ((i = 0; i < 10; i++)); do
    read -r state seen cost reason < <(show) || failures=$((failures + 1))
    case $state in ok | failed) ;; *) failures=$((failures + 1)) ;; esac
done
check "samples while they are unmounted: well, or failed with a reason" test $failures = 0
wait "$mounts"
gone() { read -r state seen cost reason < <(show) && [ "$seen" -lt $((before + 20)) ]; }
check "and gone" wait_for 60 gone
done_testing
