# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Template of Zabbix 6.0 with numeric OIDs: scalars, discovery of superblocks, lookups and sources,
active alarms, a trap item, triggers with macros for the levels."""
import hashlib

from model import LABELS, NAMES, NOTE, level, title, yaml_file

TEMPLATE = "Dentry cache by SNMP"
# A host of containers has a thousand new superblocks a day, and every item of a lost one is still polled.
LIFETIMES = {"alarms": "1h", "superblocks": "1d"}
DISCOVERED = {"superblocks": "unused", "lookups": "seconds", "sources": "state", "alarms": "severity"}


def uuid(*key):
    """Stable, in the form of version 4, which is all that Zabbix takes."""
    h = hashlib.md5("/".join(("dcachemon",) + key).encode(), usedforsecurity=False).hexdigest()
    return h[:12] + "4" + h[13:16] + "8" + h[17:]


def units(m):
    return {"bytes": "B", "seconds": "s", "percent": "%"}.get(m.unit, "")


def steps(m):
    found = []
    if m.scale != 1:
        found.append({"type": "MULTIPLIER", "parameters": [f"{1 / m.scale:.10g}"]})
    if m.counter:
        found.append({"type": "CHANGE_PER_SECOND", "parameters": [""]})
    return {"preprocessing": found} if found else {}


def item(m, oid, key, name, valuemap=None, delay="1m", once=None):
    """once: the key that it was published with. A server that has it so renames its items."""
    entry = {"uuid": uuid("item", once or key), "name": name, "type": "SNMP_AGENT", "snmp_oid": oid,
             "key": key, "delay": delay, "history": "7d"}
    if m.scale != 1 or m.counter:
        entry["value_type"] = "FLOAT"
    if units(m):
        entry["units"] = units(m)
    entry["description"] = m.help
    if m.enum and valuemap:
        entry["valuemap"] = {"name": valuemap}
    return {**entry, **steps(m)}


def trigger(key, expression, name, priority, **more):
    return {"uuid": uuid("trigger", key), "expression": expression, "name": name,
            "priority": priority, **more}


def macro(alarm, severity):
    return "{$DCACHEMON.%s.%s}" % (alarm["name"].upper(), "WARN" if severity == "warning" else "CRIT")


def last(key):
    return f"last(/{TEMPLATE}/{key})"


def level_triggers(model, name, key):
    alarm = next(a for a in model.alarms if a["name"] == name)
    for severity, priority in (("critical", "HIGH"), ("warning", "WARNING")):
        found = trigger(f"{name}-{severity}", f"min(/{TEMPLATE}/{key},3m)>={macro(alarm, severity)}",
                        f"Dentry cache: {name} is {severity} on {{HOST.NAME}}", priority,
                        description=f"{alarm['about']}. See dcachemon-runbook(7).")
        if severity == "warning": # one of them at a time
            found["dependencies"] = [{"name": critical["name"], "expression": critical["expression"]}]
        critical = found
        yield found


def scalars(model):
    by_object = {tuple(a["scalar"]): a["name"] for a in model.polled_alarms}
    for table in model.polled:
        if table.array:
            continue
        for m in table.numbers:
            key = f"dcachemon.{table.name}.{m.name}"
            entry = item(m, f"{m.oid}.0", key, f"Dentry cache {table.name}: {m.name}")
            found = []
            if (table.name, m.name) in by_object:
                found = list(level_triggers(model, by_object[table.name, m.name], key))
            if (table.name, m.name) == ("totals", "dentries"):
                found.append(trigger("nodata", f"nodata(/{TEMPLATE}/{key},5m)=1",
                                     "Dentry cache: no values from {HOST.NAME}", "AVERAGE",
                                     description="snmpd or dcachemon-snmp does not answer."))
            yield {**entry, **({"triggers": found} if found else {})}


def variable(model, name, value):
    """Matches one variable of a notification, with and without the MIB at hand."""
    m = model.table("alarms").metric(name)
    arcs = m.oid[len(model.root.rpartition(".")[0]) + 1:].replace(".", r"\.")
    return rf"({arcs}|dcmAlarm{title(name)})\.{value}"


def trap_item(model):
    root = model.root.split(".")[-1]
    key = rf'snmptrap["{root}\.0\.[12]\b|dcmAlarm(Raised|Cleared)"]'
    raised, cleared = (rf'find(/{TEMPLATE}/{key},,"regexp","{root}\.0\.{n}\b|dcmAlarm{word}")=1'
                       for n, word in ((1, "Raised"), (2, "Cleared")))
    index = variable(model, "sequence", "([0-9]+)")
    # As a traphandle gets it, or with "type=4 value=STRING:" from zabbix_trap_receiver.pl.
    text = variable(model, "text", r'[0-9]+[ =]+(type=[0-9]+ +value=)?(STRING: )?\"?([^\"\n]+)')
    # Each alarm is a problem of its own, which its own clear ends.
    return {"uuid": uuid("item", "trap"), "name": "Dentry cache: notifications", "type": "SNMP_TRAP",
            "key": key, "delay": "0", "trends": "0", "value_type": "LOG",
            "description": "dcmAlarmRaised and dcmAlarmCleared, through snmptrapd and the SNMP trapper.",
            "triggers": [trigger("trap", raised, "Dentry cache: an alarm was raised on {HOST.NAME}",
                                 "INFO", event_name=r'Dentry cache of {HOST.NAME}: {{ITEM.VALUE}.regsub("%s", "\4")}' % text,
                                 type="MULTIPLE", manual_close="YES", recovery_mode="RECOVERY_EXPRESSION",
                                 recovery_expression=cleared, correlation_mode="TAG_VALUE", correlation_tag="alarm",
                                 tags=[{"tag": "alarm", "value": r'{{ITEM.VALUE}.regsub("%s", "\2")}' % index}])]}


def discovery(model, name):
    table = model.table(name)
    labels = [table.metric(n) for n in LABELS[name]]
    pairs = [("{#%s}" % n.upper(), m.oid) for n, m in zip(LABELS[name], labels)]
    shown = " ".join(m for m, _ in pairs)
    by = "{#SNMPINDEX}"
    if name in NAMES:
        by = shown = "{#%s}" % NAMES[name].upper()  # Zabbix quotes it where it has to
    prototypes = []
    for m in table.numbers:
        key = f"dcachemon.{name}.{m.name}"
        prototypes.append(item(m, f"{m.oid}.{{#SNMPINDEX}}", f"{key}[{by}]", f"{name} {shown}: {m.name}",
                               f"dcachemon {m.name}", once=f"{key}[{{#SNMPINDEX}}]"))
    result = {"uuid": uuid("rule", name), "name": f"Dentry cache: {name}", "type": "SNMP_AGENT",
              "snmp_oid": "discovery[" + ",".join(f"{macro},{oid}" for macro, oid in pairs) + "]",
              "key": f"dcachemon.{name}.discovery", "delay": "1m" if name == "alarms" else "10m",
              "lifetime": LIFETIMES.get(name, "7d"), "description": table.help,
              "item_prototypes": prototypes}
    if name == "alarms":
        key, kind = (f"dcachemon.alarms.{n}[{{#SNMPINDEX}}]" for n in ("severity", "type"))
        # A row that is gone has no values; the type is there for the name of the event.
        result["trigger_prototypes"] = [
            trigger(f"alarm-{word}", f"{last(key)}={number} and {last(kind)}>0 and nodata(/{TEMPLATE}/{key},5m)=0",
                    f"Dentry cache: {word} alarm on {{HOST.NAME}}: {{#RESOURCE}}", priority,
                    event_name=f"Dentry cache: {word} alarm {{ITEM.VALUE2}} on {{HOST.NAME}}: {{#RESOURCE}}")
            for number, word, priority in ((3, "critical", "HIGH"), (2, "warning", "WARNING"))]
    return result


def valuemaps(model):
    for name in DISCOVERED:
        for m in model.table(name).numbers:
            if m.enum:
                yield m.name, {"uuid": uuid("map", m.name), "name": f"dcachemon {m.name}",
                               "mappings": [{"value": str(k), "newvalue": v} for k, v in m.enum.items()]}


def files(model):
    macros = [{"macro": macro(a, s), "value": level(round(a[s], 6)).replace(",", "")}
              for a in model.polled_alarms for s in ("warning", "critical")]
    template = {
        "uuid": uuid("template"), "template": TEMPLATE, "name": TEMPLATE,
        "description": "Superblocks are told apart by their name, which is the same after a restart. "
                       "Notifications come through zabbix-trap or zabbix_trap_receiver.pl.",
        "groups": [{"name": "Templates/Operating systems"}],
        "items": [*scalars(model), trap_item(model)],
        "discovery_rules": [discovery(model, name) for name in DISCOVERED],
        "macros": macros, "valuemaps": list(dict(valuemaps(model)).values()),
    }
    yield "zabbix/dcachemon-6.0.yaml", yaml_file({"zabbix_export": {
        "version": "6.0", "date": "2026-11-22T00:00:00Z",
        "groups": [{"uuid": "846977d1dfed4968bc5f8bdb363285bc", "name": "Templates/Operating systems"}],
        "templates": [template]}}, NOTE + "\nZabbix 6.0; 6.2 and later convert it at import.")
