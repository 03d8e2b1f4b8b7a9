#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What others rely on stays: JSON keys, objects of the MIB, names of collectd and Prometheus, and
# configuration keys that were published once are still there, under the same name, number and type. New ones may come:
#     tests/cli/published-names BUILD >tests/cli/data/published-names.txt
. "$TOP/tests/lib/tap.sh"
published=$TOP/tests/cli/data/published-names.txt
export LC_ALL=C

bash "$TOP/tests/cli/published-names" "$BUILD" >"$tmp/now"
check "the list is sorted and not empty" sort -c "$tmp/now"
for kind in json mib collectd series key; do
    grep "^$kind " "$published" >"$tmp/once"
    check "$kind: $(wc -l <"$tmp/once") names, each as it was published" test -s "$tmp/once"
    check "$kind: none is lost" diff /dev/null <(comm -23 "$tmp/once" "$tmp/now")
done
check "a lost name would be noticed" test -n "$(comm -23 "$published" <(grep -v '^mib dcmTotalsDentries ' "$tmp/now"))"
done_testing
