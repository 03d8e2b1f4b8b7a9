#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every row of tests/FAULTS.md and of docs/threat-model.md names tests that exist: in its last column
# `FILE: TEXT`, where TEXT stands in FILE.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

rows_of() { # FILE: every cell of the last column, then each "FILE: TEXT" of it
    python3 - "$TOP" "$1" <<'PY'
import re, sys
top, name = sys.argv[1:]
rows = bad = 0
for number, line in enumerate(open(f"{top}/{name}"), 1):
    cells = [c.strip() for c in line.strip().strip("|").split("|")]
    if not line.startswith("|") or (cells[0] and set(cells[0]) <= set("-: ")) or cells[-1] == "test":
        continue
    rows += 1
    tests = re.findall(r"`([^`:]+): ([^`]+)`", cells[-1])
    if not tests:
        bad += 1
        print(f"{name}:{number}: no test")
    for file, text in tests:
        try:
            found = text in open(f"{top}/tests/{file}").read()
        except OSError:
            found = False
        if not found:
            bad += 1
            print(f"{name}:{number}: no \"{text}\" in tests/{file}")
print(f"{rows} rows")
sys.exit(bad > 0 or rows < 10)
PY
}
check "every row of tests/FAULTS.md names existing tests" rows_of tests/FAULTS.md
check "every row of docs/threat-model.md names existing tests" rows_of docs/threat-model.md
done_testing
