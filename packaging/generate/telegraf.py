# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""inputs.snmp of Telegraf with numeric OIDs, so that it needs no MIB files."""
import json

from model import LABELS, NOTE


def field(m, tag=False, suffix=""):
    conversion = "" if m.scale in (1, 0) or tag or m.syntax in ("DisplayString", "Enumeration") else \
        f"  # {m.unit} " + (f"x {m.scale:g}" if m.scale > 1 else f"divided by {1 / m.scale:g}")
    lines = [f"      name = {json.dumps(m.name)}", f"      oid = {json.dumps('.' + m.oid + suffix)}"]
    if tag:
        lines.append("      is_tag = true")
    return lines[0] + "\n" + lines[1] + conversion + "\n" + "\n".join(lines[2:] + [""]).lstrip("\n")


def files(model):
    text = "".join(f"# {line}\n" for line in NOTE.split("\n")) + """\
# Values are in the units of the MIB: a comment says what a unit was multiplied with.
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
                    field(m, suffix=".0").replace(f'name = "{m.name}"',
                                                  f'name = "{table.name}_{m.name}"')
            continue
        text += f"\n  # {table.help}\n  [[inputs.snmp.table]]\n" \
                f'    name = "dcachemon_{table.name}"\n    index_as_tag = true\n'
        for name in LABELS.get(table.name, ()):
            text += "    [[inputs.snmp.table.field]]\n" + field(table.metric(name), tag=True)
        for m in table.numbers:
            text += "    [[inputs.snmp.table.field]]\n" + field(m)
    yield "telegraf/dcachemon.conf", text.replace("\n      name", "\n      name")
