#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds the MIB against the metric table. Usage: compare_mib.py MIB.xml TABLE

MIB.xml is "smidump -f xml", TABLE "dump_metrics mib". Prints every difference; exit status 1 when
there is one.
"""
import sys
import xml.etree.ElementTree as xml

# (unit of the metric, scale) -> UNITS of the object
UNITS = {
    ("seconds", 1e3): "milliseconds",
    ("seconds", 1e6): "microseconds",
    ("microseconds", 1e-3): "milliseconds",
    ("bytes", 1 / 1024): "kibibytes",
    ("percent", 100): "hundredths of a percent",
    ("percent", 1e3): "thousandths of a percent",
    ("ratio", 1e3): "thousandths",
    ("per_second", 100): "hundredths per second",
    ("ratio", 1e4): "hundredths of a percent",
    ("", 1e6): "millionths",
}


def camel(name):
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def enumerations(module):
    """Name of each enumerated type -> {label: number}."""
    return {
        t.get("name"): {n.get("name"): int(n.get("number")) for n in t.findall("namednumber")}
        for t in module.iter("typedef")
        if t.get("basetype") == "Enumeration"
    }


def syntax_of(node, enums):
    """The class of a SYNTAX as the table names it, and its labels."""
    inner = node.find("syntax")[0]
    name = inner.get("name")
    if name in enums:
        return "Enumeration", enums[name]
    if inner.tag == "typedef":
        parent = inner.find("parent")
        name = parent.get("name") if parent is not None else inner.get("basetype")
    return name, {}


def mib_objects(module):
    """Descriptor -> (OID below dcmObjects, syntax, access or index, units, labels)."""
    enums = enumerations(module)
    base = next(n.get("oid") for n in module.iter("node") if n.get("name") == "dcmObjects")
    found = {}
    for node in module.find("nodes").iter():
        oid = node.get("oid") or ""
        if not oid.startswith(base + "."):
            continue
        name, below = node.get("name"), oid[len(base) + 1 :]
        if node.tag in ("node", "table"):
            found[name] = (below, node.tag, "", "", {})
        elif node.tag == "row":
            index = node.find("linkage/index").get("name")
            found[name] = (below, "row", index, "", {})
        else:
            syntax, labels = syntax_of(node, enums)
            found[name] = (below, syntax, node.findtext("access"),
                           node.findtext("units") or "", labels)
    return found


def table_objects(path):
    """The same out of the table, and the variables of the notifications."""
    found, varbinds = {}, []
    for line in open(path):
        name, oid, syntax, access, unit, scale, symbols = line.rstrip("\n").split("\t")
        if syntax == "varbind":
            varbinds.append(name)
            continue
        scale = float(scale)
        units = unit if scale == 1 else UNITS.get((unit, scale), f"{unit} x {scale}")
        labels = {camel(n): int(v) for n, v in (s.split("=") for s in symbols.split(",") if s)}
        if name in found:
            sys.exit(f"{name} twice in the table")
        # what is not a quantity has no UNITS
        if syntax in ("DisplayString", "DateAndTime"):
            units = ""
        found[name] = (oid, syntax, access, units, labels)
    return found, varbinds


def main():
    module = xml.parse(sys.argv[1]).getroot()
    mib = mib_objects(module)
    table, varbinds = table_objects(sys.argv[2])
    problems = [f"{n}: only in the MIB" for n in mib.keys() - table.keys()]
    problems += [f"{n}: only in the table" for n in table.keys() - mib.keys()]
    for name in sorted(mib.keys() & table.keys()):
        if mib[name] != table[name]:
            problems.append(f"{name}: MIB {mib[name]}, table {table[name]}")
    notifications = list(module.iter("notification"))
    for notification in notifications:
        objects = [o.get("name") for o in notification.iter("object")]
        if objects != varbinds:
            problems.append(f"{notification.get('name')}: {objects}, table {varbinds}")
    if len(notifications) != 2 or len(table) < 100 or len(varbinds) != 9:
        problems.append("too little was read for a comparison")
    print("\n".join(problems))
    sys.exit(1 if problems else 0)


main()
