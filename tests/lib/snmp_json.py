#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds walks of DCACHEMON-MIB against other sources. Walks are those of "snmpwalk -On -Oe -Ox".

snmp_json.py values MODEL WALK JSON   each value against "dcachemon show --json" of the same snapshot: nothing
                                      missing, nothing made up
snmp_json.py twins MODEL V1 V2        a walk of SNMPv1 against one of v2c: the same without Counter64, whose
                                      32-bit twins hold the 64-bit value as their type does

MODEL is what dump_model prints. Prints what differs and exits with 1.
"""
import calendar
import json
import re
import sys

ROOT = ".1.3.6.1.4.1.8072.9999.9999.1806.1."
MAX32 = (1 << 32) - 1
LINE = re.compile(r"(\.[\d.]+) = (?:([A-Za-z][\w-]*): ?)?(.*)$")
CUT = 255  # octets of a DisplayString


def read_walk(path):
    """{OID: (type, text)}; hexadecimal strings may take several lines. What is no value is left out."""
    found, oid = {}, None
    for line in open(path, errors="replace"):
        start = LINE.match(line.rstrip("\n"))
        if start:
            oid = start.group(1)
            if oid in found:
                sys.exit(f"# {oid} twice")
            found[oid] = (start.group(2) or "", start.group(3))
        elif oid:
            found[oid] = (found[oid][0], found[oid][1] + " " + line.strip())
    return {oid: value for oid, value in found.items() if oid.startswith(ROOT)}


def octets(value):
    kind, text = value
    return bytes.fromhex(text) if kind == "Hex-STRING" else text.strip('"').encode("latin-1")


def ticks(value):
    return value[0] == "Timeticks"


# ---- what a value of JSON is in SNMP ----

def display(text):
    """A DisplayString of what JSON has, where backslashes are doubled already."""
    return "".join(c if " " <= c <= "~" else "".join(f"\\x{b:02x}" for b in c.encode()) for c in text).encode()


def same_text(metric, want, got):
    if isinstance(want, (int, float)) and not isinstance(want, bool):  # a number in words: value and threshold
        return abs(float(got) - want) <= 1e-8 * abs(want)
    if isinstance(want, list):
        return all(display(part)[:20] in got for part in want)
    want = display(want)
    return got == want or (len(want) > CUT and got.endswith(b"~") and want.startswith(got[:-8]))


def seconds(got):
    year, month, day, hour, minute, second, tenths = got[0] << 8 | got[1], *got[2:8]
    return calendar.timegm((year, month, day, hour, minute, second)) + tenths / 10


def same_number(metric, want, got, wide):
    scaled = max(0, want * metric["scale"])
    exact = isinstance(want, int) and metric["scale"] == 1
    room = 0 if exact else 1 + 1e-8 * scaled
    if wide or metric["syntax"] in ("Counter64", "Gauge64"):
        return abs(got - min(scaled, (1 << 64) - 1)) <= room
    if metric["syntax"] == "Counter32":
        off = (got - (scaled if exact else round(scaled))) % (1 << 32)
        return min(off, (1 << 32) - off) <= room
    return abs(got - min(scaled, MAX32)) <= room


def same(metric, want, value, wide):
    syntax = metric["syntax"]
    if wide:
        return same_number(metric, want, int(value[1]), wide)
    if syntax == "DisplayString":
        return same_text(metric, want, octets(value))
    if syntax == "DateAndTime":
        got = octets(value)
        return len(got) == 11 and got[8:] == b"+\0\0" and 0 <= want - seconds(got) < 0.11
    if syntax == "TruthValue":
        return int(value[1]) == (1 if want else 2)
    if syntax == "Enumeration":
        return metric["symbols"].get(value[1]) == want or (value[1] not in metric["symbols"] and str(want) == value[1])
    return same_number(metric, want, int(value[1]), wide)


# ---- tables ----

def in_document(document, name):
    if name in document:
        return document[name]
    return next((part[name] for part in document.values() if isinstance(part, dict) and name in part), None)


def columns(table):
    """(metric, arc, whether it is the 64-bit twin) of what can be read."""
    for metric in table["metrics"]:
        if metric["syntax"] != "Index":
            yield metric, metric["arc"], False
            if metric["twin_arc"]:
                yield metric, metric["twin_arc"], True


def prefix(table, arc):
    return f"{ROOT}{table['arc']}.{'1.' if table['array'] else ''}{arc}."


def rows_by_index(table, walk, document):
    """{last arc of the name: row of JSON}"""
    content = in_document(document, table["name"])
    if not table["array"]:
        return {"0": content}
    starts = [prefix(table, arc) for _, arc, _ in columns(table)]
    indexes = sorted({int(oid[len(s):]) for s in starts for oid in walk if oid.startswith(s)})
    if len(indexes) != len(content):
        sys.exit(f"# {table['name']}: {len(indexes)} rows in SNMP, {len(content)} in JSON")
    key = next(m["name"] for m in table["metrics"] if m["syntax"] == "Index")
    if content and isinstance(content[0].get(key), int):
        return {str(row[key]): row for row in content}
    return {str(index): row for index, row in zip(indexes, content)}


def values(model_path, walk_path, json_path):
    walk, document = read_walk(walk_path), json.load(open(json_path))
    left, wrong, compared = {o for o, v in walk.items() if not ticks(v)}, [], 0
    for table in json.load(open(model_path))["tables"]:
        if not table["arc"] or in_document(document, table["name"]) is None:
            continue
        for index, row in rows_by_index(table, walk, document).items():
            for metric, arc, wide in columns(table):
                oid = prefix(table, arc) + index
                value, want = walk.get(oid), row.get(metric["name"])
                left.discard(oid)
                if metric["syntax"] == "RowPointer" and value:
                    pointer = value[1]
                    if pointer != ".0.0" and pointer not in walk:
                        wrong.append((metric["object"], oid, pointer, "nowhere"))
                elif want is None or want == []:
                    if value and metric["name"] in row and octets(value) != b"":
                        wrong.append((metric["object"], oid, value, "null"))
                elif not value or not same(metric, want, value, wide):
                    wrong.append((metric["object"], oid, value, want))
                else:
                    compared += 1
    print(f"# {len(walk)} objects, {compared} compared")
    for each in wrong[:10] + [("not in the table", oid, walk[oid], "") for oid in sorted(left)][:10]:
        print("#", *each)
    return bool(wrong or left or compared < 100)


def twins(model_path, v1_path, v2_path):
    v1, v2 = read_walk(v1_path), read_walk(v2_path)
    narrow = {oid: value for oid, value in v2.items() if value[0] != "Counter64"}
    wrong = [(oid, v1.get(oid), narrow.get(oid)) for oid in v1.keys() | narrow.keys()
             if (oid in v1) != (oid in narrow) or (v1[oid] != narrow[oid] and not ticks(v1[oid]))]
    compared, over = 0, 0
    for table in json.load(open(model_path))["tables"]:
        for metric in table["metrics"]:
            if not metric["twin_arc"] or metric["syntax"] == "DisplayString": # a text has a number in place of a twin
                continue
            short, long = prefix(table, metric["arc"]), prefix(table, metric["twin_arc"])
            for oid in (o for o in v2 if o.startswith(long)):
                wide, got = int(v2[oid][1]), v1.get(short + oid[len(long):])
                want = wide & MAX32 if metric["syntax"] == "Counter32" else min(wide, MAX32)
                compared, over = compared + 1, over + (wide > MAX32)
                if not got or int(got[1]) != want:
                    wrong.append((metric["object"], oid, got, want))
    print(f"# {len(v1)} objects in SNMPv1, {len(v2)} in v2c; {compared} twins, {over} of them above 32 bits")
    for each in wrong[:10]:
        print("#", *each)
    return bool(wrong or compared < 20 or not over or any(v[0] == "Counter64" for v in v1.values()))


if __name__ == "__main__":
    sys.exit({"values": values, "twins": twins}[sys.argv[1]](*sys.argv[2:]))
