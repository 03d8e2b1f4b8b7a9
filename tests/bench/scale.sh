#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A table as large as memory allows: scale.sh BUILD [ENTRIES]. Plants missing names, counts them with "show"
# and with the daemon at default settings, and frees them with "reclaim" and umount. Prints a table for
# docs/scale.md; ends with 1 when an aim is missed (UNTIMED=1: one that is not a time), with 2 when there is
# no room. Root. A minute for 1 million, a quarter of an hour for 40 million.
set -u
BUILD=$(realpath "$1") TOP=$(realpath "$(dirname "$0")/../..")
[ "$(id -u)" = 0 ] || { echo "bench-scale: needs root" >&2; exit 1; }
# A mount namespace of its own takes every mount with it.
export PYTHONDONTWRITEBYTECODE=1
exec unshare -m --propagation private python3 "$TOP/tests/bench/scale/main.py" "$BUILD" ${2:+"$2"}
