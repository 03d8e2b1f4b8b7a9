# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Data collection and events of OpenNMS. Aliases name RRD data sources: at most 19 characters."""
from xml.sax.saxutils import escape

from model import LABELS, NAMES, NOTE, title

# Letters of the first tables: they are part of the names of stored data, and stay. Later tables have
# their number in the MIB instead, so that no list grows with them.
LETTERS = {"totals": "T", "memory": "M", "superblocks": "S", "hash": "H", "chains": "C",
           "directories": "D", "lookups": "L", "namespaces": "N", "snmpd": "W", "alarms": "A",
           "sources": "Q", "self": "P", "alarm_status": "X", "alarm_counts": "K",
           "reclaim": "R"}
ALIAS_MAX = 19
HEAD = '<?xml version="1.0"?>\n<!-- ' + NOTE.replace("\n", "\n     ") + " -->\n"


def shorten(prefix, m):
    """OpenNMS stores what is on the wire, so the alias ends in its unit if the name says one."""
    if m.text or not m.wire:
        return (prefix + title(m.name))[:ALIAS_MAX]
    unit = m.wire[1]
    return (prefix + title(m.stem))[: ALIAS_MAX - len(unit)] + unit


def aliases(model):
    found = {}
    for table in model.polled:
        for m in table.stored:
            alias = shorten(f"dcm{LETTERS.get(table.name, table.arc)}", m)
            if alias in found.values():
                raise SystemExit(f"OpenNMS alias {alias} twice")
            found[m.object] = alias
    return found


def storage(table, names):
    """Where the history of a row is kept: by its number, or by what lasts."""
    name = "org.opennms.netmgt.%sStorageStrategy"
    if table.name not in NAMES:
        return '<storageStrategy class="%s"/>' % (name % "collection.support.Index")
    column = names[table.metric(NAMES[table.name]).object]
    # A folder's name that is no other row's: "/a_b" has two underscores there.
    steps = (("sibling-column-name", column), ("replace-all", "s/_/__/"), ("replace-all", "s/[^A-Za-z0-9._-]/_/"))
    params = "".join(f'\n      <parameter key="{key}" value="{value}"/>' for key, value in steps)
    return '<storageStrategy class="%s">%s\n    </storageStrategy>' % (name % "dao.support.SiblingColumn", params)


def collection(model):
    names, body, groups = aliases(model), "", []
    for table in model.polled:
        if table.array:
            shown = [NAMES[table.name]] if table.name in NAMES else LABELS[table.name]
            label = " ".join("${%s}" % names[table.metric(n).object] for n in shown)
            body += f"""  <resourceType name="{table.object}" label="{escape(table.help)}" resourceLabel="{label}">
    <persistenceSelectorStrategy class="org.opennms.netmgt.collection.support.PersistAllSelectorStrategy"/>
    {storage(table, names)}
  </resourceType>
"""
        group, instance = f"dcachemon-{table.name}", table.object if table.array else "0"
        groups.append(group)
        body += f'  <group name="{group}" ifType="{"all" if table.array else "ignore"}">\n'
        for m in table.stored:
            kind = "string" if m.text else "Counter" if m.counter else "Gauge32"
            body += f'    <mibObj oid=".{m.oid}" instance="{instance}" alias="{names[m.object]}" type="{kind}"/>\n'
        body += "  </group>\n"
    include = "".join(f"      <includeGroup>{g}</includeGroup>\n" for g in groups)
    return HEAD + f"""<datacollection-group xmlns="http://xmlns.opennms.org/xsd/config/datacollection" name="dcachemon">
{body}  <systemDef name="dcachemon on Net-SNMP">
    <sysoidMask>.1.3.6.1.4.1.8072.3.</sysoidMask>
    <collect>
{include}    </collect>
  </systemDef>
</datacollection-group>
"""


def parm(model, name):
    return f"%parm[#{[m.name for m in model.varbinds].index(name) + 1}]%"


def event(model, specific, uei, severity, extra_mask, alarm):
    text, name, kind = (parm(model, n) for n in ("text", "resource", "type"))
    return f"""  <event>
    <mask>
      <maskelement><mename>id</mename><mevalue>.{model.root}</mevalue></maskelement>
      <maskelement><mename>generic</mename><mevalue>6</mevalue></maskelement>
      <maskelement><mename>specific</mename><mevalue>{specific}</mevalue></maskelement>
{extra_mask}    </mask>
    <uei>{uei}</uei>
    <event-label>Dentry cache: {uei.rsplit("/", 1)[1]}</event-label>
    <descr>{text}, alarm type {kind}, resource {name}, value {parm(model, "value")}</descr>
    <logmsg dest="logndisplay">{text}</logmsg>
    <severity>{severity}</severity>
    {alarm}
  </event>
"""


def events(model):
    base = "uei.opennms.org/traps/DCACHEMON-MIB"
    # warning and critical reduce to one alarm, whose severity the newest event sets
    key = f"{base}/alarmRaised:%dpname%:%nodeid%:{parm(model, 'type')}:{parm(model, 'resource')}"
    place = [m.name for m in model.varbinds].index("severity") + 1
    raised = f'<alarm-data reduction-key="{key}" alarm-type="1" auto-clean="false"/>'
    over = f'<alarm-data reduction-key="{key.replace("alarmRaised", "alarmCleared")}" alarm-type="2" ' \
           f'clear-key="{key}" auto-clean="false"/>'
    body = ""
    for number, word in ((3, "Critical"), (2, "Warning")):
        bind = f"      <varbind><vbnumber>{place}</vbnumber><vbvalue>{number}</vbvalue></varbind>\n"
        body += event(model, 1, f"{base}/alarmRaised", word, bind, raised)
    body += event(model, 2, f"{base}/alarmCleared", "Cleared", "", over)
    return HEAD + f'<events xmlns="http://xmlns.opennms.org/xsd/eventconf">\n{body}</events>\n'


def files(model):
    yield "opennms/datacollection/dcachemon.xml", collection(model)
    yield "opennms/events/dcachemon.events.xml", events(model)
