#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Prints docs/kernels-matrix.md from what test machines wrote: matrix.py LOG...

A log has one line "# kernel RELEASE lockdown STATE", TAP, and lines "# cell LOCKDOWN CAPABILITIES SOURCE
STATE REASON". Machines that said the same share a row. A number refers to the reasons at the end.
"""
import re
import sys

CAPABILITIES = ("all", "bpf", "none", "kcore", "hidden", "daemon")
HEAD = """# What each kernel said

Written by `make check-kernels`; a copy of `build/kernels/matrix.md`. [tests/kernels](../tests/kernels/README.md) says what is planted and
what the capabilities mean, [kernels.md](kernels.md) what follows for a host."""


class Machine:
    def __init__(self, path):
        with open(path, errors="replace") as f:
            text = f.read()
        head = re.search(r"^# kernel (\S+?)(?:-amd64)? lockdown (\S+)$", text, re.M)
        self.kernel, self.lockdown = head.groups() if head else (None, None)
        self.good, self.bad = (len(re.findall(rf"^{word} ", text, re.M)) for word in ("ok", "not ok"))
        self.cells = {}
        for _, caps, source, state, reason in re.findall(r"^# cell (\S+) (\S+) (\S+) (\S+) (.*)$", text, re.M):
            # walk_dump says in which call it failed.
            reason = reason.removeprefix("open ") if source.startswith("walk_") else reason
            self.cells[caps, source] = state, "" if reason == "-" else reason


def version(kernel):
    return [int(n) for n in re.findall(r"\d+", kernel)]


def print_machines(machines):
    print("| kernel | lockdown | checks that passed | that failed |\n| --- | --- | --- | --- |")
    for m in machines:
        print(f"| {m.kernel} | {m.lockdown} | {m.good} | {m.bad} |")


def print_table(machines, sources, shown, reasons):
    """A row for each set of capabilities and each answer; kernels and lockdown states with the same are in one."""
    rows = {}
    for m in machines:
        for caps in {caps for caps, source in m.cells if source in sources}:
            said = []
            for source in sources:
                state, reason = m.cells.get((caps, source), ("", ""))
                said.append(f"{state} ({reasons.setdefault(reason, len(reasons) + 1)})" if reason else state)
            rows.setdefault((caps, tuple(said)), {}).setdefault(m.kernel, []).append(m.lockdown)
    merged = {}
    for (caps, said), kernels in rows.items():
        for kernel, lockdowns in kernels.items():
            merged.setdefault((caps, ", ".join(lockdowns), said), []).append(kernel)
    print("| capabilities | lockdown | kernels | " + " | ".join(shown) + " |")
    print("| --- " * (3 + len(sources)) + "|")
    for (caps, lockdowns, said), kernels in sorted(
            merged.items(), key=lambda row: (CAPABILITIES.index(row[0][0]), row[0][1], version(row[1][0]))):
        print(f"| {caps} | {lockdowns} | {', '.join(kernels)} | " + " | ".join(said) + " |")


def main():
    machines = [m for m in map(Machine, sys.argv[1:]) if m.kernel]
    machines.sort(key=lambda m: (version(m.kernel), ("none", "integrity", "confidentiality").index(m.lockdown)))
    sources = list(dict.fromkeys(source for m in machines for _, source in m.cells))
    always = [s for s in sources if {cell[0] for m in machines for key, cell in m.cells.items() if key[1] == s} == {"ok"}]
    reasons = {}
    print(HEAD + "\n")
    print_machines(machines)
    print("\n\"ok\" everywhere, with any capabilities: " + ", ".join(always) + ".\n\n## Sources\n")
    rest = [s for s in sources if s not in always and not s.startswith("walk_")]
    print_table(machines, rest, rest, reasons)
    walkers = [s for s in sources if s.startswith("walk_")]
    print("\n## Walkers, each flavour tried by itself\n")
    print_table(machines, walkers, [w.removeprefix("walk_") for w in walkers], reasons)
    print("\n## Reasons\n")
    for reason, number in reasons.items():
        print(f"{number}. {reason}")


if __name__ == "__main__":
    main()
