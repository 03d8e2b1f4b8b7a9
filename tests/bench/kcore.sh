#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A pass of the walker without BPF over the memory of a made-up 5.10, in a file in memory, beside reads
# of the same file at random places: tests/bench/kcore.sh BUILD [ENTRIES]. Nothing of the running kernel
# is read. 200,000 entries take 100 MB and half a minute, 2,000,000 take 3 GB and five.
set -u
BUILD=$(realpath "$1") entries=${2:-200000}
TOP=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d /dev/shm/dcachemon-bench.XXXXXX) || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
PYTHONDONTWRITEBYTECODE=1 python3 "$TOP/tests/lib/kernel_image.py" --kernel 5.10 --entries "$entries" --chain 2000 "$dir" &&
    "$BUILD/tests/bench/kcore_bench" "$dir" "${ROUNDS:-7}"
