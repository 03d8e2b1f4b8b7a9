#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Zabbix's API for tests/zabbix: zabbix.py FOLDER URL COMMAND [ARG...]; a check that fails says why.

login                   keeps the session in FOLDER/zabbix/token
import FILE             the template
same FILE               whether all of FILE is in what Zabbix exports of it, and nothing else
host ADDRESS PORT COMMUNITY MACRO=VALUE...   one host with the template
poll [PART]             items and discovery rules whose key has PART are polled now
series SOCKET PROGRAM   writes what the daemon says to FOLDER/series, several times per second, for ever
discovered TABLE        whether each row of the SNMP table has its items, with the names of its labels
polled                  whether each item has a value that is newer than the last "poll", or none to have
supported               whether what Zabbix cannot read is what snmpget cannot read
remember                notes the items of superblocks and the time
goes_on                 whether those, of the superblocks that are still there, go on since: the same item under the
                        same name, asked for the row that has the name now, with values of that from before and after
values                  whether each stored value is one that the daemon had
problem N REGEX         whether N problems are open whose name matches
solved N REGEX          whether those are over that "problem" saw last, or, if it was not asked, N and none is open
trap REGEX              whether the trap item has such a value
problems                shows what is open and what is over
"""
import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = ".1.3.6.1.4.1.8072.9999.9999.1806"
HOST, TEMPLATE = "dcachemon-test", "Dentry cache by SNMP"
SNMP_AGENT, NUMERIC = "20", ("0", "3")
# What 6.0 leaves out of an export.
DEFAULTS = {"delay": ("1m", "0"), "value_type": ("UNSIGNED",), "recovery_mode": ("EXPRESSION",)}
# Steps of SNMP values, in the unit of the metric, where they are not a thousandth.
STEPS = {"bytes": 1024, "lookups.seconds": 1e-6, "cost_seconds": 1e-6, "longest_slice_seconds": 1e-6}


class Api:
    def __init__(self, folder, url):
        self.url, self.token = url, Path(folder, "zabbix", "token")
        self.auth = self.token.read_text() if self.token.exists() else None

    def __call__(self, method, **params):
        body = {"jsonrpc": "2.0", "method": method, "id": 1, "params": params.pop("list", params)}
        if self.auth:
            body["auth"] = self.auth
        request = urllib.request.Request(self.url + "/api_jsonrpc.php", json.dumps(body).encode(),
                                         {"Content-Type": "application/json-rpc"})
        answer = json.load(urllib.request.urlopen(request, timeout=120))
        if "error" in answer:
            sys.exit(f"# {method}: {answer['error']['message']} {answer['error']['data']}")
        return answer["result"]

    def login(self):
        self.auth = None
        self.token.write_text(self("user.login", username="Admin", password="zabbix"))

    def host(self):
        return self("host.get", filter={"host": HOST}, output=["hostid"])[0]["hostid"]

    def items(self):
        return self("item.get", hostids=self.host(), filter={"type": SNMP_AGENT}, output=[
            "name", "key_", "snmp_oid", "state", "error", "lastvalue", "lastclock", "value_type"],
            selectPreprocessing="extend")


def want(holds, *text):
    if not holds:
        print("#", *text)
        sys.exit(1)


def load_yaml(text):
    import yaml
    return yaml.load(text, yaml.BaseLoader)["zabbix_export"] # "YES" is no truth value to Zabbix


# ---- the template ----

def import_template(api, file):
    rules = {kind: {"createMissing": True, "updateExisting": True} for kind in (
        "templates", "items", "triggers", "discoveryRules", "valueMaps")}
    rules["groups"] = {"createMissing": True, "updateExisting": True}
    api("configuration.import", format="yaml", rules=rules, source=Path(file).read_text())


def by_uuid(value, found, path=""):
    """Every part that has a uuid, with its parts replaced by their uuids."""
    if isinstance(value, dict):
        flat = {k: by_uuid(v, found, path + "/" + k) for k, v in value.items()}
        if "uuid" in value:
            found[value["uuid"]] = flat
            return value["uuid"]
        return flat
    if isinstance(value, list):
        flat = [by_uuid(v, found, path) for v in value]
        return flat if path.endswith("/preprocessing") else sorted(flat, key=str)
    return value


def same_template(api, file):
    ids = api("template.get", filter={"host": TEMPLATE}, output=["templateid"])
    text = api("configuration.export", format="yaml", options={"templates": [ids[0]["templateid"]]})
    ours, theirs = {}, {}
    by_uuid(load_yaml(Path(file).read_text()), ours)
    by_uuid(load_yaml(text), theirs)
    want(len(ours) > 60 and ours.keys() == theirs.keys(), "parts differ:", ours.keys() ^ theirs.keys())
    wrong = []
    for uuid, part in ours.items():
        other = theirs[uuid]
        for key in part.keys() | other.keys():
            default = key not in other and part[key] in DEFAULTS.get(key, ())
            if part.get(key) != other.get(key) and not default:
                wrong.append((part.get("name"), key, part.get(key), other.get(key)))
    want(not wrong, len(wrong), "differ:", wrong[:5])


def create_host(api, address, port, community, *macros):
    group = api("hostgroup.get", output=["groupid"], filter={"name": "Linux servers"})[0]["groupid"]
    template = api("template.get", filter={"host": TEMPLATE}, output=["templateid"])[0]
    interface = {"type": 2, "main": 1, "useip": 1, "ip": address, "dns": "", "port": port,
                 "details": {"version": 2, "bulk": 1, "community": community}}
    pairs = [dict(zip(("macro", "value"), m.split("=", 1))) for m in macros]
    api("host.create", host=HOST, groups=[{"groupid": group}], interfaces=[interface],
        templates=[template], macros=pairs)


# ---- polling ----

def poll(api, folder, part=""):
    host = api.host()
    Path(folder, "polled").write_text(str(int(time.time()) + 1))
    found = api("item.get", hostids=host, filter={"type": SNMP_AGENT}, output=["itemid", "key_"]) + \
        api("discoveryrule.get", hostids=host, output=["itemid", "key_"])
    tasks = [{"type": 6, "request": {"itemid": i["itemid"]}} for i in found if part in i["key_"]]
    want(tasks, "nothing to poll")
    api("task.create", list=tasks)


def series(folder, socket, program):
    empty = Path(folder, "empty.conf")
    empty.write_text("")
    with open(Path(folder, "series"), "a") as out:
        while True:
            got = subprocess.run([program, "show", "--cached", "--json", "--socket", socket, "-c", empty],
                                 stdout=subprocess.PIPE, check=False).stdout
            if got:
                out.write(json.dumps({"clock": time.time(), **json.loads(got)}) + "\n")
                out.flush()
            time.sleep(0.2)


def walk():
    lines = subprocess.run(["snmpbulkwalk", "-v2c", "-c", "public", "-Onqe", "-t", "3", "-Cr50", "127.0.0.1:16161",
                            ROOT + ".1"], stdout=subprocess.PIPE, check=True, text=True).stdout
    return {line.split(" ", 1)[0] for line in lines.splitlines() if line.startswith(".")}


def oid_of(item):
    return "." + item["snmp_oid"].lstrip(".")


def no_instance(item):
    return item["state"] == "1" and "No Such" in item["error"]


def all_polled(api, folder):
    since = int(Path(folder, "polled").read_text())
    late = [i["key_"] for i in api.items() if int(i["lastclock"]) < since and not no_instance(i)]
    want(not late, len(late), "not polled:", late[:6])


def supported(api):
    before = walk()
    items = api.items()
    after = walk()
    # Rows that come or go meanwhile are in one walk only.
    wrong = [(i["key_"], i["error"]) for i in items
             if no_instance(i) and oid_of(i) in before & after
             or i["state"] == "0" and oid_of(i) not in before | after
             or i["state"] == "1" and not no_instance(i)]
    want(not wrong, len(wrong), "wrong:", wrong[:6])
    print(f"# {len(items)} items, {sum(i['state'] == '1' for i in items)} without a value on this host:",
          *(i["key_"] for i in items if i["state"] == "1"))


# ---- values ----

def read_series(folder):
    return [json.loads(line) for line in Path(folder, "series").read_text().splitlines()]


ROW_KEYS = {"superblocks": "name"}


def row_of(key):
    """What an item's key has in brackets, quoted or not; None if nothing."""
    found = re.search(r'\[(?:"((?:[^"\\]|\\.)*)"|([^]]*))\]$', key)
    return found and (found.group(2) if found.group(1) is None else found.group(1).replace('\\"', '"'))


