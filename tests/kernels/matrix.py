#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Prints the "# cell" lines of test machines as a Markdown table: matrix.py [KERNEL LOG]...

Machines that said the same share a row. A number refers to the reason below the table.
"""
import sys

CAPABILITIES = ("all", "bpf", "none", "kcore", "hidden", "daemon")


def cells(log):
    with open(log, errors="replace") as f:
        for line in f:
            if line.startswith("# cell "):
                _, _, lockdown, caps, source, state, reason = line.rstrip("\n").split(None, 6)
                yield lockdown, caps, source, state, reason


def main():
    reasons, sources, rows = [], [], {}
    for kernel, log in zip(sys.argv[1::2], sys.argv[2::2]):
        seen = {}
        for lockdown, caps, source, state, reason in cells(log):
            if source not in sources:
                sources.append(source)
            if reason != "-" and reason not in reasons:
                reasons.append(reason)
            note = f" ({reasons.index(reason) + 1})" if reason != "-" else ""
            seen.setdefault((lockdown, caps), {})[source] = state + note
        for (lockdown, caps), states in seen.items():
            said = tuple(states.get(s, "") for s in sources)
            rows.setdefault((caps, said), {}).setdefault(kernel, []).append(lockdown)
    merged = {}
    for (caps, said), kernels in rows.items():
        for kernel, lockdowns in kernels.items():
            merged.setdefault((caps, said, ", ".join(lockdowns)), []).append(kernel)
    print("| capabilities | lockdown | kernels | " + " | ".join(sources) + " |")
    print("| --- " * (3 + len(sources)) + "|")
    for (caps, said, lockdowns), kernels in sorted(
            merged.items(), key=lambda item: (CAPABILITIES.index(item[0][0]), item[0][2], item[1])):
        said += ("",) * (len(sources) - len(said))
        print(f"| {caps} | {lockdowns} | {', '.join(kernels)} | " + " | ".join(said) + " |")
    print()
    for number, reason in enumerate(reasons, 1):
        print(f"{number}. {reason}")


if __name__ == "__main__":
    main()
