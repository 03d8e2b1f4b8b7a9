#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Least-squares slopes of the samples of tests/soak/run, with 95 % confidence bounds.

The first quarter is warm-up. Samples follow each other closely, so the bounds come from means of
twelve blocks, not from single samples. A slope fails when its lower bound is above 0 and what it
adds over the judged time is more than the tolerance.
"""
import math
import sys

BLOCKS, T_95 = 12, 2.228  # Student's t, 10 degrees of freedom
COLUMNS = [  # name, unit, tolerance over the judged time
    ("sampler resident", "KiB", 512), ("sampler descriptors", "", 2), ("sampler threads", "", 1),
    ("agent resident", "KiB", 512), ("agent descriptors", "", 2), ("agent threads", "", 1),
    ("sampler processor time", "%", 2)]


def fit(xs, ys):
    n, mx, my = len(xs), sum(xs) / len(xs), sum(ys) / len(ys)
    sxx = sum((x - mx) ** 2 for x in xs)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sxx
    rest = sum((y - my - slope * (x - mx)) ** 2 for x, y in zip(xs, ys))
    return slope, T_95 * math.sqrt(rest / (n - 2) / sxx)


def blocks(values):
    size = len(values) / BLOCKS
    parts = [values[int(i * size):int((i + 1) * size)] for i in range(BLOCKS)]
    return [sum(p) / len(p) for p in parts]


def main():
    rows = [[float(x) for x in line.split()] for line in open(sys.argv[1])]
    rows = [r for r in rows if len(r) == 8]
    for last, row in zip(reversed(rows[:-1]), reversed(rows[1:])):
        row[7] = (row[7] - last[7]) / (row[0] - last[0])  # ticks of 10 ms: percent
    rows = rows[max(1, len(rows) // 4):]
    if len(rows) < 3 * BLOCKS:
        sys.exit(f"FAIL: {len(rows)} samples are too few for a slope; at least 1 minute is needed")
    span, failed = rows[-1][0] - rows[0][0], False
    times = blocks([r[0] for r in rows])
    print(f"{'':24} {'mean':>10} {'per hour':>12} {'95 % bounds':>24}   over {span:.0f} s")
    for i, (name, unit, tolerance) in enumerate(COLUMNS, 1):
        values = [r[i] for r in rows]
        slope, bound = fit(times, blocks(values))
        grown = slope * span
        bad = slope - bound > 0 and grown > tolerance
        failed |= bad
        print(f"{name:24} {sum(values) / len(values):10.2f} {slope * 3600:12.2f} "
              f"{(slope - bound) * 3600:11.2f} .. {(slope + bound) * 3600:9.2f}   {grown:+.2f} {unit}"
              f"{'   FAIL' if bad else ''}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