def discovered(api, folder, table):
    column = {"superblocks": "3.1.2", "lookups": "8.1.2", "sources": "13.1.2"}[table]
    prefix = f"{ROOT}.1.{column}."
    rows = lambda oids: {oid[len(prefix):] for oid in oids if oid.startswith(prefix)}
    before = rows(walk())
    named = {}
    for item in api.items():
        if item["key_"].startswith(f"dcachemon.{table}.") and row_of(item["key_"]):
            named.setdefault(row_of(item["key_"]), []).append(item["name"])
    after = rows(walk())
    key = ROW_KEYS.get(table, "index")
    all_rows = [r for document in read_series(folder) for r in document[table]]
    served = {str(r[key]) for r in all_rows if str(r["index"]) in before & after}
    want(served and served <= named.keys(), "rows without items:", served - named.keys())
    seen = {str(r[key]): r for r in all_rows}
    want(named.keys() <= seen.keys(), "items without rows:", named.keys() - seen.keys())
    for index, names in named.items():
        row = seen[index]
        labels = [row[n] for n in ((key,) if key != "index" else ("path", "name")) if row.get(n)]
        want(all(all(label in n for label in labels) for n in names), labels, names[:1])
    want(len({len(n) for n in named.values()}) == 1, "rows have different items")
    print(f"# {len(before)} rows, {sum(map(len, named.values()))} items")


