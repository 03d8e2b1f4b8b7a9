# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""inputs.snmp of Telegraf with numeric OIDs, so that it needs no MIB files."""
import json
import math

from model import LABELS, NOTE, NUMERIC


def converted(m):
    """The name of the value as Telegraf delivers it, and the power of ten that it divides by."""
    if m.syntax not in NUMERIC or m.scale == 1:
        return m.name, 0
    if m.unit == "microseconds":  # milliseconds on the wire
        return m.named("seconds"), 3
    power = round(math.log10(m.scale))
    if m.scale > 1 and 10 ** power == m.scale:
        return m.name, power
    return (m.named(m.wire[0]) if m.wire else m.name), 0


def field(m, tag=False, suffix="", prefix=""):
    name, power = (m.name, 0) if tag else converted(m)
    lines = [f"      name = {json.dumps(prefix + name)}", f"      oid = {json.dumps('.' + m.oid + suffix)}"]
    if power:
        lines.append(f'      conversion = "float({power})"')
    if tag:
        lines.append("      is_tag = true")
    return "\n".join(lines) + "\n"


def files(model):
    text = "".join(f"# {line}\n" for line in NOTE.split("\n")) + """\
# Values are in the units that names say: Telegraf divides by powers of ten, kibibytes stay kibibytes.
[[inputs.snmp]]
  agents = ["udp://host.example.org:161"]
  version = 2
  community = "public"
  interval = "60s"
  timeout = "5s"
"""
    for table in model.polled:
        if not table.array:
            for m in table.numbers:
                text += f"\n  [[inputs.snmp.field]]\n" + \
                    field(m, suffix=".0", prefix=f"{table.name}_")
            continue
        text += f"\n  # {table.help}\n  [[inputs.snmp.table]]\n" \
                f'    name = "dcachemon_{table.name}"\n    index_as_tag = true\n'
        for name in LABELS.get(table.name, ()):
            text += "    [[inputs.snmp.table.field]]\n" + field(table.metric(name), tag=True)
        for m in table.numbers:
            text += "    [[inputs.snmp.table.field]]\n" + field(m)
    yield "telegraf/dcachemon.conf", text
