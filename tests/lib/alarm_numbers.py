#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds the numbers of alarms in SNMP against JSON's values. Usage: alarm_numbers.py JSON WALK ROOT INDEX...
JSON is "dcachemon show --json", WALK what snmpwalk -On -Oe printed of dcmAlarmTable or dcmEventTable below ROOT.
INDEX: rows that have to be there, and no other. Prints what differs; the exit status is 1 then."""
import json
import re
import sys
from decimal import ROUND_HALF_UP, Decimal

KEYS = {11: ("alarms", "index"), 12: ("events", "sequence")}


def shown(column, kind, value):
    """A column of the walk as JSON's key has it."""
    if column in (12, 13):
        assert kind == "Counter64", kind
        return int(value)
    return value.strip('"')


def wanted(row, column):
    number = row[{7: "value", 8: "threshold", 12: "value", 13: "threshold"}[column]]
    number = number.quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return int(number * 1000000) if column in (12, 13) else f"{number:f}".rstrip("0").rstrip(".")


def main():
    found, wrong = {}, []
    with open(sys.argv[2]) as walk:
        for line in walk:
            m = re.match(re.escape(sys.argv[3]) + r"\.1\.(\d+)\.1\.(\d+)\.(\d+) = (\S+): (.*)", line)
            if m and int(m[2]) in (7, 8, 12, 13):
                found[int(m[1]), int(m[3]), int(m[2])] = shown(int(m[2]), m[4], m[5])
    with open(sys.argv[1]) as page:
        data = json.load(page, parse_float=Decimal, parse_int=Decimal)
    tables = {table for table, _, _ in found}
    if {index for _, index, _ in found} != {int(i) for i in sys.argv[4:]} or len(tables) != 1:
        sys.exit(f"rows {sorted(found)}")
    name, key = KEYS[tables.pop()]
    rows = {int(r[key]): r for r in data[name]}
    for (table, index, column), value in found.items():
        if index not in rows or value != wanted(rows[index], column):
            wrong.append(f"{name} {index}, column {column}: {value!r}, JSON {rows.get(index)}")
    if len(found) != 4 * len(sys.argv[4:]):
        wrong.append(f"columns are missing: {sorted(found)}")
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)


main()
