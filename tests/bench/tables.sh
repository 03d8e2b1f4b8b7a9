#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What an entry of the kernel's other hash tables costs a walk over them, beside random loads and beside OTHER's, another
# build of dcachemon, if that is set: 20,000 interfaces in a network namespace, which are in two tables of 256 buckets, and
# 200,000 tracked connections. Root. Usage: tests/bench/tables.sh BUILD [FLAVOUR]
# Walks of both builds alternate, ROUNDS=100 times; what is in a walk before a table is not in the cache any more. A run is
# timed by the clock, so the figures are lower quartiles.
set -u
BUILD=$(realpath "$1") flavour=${2:-auto}
TOP=$(cd "$(dirname "$0")/../.." && pwd)
[ "$(id -u)" = 0 ] || { echo "tables: needs root" >&2; exit 1; }
if [ -z "${TABLES_PRIVATE:-}" ]; then # a network namespace of its own takes all with it
    TABLES_PRIVATE=1 exec unshare -n "$0" "$BUILD" "$flavour"
fi
loads=$("$BUILD/tests/bench/walk_bench" 3 | sed -n 's/^random loads *\([0-9.]*\) ns each, 4 KiB.*/\1/p')

python3 - "$TOP/tests/lib" "$flavour" "${ROUNDS:-100}" "${loads:-nan}" "$BUILD" ${OTHER:+"$(realpath "$OTHER")"} <<'PY'
import subprocess, sys
lib, flavour, rounds, loads, builds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]), sys.argv[5:]
sys.path.insert(0, lib)
import netlink_batch
tools = [subprocess.Popen([f"{build}/tests/lib/tables_walk", f"--{flavour}"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
         for build in builds]

def walk(tool):
    """{table: (entries, nanoseconds of each)} of those that grow here"""
    tool.stdin.write("\n")
    tool.stdin.flush()
    found = {}
    for words in map(str.split, tool.stdout):
        if words[0] == "walk":
            return found
        if words[2] == "buckets" and (words[1] == "self" and words[0].startswith("device") or words[0] == "conntrack"):
            table = dict(zip(words[2::2], map(int, words[3::2])))
            found[words[0]] = table["entries"], table["ns"] / max(table["entries"], 1)
    sys.exit("the walk ended")

print(f"{'random loads':18}{loads:6.1f} ns each")
for make in (lambda: netlink_batch.interfaces([f"dcm{i}" for i in range(20000)]), lambda: netlink_batch.connections(200000)):
    try:
        make()
    except OSError as err:
        print(f"not all is made: {err}")
seen = [[walk(tool) for tool in tools] for _ in range(rounds)]
for table, (entries, _) in seen[-1][0].items():
    each = [sorted(round_[i][table][1] for round_ in seen)[rounds // 4] for i in range(len(tools))]
    line = f"{table:18}{each[0]:6.1f} ns for each of {entries} entries, {each[0] / loads:.2f} x random loads"
    print(line + "".join(f", the other build {other:.1f}: {other / each[0]:.2f} x this" for other in each[1:]))
PY
