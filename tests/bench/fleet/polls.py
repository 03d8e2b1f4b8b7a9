# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Polls of all hosts, spread over a minute, and what each costs whom."""
import concurrent.futures
import http.client
import os
import re
import subprocess
import time
from pathlib import Path

from hosts import MONITORING, ticks, wait_for
from snmp import ROOT

EXPORTER = ("127.0.0.1", 9116)
LEAN = [f"{ROOT}.1.{arc}.0" for arc in ("15.1", "4.5", "1.1", "1.3")]  # alarms, longest chain, dentries, negatives


def start_exporter(processes, top, folder):
    """None where there is none. The files of both formats are shipped: 0.23 changed it."""
    try:
        version = subprocess.run(["prometheus-snmp-exporter", "--version"], capture_output=True, text=True, check=True)
    except FileNotFoundError:
        return None
    minor = int(re.search(r"version 0\.(\d+)", version.stdout + version.stderr).group(1))
    module = top / "packaging/snmp_exporter" / ("snmp-0.22.yml" if minor <= 22 else "snmp.yml")
    exporter = processes.start(["prometheus-snmp-exporter", f"--config.file={module}",
                                f"--web.listen-address={EXPORTER[0]}:{EXPORTER[1]}"], folder / "exporter.log")
    wait_for(20, lambda: answers("/"), "snmp_exporter")
    return exporter


def answers(path):
    connection = http.client.HTTPConnection(*EXPORTER, timeout=30)
    try:
        connection.request("GET", path)
        reply = connection.getresponse()
        body = reply.read()
        return body if reply.status == 200 else None
    except OSError:
        return None
    finally:
        connection.close()


def scrape(host, due):
    """Seconds and series, or None."""
    time.sleep(max(0, due - time.monotonic()))
    begin = time.monotonic()
    body = answers(f"/snmp?module=dcachemon&target={host.address}")
    if body is None or b"\ndcmTotalsDentries " not in body:
        return None
    return time.monotonic() - begin, body.count(b"\ndcm"), len(body)


def scrape_all(hosts, spread):
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        work = [pool.submit(scrape, host, begin + spread * i / len(hosts)) for i, host in enumerate(hosts)]
        return [done for done in (future.result() for future in work) if done]


def wire():
    """Packets and bytes, with IP headers, through the monitoring's port of the bridge so far."""
    for line in Path("/proc/net/dev").read_text().splitlines():
        name, _, counts = line.partition(":")
        if name.strip() == "eth0":
            fields = [int(field) for field in counts.split()]
            packets = fields[1] + fields[9]
            return packets, fields[0] + fields[8] - 14 * packets
    raise LookupError(f"no eth0 with {MONITORING}")


def machine():
    """Seconds in which a processor worked, over all of them."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


class Cost:
    """What a stretch of time cost each group of processes: a context manager."""

    def __init__(self, groups):
        self.groups = groups

    def read(self):
        return (time.monotonic(), wire(), machine(), {name: ticks(pids()) for name, pids in self.groups.items()})

    def __enter__(self):
        self.before = self.read()
        return self

    def __exit__(self, *_):
        begin, (packets, size), busy, used = self.before
        after = self.read()
        self.seconds = after[0] - begin
        self.packets, self.bytes = after[1][0] - packets, after[1][1] - size
        self.busy = 100 * (after[2] - busy) / self.seconds
        self.percent = {name: 100 * (after[3][name] - used[name]) / self.seconds for name in used}


def at(times, share):
    """A quantile, in milliseconds."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def row(name, cost, asked, times):
    """One line of the table of polls."""
    per = lambda number: f"{number / asked:,.0f}" if asked else f"{number:,}"
    cells = [name, f"{len(times)} of {asked}" if asked else "-",
             " / ".join(f"{ms:,.0f}" if ms >= 10 else f"{ms:.1f}" for ms in (at(times, .5), at(times, .95), at(times, 1)))
             if times else "-", per(cost.packets), per(cost.bytes),
             *[f"{percent:.1f} %" for percent in cost.percent.values()], f"{cost.busy:.0f} %"]
    print("| " + " | ".join(cells) + " |", flush=True)


def table(fleet, spread, rounds):
    """Nobody polls, everybody is scraped, everybody is asked for four scalars: a minute each, in which every
    host reads its hash table once, or with fewer hosts so much less that they are polled as fast."""
    if spread < 60:
        fleet.notes.append(f"Measured over {spread:.0f} s, less than the minute between two passes over the hash table: "
                           "the CPU of all dcachemon-snmp is rough.")
    groups = fleet.groups()
    heads = ["poll", "answered", "p50 / p95 / max, ms", "packets each", "bytes each", *groups, f"machine, of {100 * os.cpu_count()} %"]
    print("\n| " + " | ".join(heads) + " |\n|" + " --- |" * len(heads), flush=True)
    with Cost(groups) as cost:
        time.sleep(max(5, spread))  # the measured time itself
    row(f"nobody polls for {cost.seconds:.0f} s (in all)", cost, 0, [])
    if fleet.exporter:
        scrapes = []
        with Cost(groups) as cost:
            for _ in range(rounds):
                scrapes += scrape_all(fleet.hosts, spread)
        row(f"full: one scrape within {spread:.0f} s", cost, rounds * len(fleet.hosts), [seconds for seconds, _, _ in scrapes])
        if scrapes:
            _, series, size = scrapes[len(scrapes) // 2]
            fleet.notes.append(f"A scrape has {series:,} series, {size:,} bytes of HTTP.")
    asked = {}
    with Cost(groups) as cost:
        asked = fleet.asker.ask(fleet.hosts, LEAN, spread)
    row(f"lean: one GET within {spread:.0f} s", cost, len(fleet.hosts),
        [seconds for values, seconds in asked.values() if None not in values or not all(h.bpf for h in fleet.hosts)])
