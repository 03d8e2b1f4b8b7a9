#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What "dcachemon who --locks" costs threads that fight for one directory.

locks.py BUILD FILESYSTEM DIRECTORY PAIRS

The threads run all the time, each on a processor of its own turn. Pairs of short windows, one with the
watch and one without, in random order, side by side in time: their calls per second of their own
processor time are compared. The cost is the median of the pairs' ratios, with its 95 % interval from
10,000 samples of the pairs (bootstrap). A pair counts only if the watch was there all the time.

Beside it, the processor time of the two programs, as the kernel counts it (kernel.bpf_stats_enabled, which
makes them slower by some 50 ns), as a part of the threads'.
"""
import contextlib, json, os, re, random, signal, statistics, subprocess, sys, threading, time
from pathlib import Path

THREADS, WINDOW, TARGET = 8, 1.0, 3.0
STATS = Path("/proc/sys/kernel/bpf_stats_enabled")
STORM_SECONDS = 3600  # longer than any measurement: it is ended before


class Storm:
    """Threads at work, and how far they are: calls and processor time, by the time."""

    def __init__(self, contend, directory):
        self.process = subprocess.Popen([contend, "--series", directory, str(THREADS), str(STORM_SECONDS)],
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"
        self.samples = []
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.samples.append(tuple(map(int, line.split())))

    def window(self):
        """Calls per nanosecond of processor time, from now on, and that time."""
        begin = time.monotonic_ns()
        time.sleep(WINDOW + 0.05)  # and until the last sample has been read
        inside = [s for s in self.samples[-200:] if begin <= s[0] <= begin + WINDOW * 1e9]
        first, last = inside[0], inside[-1]
        return (last[1] - first[1]) / (last[2] - first[2]), last[2] - first[2]

    def end(self):
        self.process.kill()
        self.process.wait()


def descriptors(pid, kind):
    """Those that are links or programs of BPF."""
    for fd in os.listdir(f"/proc/{pid}/fd"):
        with contextlib.suppress(FileNotFoundError):
            if re.search(f"bpf.?{kind}", os.readlink(f"/proc/{pid}/fd/{fd}")):
                yield fd


def program_ns(pid):
    """The processor time of its programs."""
    text = "".join(Path(f"/proc/{pid}/fdinfo/{fd}").read_text() for fd in descriptors(pid, "prog"))
    return sum(map(int, re.findall(r"run_time_ns:\s*(\d+)", text)))


def beside(dcachemon, storm):
    """The rate with the watch, the share of its programs, and waits a second; None where it ended by itself."""
    who = subprocess.Popen([dcachemon, "who", "--locks", "--seconds", "60", "--json"],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    while len(list(descriptors(who.pid, "link"))) < 2:
        time.sleep(0.01)
    time.sleep(0.1)
    before = program_ns(who.pid)
    rate, cpu_ns = storm.window()
    share = (program_ns(who.pid) - before) / cpu_ns
    who.send_signal(signal.SIGINT)
    totals = json.loads(who.communicate()[0])["totals"]
    return (rate, 100 * share, totals["waits"] / totals["elapsed_seconds"]) if totals["ended_by"] == "signal" else None


def alone(storm):
    time.sleep(0.1)
    return storm.window()[0]


def pair(dcachemon, storm):
    """The cost and the programs' part of it in percent, and waits a second; None where the watch ended by itself."""
    if random.random() < 0.5:
        with_it, without = beside(dcachemon, storm), alone(storm)
    else:
        without, with_it = alone(storm), beside(dcachemon, storm)
    return with_it and (100 * (without / with_it[0] - 1), *with_it[1:])


def interval(values):
    medians = sorted(statistics.median(random.choices(values, k=len(values))) for _ in range(10000))
    return medians[250], medians[9749]


def main():
    build, filesystem, directory, pairs = *sys.argv[1:4], int(sys.argv[4])
    storm = Storm(f"{build}/tests/lib/contend", directory)
    good, ended = [], 0
    before = STATS.read_text()
    STATS.write_text("1")
    try:
        alone(storm)
        while len(good) < pairs and ended < pairs:
            one = pair(f"{build}/bin/dcachemon", storm)
            if one:
                good.append(one)
            else:
                ended += 1
    finally:
        STATS.write_text(before)
        storm.end()
    if not good:
        sys.exit(f"{filesystem}: the watch ended by itself each time")
    costs, shares, waits = zip(*good)
    low, high = interval(costs)
    print(f"{filesystem}: who --locks costs {statistics.median(costs):.2f} % ({low:.2f} to {high:.2f} %, {len(costs)} pairs), "
          f"target {TARGET} %\n  its programs take {statistics.median(shares):.2f} % of the threads' processor time (median of "
          f"pairs, at most {max(shares):.2f} %)\n  {statistics.median(waits):,.0f} waits a second seen; ended by itself {ended} times")


if __name__ == "__main__":
    main()
