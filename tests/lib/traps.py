#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges what two snmptrapd received: traps.py FOLDER ROOT EXPRESSION (tests/lib/traps.sh)."""
import re
import sys

NAMES = ["sequence", "severity", "kind", "resource", "name", "value", "threshold", "text", "time"]
TYPES = ["Gauge32", "INTEGER", "INTEGER", "OID", "STRING", "STRING", "STRING", "STRING", "Hex-STRING"]
UPTIME, TRAP_OID = ".1.3.6.1.2.1.1.3.0", ".1.3.6.1.6.3.1.1.4.1.0"


def parse(line, root):
    """One line of snmptrapd; None for the notifications of others."""
    pairs = [re.match(r"(\S+) = (?:([A-Za-z0-9-]+): )?(.*)$", part) for part in line[5:].split("|")]
    oids, types, values = zip(*[pair.groups() for pair in pairs])
    if len(values) < 2 or not values[1].startswith(root + ".0."):
        return None
    trap = dict(zip(NAMES, [value.strip('"') for value in values[2:]]))
    trap.update(oids=list(oids), types=list(types), raised=values[1] == root + ".0.1",
                index=int(oids[2].rsplit(".", 1)[1]), uptime=values[0], trap_oid=values[1])
    for key in "sequence", "severity", "kind":
        trap[key] = int(trap[key])
    return trap


def well_formed(trap, root):
    """Names, order and types of every variable, by the text of the MIB."""
    column = root + ".1.11.1."
    oids = [UPTIME, TRAP_OID] + [f"{column}{arc}.{trap['index']}" for arc in range(2, 11)]
    date = bytes.fromhex(trap["time"])
    return (trap["oids"] == oids and trap["types"] == ["Timeticks", "OID"] + TYPES
            and trap["raised"] == (trap["severity"] in (2, 3)) and trap["severity"] in (1, 2, 3)
            and trap["trap_oid"] == root + (".0.1" if trap["raised"] else ".0.2")
            and len(date) == 11 and 2000 < date[0] << 8 | date[1] < 2200
            and re.fullmatch(r"[A-Za-z0-9 .,:=@/_+-]+", trap["text"]) is not None
            and re.fullmatch(r"[A-Za-z0-9 .,:=@/_+-]*", trap["name"]) is not None)


def read(folder, sink, root):
    with open(f"{folder}/{sink}.from") as file:
        start = int(file.read())
    with open(f"{folder}/{sink}.traps", errors="replace") as file:
        file.seek(start)
        traps = [parse(line.rstrip("\n"), root) for line in file if line.startswith("TRAP ")]
    return [trap for trap in traps if trap]


def main():
    folder, root, expression = sys.argv[1:]
    v2, v3 = read(folder, "v2", root), read(folder, "v3", root)
    scope = {"v2": v2, "v3": v3, "well_formed": lambda t: well_formed(t, root),
             "every": lambda test: bool(v2) and bool(v3) and all(map(test, v2 + v3)),
             "last": lambda traps: {t["index"]: t["severity"] for t in traps},
             "order": lambda traps: [(t["index"], t["severity"]) for t in traps]}
    value = eval(f"({expression})", scope)
    if value is not True:
        print("#", expression, "is", value)
        for sink, got in ("v2", v2), ("v3", v3):
            for trap in got[-12:]:
                print(f"# {sink}", {k: trap[k] for k in ["index"] + NAMES if k != "time"})
    return value is not True


if __name__ == "__main__":
    sys.exit(main())
