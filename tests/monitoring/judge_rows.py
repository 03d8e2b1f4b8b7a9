#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges what managers saw of the superblock table by what the daemon said meanwhile.

judge_rows.py record SOCKET PROGRAM FILE   appends what "show --cached --json" says, ten times a second, for ever
judge_rows.py walks FILE AWAY WALKS        walks of a manager (a line of JSON each, managers/): no cells of two rows
                                           in one, no row twice, none lost, and enough was seen to tell. AWAY has
                                           a line "BEGIN END" for each time without a daemon
judge_rows.py numbers FILE REBOOT          a name is unique, and a number has one superblock, also beyond the time
                                           REBOOT (seconds since 1970) at which another boot id was read
"""
import json
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))
from snmp_json import CUT, display  # noqa: E402

FIELDS = ("name", "fstype", "device", "mountpoint")
MARGIN = 2.5  # seconds in which a manager may see what JSON shows no more, or not yet: an interval and a busy machine


def record(socket, program, path):
    empty = Path(path + ".conf")
    empty.write_text("")
    with open(path, "a") as out:
        while True:
            got = subprocess.run([program, "show", "--cached", "--json", "--socket", socket, "-c", empty],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout
            if got:
                rows = {r["index"]: [r[f] or "" for f in FIELDS] for r in json.loads(got)["superblocks"]}
                if rows:
                    out.write(json.dumps({"clock": time.time(), "rows": rows}) + "\n")
                    out.flush()
            time.sleep(0.1)


def lines(path):
    """All complete ones: the last may be under way."""
    with open(path) as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def series_of(path):
    found = lines(path)
    for sample in found:
        sample["rows"] = {int(index): as_served(cells) for index, cells in sample["rows"].items()}
    return found


def as_served(cells):
    """As SNMP has them; None for what it cuts."""
    return tuple(None if len(text) > CUT else text for text in (display(cell).decode() for cell in cells))


def agree(cells, row):
    """Whether all cells that are known are equal."""
    return all(None in pair or pair[0] == pair[1] for pair in zip(cells, row))


def report(wrong, summary):
    print(f"# {summary}")
    for each in wrong[:8]:
        print("#", *each)
    return bool(wrong)


# ---- walks ----

def around(series, away, walk):
    """The samples from before a walk until after it; none if the daemon was away meanwhile."""
    if any(walk["begin"] <= end and begin <= walk["end"] for begin, end in away):
        return []
    near = [s for s in series if walk["begin"] - MARGIN <= s["clock"] <= walk["end"] + MARGIN]
    return near if near and near[0]["clock"] < walk["begin"] and walk["end"] < near[-1]["clock"] else []


def one_walk(walk, truth, near):
    """(kind, row) of everything that is wrong in a walk."""
    steady = set(near[0]["rows"].items()) if near else set()
    for sample in near:
        steady &= set(sample["rows"].items())
    steady, seen = dict(steady), {}
    for index, *cells in walk["rows"]:
        if index in seen:
            yield "twice", [index, *cells]
        seen[index] = tuple(cells)
        if not any(agree(cells, row) for row in truth.get(index, ())):
            yield "mixed", [index, *cells]
    for index, row in steady.items():
        if None in seen.get(index, (None,)) or not agree(seen[index], row):
            yield "lost", [index, seen.get(index), row]


def walks(series_path, away_path, walks_path):
    series, wrong, truth = series_of(series_path), [], {}
    away = [tuple(map(float, line.split())) for line in open(away_path)]
    for sample in series:
        for index, row in sample["rows"].items():
            truth.setdefault(index, set()).add(row)
    whole, across, rows, came = 0, 0, 0, set()
    for walk in lines(walks_path):
        near = around(series, away, walk)
        wrong += [(kind, row) for kind, row in one_walk(walk, truth, near)]
        if near and walk["error"]:
            wrong.append(("error", walk["error"]))
        whole, across, rows = whole + bool(near), across + (not near), rows + len(walk["rows"])
        came |= {index for index, *_ in walk["rows"]}
    steady = set.intersection(*(set(s["rows"]) for s in series))
    passing = came - steady
    if whole < 5 or not across or len(passing) < 3:
        wrong.append(("too little was seen",))
    return report(wrong, f"{whole} walks beside {across} with the daemon or the record away; {rows} rows of {len(came)} "
                         f"superblocks, {len(passing)} of them not there all the time")


# ---- numbers ----

def by_device(row):
    return row[0] == f"{row[1]}:{row[2]}"


def lasts(row):
    """Whether its name says the same thing in another boot: a mount point, or the number of a block device."""
    apart = row[0].endswith(":" + row[2]) or re.search(r"#\d+\.\d+$", row[0])
    return not row[2].startswith("0:") if by_device(row) else not apart


def numbers(series_path, reboot):
    series, wrong = series_of(series_path), []
    boots = {}, {}  # number -> rows that it had, in order
    for sample in series:
        for index, row in sample["rows"].items():
            had = boots[sample["clock"] > float(reboot)].setdefault(index, [])
            if row not in had:
                had.append(row)
        if len({row[0] for row in sample["rows"].values()}) < len(sample["rows"]):
            wrong.append(("a name twice at", sample["clock"]))
    for had in boots:
        for index, found in had.items():
            first = found[0]
            for row in found[1:]:  # a name by the device may become one by the mount point
                if row[1:3] != first[1:3] or (row[0] != first[0] and not by_device(first)):
                    wrong.append(("another superblock", index, first, row))
    before, after = boots
    kept = before.keys() & after.keys()
    for index in kept:
        old, new = before[index][-1], after[index][0]
        if old[0] != new[0] or not lasts(new):  # not even to one of that name, if it names a device of the kernel's choice
            wrong.append(("handed on over the reboot", index, old, new))
    names = {after[index][0][0] for index in kept}
    lost = {row[-1][0] for row in before.values() if lasts(row[-1])} & {row[0][0] for row in after.values()} - names
    wrong += [("another number after the reboot", name) for name in lost]
    fresh = after.keys() - before.keys()
    if not kept or not fresh:
        wrong.append(("too little was seen",))
    return report(wrong, f"{len(before)} superblocks before the reboot; of {len(after)} after it {len(kept)} have their number, "
                         f"{len(fresh)} a new one")


if __name__ == "__main__":
    sys.exit({"record": record, "walks": walks, "numbers": numbers}[sys.argv[1]](*sys.argv[2:]))
