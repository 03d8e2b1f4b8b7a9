# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""All hosts alarm at once: they watch one kernel. What they send, and what one snmptrapd gets."""
import collections
import re
import signal
import subprocess
import time
from pathlib import Path

from hosts import configure, ticks, wait_for
from snmp import ROOT

CHAIN, LOOKUP, NEGATIVES = 1, 2, 5  # DcmAlarmType
OTHER_RULES = ["chain_length", "lookup_latency", "superblock_unused", "superblock_shrink_seconds", "dentries_total",
               "slab_share", "growth", "netns_churn", "reclaim_stall", "reclaim_risk", "snmpd_wedge", "source_failed",
               "coverage_stale"]
KINDS = {CHAIN: "chains", LOOKUP: "lookups", NEGATIVES: "negatives"}
PLANTED = 300_000  # in under two seconds, and more than others on the machine make meanwhile
STATUS = [f"{ROOT}.1.15.{arc}.0" for arc in range(1, 6)]  # active, sequence, sent, suppressed, queued
WIDE_OPEN = ["[notify]", "min_interval = 0", "rate = 1000", "burst = 10000", "grace = 0"]

Trap = collections.namedtuple("Trap", "second host index sequence severity kind inform")


def active(kind):
    return f"{ROOT}.1.16.1.3.{kind}"


class Receiver:
    """One snmptrapd that logs a line for each notification."""

    def __init__(self, processes, folder):
        self.log = folder / "traps"
        (folder / "snmptrapd.conf").write_text("authCommunity log public\nformat2 TRAP %t %b %P %V|%v\\n\n")
        self.process = processes.start(["snmptrapd", "-f", "-n", "-On", "-Oe", "-Lf", self.log, "-C", "-c",
                                        folder / "snmptrapd.conf", "udp:162"], folder / "snmptrapd.log")
        wait_for(20, lambda: self.log.exists() and "NET-SNMP" in self.log.read_text(), "snmptrapd")

    def size(self):
        return self.log.stat().st_size

    def since(self, position):
        """Our notifications after that position of the log."""
        with open(self.log, errors="replace") as file:
            file.seek(position)
            return [trap for trap in map(self.parse, file) if trap]

    @staticmethod
    def parse(line):
        head = re.match(r"TRAP (\d+) UDP: \[([\d.]+)\]\S* (.*?), SNMP v2c", line)
        if not head or f"{ROOT}.0." not in line:
            return None
        column = {int(arc): (int(index), int(value)) for arc, index, value in
                  re.findall(re.escape(ROOT) + r"\.1\.11\.1\.([234])\.(\d+) = [^:|]+: (\d+)", line)}
        (index, sequence), (_, severity), (_, kind) = column[2], column[3], column[4]
        return Trap(int(head[1]), head[2], index, sequence, severity, kind, head[3].startswith("INFORM"))

    @staticmethod
    def dropped():
        """Datagrams that fell out of the socket's buffer so far."""
        for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[1].endswith(":00A2"):
                return int(fields[-1])
        raise LookupError("nobody listens on port 162")


