#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How many notifications one snmptrapd takes when they come back to back, on the loopback only:
with a log alone, and with packaging/snmptrapd/dcachemon-trap. Prints rows for docs/scale.md."""
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HANDLER = Path(__file__).resolve().parents[2] / "packaging/snmptrapd/dcachemon-trap"
ROOT = ".1.3.6.1.4.1.8072.9999.9999.1806"
ALARM = ROOT + ".1.11.1"


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def one_trap(sock):
    """The bytes that snmptrap sends for an alarm with all its variables."""
    column = {2: ("u", "12"), 3: ("i", "3"), 4: ("i", "1"), 5: ("o", ROOT + ".1.6.1.2.1"),
              6: ("s", "/proc/sys/net/ipv6"), 7: ("s", "5200"), 8: ("s", "5000"),
              9: ("s", "hash chain of /proc/sys/net/ipv6 has 5200 entries, at or above 5000"),
              10: ("x", "07EA0B160B1E0000")}
    words = [w for arc, (kind, value) in column.items() for w in (f"{ALARM}.{arc}.7", kind, value)]
    subprocess.run(["snmptrap", "-v2c", "-c", "public", f"127.0.0.1:{sock.getsockname()[1]}", "",
                    ROOT + ".0.1", *words], check=True)
    return sock.recv(4096)


def arrivals(counted, wanted):
    """How many arrived, and when the last did: ends after 3 s of silence."""
    last, stamp = -1, time.monotonic()
    while last < wanted and time.monotonic() - stamp < 3:
        now = counted()
        if now != last:
            last, stamp = now, time.monotonic()
        time.sleep(0.05)
    return last, stamp


def measure(name, folder, sock, packet, count, handler):
    port, log, pipe = free_port(), folder / f"{name}.log", folder / f"{name}.command"
    script, conf = folder / "handle", folder / f"{name}.conf"
    script.write_text(f"#!/bin/sh\nDCACHEMON_COMMAND_FILE={pipe} exec {HANDLER}\n")
    script.chmod(0o755)
    conf.write_text("authCommunity log,execute,net public\n" +
                    (f"traphandle {ROOT}.0.1 {script}\n" if handler else ""))
    pipe.touch()
    daemon = subprocess.Popen(["snmptrapd", "-f", "-Lf", log, "-On", "-C", "-c", conf, f"udp:127.0.0.1:{port}"])
    try:
        while not (log.exists() and "NET-SNMP version" in log.read_text()):
            time.sleep(0.05)
        begin = time.monotonic()
        for _ in range(count):
            sock.sendto(packet, ("127.0.0.1", port))
        sent = time.monotonic() - begin
        found, end = arrivals(lambda: pipe.read_text().count("\n") if handler else
                              log.read_text().count("1806.0.1"), count)
        print(f"| {name} | {count} in {sent:.2f} s | {found} | {found / (end - begin):.0f} |")
    finally:
        daemon.terminate()
        daemon.wait()


def main():
    os.environ["MIBS"] = ""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(10)
        packet = one_trap(sock)
        print(f"{len(packet) + 28} bytes each, with IP and UDP headers")
        measure("log", Path(folder), sock, packet, 2000, False)
        measure("handler", Path(folder), sock, packet, 300, True)


main()