def value_in(document, key):
    """What the daemon said for an item's key, in base units; None if nothing."""
    _, table, metric = key.split("[")[0].split(".")
    rows, index = document.get(table), row_of(key)
    if index:
        rows = next((r for r in rows if str(r[ROW_KEYS.get(table, "index")]) == index), {})
    value = rows.get(metric)
    return int(value) if isinstance(value, bool) else value


def step(key, float_):
    name = key.split("[")[0].removeprefix("dcachemon.")
    return next((s for n, s in STEPS.items() if name.endswith(n)), 0.001) if float_ else 0


def values(api, folder):
    documents, compared, wrong = read_series(folder), 0, []
    for item in api.items():
        key = item["key_"]
        if item["value_type"] not in NUMERIC or item["state"] == "1" or ".alarms." in key:
            continue
        clocks = [d["clock"] for d in documents]
        near = [d for d in documents if abs(d["clock"] - int(item["lastclock"])) < 4]
        rate = any(p["type"] == "10" for p in item["preprocessing"])
        have = [(d["clock"], value_in(d, key)) for d in (documents if rate else near)]
        have = [(c, v) for c, v in have if isinstance(v, (int, float))]
        if not have or "self.clients" in key: # the series is a client itself
            continue
        if rate:
            slopes = [(b - a) / (d - c) for (c, a), (d, b) in zip(have, have[1:])]
            low, high = 0, max(slopes)
        else:
            low, high = min(v for _, v in have), max(v for _, v in have)
        room = step(key, item["value_type"] == "0") + 1e-6 * abs(high)
        if "age_seconds" in key or "progress" in key: # runs on between two samples
            low, room = 0, room + 2
        compared += 1
        if not low - room <= float(item["lastvalue"]) <= high + room:
            wrong.append((key, item["lastvalue"], low, high))
    want(compared > 60 and not wrong, f"{len(wrong)} of {compared} differ:", wrong[:8])
    print(f"# {compared} values compared with {len(documents)} samples over {clocks[-1] - clocks[0]:.0f} s")


# ---- the same items over restarts ----

def superblock_items(api):
    return {i["key_"]: i for i in api("item.get", hostids=api.host(), filter={"type": SNMP_AGENT}, output=[
        "itemid", "key_", "snmp_oid", "state", "lastclock", "lastvalue"]) if ".superblocks." in i["key_"]}


def remember(api, folder):
    items = {key: i["itemid"] for key, i in superblock_items(api).items() if i["state"] == "0"}
    want(items, "no item of a superblock has a value")
    Path(folder, "remembered").write_text(json.dumps({"clock": time.time(), "items": items}))


