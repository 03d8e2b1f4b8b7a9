# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""How many missing names there is memory for."""
import sys
from pathlib import Path

PAGE = 4096
LEAST = 2 << 30  # bytes that stay free in any case


def meminfo(key):
    """Bytes of a line of /proc/meminfo."""
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key + ":")) * 1024


def entry_bytes():
    """Of the dentry slab: pages per slab over objects per slab. Short names need nothing more."""
    line = next(l for l in Path("/proc/slabinfo").read_text().splitlines() if l.startswith("dentry "))
    words = line.split()
    return int(words[5]) * PAGE / int(words[4])


def entries(wanted):
    """@wanted, or as many as fit; ends the program with a sentence when @wanted do not."""
    spare = meminfo("MemAvailable") - max(LEAST, meminfo("MemTotal") // 8)
    fit = max(0, int(spare / entry_bytes())) // 1000000 * 1000000
    if wanted is None and fit:
        return fit
    if fit < (wanted or 1):
        need = (wanted or 1000000) * entry_bytes()
        print(f"bench-scale: {wanted or 1000000:,} missing names take {need / 2**30:.1f} GiB and "
              f"{max(spare, 0) / 2**30:.1f} are to spare: ENTRIES={fit} would fit", file=sys.stderr)
        sys.exit(2)
    return wanted
