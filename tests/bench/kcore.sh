#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A pass of the walker without BPF over the memory of a made-up 5.10, in a file in memory, beside reads
# of the same file at random places: tests/bench/kcore.sh BUILD [ENTRIES]. Nothing of the running kernel
# is read. RUNS says how many pages of a slab follow each other: 0 is all of them, as where the slabs grew
# at one go, 1 none, as after years. OTHER is another build, whose pass is timed on the same memory.
# 200,000 entries take 100 MB and a minute, 2,000,000 take 3 GB and a quarter of an hour.
set -u
BUILD=$(realpath "$1") entries=${2:-200000}
TOP=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d /dev/shm/dcachemon-bench.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
for run in ${RUNS:-0 2 1}; do
    PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/lib/kernel_image.py" --kernel "${KERNEL:-5.10}" --entries "$entries" \
        --bits "${BITS:-0}" --run "$run" --chain 2000 "$dir" || exit
    for build in "$BUILD" ${OTHER:-}; do
        echo "== $build, slabs of ${run/#0/all} pages in a row"
        "$build/tests/bench/kcore_bench" "$dir" "${ROUNDS:-7}" || exit
    done
done
