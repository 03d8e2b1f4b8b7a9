#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The one table of interface columns (snmp-tables/if_columns.c) against docs/if-mib.md, which lists
# them in prose, and ifTable against RFC1213-MIB, which has the same names and numbers.
. "$TOP/tests/lib/tap.sh"

run 0 "the table can be printed" "$BUILD/tests/lib/if_mib_dump" -c
cp "$tmp/out" "$tmp/table"
python3 - "$tmp/table" "$TOP/docs/if-mib.md" >"$tmp/result" 2>&1 <<'PY'
import re, sys

roots, columns = {}, {}
for line in open(sys.argv[1]):
    words = line.split()
    if len(words) == 2:
        roots[words[0]] = words[1]
    else:
        columns.setdefault(words[0], []).append((int(words[1]), words[2]))

def ranges(numbers):
    text = []
    for n in numbers:
        if text and text[-1][1] == n - 1:
            text[-1][1] = n
        else:
            text.append([n, n])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in text)

def rows(section):
    page = open(sys.argv[2]).read()
    body = re.search(r"^## %s\n(.*?)(?=^## )" % section, page, re.M | re.S).group(1)
    return [[c.strip() for c in line.strip("|\n").split("|")] for line in body.splitlines()
            if line.startswith("|") and not line.startswith("| ---")][1:]

served = {name: (root, "columns " + ranges([n for n, _ in columns[name]]) if name in columns else "scalar")
          for name, root in roots.items()}
print("objects", "same" if {r[0]: (r[1], r[2]) for r in rows("Objects")} == served else f"differ: {served}")
for number in columns.values():
    assert number == sorted(number), number
for section, tables in (("ifTable and ifXTable", ("ifTable", "ifXTable")),
                        ("ipv4InterfaceTable and ipv6InterfaceTable", ("ipv4InterfaceTable", "ipv6InterfaceTable"))):
    page = [n for r in rows(section) if not r[1].startswith("no instance") for n in r[0].split(", ")]
    table = [name for t in tables for _, name in columns[t]]
    print(tables[0], "same" if sorted(page) == sorted(table) else
          f"differ: {sorted(set(page) ^ set(table))}, twice: {sorted({n for n in page if page.count(n) > 1})}")
PY
cat "$tmp/result" >&2
for subject in objects ifTable ipv4InterfaceTable; do
    check "docs/if-mib.md lists what is served: $subject" grep -qx "$subject same" "$tmp/result"
done

# Name, number and syntax.
mapfile -t names < <(awk '$1 == "ifTable" && NF == 4 {print "RFC1213-MIB::" $3}' "$tmp/table")
(cd "$TOP" && . tests/lib/mibs.sh && MIBS='' snmptranslate -m RFC1213-MIB -Td -On "${names[@]}") \
    >"$tmp/translated" 2>/dev/null
if grep -q '^\.1\.3\.6\.1\.2\.1\.2\.2\.1\.1$' "$tmp/translated"; then
    awk '/^\.1\.3/ {n = split($0, arc, "."); number = arc[n]}
        /OBJECT-TYPE/ {name = $1}
        /^ *SYNTAX/ {type = $2
            if (type == "OCTET") type = "OCTET-STRING"
            if (type == "OBJECT") type = "OBJECT-IDENTIFIER"
            print "ifTable", number, name, type}' "$tmp/translated" >"$tmp/rfc"
    grep '^ifTable [0-9]* ' "$tmp/table" >"$tmp/ours"
    check "ifTable is that of RFC 1213" diff "$tmp/ours" "$tmp/rfc"
else
    skip "ifTable is that of RFC 1213" "no RFC1213-MIB (erlang-snmp)"
fi
done_testing
