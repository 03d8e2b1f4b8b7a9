#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges what "who --locks" said in a test machine, in TAP: locks.py PART FILE ARGUMENT... (locks.sh)."""
import json, os, sys


def device(path):
    dev = os.stat(path).st_dev
    return f"{os.major(dev)}:{os.minor(dev)}"


def busy(locks, busy_path, quiet_path):
    lru = [l for l in locks if l["device"] == device(busy_path) and l["lock"] == "dentry LRU"]
    yield "the dentry LRU lock of the superblock is named", lru
    yield "with where it is mounted", all((l["mount_point"], l["fstype"]) == (busy_path, "ext4") for l in lru)
    yield "by the program that waited", all(l["processes"][0]["command"] == "contend" for l in lru)
    yield "no lock of the quiet one is", not [l for l in locks if l["device"] == device(quiet_path)]


def drop(locks, path, dropper):
    lru = [l for l in locks if l["device"] == device(path) and l["lock"] == "dentry LRU"]
    waiters = [p for l in lru for p in l["processes"]]
    yield f"the dentry LRU lock of {path} is named", lru
    yield "with where it is mounted", all((l["mount_point"], l["fstype"]) == (path, "proc") for l in lru)
    yield "by processes that exited", [p for p in waiters if p["command"] == "exit_threads"]
    longer = f"{len(waiters)} others waited longer, and no more are listed"
    unlisted = all(l["process_count"] > len(l["processes"]) for l in lru) and longer
    yield "and by the one that dropped the caches", [p for p in waiters if p["pid"] == int(dropper)] or unlisted


def main():
    part, file, *arguments = sys.argv[1:]
    with open(file) as f:
        d = json.load(f)
    print("#", d["totals"])
    for l in d["locks"][:12]:
        place, most = l["path"] or l["mount_point"] or l["device"], l["processes"][0]
        print("#", l["lock"], l["type"], place, l["symbol"] or l["caller"], l["waits"], l["wait_seconds"],
              f"{l['process_count']} processes, most: {most['command']} ({most['pid']})")
    checks = [("waits for spinning locks are seen", d["totals"]["spinning_waits"]),
              ("no wait is lost", d["totals"]["waits_lost"] == 0),
              *{"busy": busy, "drop": drop}[part](d["locks"], *arguments)]
    for n, (text, good) in enumerate(checks, 1):  # a text is the reason why it cannot be judged
        print("ok" if good else "not ok", n, "-", text, *([f"# SKIP {good}"] if isinstance(good, str) else []))
    print(f"1..{len(checks)}")


if __name__ == "__main__":
    main()
