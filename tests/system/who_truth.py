#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""dcachemon who against processes that know what they did.

    who_truth.py measure DCACHEMON LOOKUPS FOLDER RUNS NAMES SECONDS >RESULTS
    who_truth.py judge RESULTS CHECK

RUNS storms of NAMES new names in SECONDS; then loops over known names and bursts, beside a process
that asks for 2,000 new names a second.
"""
import json
import math
import os
import signal
import subprocess
import sys
import time

KEYS = "new_negative", "failed_lookups", "new_names"
BY_CHANCE = 1 / 20000


def is_watching(pid):
    try:
        links = [os.readlink(f"/proc/{pid}/fd/{fd}") for fd in os.listdir(f"/proc/{pid}/fd")]
    except OSError:
        return False
    return sum("bpf" in link and "link" in link for link in links) >= 2


def observe(program, lookups, folder, scene):
    """All processes of a scene at once: (mode, count, seconds) each. A row for each."""
    workers = []
    for number, (mode, count, seconds) in enumerate(scene):
        own = f"{folder}/{time.monotonic_ns()}-{number}"
        os.mkdir(own)
        workers.append(subprocess.Popen([lookups, mode, own, str(count), str(seconds)], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE))
    for worker in workers:
        assert worker.stdout.readline() == "ready\n"
    who = subprocess.Popen([program, "who", "--json", "--top", "16384", "--seconds", "200"],
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        while not is_watching(who.pid) and who.poll() is None:
            time.sleep(0.01)
        for worker in workers:
            worker.stdin.close()
        truths = [int(worker.stdout.read()) for worker in workers]
        who.send_signal(signal.SIGINT)
        processes = json.loads(who.communicate()[0])["processes"]
    finally:
        who.kill()
        who.wait()
    rows = []
    for (mode, count, _), worker, truth in zip(scene, workers, truths):
        assert worker.wait() == 0
        found = [(place, p) for place, p in enumerate(processes) if p["pid"] == worker.pid]
        place, row = found[0] if found else (len(processes), {})
        row = {key + end: row.get(key + end, 0) for key in KEYS for end in ("", "_low", "_high")}
        rows.append(dict(row, mode=mode, count=count, truth=truth, place=place))
    return rows


def measure(program, lookups, folder, runs, names, seconds):
    maker = "new", 6000, 3
    scenes = [[("new", int(names), float(seconds))] for _ in range(int(runs))]
    scenes += [[("loop", known, 3), maker] for known in (100, 3000, 20000)]
    scenes += [[("loop", 3000, 3), ("burst", 4000, 3)]]
    print(json.dumps([observe(program, lookups, folder, scene) for scene in scenes], indent=1))


def least_good(n):
    """So many of n intervals of 95 % hold the truth, but for once in 1 / BY_CHANCE times."""
    good, below = -1, 0
    while below < BY_CHANCE:
        good += 1
        below += math.comb(n, good) * 0.95 ** good * 0.05 ** (n - good)
    return good


def holds(row, key):
    return row[key + "_low"] <= row["truth"] <= row[key + "_high"]


def width(row, key):
    return (row[key + "_high"] - row[key + "_low"]) / 2 / row[key]


def judge(scenes, check):
    storms = [scene[0] for scene in scenes if len(scene) == 1]
    pairs = [scene for scene in scenes if len(scene) == 2]
    makers = [row for scene in scenes for row in scene if row["mode"] != "loop"]
    if check == "left":  # not an estimate
        return [r for r in makers if abs(r["new_negative"] - r["truth"]) > 10 + r["truth"] / 1000]
    if check == "storm":
        good = [r for r in storms if holds(r, "failed_lookups") and holds(r, "new_names")]
        return storms if len(good) < least_good(len(storms)) else []
    if check == "width":
        return [r for r in storms if any(width(r, key) > 0.12 for key in KEYS)]
    if check == "loop":
        return [r for r, _ in pairs if r["new_negative_high"] > 3 * r["count"]]
    assert check == "rank"
    return [pair for pair in pairs if pair[0]["place"] < pair[1]["place"]]


if sys.argv[1] == "measure":
    measure(*sys.argv[2:])
else:
    with open(sys.argv[2]) as results:
        bad = judge(json.load(results), sys.argv[3])
    print(json.dumps(bad, indent=1))
    sys.exit(bool(bad))
