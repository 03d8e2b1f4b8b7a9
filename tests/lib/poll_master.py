#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An AgentX master that polls the agent as fast as it answers: poll_master.py SOCKET ROOT POLLS

GETs and GETNEXTs of objects below ROOT, present or not, in batches; each must be answered. Prints
the peer's resident memory after a tenth of them and after all, and exits with 1 when the rest added
more than 512 KiB.
"""
import os
import socket
import struct
import sys

from fake_master import GET, GETNEXT, RESPONSE, Master, encode_oid, header

BATCH = 64


def resident_kib(peer):
    pid = struct.unpack("3i", peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmRSS"))


def poll(master, root, number):
    """Sends one batch and reads its answers."""
    wanted = set()
    for i in range(number, number + BATCH):
        master.packet += 1
        name = f"{root}.1.{i % 8}.1.{i // 8 % 13}.{i // 104 % 60}"
        body = encode_oid(name, i % 2) + struct.pack(">I", 0)
        master.send(header((GET, GETNEXT)[i % 2], master.sessions, master.packet, len(body)) + body)
        wanted.add(master.packet)
    while wanted:
        kind, order, packet, _ = master.receive()
        if kind == RESPONSE:
            wanted.discard(packet)
        else:  # a ping: the peer is alive
            master.acknowledge(order, packet)


def main():
    path, root, polls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    master = Master(path, f"{root}.1.3.1.7.3")
    master.accept()
    master.probe_until(10)
    sent = warm = 0
    while sent < polls:
        poll(master, root, sent)
        sent += BATCH
        if not warm and sent >= polls // 10:
            warm = resident_kib(master.peer)
    last = resident_kib(master.peer)
    print(f"{sent} polls answered, resident {warm} KiB after a tenth of them, {last} KiB after all")
    return last - warm > 512


if __name__ == "__main__":
    sys.exit(main())
