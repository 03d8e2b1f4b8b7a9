#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""An AgentX subagent with one column, .1.3.6.1.4.1.55555.1.(1..20), that takes its time.

slow_agent.py SOCKET SECONDS: connects to the master, says "ready", and answers each request that late.
"""
import socket
import struct
import sys
import time

OPEN, REGISTER, GET, GET_NEXT, RESPONSE = 1, 3, 5, 6, 18
ROOT = [1, 3, 6, 1, 4, 1, 55555, 1]
CONTEXT = 8
BIG_ENDIAN = 16
INTEGER, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 2, 129, 130


def put_oid(numbers):
    return struct.pack("<BBBB", len(numbers), 0, 0, 0) + struct.pack(f"<{len(numbers)}I", *numbers)


def take_oid(data, order):
    count, prefix, inclusive, _ = data[:4]
    numbers = [1, 3, 6, 1, prefix] if prefix else []
    numbers += struct.unpack(f"{order}{count}I", data[4 : 4 + 4 * count])
    return numbers, inclusive, data[4 + 4 * count :]


def exactly(master, size):
    data = b""
    while len(data) < size:
        chunk = master.recv(size - len(data))
        if not chunk:
            sys.exit(0)
        data += chunk
    return data


def receive(master):
    header = exactly(master, 20)
    order = ">" if header[2] & BIG_ENDIAN else "<"
    _, kind, flags, _, session, transaction, packet, size = struct.unpack(order + "BBBBIIII", header)
    return kind, flags, order, (session, transaction, packet), exactly(master, size)


def send(master, kind, ids, payload):
    master.sendall(struct.pack("<BBBBIIII", 1, kind, 0, 0, *ids, len(payload)) + payload)


def answer_one(kind, name, inclusive):
    number = name[8] if name[:8] == ROOT and len(name) > 8 else 1
    if kind == GET_NEXT and name[:8] == ROOT and len(name) > 8 and not inclusive:
        number += 1
    if number > 20:
        error = END_OF_MIB_VIEW if kind == GET_NEXT else NO_SUCH_INSTANCE
        return struct.pack("<HH", error, 0) + put_oid(name)
    return struct.pack("<HH", INTEGER, 0) + put_oid(ROOT + [number]) + struct.pack("<i", number)


def serve(master, delay):
    kind, flags, order, ids, data = receive(master)
    if kind not in (GET, GET_NEXT):
        return
    if flags & CONTEXT:
        size = struct.unpack(order + "I", data[:4])[0]
        data = data[4 + (size + 3 & ~3) :]
    answers = b""
    while data:
        name, inclusive, data = take_oid(data, order)
        _, _, data = take_oid(data, order)
        answers += answer_one(kind, name, inclusive)
    time.sleep(delay)
    send(master, RESPONSE, ids, struct.pack("<IHH", 0, 0, 0) + answers)


def main():
    master = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    master.connect(sys.argv[1])
    send(master, OPEN, (0, 0, 1), bytes([100, 0, 0, 0]) + put_oid([]) + struct.pack("<I4s", 4, b"slow"))
    session = receive(master)[3][0]
    send(master, REGISTER, (session, 0, 2), bytes([100, 127, 0, 0]) + put_oid(ROOT))
    receive(master)
    print("ready", flush=True)
    while True:
        serve(master, float(sys.argv[2]))


main()
