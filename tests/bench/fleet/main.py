#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Starts the hosts of tests/bench/fleet.sh, polls and alarms them, prints tables. Runs in the monitoring's
namespace; ends everything that it started, whatever ends it."""
import argparse
import os
import signal
import statistics
import sys
import time
from pathlib import Path

import polls
from hosts import Host, Processes, memory_kib, ticks
from snmp import ROOT, Asker
from storms import Receiver, Storms

DENTRIES, MAX_CHAIN = f"{ROOT}.1.1.1.0", f"{ROOT}.1.4.5.0"


def say(text):
    print(text, file=sys.stderr, flush=True)


def available_mib():
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable")) / 1024


class Fleet:
    def __init__(self, args, processes):
        self.args, self.processes, self.asker, self.notes = args, processes, Asker(), []
        self.exporter = None
        self.hosts = [Host(number, args) for number in range(2, args.agents + 2)]

    def start(self):
        """All at once, as after a power failure; the two cores are the limit."""
        memory, begin = available_mib(), time.monotonic()
        for host in self.hosts:
            host.start_snmpd(self.processes)
            host.start_daemon(self.processes)
        started = time.monotonic() - begin
        self.wait_all([DENTRIES], self.hosts, "all agents answer")
        answer = time.monotonic() - begin
        say(f"all {len(self.hosts)} agents answer after {answer:.1f} s")
        used = [ticks(pids()) / len(self.hosts) for pids in list(self.groups().values())[:2]]
        self.wait_all([MAX_CHAIN], [host for host in self.hosts if host.bpf], "all have read the hash table")
        full = time.monotonic() - begin
        proportional, private = zip(*[[sum(kib) for kib in zip(*map(memory_kib, host.daemon_pids()))] for host in self.hosts])
        snmpd = statistics.median(memory_kib(host.snmpd.pid)[0] for host in self.hosts)
        kib = lambda number: f"{number / 1024:.1f} MiB"
        for name, value in (
                ("hosts, of them with BPF", f"{len(self.hosts)}, {sum(host.bpf for host in self.hosts)}"),
                ("all processes started", f"{started:.1f} s"),
                ("all agents answer", f"{answer:.1f} s"),
                ("all have read the whole hash table", f"{full:.1f} s"),
                ("CPU of an snmpd, of a dcachemon-snmp until then (mean)", f"{used[0]:.2f} s, {used[1]:.2f} s"),
                ("memory of a dcachemon-snmp, proportional (median)", kib(statistics.median(proportional))),
                ("memory of a dcachemon-snmp, its own (median)", kib(statistics.median(private))),
                ("memory of an snmpd, proportional (median)", kib(snmpd)),
                ("memory of the machine per host, kernel included", f"{(memory - available_mib()) / len(self.hosts):.1f} MiB")):
            print(f"| {name} | {value} |", flush=True)

    def wait_all(self, oids, hosts, what):
        try:
            self.asker.until_all(hosts, oids, lambda _: True, 300, what)
        except TimeoutError:
            say((hosts[0].folder / "daemon.log").read_text())
            raise

    def groups(self):
        """Names of columns, and the processes whose time each shows."""
        found = {"snmp_exporter": lambda: [self.exporter.pid]} if self.exporter else {}
        daemons = [pid for host in self.hosts for pid in host.daemon_pids()]
        return {**found, "all snmpd": lambda: [host.snmpd.pid for host in self.hosts],
                "all dcachemon-snmp": lambda: daemons, "this bench": lambda: [os.getpid()]}


def main():
    parser = argparse.ArgumentParser()
    for name, kind in (("build", Path), ("top", Path), ("folder", Path), ("namespace", str), ("agents", int),
                       ("bpf", int), ("rounds", int), ("chain", str)):
        parser.add_argument(f"--{name}", type=kind, required=True)
    args = parser.parse_args()
    chain = args.chain == "yes" or args.chain == "auto" and args.agents >= 100
    processes, begin = Processes(), time.monotonic()
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, lambda n, _: sys.exit(128 + n))
    try:
        receiver = Receiver(processes, args.folder)
        fleet = Fleet(args, processes)
        print("\n| start | |\n| --- | --- |", flush=True)
        fleet.start()
        fleet.exporter = polls.start_exporter(processes, args.top, args.folder)
        if not fleet.exporter:
            fleet.notes.append("No prometheus-snmp-exporter here: no scrapes.")
        polls.table(fleet, 60 * min(1, args.agents / 200), args.rounds)
        Storms(fleet, receiver).table(chain)
        print(f"\nMeasured in {time.monotonic() - begin:.0f} s on a machine whose load is {os.getloadavg()[1]:.0f} now.")
        for note in fleet.notes:
            print(f"\n{note}")
    finally:
        for number in signal.SIGTERM, signal.SIGINT:
            signal.signal(number, signal.SIG_IGN)
        processes.end_all()


if __name__ == "__main__":
    main()
