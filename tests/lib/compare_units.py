# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Holds names, units and conversions of the generated files against the UNITS of DCACHEMON-MIB.
Usage: compare_units.py MODEL.json MIB PACKAGING. Prints each value whose name or unit is not what the
tool stores; the exit status is 1 then."""
import json
import math
import re
import sys
import tomllib
import xml.etree.ElementTree as xml
from pathlib import Path

# What is on the wire, in the base unit.
MIB = {"kibibytes": ("bytes", 1024), "seconds": ("seconds", 1), "milliseconds": ("seconds", 1e-3),
       "microseconds": ("seconds", 1e-6), "hundredths of a percent": ("ratio", 1e-4),
       "thousandths of a percent": ("ratio", 1e-5), "thousandths": ("ratio", 1e-3),
       "hundredths per second": ("per second", 1e-2), "millionths": ("number", 1e-6)}
# What a name or a unit claims, by its end; the first that fits.
CLAIMS = ((r"(_kibibytes|KiB|KBytes)$", "bytes", 1024), (r"((_|^)bytes|Bytes|^B)$", "bytes", 1),
          (r"((_|^)milliseconds|Ms)$", "seconds", 1e-3), (r"(_us|(_|^)microseconds|Us)$", "seconds", 1e-6),
          (r"((_|^|\.)seconds|Seconds?|^s)$", "seconds", 1), (r"(MilliPct|_millipercent)$", "ratio", 1e-5),
          (r"((_|^)percent|Percent|^%)$", "ratio", 1e-2), (r"(_permille|Permille)$", "ratio", 1e-3),
          (r"Millionths$", "number", 1e-6), (r"(^|\.)(value|threshold)$", "number", 1),
          (r"((_|^)ratio|Ratio)$", "ratio", 1), (r"Per100S$", "per second", 1e-2),
          (r"(_per_second|PerSecond)$", "per second", 1))
# An object of the MIB keeps its name; its UNITS say thousandths.
PUBLISHED = {"dcmSnmpdWedgeRatio"}


def mib_units(path):
    objects = re.findall(r'(\w+) OBJECT-TYPE\s+SYNTAX[^"]*?UNITS\s+"([^"]+)"', Path(path).read_text())
    return {name: MIB[unit] for name, unit in objects if unit in MIB}


# Each tool: what it calls a value, the OID, and what it multiplies the value with.


def telegraf(folder):
    config = tomllib.loads((folder / "telegraf/dcachemon.conf").read_text())["inputs"]["snmp"][0]
    for f in config["field"] + [f for t in config["table"] for f in t["field"]]:
        power = re.fullmatch(r"float\((\d)\)", f.get("conversion", "float(0)"))[1]
        yield f["name"], f["oid"].removesuffix(".0"), 10 ** -int(power)


def opennms(folder):
    for e in xml.parse(folder / "opennms/datacollection/dcachemon.xml").getroot().iter():
        if e.get("alias"):
            yield e.get("alias"), e.get("oid"), 1


def zabbix(folder):
    """Each item by its key and by its unit."""
    for item in re.split(r"\n *- uuid: ", (folder / "zabbix/dcachemon-6.0.yaml").read_text()):
        oid = re.search(r'snmp_oid: "?([0-9.]+)', item)
        key = re.search(r'\n +key: "?([\w.]+)', item)
        if not oid or not key:
            continue
        factor = re.search(r'MULTIPLIER\n *parameters:\n *- "([^"]+)"', item)
        factor = float(factor[1]) if factor else 1
        unit = re.search(r'\n +units: "?([^"\n]+)', item)
        for claim in [key[1]] + ([unit[1]] if unit else []):
            yield claim, "." + oid[1].removesuffix(".0").rstrip("."), factor


def snmp_exporter(folder):
    text = (folder / "snmp_exporter/snmp.yml").read_text()
    for name, oid in re.findall(r'- name: (\w+)\n +oid: "?([0-9.]+)', text):
        yield name, "." + oid, 1


def cacti(folder):
    """Each data source by its name, each line of a graph by the unit at the axis."""
    root = xml.parse(folder / "cacti/dcachemon.xml").getroot()
    oids, factors = {}, {"0": 1}
    for query in (folder / "cacti/resource/snmp_queries").iterdir():
        for field in xml.parse(query).getroot().find("fields"):
            oids[field.tag] = field.findtext("oid")
    sources = {row.findtext("data_template_rrd_id"): oids[row.findtext("snmp_field_name")]
               for rows in root.iter("rrd") for row in rows}
    for e in root:
        values = [i.findtext("value") for i in e.iterfind("items/*[type]")]
        if values:  # of a CDEF
            factors[e.tag] = float(values[1])
        for value in (v.text for v in e.iterfind("data/*/value") if v.text):
            sources[e.find("items")[0].tag] = value.removesuffix(".0")
    for e in root:
        for source in e.iterfind("items/*[data_source_name]"):
            yield source.findtext("data_source_name"), sources[source.tag], 1
        for item in e.iterfind("items/*[task_item_id]"):
            yield e.findtext("graph/vertical_label"), sources[item.findtext("task_item_id")], factors[item.findtext("cdef_id")]


def claim_of(name):
    return next(((quantity, factor) for pattern, quantity, factor in CLAIMS if re.search(pattern, name)), None)


def main():
    model, units, folder = json.load(open(sys.argv[1])), mib_units(sys.argv[2]), Path(sys.argv[3])
    objects = {}
    for t in model["tables"]:
        for m in t["metrics"]:
            entry = f".{model['root']}.1.{t['arc']}" + (".1" if t["array"] else "")
            objects[f"{entry}.{m['arc']}"] = m["object"]
            objects[f"{entry}.{m['twin_arc']}"] = m["twin"]
    wrong = 0
    for tool in (telegraf, opennms, zabbix, snmp_exporter, cacti):
        claims = 0
        for name, oid, factor in tool(folder):
            wire, claim = units.get(objects.get(oid)), claim_of(name)
            if not wire or not claim or name in PUBLISHED:
                continue
            claims += 1
            if claim[0] != wire[0] or not math.isclose(claim[1], wire[1] / factor, rel_tol=1e-6):
                print(f"{tool.__name__}: {name} counts {wire[1] / factor:g} {wire[0]}")
                wrong = 1
        if claims < 5:
            print(f"{tool.__name__}: only {claims} names with a unit")
            wrong = 1
    sys.exit(wrong)


main()
