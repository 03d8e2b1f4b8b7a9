#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Stops a test machine, writes its memory into a file and ends it: dump_memory.py SOCKET FILE.

SOCKET speaks QMP. FILE is what its dump-guest-memory writes: an ELF core file of physical addresses.
"""
import json
import socket
import sys


def main():
    path, file = sys.argv[1:]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(120)
        connection.connect(path)
        lines = connection.makefile("rw")
        lines.readline()  # the greeting
        for command, arguments in (("qmp_capabilities", {}), ("stop", {}),
                                   ("dump-guest-memory", {"paging": False, "protocol": "file:" + file}), ("quit", {})):
            lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            lines.flush()
            answer = json.loads(lines.readline())
            while "event" in answer:
                answer = json.loads(lines.readline())
            if "error" in answer:
                sys.exit(f"{command}: {answer['error']['desc']}")


if __name__ == "__main__":
    main()
