# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Programs and what they took."""
import os
import subprocess
import time


class Took:
    """Seconds by the clock and of processor time, and the output."""

    def __init__(self, command, **more):
        begin = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)
        self.output = child.stdout.read()
        child.stdout.close()
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        self.clock = time.monotonic() - begin
        self.cpu = usage.ru_utime + usage.ru_stime
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")

    def __str__(self):
        return f"{self.cpu:.2f} s of CPU, {self.clock:.2f} s by the clock"


def quantiles(durations):
    """Median and 99th percentile."""
    ordered = sorted(durations)
    at = lambda q: ordered[min(len(ordered) - 1, int(len(ordered) * q))]
    return at(0.5), at(0.99)


class Bystander:
    """Looks up names in a folder, every second of them for the first time, and notes how long it took."""

    def __init__(self, build, folder):
        self.command = [f"{build}/tests/bench/latency", "stat", folder, "4000"]
        self.durations = []

    def measure(self):
        self.durations += [int(line) / 1000 for line in Took(self.command).output.split()]

    def take(self):
        """Median and 99th percentile in microseconds since the last call."""
        durations, self.durations = self.durations, []
        return quantiles(durations)
