# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""TAP of a judge in Python: check() for each point, then end()."""
number = failed = 0


def check(text, good, *said):
    """A point, and where it is not @good what was @said, a line each."""
    global number, failed
    number += 1
    failed += not good
    print("ok" if good else "not ok", number, "-", text)
    if not good:
        for line in said:
            print("#", str(line)[:800])


def end():
    """The plan; the exit status."""
    print(f"1..{number}")
    return 1 if failed else 0
