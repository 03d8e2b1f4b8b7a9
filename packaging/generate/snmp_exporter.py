# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""generator.yml and snmp.yml of Prometheus' snmp_exporter, whose format changed in 0.23."""
from model import LABELS, NOTE, yaml_file

TYPES = {"Counter32": "counter", "Counter64": "counter"}


def walked(model):
    return sorted(t.oid for t in model.polled)


def lookups_of(table):
    return [table.metric(name) for name in LABELS.get(table.name, ())]


def generator(model):
    lookups, overrides = [], {}
    for table in model.polled:
        for m in lookups_of(table):
            lookups.append({"source_indexes": [table.index.object], "lookup": m.object})
        for m in table.columns:
            if m.text:
                overrides[m.object] = {"ignore": True}
            if m.twin and not m.counter:
                overrides[m.twin] = {"type": "gauge"}
        if table.array:
            overrides[table.index.object] = {"ignore": True}  # not-accessible
    return {"walk": [t.object for t in model.polled], "lookups": lookups, "overrides": overrides}


def metric_entry(table, name, oid, kind, enum):
    entry = {"name": name, "oid": oid, "type": kind}
    if table.array:
        entry["indexes"] = [{"labelname": table.index.object, "type": "gauge",
                             **({"enum_values": table.index.enum} if table.index.enum else {})}]
        entry["lookups"] = [
            {"labels": [table.index.object], "labelname": m.object, "oid": m.oid,
             "type": "DisplayString"} for m in lookups_of(table)]
        if not entry["lookups"]:
            del entry["lookups"]
    if enum:
        entry["enum_values"] = enum
    return entry


def metrics(model):
    entries = []
    for table in model.polled:
        for m in table.numbers:
            found = [(m.arc, m.object, m.oid, TYPES.get(m.syntax, "gauge"), m.help, m.enum)]
            if m.twin:
                found.append((m.twin_arc, m.twin, m.twin_oid, "counter" if m.counter else "gauge",
                              m.help + " In 64 bits.", {}))
            for arc, name, oid, kind, text, enum in found:
                entry = metric_entry(table, name, oid, kind, enum)
                entry = {**dict(list(entry.items())[:3]), "help": f"{text} - {oid}",
                         **dict(list(entry.items())[3:])}
                entries.append(((table.arc, arc), entry))
    return [entry for _, entry in sorted(entries, key=lambda e: e[0])]


def files(model):
    module = {"walk": walked(model), "metrics": metrics(model)}
    community = {"community": "public"}
    note = NOTE + "\nGauges of 64 bits are Counter64 on the wire: the type here is what counts."
    yield "snmp_exporter/generator.yml", yaml_file(
        {"modules": {"dcachemon": generator(model)}},
        NOTE + "\nFor snmp_exporter's generator, to be merged with other modules. Up to 0.22, "
        "authentication\nis in the module (default: v2c, public); from 0.23 on under \"auths\".")
    yield "snmp_exporter/snmp-0.22.yml", yaml_file(
        {"dcachemon": {**module, "version": 2, "auth": community}},
        note + "\nFor snmp_exporter up to 0.22.")
    yield "snmp_exporter/snmp.yml", yaml_file(
        {"auths": {"public_v2": {**community, "version": 2}}, "modules": {"dcachemon": module}},
        note + "\nFor snmp_exporter 0.23 and later.")