class Storms:
    def __init__(self, fleet, receiver):
        self.fleet, self.receiver, self.before = fleet, receiver, None
        self.folder = Path(fleet.args.folder)
        self.plant = fleet.args.build / "tests/lib/plant"

    # ---- looking at all hosts ----

    def until_all(self, kinds, judge, what):
        self.fleet.asker.until_all(self.fleet.hosts, [active(kind) for kind in kinds], judge, 180, what)

    def status(self):
        """Sums over all hosts: active, sequence, sent, suppressed, queued."""
        answers = {}
        for _ in range(10):
            missing = [host for host in self.fleet.hosts if host not in answers]
            if not missing:
                break
            answers.update({host: values for host, (values, _) in self.fleet.asker.ask(missing, STATUS).items()
                            if None not in values})
        else:
            raise TimeoutError(f"{len(missing)} hosts do not say what they sent")
        return [sum(values[i] for values in answers.values()) for i in range(5)]

    def settled(self):
        """Nothing is active or queued, and every transition was sent or held back."""
        active_now, sequence, sent, suppressed, queued = [now - was for now, was in zip(self.status(), self.before)]
        return not active_now and not queued and sequence <= sent + suppressed

    def calm(self):
        """Nothing is active, and nothing has moved since the last look: the agents' counts come seconds late,
        and others on the machine may have raised something before."""
        earlier, self.before = self.before, self.status()
        return self.before == earlier and not self.before[0] and not self.before[4]

    def connections(self):
        """How often an agent found its snmpd so far."""
        return sum((host.folder / "daemon.log").read_text(errors="replace").count("connected to the AgentX master")
                   for host in self.fleet.hosts)

    # ---- causes ----

    def flap(self, number):
        """Negative entries of an overlay above the level, and gone with it; each until all hosts have seen it."""
        merged, layers = self.folder / "merged", ",".join(
            f"{option}={self.folder}/layers/{name}" for option, name in
            (("lowerdir", "lower"), ("upperdir", "upper"), ("workdir", "work")))
        subprocess.run(["mount", "-t", "overlay", "fleet", "-o", layers, merged], check=True)
        try:
            subprocess.run([self.plant, "negative", merged, str(PLANTED), f"fleet{number}-"], check=True)
            self.until_all([NEGATIVES], lambda v: v[0] == 1, "all raise")
        finally:
            subprocess.run(["umount", merged], check=True)
        self.until_all([NEGATIVES], lambda v: v[0] == 0, "all clear")

    def flaps(self, count=5):
        for number in range(count):
            self.flap(number)

    def chain(self):
        """1,000 network namespaces more: chains and lookups, by the rules' own levels and hold times."""
        log = self.folder / "plant.log"
        plant = self.fleet.processes.start([self.plant, "netns", "1000"], log, stdin=subprocess.PIPE)
        try:
            wait_for(120, lambda: "ready" in log.read_text(), "1,000 namespaces")
            self.until_all([CHAIN, LOOKUP], lambda v: v[0] >= 2 and v[1] >= 1, "two chains and a lookup are raised")
        finally:
            plant.stdin.close()
            plant.wait()

    def stopped(self):
        """One flap while the receiver stands still: only what the socket holds, or comes again, arrives."""
        self.receiver.process.send_signal(signal.SIGSTOP)
        try:
            self.flap(0)
        finally:
            self.receiver.process.send_signal(signal.SIGCONT)

    # ---- one storm ----

    def storm(self, name, cause):
        """What the cause makes all hosts send, until all is quiet again: a row of the table."""
        receiver, hosts, problem = self.receiver, self.fleet.hosts, None
        wait_for(300, self.calm, "no alarm is active", 2)
        self.position, dropped, connections = receiver.size(), receiver.dropped(), self.connections()
        began, begin, used = time.time(), time.monotonic(), ticks([receiver.process.pid])
        try:
            cause()
            wait_for(200, self.settled, "every transition is sent or held back", 0.5)
        except TimeoutError as error:
            problem = error
        seconds, used = time.monotonic() - begin, ticks([receiver.process.pid]) - used
        _, transitions, sent, held, _ = [after - before for before, after in zip(self.before, self.status())]

        def arrived():
            return len({(trap.host, trap.sequence) for trap in receiver.since(self.position)})
        try:  # what is under way; informs are repeated for some seconds
            wait_for(10, lambda: arrived() >= sent, "all arrive", 0.5)
        except TimeoutError:
            pass
        traps = receiver.since(self.position)
        peak = max(collections.Counter(trap.second for trap in traps).values(), default=0)
        cells = [name, f"{seconds:.0f} s", transitions, sent, held, arrived(), sent - arrived(), len(traps) - arrived(),
                 peak, f"{self.told_the_end(traps)} of {len(hosts)}", receiver.dropped() - dropped, f"{used * 1000:.0f} ms"]
        print("| " + " | ".join(f"{cell:,}" if isinstance(cell, int) else cell for cell in cells) + " |", flush=True)
        if problem:
            self.fleet.notes.append(f"{name}: {problem}.")
        lost = self.connections() - connections
        if lost:
            self.fleet.notes.append(f"{name}: {lost} times an agent had lost its snmpd and repeated its alarms.")
        if cause == self.chain:
            self.fleet.notes.append(self.times(traps, began))

    @staticmethod
    def told_the_end(traps):
        """Hosts that were heard of, and of each of whose alarms a clear was the last that was heard."""
        last = {}
        for trap in traps:
            alarm = trap.host, trap.index
            last[alarm] = max(last.get(alarm, (0, 0)), (trap.sequence, trap.severity))
        return len({host for host, _ in last} - {host for (host, _), (_, severity) in last.items() if severity != 1})

    @staticmethod
    def times(traps, began):
        parts = []
        for kind in sorted({trap.kind for trap in traps}):
            for verb, judge in ("raised", lambda severity: severity > 1), ("cleared", lambda severity: severity == 1):
                seconds = [trap.second - began for trap in traps if trap.kind == kind and judge(trap.severity)]
                if seconds:
                    parts.append(f"{KINDS.get(kind, kind)} {verb} {min(seconds):.0f} to {max(seconds):.0f} ({len(seconds)})")
        return "Seconds after the start of that storm, and notifications: " + ", ".join(parts) + "."

    def alarm(self):
        """A rule that the flaps rule alone, so high above what there is that others do not reach it; no other rule."""
        level = int(Path("/proc/sys/fs/dentry-state").read_text().split()[4]) + PLANTED // 2
        return [*[line for name in OTHER_RULES for line in (f"[alarm {name}]", "enabled = no")],
                "[alarm negative_count]", f"warning = {level}", "critical = off", "raise_after = 0", "clear_after = 0",
                "clear_ratio = 1"]

    def table(self, chain):
        heads = ["storm", "lasted", "transitions", "sent", "held back", "received", "lost", "repeats", "peak per second",
                 "hosts whose last word is a clear", "fell out of the socket", "CPU of snmptrapd"]
        print("\n| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads), flush=True)
        (self.folder / "layers").mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "fleet", self.folder / "layers"], check=True)
        for name in "lower", "upper", "work":
            (self.folder / "layers" / name).mkdir()
        (self.folder / "merged").mkdir()
        hosts = self.fleet.hosts
        if chain:  # namespaces pile up for weeks, not in seconds as here
            configure(hosts, "[alarm netns_churn]", "enabled = no")
            self.storm("1,000 entries more in two chains, default levels and limiter", self.chain)
        configure(hosts, *self.alarm())
        self.storm("5 flaps, limiter at its defaults", self.flaps)
        configure(hosts, *self.alarm(), *WIDE_OPEN)
        self.storm("5 flaps, limiter wide open", self.flaps)
        self.storm("1 flap, wide open, snmptrapd stands still", self.stopped)
        for host in hosts:
            host.write_snmpd("informsink")
            host.snmpd.send_signal(signal.SIGHUP)
        configure(hosts, *self.alarm(), *WIDE_OPEN)
        self.storm("5 flaps, wide open, informs", self.flaps)
        self.storm("1 flap, wide open, informs, snmptrapd stands still", self.stopped)
        if not all(trap.inform for trap in self.receiver.since(self.position)):
            self.fleet.notes.append("Not all were informs.")
