#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Processes that ask for names that do not exist, in fixed proportions: storm.py FOLDER...

The process of the first folder asks for twice as many as that of the second, and so on; each is
called like its folder. They work in rounds, so that the proportions hold at any load and at any
moment; after the first one it prints "going". Ends with SIGTERM or with its standard input.
"""
import os
import select
import signal
import sys

LEAST = 10  # names of the last process in a round
PAUSE = 0.01


def work(folder, names, go, done):
    with open("/proc/self/comm", "w") as comm:
        comm.write(os.path.basename(folder))
    number = 0
    while os.read(go, 1):
        for number in range(number, number + names):
            try:
                os.stat(f"{folder}/missing-{number}")
            except FileNotFoundError:
                pass
        number += 1
        os.write(done, b".")


def main():
    folders, workers = sys.argv[1:], []
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for place, folder in enumerate(folders):
        go, done = os.pipe(), os.pipe()
        if os.fork() == 0:
            for other in workers:  # its end must be seen
                os.close(other[0])
            os.close(go[1])
            work(folder, LEAST << (len(folders) - 1 - place), go[0], done[1])
            os._exit(0)
        os.close(go[0])
        os.close(done[1])
        workers.append((go[1], done[0]))
    told = False
    while not select.select([0], [], [], PAUSE)[0]:
        for go, _ in workers:
            os.write(go, b".")
        for _, done in workers:
            os.read(done, 1)
        if not told:
            print("going", flush=True)
        told = True


main()
