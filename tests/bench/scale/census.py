# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The daemon at default settings, from its start until every entry was counted."""
import subprocess
import time
from pathlib import Path

BUDGET = 0.005       # of a CPU, the default
START_SECONDS = 60   # in which the budget's advance of the start is returned
LOOK_EVERY = 1.0     # seconds


def children(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def waited_seconds():
    """Since boot, in which some task waited for a CPU; None where the kernel does not say."""
    try:
        some = Path("/proc/pressure/cpu").read_text().splitlines()[0]
    except OSError:
        return None
    return int(some.rsplit("total=", 1)[1]) / 1e6


def resident_kib(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4


class Daemon:
    def __init__(self, build, folder):
        self.socket, self.read = f"{folder}/snapshot.sock", f"{build}/tests/lib/snapshot_read"
        Path(f"{folder}/conf").write_text(f"[sampling]\nsocket = {self.socket}\n[state]\nfolder =\n")
        self.log = open(f"{folder}/log", "w")
        self.process = subprocess.Popen([f"{build}/bin/dcachemon-snmp", "-f", "-c", f"{folder}/conf",
                                         "-x", f"{folder}/agentx"], stderr=self.log)

    def values(self):
        """Everything of the newest snapshot by name, as text; {} while there is none."""
        got = subprocess.run([self.read, self.socket], capture_output=True, text=True, check=False)
        return dict(line.split("=", 1) for line in got.stdout.splitlines() if "=" in line)

    def resident_kib(self):
        return sum(map(resident_kib, [self.process.pid, *children(self.process.pid)]))

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Census:
    """What was seen of it. Times are seconds since the start."""

    def __init__(self):
        self.seen = []  # (time, coverage, CPU seconds, KiB resident)
        self.estimated_at = None
        self.busy = None  # share of the time in which some task waited for a CPU
        self.last = {}

    def watch(self, daemon, bystander, limit):
        """Until the table was counted once, or for @limit seconds. False: not counted."""
        begin, looks, waited = time.monotonic(), 0, waited_seconds()
        while time.monotonic() - begin < limit:
            values = daemon.values()
            if values:
                self.look(time.monotonic() - begin, values, daemon.resident_kib())
            if looks % 10 == 1:
                bystander.measure()
            looks += 1
            if waited is not None:
                self.busy = (waited_seconds() - waited) / (time.monotonic() - begin)
            if "hash.0.pass_seconds" in values and looks > 10:
                return True
            time.sleep(LOOK_EVERY)
        return False

    def look(self, at, values, resident):
        self.last = values
        self.seen.append((at, float(values.get("hash.0.coverage", 0)),
                          float(values["self.0.cpu_seconds"]), resident))
        if "hash.0.entries_estimate" in values and self.estimated_at is None:
            self.estimated_at = at

    def number(self, name):
        return float(self.last.get(name, 0))

    def entry_ns(self):
        return self.number("hash.0.pass_cpu_seconds") / self.number("hash.0.entries") * 1e9

    def ratio(self):
        """Its time to that of as many entries on the whole budget."""
        return self.number("hash.0.pass_seconds") / (self.number("hash.0.pass_cpu_seconds") / BUDGET)

    def standstill(self):
        """The longest time without growing coverage."""
        longest, since, most = 0, 0, 0
        for at, coverage, _, _ in self.seen:
            if coverage > most or coverage == 1:
                longest, since, most = max(longest, at - since), at, coverage
        return longest

    def cpu_percent(self):
        """After the advance of the start is returned; of all the time when that was too short."""
        late = [seen for seen in self.seen if seen[0] > START_SECONDS]
        first, last = (late if len(late) > 30 else self.seen)[0], self.seen[-1]
        return 100 * (last[2] - first[2]) / (last[0] - first[0])

    def growth_kib(self):
        """Of both processes from the first quarter, when the start is over, to the end."""
        late = [seen for seen in self.seen if seen[0] > 8] or self.seen
        return late[-1][3] - late[len(late) // 4][3]
