#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A FUSE filesystem that stops answering: hung_fuse.py MOUNTPOINT.

It has one directory, "d". Prints "ready" when it is mounted; goes on answering until a line comes on
standard input, prints "hung", and from then on reads requests but answers none. Ends when standard
input ends, and the connection with it. Nothing is cached: every lookup is asked again
(include/uapi/linux/fuse.h).
"""
import ctypes
import os
import select
import struct
import sys

LOOKUP, GETATTR, INIT, OPENDIR, STATFS = 1, 3, 26, 27, 17
ENOSYS, ENOENT = 38, 2
HEADER = struct.Struct("=IIQQIIII")


def attributes(inode):
    return struct.pack("=QQQQQQIIIIIIIIII", inode, 0, 0, 0, 0, 0, 0, 0, 0, 0o40755, 2, 0, 0, 0, 4096, 0)


def answer(opcode, body):
    """(error, payload)"""
    if opcode == INIT:
        return 0, struct.pack("=IIIIHHIIHHIIHHIIIIII", 7, 31, 0, 0, 12, 10, 4096, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)[:64]
    if opcode == GETATTR:
        return 0, struct.pack("=QII", 0, 0, 0) + attributes(1)
    if opcode == LOOKUP:
        if body.rstrip(b"\0") != b"d":
            return -ENOENT, b""
        return 0, struct.pack("=QQQQII", 2, 0, 0, 0, 0, 0) + attributes(2)
    return -ENOSYS, b""


def main():
    device = os.open("/dev/fuse", os.O_RDWR)
    options = f"fd={device},rootmode=40000,user_id=0,group_id=0"
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"hung", sys.argv[1].encode(), b"fuse.hung", 0, options.encode()):
        sys.exit("mount: " + os.strerror(ctypes.get_errno()))
    print("ready", flush=True)
    hung = False
    while True:
        readable, _, _ = select.select([device, 0], [], [])
        if 0 in readable:
            if not os.read(0, 64):
                return
            hung = True
            print("hung", flush=True)
        if device in readable:
            try:
                request = os.read(device, 1 << 17)
            except OSError:  # unmounted
                return
            _, opcode, unique, *_ = HEADER.unpack_from(request)
            if not hung:
                error, payload = answer(opcode, request[HEADER.size :])
                os.write(device, struct.pack("=IiQ", 16 + len(payload), error, unique) + payload)


main()
