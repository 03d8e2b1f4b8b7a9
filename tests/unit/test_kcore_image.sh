#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# long: more
# The dentry cache of kernels without BPF, laid out in memory by lib/kernel_image.py: its offsets are
# found by calibration, and its table is walked as through /proc/kcore. LONG=1: 100,000 entries as well.
set -u
. "$TOP/tests/lib/tap.sh"
export PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
lib=$TOP/tests/lib entries=3000 chain=400
[ -e "$lib/kernel_image.py" ] || { echo "1..0 # SKIP no lib/kernel_image.py, which makes the images"; exit 0; }
! "$BUILD/tests/lib/calibrate" | grep -q 'built without BPF' || { echo "1..0 # SKIP built without BPF"; exit 0; }

image() { python3 "$lib/kernel_image.py" --entries $entries --chain $chain "$@" "$tmp/image"; }
buckets() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["table"]["buckets"])' "$tmp/image/truth.json"; }
walk() {
    image --later "$@" || return
    "$BUILD/tests/lib/calibrate" "$(buckets)" "$tmp"/image/{core,symbols,planted} - >"$tmp/calibrated"
    "$BUILD/tests/lib/walk_dump" --image "$tmp/image" >"$tmp/dump"
    python3 "$lib/kernel_image_walk.py" "$tmp/image" "$tmp/calibrated" "$tmp/dump"
}
for kernel in 3.10 4.18 5.4 5.10; do
    check "$kernel: every offset, count, chain, name and directory is the true one" walk --kernel $kernel
done
check "the first network namespace with its number since 6.18: likewise" walk --kernel 5.10 --fixed-number
if [ -n "${LONG:-}" ]; then
    entries=100000 chain=8000
    for kernel in 3.10 4.18; do
        check "$kernel with 100,000 entries: likewise" walk --kernel $kernel
    done
    entries=3000 chain=400
fi

# Memory that is broken, or was used again under the reader: the walk ends, counts at most 64 nodes of such a
# chain twice, and says that it is a lower bound.
broken() { # KIND
    image --kernel 3.10 --hostile "$1" && timeout 60 "$BUILD/tests/lib/walk_dump" --image "$tmp/image" >"$tmp/dump" &&
        python3 - "$tmp/image/truth.json" "$tmp/dump" <<'P'
import json, sys
truth = json.load(open(sys.argv[1]))
found = next(line.split() for line in open(sys.argv[2]) if line.startswith("pass "))
found = dict(zip(found[1::2], map(float, found[2::2])))
reached = truth["hashed"] - sum(h["length"] - h["reached"] for h in truth["hostile"])
print("# reached", reached, "found", found["entries"], "truncated", found["truncated"])
sys.exit(not (reached <= found["entries"] <= reached + 64 * len(truth["hostile"]) and found["truncated"] >= 1))
P
}
check "a chain whose end leads to its begin: ends, as a lower bound" broken loop
check "a node that leads to itself: likewise" broken self

# What does not agree is no guess.
spoil() { # SED: of the names that are said to be known
    sed -i "$1" "$tmp/image/planted"
    ! "$BUILD/tests/lib/walk_dump" --image "$tmp/image" >"$tmp/out"
}
image --kernel 5.10
check "another inode number: refused" spoil '0,/^existing [0-9]*/s//existing 1/'
says "$tmp/out" '^error open calibration: the place of d_inode was not found'
image --kernel 5.10
check "names that are not there: refused" spoil 's/^missing ./missing ~~/'
says "$tmp/out" '^error open calibration: only 0 missing and [0-9]* existing names of'

# A walk does without some of it, and says what.
goes_without() { # SED: of what is said to be known
    sed -i "$1" "$tmp/image/planted"
    "$BUILD/tests/lib/walk_dump" --image "$tmp/image" >"$tmp/out" && grep -q '^pass entries 3[0-9]* ' "$tmp/out"
}
unknown_unused() { says "$tmp/out" "^note superblocks unused entries are not known: calibration: $1"; }
image --later --kernel 5.10
check "other changes than there were: the rest is found" goes_without 's/^later 41/later 42/'
unknown_unused "the place of the count of unused entries was not found"
check "no changes: the rest is found" goes_without '/^later/d'
unknown_unused "no further names could be made"
check "another number of our network namespace: the rest is found" goes_without '0,/^namespace .*/s//namespace 4026532999/'
says "$tmp/out" '^error netns calibration: the place of the number of a network namespace was not found'
image --later --no-totals --kernel 4.18
check "counts of control groups alone: the rest is found" goes_without ''
unknown_unused "this kernel counts the unused entries of each control group elsewhere"
image --kernel 5.10
sed -i 's/^f[0-9a-f]* /0000000000000000 /' "$tmp/image/symbols"
check "hidden addresses: refused" spoil ''
says "$tmp/out" '^error open .*/symbols hides addresses'
done_testing
