#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Questions to a private Cacti, for tests/cacti: cacti.py FOLDER AGENT COMMAND [ARG...]; a check that fails says why.

before                  keeps what snmpget says of all that Cacti polls
polled                  whether the poller's output is what snmpget said before and says now, of values that stood still
meant                   whether the MIB, which the environment has, calls what is polled as the data source is called
stored                  whether that output is what the last update of each rrd file holds
cached FIELD OID        whether a field of a data query has each row of the SNMP column, with its text
mapped QUERY OID        whether each data source of the query polls the row whose text in that column it has as its key
"""
import json
import re
import subprocess
import sys
from pathlib import Path

PART = 20  # OIDs in one request


class Cacti:
    def __init__(self, folder, agent):
        self.folder, self.agent = Path(folder), agent

    def sql(self, query):
        # Read by root: the database asks nobody who he is.
        out = subprocess.run(["mariadb", "--no-defaults", "-N", "-B", "-S", self.folder / "db.sock", "-u", "cacti",
                              "cacti", "-e", query], check=True, capture_output=True, text=True).stdout
        return [line.split("\t") for line in out.splitlines()]

    def snmp(self, program, *args):
        return subprocess.run([program, "-v2c", "-c", "public", "-Onqe", "-t", "3", "-r", "1", self.agent, *args],
                              check=True, capture_output=True, text=True, errors="replace").stdout.splitlines()

    def get(self, oids):
        """{OID: text, None where there is none}"""
        found, oids = {}, sorted(oids)
        for i in range(0, len(oids), PART):
            for line in self.snmp("snmpget", *oids[i:i + PART]):
                oid, _, value = line.partition(" ")
                found[oid] = None if value.startswith("No Such") else value.strip('"')
        return found

    def walk(self, column):
        """{index: text}"""
        rows = (line.partition(" ") for line in self.snmp("snmpbulkwalk", column))
        return {oid.rpartition(".")[2]: value.strip('"') for oid, _, value in rows if oid.startswith(column + ".")}

    def polled_oids(self):
        return {row[0] for row in self.sql("SELECT DISTINCT arg1 FROM poller_item")}

    def file(self, name):
        return self.folder / name


def number(text):
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def fail(*lines):
    for line in lines[:10]:
        print("#", line)
    sys.exit(1)


def before(cacti):
    cacti.file("before.json").write_text(json.dumps(cacti.get(cacti.polled_oids())))


def polled(cacti):
    old = json.loads(cacti.file("before.json").read_text())
    new = cacti.get(old)
    rows = cacti.sql("SELECT po.local_data_id, po.rrd_name, po.output, pi.arg1, pi.rrd_path FROM poller_output po "
                     "JOIN poller_item pi ON pi.local_data_id = po.local_data_id AND pi.rrd_name = po.rrd_name")
    cacti.file("output.json").write_text(json.dumps(rows))
    items = int(cacti.sql("SELECT COUNT(*) FROM poller_item")[0][0])
    still = [row for row in rows if old[row[3]] == new[row[3]]]
    wrong = [f"{path} {name}: {output}, snmpget: {old[oid]} ({oid})"
             for _, name, output, oid, path in still if number(output) != number(old[oid])]
    columns = {oid.rpartition(".")[0] for *_, oid, _ in still}
    holes = sum(number(old[oid]) is None for *_, oid, _ in still)
    print(f"# {len(still)} of {len(rows)} values stood still: {len(columns)} columns, {holes} holes")
    if wrong or len(rows) != items or len(still) < 0.8 * items or len(columns) < 50:
        fail(f"{len(rows)} of {items} items, {len(wrong)} wrong", *wrong)


UNIT = r"(^|_)(kibibytes|milliseconds|microseconds|millipercent|permille|KiB|Ms|Us|MilliPct)$"


def meant(cacti):
    rows = cacti.sql("SELECT DISTINCT rrd_name, arg1 FROM poller_item")
    objects = subprocess.run(["snmptranslate", "-OS", *(oid for _, oid in rows)], check=True, capture_output=True,
                             text=True).stdout.split()
    wrong = [f"{name}: {obj}" for (name, _), obj in zip(rows, objects, strict=True)
             if re.sub(UNIT, "", name).title().replace("_", "") not in obj.partition("::dcm")[2]]
    if wrong or not rows:
        fail(*wrong)


def stored(cacti):
    wrong, checked, infos = [], 0, {}
    for _, name, output, _, path in json.loads(cacti.file("output.json").read_text()):
        path = str(cacti.file("lib") / "rra" / path.partition("/rra/")[2])
        if path not in infos:
            infos[path] = subprocess.run(["rrdtool", "info", path], capture_output=True, text=True).stdout
        last = re.search(rf'^ds\[{name}\]\.last_ds = "([^"]*)"', infos[path], re.M)
        checked += 1
        want, have = number(output), number(last[1]) if last else "no data source"
        if have != want:
            wrong.append(f"{path} {name}: {have} instead of {want}")
    print(f"# {checked} data sources in {len(infos)} files")
    if wrong or not checked:
        fail(f"{len(wrong)} wrong", *wrong)


def plain(text):
    """As Cacti keeps a text: without quotes, backslashes, angle brackets and blanks at its ends."""
    return re.sub(r"[\"'<>\\]", "", text).strip()


def cached(cacti, field, column):
    rows = {index: plain(text) for index, text in cacti.walk(column).items()}
    have = {index: text for index, text in cacti.sql(
        f"SELECT snmp_index, field_value FROM host_snmp_cache WHERE field_name = '{field}'")}
    have = {index: text.replace("\\\\", "\\") for index, text in have.items()}
    print(f"# {len(have)} rows")
    if have != rows or not rows:
        fail(*(f"{i}: {have.get(i)} instead of {rows.get(i)}" for i in sorted(have.keys() | rows.keys())
               if have.get(i) != rows.get(i)))


def mapped(cacti, query, column):
    names = {index: plain(text) for index, text in cacti.walk(column).items()}
    found = cacti.sql(
        "SELECT did.value, pi.arg1, pi.rrd_name FROM data_local dl JOIN snmp_query q ON q.id = dl.snmp_query_id "
        "JOIN data_template_data dtd ON dtd.local_data_id = dl.id "
        "JOIN data_input_data did ON did.data_template_data_id = dtd.id "
        "JOIN data_input_fields dif ON dif.id = did.data_input_field_id AND dif.type_code = 'index_value' "
        f"JOIN poller_item pi ON pi.local_data_id = dl.id WHERE q.name LIKE '%{query}' AND dl.orphan = 0")
    wrong = [f"{key}, {name}: polls {names.get(oid.rpartition('.')[2])}" for key, oid, name in found
             if names.get(oid.rpartition(".")[2]) != key]
    print(f"# {len(found)} values of {len({key for key, *_ in found})} rows")
    if wrong or not found:
        fail(f"{len(wrong)} of {len(found)} wrong", *wrong)


COMMANDS = {"before": before, "polled": polled, "meant": meant, "stored": stored, "cached": cached, "mapped": mapped}


def main():
    folder, agent, command, *args = sys.argv[1:]
    COMMANDS[command](Cacti(folder, agent), *args)


main()
