# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""LibreNMS: sensors by discovery of the linux definition, and a trap handler class."""
from model import LABELS, NAMES, NOTE, level, yaml_file

# table, metric, class of sensor, divisor
SENSORS = (("hash", "max_chain", "chain_length"), ("totals", "dentries", "dentries_total"),
           ("totals", "negative", "negative_count"), ("totals", "unused", None),
           ("alarm_status", "active", None), ("namespaces", "network", None),
           ("superblocks", "unused", "superblock_unused"), ("chains", "length", "chain_length"))

# A row whose value is less than a tenth of the warning level gets no sensor.
SMALL = 10


def sensor(model, table_name, name, alarm_name):
    table = model.table(table_name)
    m = table.metric(name)
    index = "{{ $index }}"
    entry = {"oid": table.object if table.array else m.object, "value": m.object,
             "num_oid": f".{m.oid}.{index}" if table.array else f".{m.oid}.{index}",
             "index": f"{m.object}.{index}", "group": "Dentry cache"}
    if table.array:
        shown = [NAMES[table_name]] if table_name in NAMES else LABELS[table_name][-2:]
        entry["descr"] = " ".join("{{ $%s }}" % table.metric(n).object for n in shown)
        entry["descr"] += f" {m.name}"
    else:
        entry["descr"] = f"Dentry cache {m.name.replace('_', ' ')}"
    alarm = next((a for a in model.alarms if a["name"] == alarm_name), None)
    if alarm:
        entry.update({"warn_limit": alarm["warning"], "high_limit": alarm["critical"]})
    if table.array:
        # A host of containers has thousands of rows, and nearly all of them stay small.
        entry["skip_values"] = [{"oid": m.object, "op": "<", "value": alarm["warning"] // SMALL}]
    return entry


def php(model):
    place = {m.name: m.object for m in model.varbinds}
    note = "".join(f" * {line}\n" for line in NOTE.split("\n"))
    return f"""<?php
/*
{note} * For LibreNMS/Snmptrap/Handlers/; in config/snmptraps.php:
 *   'DCACHEMON-MIB::dcmAlarmRaised' => \\LibreNMS\\Snmptrap\\Handlers\\DcachemonAlarm::class,
 *   'DCACHEMON-MIB::dcmAlarmCleared' => \\LibreNMS\\Snmptrap\\Handlers\\DcachemonAlarm::class,
 */

namespace LibreNMS\\Snmptrap\\Handlers;

use App\\Models\\Device;
use LibreNMS\\Enum\\Severity;
use LibreNMS\\Interfaces\\SnmptrapHandler;
use LibreNMS\\Snmptrap\\Trap;

class DcachemonAlarm implements SnmptrapHandler
{{
    public function handle(Device $device, Trap $trap)
    {{
        $text = $trap->getOidData($trap->findOid('DCACHEMON-MIB::{place["text"]}'));
        $kind = $trap->getOidData($trap->findOid('DCACHEMON-MIB::{place["type"]}'));
        $level = $trap->getOidData($trap->findOid('DCACHEMON-MIB::{place["severity"]}'));
        $cleared = $trap->getTrapOid() === 'DCACHEMON-MIB::dcmAlarmCleared';
        $severity = $cleared ? Severity::Ok
            : (in_array($level, ['critical', '3'], true) ? Severity::Error : Severity::Warning);

        $trap->log("Dentry cache, $kind: $text", $severity, 'dcachemon');
    }}
}}
"""


def files(model):
    data = [sensor(model, *s) for s in SENSORS]
    yield "librenms/os_discovery/linux-dcachemon.yaml", yaml_file(
        {"mib": "DCACHEMON-MIB", "modules": {"sensors": {"count": {"data": data}}}},
        NOTE + "\nMerge into resources/definitions/os_discovery/linux.yaml, and put DCACHEMON-MIB.txt "
        "into mibs/net-snmp."
        "\nRows below a tenth of the warning level get no sensor: so a host has one for each million of its "
        "unused\nentries at most, and one for each of the longest chains.")
    yield "librenms/DcachemonAlarm.php", php(model)
