#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Reclaims beside containers that come and go: reclaim_churn.py BUILD FOLDER ROUNDS.

Meant for a mount namespace of its own; FOLDER must not be on an overlay. Three processes, each in a
mount namespace, mount an overlay, set it read-only and writable, and unmount it, all the time: their
device numbers are used again at once. A round reclaims one filesystem, by mount point or device, or
all overlays there are. Prints TAP: nothing but what was named is reclaimed, no option of any other
changes, none is said to have changed, and no call takes longer than it may.
"""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

BUILD, FOLDER, ROUNDS = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
NAMES, LIMIT = 500, 5
CHURN = """
for n in $(seq 1000000); do
    mount -t overlay -o lowerdir={lower},upperdir={own}/up,workdir={own}/work churn {own}/m || continue
    for i in 1 2 3 4 5 6 7 8; do stat {own}/m/no$i >/dev/null 2>&1; done
    mount -o remount,ro {own}/m
    mount -o remount,rw {own}/m
    umount {own}/m
done
"""


# util-linux 2.41 remounts with fsconfig(2), which overlay refuses whatever the option: by mount(2).
os.environ["LIBMOUNT_FORCE_MOUNT2"] = "always"


def run(*command):
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)


def must(*command):
    done = run(*command)
    if done.returncode:
        sys.exit(f"{command}: {done.stderr}")


def mounts():
    """{mount point: (device, flags of the mount, the superblock's)} below FOLDER."""
    found = {}
    for line in open("/proc/self/mountinfo", errors="surrogateescape"):
        fields = line.split()
        if fields[4].startswith(str(FOLDER)):
            found[fields[4]] = (fields[2], fields[5], line.partition(" - ")[2].strip())
    return found


def plant(where):
    must(BUILD / "tests/lib/plant", "negative", where, NAMES, f"{time.monotonic_ns()}-")


def overlay(name, options):
    own = FOLDER / name
    for part in ("up", "work", "m"):
        (own / part).mkdir(parents=True)
    must("mount", "-t", "overlay", "-o", f"{options}lowerdir={FOLDER / 'lower'},upperdir={own}/up,workdir={own}/work", name, own / "m")
    return own / "m"


def reclaim(*arguments):
    begin = time.monotonic()
    done = run(BUILD / "bin/dcachemon", "reclaim", "-c", FOLDER / "conf", "--yes", "--json", *arguments)
    try:
        reclaims = json.loads(done.stdout)["reclaims"]
    except json.JSONDecodeError:
        reclaims = []
    return done, reclaims, time.monotonic() - begin


def main():
    for name in ("lower", "state", "tmpfs"):
        (FOLDER / name).mkdir()
    (FOLDER / "conf").write_text(f"[state]\nfolder = {FOLDER}/state\n")
    target = overlay("target", "redirect_dir=on,index=on,")
    other = overlay("other", "metacopy=on,")
    overlay("sealed", "")
    must("mount", "-o", "remount,ro", FOLDER / "sealed/m")
    must("mount", "-t", "tmpfs", "-o", "size=1m,dirsync,mode=700", "bystander", FOLDER / "tmpfs")
    workers = []
    for i in range(3):
        own = FOLDER / f"churn{i}"
        for part in ("up", "work", "m"):
            (own / part).mkdir(parents=True)
        script = CHURN.format(lower=FOLDER / "lower", own=own)
        workers.append(subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True))
    before, wrong, slow, named = mounts(), [], 0.0, 0
    device = before[str(target)][0]
    try:
        for n in range(ROUNDS):
            plant(target)
            plant(other)
            way = (["--fstype", "overlay"], [target], ["--device", device])[n % 3]
            done, reclaims, took = reclaim(*way)
            slow = max(slow, took)
            mine = [r for r in reclaims if r["mountpoint"] == str(target)]
            named += len(reclaims)
            if done.returncode == 3 or any(r["mountinfo_unchanged"] is False for r in reclaims):
                wrong.append(f"round {n}: said to have changed: {done.stdout}{done.stderr}")
            # Of a type, others may change or go meanwhile: that keeps from none of the rest.
            if len(mine) != 1 or mine[0]["unused_after"] not in range(50) or (
                    way[0] != "--fstype" and (done.returncode or len(reclaims) != 1)):
                wrong.append(f"round {n}: {way}: status {done.returncode}, {done.stdout}{done.stderr}")
            if mounts() != before:
                wrong.append(f"round {n}: {way}: before {before}, after {mounts()}")
            if len(wrong) > 5:
                break
    finally:
        for worker in workers:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
    for line in wrong:
        print("#", line)
    print(f"# {named} filesystems in {ROUNDS} rounds, the longest call {slow:.2f} s")
    print(f"{'not ' if wrong else ''}ok 1 - only what was named, and no option of any")
    print(f"{'not ' if slow > LIMIT else ''}ok 2 - no call takes longer than {LIMIT} s ({slow:.2f} s)")
    print("1..2")
    for where in sorted(mounts(), reverse=True):
        run("umount", where)
    return bool(wrong) or slow > LIMIT


sys.exit(main())
