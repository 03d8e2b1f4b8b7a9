#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# Entries that are made in other hash tables of the kernel are found, in chains of the lengths that the
# kernel's formulas give: interfaces and addresses of a namespace, sockets, users, mounts, inodes, control
# groups, tracked connections. hash_tables.py makes them; test_hash_tables_large.sh as many as on a large host.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
unshare -nm true 2>/dev/null || { echo "1..0 # SKIP no namespaces here"; exit 0; }
on_exit 'ip netns del dcm-tables 2>/dev/null; ip netns del dcm-outer 2>/dev/null'

echo | "$BUILD/tests/lib/tables_walk" --auto >"$tmp/out" 2>&1
case $? in
0) ;;
77) echo "1..0 # SKIP no walk over hash tables here: $(cat "$tmp/out")"; exit 0 ;;
*) fail "the tables are walked" "$tmp/out"; done_testing; exit 0 ;;
esac
known() { awk '$3 == "buckets" && $2 ~ /self|host/ || $2 == "missing" { print $1 }' "$1" | sort | paste -sd' '; }
before=$(known "$tmp/out")
echo | "$BUILD/tests/lib/tables_walk" --auto 60 >"$tmp/out" 2>&1
check "as many tables when runs end after each step: $before" test "$(known "$tmp/out")" = "$before"
check "there are those of device_names" grep -q '^device_names self' "$tmp/out"
for flavour in fast compat; do
    echo | "$BUILD/tests/lib/tables_walk" --$flavour >"$tmp/out" 2>&1
    if [ $? = 77 ]; then
        skip "$flavour: what was made is found" "$(cat "$tmp/out")"
        continue
    fi
    ip netns add dcm-tables
    mkdir "$tmp/$flavour"
    nsenter --net=/run/netns/dcm-tables python3 "$TOP/tests/system/hash_tables.py" "$BUILD/tests/lib/tables_walk" \
        --$flavour "$tmp/$flavour" >"$tmp/verdict" 2>&1 || echo "not ok the script ended with an error" >>"$tmp/verdict"
    while read -r verdict text; do
        case $verdict in
        ok) pass "$flavour: $text" ;;
        not) fail "$flavour: ${text#ok }" "$tmp/verdict" ;;
        skip) skip "$flavour: ${text% because *}" "${text#* because }" ;;
        walk)
            echo "# $verdict $text"
            longest=${text##* } ;;
        *) echo "# $verdict $text" ;;
        esac
    done <"$tmp/verdict"
    check "$flavour: no run takes long: ${longest:-none} ns, with pauses of the machine" test "${longest:-99999999}" -lt 50000000
    ip netns del dcm-tables
done

# Another namespace, as its users know it.
ip netns add dcm-outer
seq 1 2500 | sed 's/.*/addr add fd00::&\/128 dev lo nodad/' | ip -n dcm-outer -batch -
inode=$(stat -c %i /run/netns/dcm-outer)
echo | "$BUILD/tests/lib/tables_walk" --auto >"$tmp/out" 2>&1
if grep -q '^ipv6_addresses missing' "$tmp/out"; then
    skip "another namespace is found" "$(grep '^ipv6_addresses' "$tmp/out")"
else
    check "another namespace is found by its inode" grep -q "^ipv6_addresses $inode buckets 256 entries 2500 " "$tmp/out"
    printf '[sampling]\nhash_interval = 0\ncontainers_interval = 0\n' >"$tmp/conf"
    "$BUILD/bin/dcachemon" show --json -c "$tmp/conf" >"$tmp/show" 2>&1
    check "and shown by the name that ip netns gave it" python3 - "$tmp/show" <<'EOF'
import json, sys
rows = [r for r in json.load(open(sys.argv[1]))["tables"] if r["namespace"] == "/run/netns/dcm-outer"]
sys.exit(not [r for r in rows if r["name"].startswith("ipv6_addresses-") and r["entries"] == 2500 and r["load"] > 9])
EOF
fi
done_testing
