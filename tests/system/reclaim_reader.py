#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Opens and reads the files of a folder over and over until its standard input ends; prints the
number of rounds, of errors, and the longest open-read-close in microseconds. Usage: ... FOLDER"""
import os
import select
import sys
import time

files = [os.path.join(sys.argv[1], name) for name in sorted(os.listdir(sys.argv[1]))]
rounds = errors = worst = 0
print("ready", flush=True)
while not select.select([0], [], [], 0)[0]:
    for file in files:
        begin = time.perf_counter_ns()
        try:
            fd = os.open(file, os.O_RDONLY)
            if not os.read(fd, 100):
                errors += 1
            os.close(fd)
        except OSError:
            errors += 1
        worst = max(worst, time.perf_counter_ns() - begin)
    rounds += 1
    time.sleep(0.001)
print(rounds, errors, worst // 1000)
