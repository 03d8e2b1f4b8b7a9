#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What "dcachemon who --locks" costs eight threads that fight for one directory: pairs of rounds with and
# without it, in turns, and the median of the pairs' ratios of calls per second of their own CPU time.
#   locks.sh BUILD [PAIRS]
set -eu
build=$1 pairs=${2:-9}
dir=$(mktemp -d)
mount -t tmpfs bench "$dir"
trap 'umount "$dir"; rmdir "$dir"' EXIT

round() { # calls per CPU second
    local calls
    TIMEFORMAT='%U %S'
    { time calls=$("$build/tests/lib/contend" "$dir" 8 1.5 | awk 'END { print $1 }'); } 2>"$dir/time"
    awk -v calls="$calls" '{ print calls / ($1 + $2) }' "$dir/time"
}
beside() {
    "$build/bin/dcachemon" who --locks --seconds 60 --json >"$dir/json" 2>/dev/null &
    local who=$!
    sleep 0.7 # its programs are loaded
    round
    kill -INT $who
    wait $who
    python3 -c 'import json, sys; t = json.load(open(sys.argv[1]))["totals"]; print(t["waits"] / t["elapsed_seconds"], file=sys.stderr)' "$dir/json"
}
round >"$dir/warm"
for ((i = 0; i < pairs; i++)); do
    if ((i % 2)); then
        echo "$(round) $(beside)"
    else
        with=$(beside)
        echo "$(round) $with"
    fi
done 2>"$dir/rates" | awk '{ print 100 * ($1 / $2 - 1) }' | sort -n |
    awk '
    { v[NR] = $1 }
    END { printf "eight threads in one directory; overhead of \"dcachemon who --locks\": median %.2f %% of %d pairs (%.2f to %.2f %%), target 3.0 %%\n", v[int((NR + 1) / 2)], NR, v[1], v[NR] }'
sort -n "$dir/rates" | awk '{ r[NR] = $1 } END { printf "waits that it saw: %.0f a second (median)\n", r[int((NR + 1) / 2)] }'