def goes_on(api, folder):
    known, items = json.loads(Path(folder, "remembered").read_text()), superblock_items(api)
    documents = read_series(folder) # until after the last value of an item
    old = [d for d in documents if d["clock"] < known["clock"]][-1]["superblocks"]
    new = {r["name"]: r for r in documents[-1]["superblocks"]}
    stay = {r["name"] for r in old if r["name"] in new and r["mountpoint"] and new[r["name"]]["mountpoint"]}
    wrong, seen = [], 0
    for key, itemid in known["items"].items():
        name = row_of(key)
        if name not in stay:
            continue
        item = items.get(key)
        if not item or item["itemid"] != itemid:
            wrong.append((key, "another item"))
        elif int(item["snmp_oid"].rsplit(".", 1)[1]) != new[name]["index"]:
            wrong.append((key, "asks for", item["snmp_oid"], "not for row", new[name]["index"]))
        elif item["state"] != "0" or int(item["lastclock"]) < known["clock"] + 5:
            wrong.append((key, "has no newer value"))
        elif ".unused[" in key and not had(documents, key, item):
            wrong.append((key, "has another's value", item["lastvalue"]))
        else:
            seen += 1
    want(seen and not wrong, f"{len(wrong)} of {len(wrong) + seen} do not go on:", wrong[:5])
    one = next(key for key in known["items"] if row_of(key) in stay)
    clocks = [int(h["clock"]) for h in api("history.get", itemids=[known["items"][one]], output=["clock"],
                                           history=items_type(api, known["items"][one]))]
    want(clocks and min(clocks) < known["clock"] < max(clocks), one, "has a history of", clocks)
    print(f"# {seen} items of {len(stay)} superblocks go on; {len(old)} superblocks before, {len(new)} now")


def had(documents, key, item):
    """Whether the daemon said the item's last value, or more and less, of what the key names."""
    near = [value_in(d, key) for d in documents if abs(d["clock"] - int(item["lastclock"])) < 4]
    near = [value for value in near if value is not None]
    return bool(near) and min(near) <= float(item["lastvalue"]) <= max(near)


def items_type(api, itemid):
    return int(api("item.get", itemids=[itemid], output=["value_type"])[0]["value_type"])


# ---- problems ----

def problems(api, pattern=""):
    """(open, over)"""
    found = api("event.get", hostids=api.host(), value=1, selectTags="extend", sortfield="eventid",
                output=["name", "severity", "r_eventid", "clock", "eventid"])
    found = [p for p in found if re.search(pattern, p["name"])]
    return [p for p in found if p["r_eventid"] == "0"], [p for p in found if p["r_eventid"] != "0"]


def problem(api, folder, count, pattern):
    # What the page of problems shows.
    found = api("problem.get", hostids=api.host(), output=["name", "eventid"])
    found = [p for p in found if re.search(pattern, p["name"])]
    want(len(found) == int(count), len(found), "open", [p["name"] for p in found])
    known = Path(folder, "problems")
    seen = json.loads(known.read_text()) if known.exists() else {}
    known.write_text(json.dumps({**seen, pattern: [p["eventid"] for p in found]}))


def solved(api, folder, count, pattern):
    known = Path(folder, "problems")
    ids = (json.loads(known.read_text()) if known.exists() else {}).get(pattern)
    is_open, over = problems(api, pattern)
    if ids is not None: # somebody else on this machine may have raised the same again
        is_open, over = ([p for p in some if p["eventid"] in ids] for some in (is_open, over))
    want(not is_open and len(over) == int(count), [[p["name"] for p in some] for some in (is_open, over)])


def trap(api, pattern):
    item = api("item.get", hostids=api.host(), filter={"type": "17"}, output=["itemid", "state", "error"])[0]
    got = api("history.get", itemids=[item["itemid"]], history=2, output="extend")
    want(any(re.search(pattern, g["value"]) for g in got), item, [g["value"] for g in got][-3:])


def show(api):
    for word, found in zip(("open", "over"), problems(api)):
        for p in found:
            print("#", word, p["clock"], p["severity"], p["name"], *(f"{t['tag']}={t['value']}" for t in p["tags"]))


def main():
    folder, url, command, *args = sys.argv[1:]
    if command == "series":
        series(folder, *args)
    api = Api(folder, url)
    in_folder = {"poll": poll, "polled": all_polled, "values": values, "discovered": discovered,
                 "problem": problem, "solved": solved, "remember": remember, "goes_on": goes_on}
    if command in in_folder:
        in_folder[command](api, folder, *args)
    elif command == "login":
        api.login()
    else:
        {"import": import_template, "same": same_template, "host": create_host,
         "supported": supported, "trap": trap, "problems": show}[command](api, *args)


if __name__ == "__main__":
    main()
