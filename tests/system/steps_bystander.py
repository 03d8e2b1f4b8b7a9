#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What waits beside a reclaim: syncfs(2), stat(2) and a lazy unmount of a bind mount, over and over
until standard input ends. Prints the longest of each in microseconds, and the number of rounds.
Usage: ... FOLDER BIND   (BIND: an empty folder on another filesystem)"""
import ctypes
import os
import select
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
folder, bind = (os.fsencode(argument) for argument in sys.argv[1:3])
MS_BIND, MNT_DETACH = 4096, 2


def checked(result):
    if result:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def timed(call):
    begin = time.monotonic_ns()
    call()
    return (time.monotonic_ns() - begin) // 1000


def detach():
    checked(libc.mount(folder, bind, None, ctypes.c_ulong(MS_BIND), None))
    checked(libc.umount2(bind, MNT_DETACH))


fd = os.open(folder, os.O_RDONLY)
calls = (lambda: checked(libc.syncfs(fd)), lambda: os.stat(folder), detach)
worst = [0, 0, 0]
rounds = 0
print("ready", flush=True)
while not select.select([0], [], [], 0)[0]:
    worst = [max(old, timed(call)) for old, call in zip(worst, calls)]
    rounds += 1
    time.sleep(0.0005)
print(*worst, rounds)
