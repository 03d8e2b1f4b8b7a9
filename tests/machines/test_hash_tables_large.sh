#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 400
# needs: host
# long: only
# Other hash tables of the kernel with what a large host has: 20,000 interfaces, 10,000 addresses of each kind, 5,000
# listeners on one port, 30,000 connections, 20,000 tracked ones, 10,000 users, 20,000 control groups, 100,000 inodes and
# 10,000 mounts, each in a network namespace and PID namespace of its own; and 1,000 network namespaces.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
unshare -nmpf true 2>/dev/null || { echo "1..0 # SKIP no namespaces here"; exit 0; }
echo | "$BUILD/tests/lib/tables_walk" --auto >"$tmp/out" 2>&1
[ $? != 77 ] || { echo "1..0 # SKIP no walk over hash tables here: $(cat "$tmp/out")"; exit 0; }

for step in interfaces addresses listeners connections conntrack users control_groups inodes mounts namespaces; do
    mkdir "$tmp/$step"
    # Whoever is left over ends with the first process of the namespace.
    LARGE=1 unshare -nmpf --kill-child --mount-proc python3 "$TOP/tests/system/hash_tables.py" \
        "$BUILD/tests/lib/tables_walk" --auto "$tmp/$step" $step >"$tmp/verdict" 2>&1 ||
        echo "not ok the script ended with an error" >>"$tmp/verdict"
    while read -r verdict text; do
        case $verdict in
        ok) pass "$text" ;;
        not) fail "${text#ok }" "$tmp/verdict" ;;
        skip) skip "${text% because *}" "${text#* because }" ;;
        walk) ;;
        *) echo "# $verdict $text" ;;
        esac
    done <"$tmp/verdict"
    echo "# $step: $SECONDS s so far"
    rm -rf "${tmp:?}/$step"
done
done_testing
