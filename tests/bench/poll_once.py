#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One poll by one manager, over one socket: poll_once.py HOST:PORT REPETITIONS

A line of standard input is a request: the names of a GET, or with REPETITIONS above 0 of a GETBULK. Prints
how many values came that are there; ends with 1 if an answer is missing.
"""
import pathlib
import socket
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "fleet"))
import snmp  # pylint: disable=wrong-import-position


def main():
    host, port = sys.argv[1].split(":")
    repetitions, values = int(sys.argv[2]), 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as manager:
        manager.settimeout(3)
        manager.connect((host, int(port)))
        for number, line in enumerate(sys.stdin, 1):
            manager.send(snmp.request(number, line.split(), repetitions))
            answered, binds = snmp.bindings(manager.recv(65535))
            if answered != number:
                sys.exit(f"poll_once.py: another answer than that to request {number}")
            values += sum(tag not in snmp.ABSENT for tag, _ in binds)
    print(values)


main()
