#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The measurements of tests/bench/scale.sh, in a mount namespace of their own."""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import room
from census import BUDGET, Census, Daemon
from programs import Bystander, Took

MOST_RATIO = 1.3          # of the census to entries * nanoseconds / budget
MOST_RUN_MS = 1.0         # of one BPF run
MOST_STANDSTILL = 10      # seconds
MOST_GROWTH_KIB = 512     # of both processes during the census
IDLE = 0.3                # of the time, some task waits for a CPU: more is a busy machine
IMAGE_BYTES = 64 << 20
SHORTEST = 20             # seconds: a census of less is paid by what the budget has at the start


class Scale:
    def __init__(self, build, entries, folder):
        self.build, self.entries, self.folder = build, entries, folder
        self.times = "UNTIMED" not in os.environ
        self.dcachemon = f"{build}/bin/dcachemon"
        self.missed = []
        self.forecasts = {}

    def row(self, what, value):
        print(f"| {what} | {value} |", flush=True)

    def aim(self, what, value, most, unit, timed=True):
        """A row that has an upper bound. How long something took is a benchmark's to judge, not a test's."""
        if value > most and (self.times or not timed):
            self.missed.append(f"{what}: {value:.3g} {unit}, at most {most:g}")
        self.row(what, f"{value:.3g} {unit} (at most {most:g})")

    # ---- the table ----

    def overlay(self, name, mount):
        """Where there is no loop device. It keeps the names that were missing; a tmpfs does not."""
        base = Path(self.folder, "backing", name + ".overlay")
        for part in "lower", "upper", "work":
            (base / part).mkdir(parents=True)
        subprocess.run(["mount", "-t", "overlay", "dcm-bench", "-o", f"lowerdir={base}/lower,"
                        f"upperdir={base}/upper,workdir={base}/work", mount], check=True)

    def filesystem(self, name):
        """An empty filesystem of its own: ext4 in a file."""
        image, mount = f"{self.folder}/backing/{name}", f"{self.folder}/{name}"
        Path(mount).mkdir()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        with open(image, "wb") as file:
            file.truncate(IMAGE_BYTES)
        if subprocess.run(["mkfs.ext4", "-q", "-F", image], **quiet).returncode or \
                subprocess.run(["mount", "-o", "loop", image, mount], **quiet).returncode:
            self.overlay(name, mount)
        return mount

    def plant(self):
        Path(self.folder, "backing").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "dcm-bench", f"{self.folder}/backing"], check=True)
        self.mounts = [self.filesystem("reclaimed"), self.filesystem("unmounted")]
        before, begin = room.meminfo("SReclaimable"), time.monotonic()
        planters = [subprocess.Popen([f"{self.build}/tests/lib/plant", "negative", mount, str(self.entries // 2)],
                                     stdout=subprocess.DEVNULL) for mount in self.mounts]
        if any([planter.wait() for planter in planters]):
            raise RuntimeError("plant has failed")
        seconds = time.monotonic() - begin
        self.row("missing names planted", f"{self.entries:,}, {self.entries / seconds / 1e6:.2f} million a second, "
                 f"{(room.meminfo('SReclaimable') - before) / 2**30:.2f} GiB")

    # ---- counting ----

    @staticmethod
    def of_mount(document, mount):
        """By device: the host does not see the mounts of this namespace."""
        device = os.stat(mount).st_dev
        return next(row for row in document["superblocks"]
                    if row["device"] == f"{os.major(device)}:{os.minor(device)}")

    def show(self):
        took = Took([self.dcachemon, "show", "--json"])
        document = json.loads(took.output)
        there = 0
        for mount in self.mounts:
            superblock = self.of_mount(document, mount)
            there += superblock["hashed"]
            self.forecasts[mount] = "{shrink_seconds:.1f} s ({shrink_low_seconds:.1f} to " \
                "{shrink_high_seconds:.1f})".format(**superblock)
            if abs(superblock["hashed"] - self.entries // 2) > self.entries // 1000 + 10000:
                self.missed.append(f"show: {superblock['hashed']} entries of {mount}")
        self.row("of them still there (the kernel frees some when memory gets short)", f"{there:,}")
        each = document["hash"]["pass_cpu_seconds"] / document["hash"]["entries"] * 1e9
        self.row("`show`, whole process", f"{took}; {each:.1f} ns per entry")
        return each

    def census(self, entry_ns):
        bystander = Bystander(self.build, self.mounts[1])
        for _ in range(5):
            bystander.measure()
        alone = bystander.take()
        daemon, census = Daemon(self.build, self.folder), Census()
        limit = 120 + 3 * self.entries * entry_ns / 1e9 / BUDGET
        try:
            if not census.watch(daemon, bystander, limit):
                self.missed.append(f"the census has not ended after {limit:.0f} s")
        finally:
            daemon.end()
        beside = bystander.take()
        self.report(census)
        self.row("a bystander's lookup, p50 and p99 in microseconds",
                 f"{alone[0]:.2f} and {alone[1]:.2f} without, {beside[0]:.2f} and {beside[1]:.2f} beside it")

    def report(self, census):
        if census.estimated_at is not None:
            self.row("first estimate of entries", f"after {census.estimated_at:.0f} s")
        if "hash.0.pass_seconds" in census.last:
            self.row("census", f"{census.number('hash.0.pass_seconds'):.0f} s, "
                     f"{census.number('hash.0.entries'):,.0f} entries, {census.entry_ns():.1f} ns each")
            if census.number("hash.0.pass_seconds") > SHORTEST:
                self.aim("census to entries × ns ÷ budget", census.ratio(), MOST_RATIO, "times")
                self.aim("growth of memory during the census", census.growth_kib(), MOST_GROWTH_KIB, "KiB", timed=False)
        self.row("CPU time", f"{census.cpu_percent():.2f} % of a CPU")
        self.aim("longest time without more coverage", census.standstill(), MOST_STANDSTILL, "s")
        longest = census.number("self.0.longest_slice_seconds") * 1e3
        if (census.busy or 0) < IDLE:
            self.aim("longest BPF run", longest, MOST_RUN_MS, "ms")
        else:  # a run that is preempted takes as long as what preempts it
            self.row("longest BPF run", f"{longest:.3g} ms, where tasks waited for a CPU {census.busy:.0%} of the time")
        self.row("memory of both processes", f"{census.seen[-1][3] / 1024:.1f} MiB resident")

    # ---- relief ----

    def relieve(self):
        reclaimed, unmounted = self.mounts
        command = [self.dcachemon, "reclaim", "--max-seconds", "3600", "--json"]
        plan = json.loads(Took([*command, "--dry-run", reclaimed]).output)["reclaims"][0]
        took = Took([*command, "--yes", reclaimed])
        freed = json.loads(took.output)["reclaims"][0]
        self.row(f"`reclaim` of {plan['unused_before']:,}",
                 f"forecast {self.forecasts[reclaimed]}; {took}; left {freed['unused_after']:,}")
        took = Took(["umount", unmounted])
        self.row(f"`umount` of {self.entries // 2:,}", f"forecast {self.forecasts[unmounted]}; {took}")

    def run(self):
        print("| | |\n| --- | --- |", flush=True)
        self.plant()
        self.census(self.show())
        self.relieve()


def end(number, _frame):
    sys.exit(128 + number)


def main():
    wanted = int(sys.argv[2]) if len(sys.argv) > 2 else None
    entries = room.entries(wanted)
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, end)
    folder = tempfile.mkdtemp(prefix="dcachemon-scale.", dir="/tmp")
    scale = Scale(sys.argv[1], entries, folder)
    try:
        scale.run()
    finally:
        for mount in Path(folder, "reclaimed"), Path(folder, "unmounted"), Path(folder, "backing"):
            subprocess.run(["umount", "-l", str(mount)], stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(folder)
    for text in scale.missed:
        print(f"bench-scale: missed: {text}", file=sys.stderr)
    return 1 if scale.missed else 0


if __name__ == "__main__":
    sys.exit(main())
