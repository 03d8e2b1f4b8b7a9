#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Judges passes over memory that changed meanwhile (kcore_churn.sh): kcore_churn.py FOLDER NAMES NAMESPACES.

What nobody touches is known exactly: NAMES missing names in one directory of an overlay, chains of
NAMESPACES and the host. Impossible is: more of these than there are, more entries than the kernel
has, a chain longer than any can be, a name or a path that nobody made, a superblock too many.
"""
import re
import sys
from pathlib import Path

from tap import check, end

folder, names, chain = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) + 1
CHURNED = 12000  # names that come and go, with what stays of them as missing ones
LOST = 0.01      # of what stays: chains whose rest was lost while an entry of them was freed
WRONG = re.compile(r"\b(BUG|Oops|WARNING|stall|lockup|general protection)\b")


def totals(path):
    return int(path.read_text().split()[0])


passes, statuses, errors, strange, chains, kept, entries, rows = 0, set(), set(), set(), [], [], [], []
longest, truncated = 0, 0
for path in sorted(folder.glob("*.walk"), key=lambda p: int(p.stem)):
    statuses.add(path.with_suffix(".status").read_text().strip())
    text = path.read_bytes().decode(errors="backslashreplace")
    most = max(totals(path.with_suffix(".before")), totals(path.with_suffix(".after"))) + CHURNED
    errors.update(re.findall(r"^error (?!netns)(.*)$", text, re.M))
    superblocks = len(re.findall(r"^superblock ", text, re.M))
    strange.update(line for line in text.splitlines() if not re.fullmatch(r"[ -~]*", line))
    for one in re.split(r"^(?=pass )", text, flags=re.M)[1:]:
        found = dict(re.findall(r"(\w+) (\d+)", one.splitlines()[0]))
        passes += 1
        truncated += int(found["truncated"])
        longest = max(longest, int(found["max"]))
        entries.append((int(found["entries"]), most))
        counts = [tuple(map(int, c)) for c in re.findall(r"^count \w+ hashed (\d+) negative (\d+)$", one, re.M)]
        rows.append((len(counts), superblocks))
        kept.append(max(negative for _, negative in counts))
        chains += [(int(a), b) for a, b in re.findall(r"^chain (\d+) .*/net (ipv6|core)$", one, re.M)]
        strange.update(name for name in re.findall(r"^directory .*/(?:first|second) (\S+)$", one, re.M)
                       if not re.fullmatch(r"come\d+(-go)?", name))

print(f"# {passes} passes, {truncated} chains cut, longest {longest}, of {names} that stay {min(kept)} to {max(kept)}, "
      f"chains {min(chains)[0] if chains else 0} to {max(chains)[0] if chains else 0}, entries {min(entries)[0]} to {max(entries)[0]}")
check("at least 20 passes, each to its end", passes >= 20 and statuses == {"0"}, passes, statuses)
check("no error", not errors, *errors)
check("never more of the names that stay than there are", max(kept) <= names, max(kept))
check(f"at most {LOST:.0%} of them are missed", min(kept) >= names * (1 - LOST), min(kept))
check("both chains in each pass, within what there is", len(chains) == 2 * passes
      and all(chain <= n <= chain + 10 for n, _ in chains), len(chains), sorted(set(chains)))
check("no chain is longer than the longest there is", longest <= chain + 10, longest)
check("never more entries than the kernel has", all(n <= most for n, most in entries),
      [(n, most) for n, most in entries if n > most][:5])
check("no more superblocks than there are", all(a <= b for a, b in rows), max(rows))
check("no name that nobody made", not strange, *sorted(strange)[:10])
bad = [line for line in (folder / "log").read_text(errors="replace").splitlines() if WRONG.search(line)]
check("kernel log is clean", not bad, *bad[:10])
sys.exit(end())
