#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# libcmocka 1.1.5 (Debian 12). Its output CM_OUTPUT_TAP is to be the Test Anything Protocol, in which a skipped test is an "ok"
# with the directive "# SKIP". Seen: it is written as "not ok", so that prove(1) counts a run in which a test calls skip() as
# failed, although the program ends with status 0.
. "$(dirname "$0")/lib.sh"
command -v python3 >/dev/null && command -v prove >/dev/null || { echo "no python3 or no prove"; exit 77; }
packages libcmocka0=1.1.5-2.1
cat >"$dir/group.py" <<PY
import ctypes, sys
lib = ctypes.CDLL("$(find "$dir/root" -name 'libcmocka.so.0' | head -n 1)")
Function = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
class UnitTest(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("test", Function), ("setup", ctypes.c_void_p), ("teardown", ctypes.c_void_p),
                ("state", ctypes.c_void_p)]
passes = Function(lambda state: None)
skips = Function(lambda state: lib._skip(b"group.c", 1))
tests = (UnitTest * 2)(UnitTest(b"passes", passes), UnitTest(b"skips", skips))
lib.cmocka_set_message_output(2)  # CM_OUTPUT_TAP
sys.exit(lib._cmocka_run_group_tests(b"group", tests, 2, None, None))
PY
python3 "$dir/group.py" >"$dir/tap" 2>/dev/null
status=$?
saw "$(grep ok "$dir/tap" | tr '\n' ';') status $status; prove: $(prove -e cat "$dir/tap" 2>&1 | tail -n 1)"
expect "a skipped test is \"not ok\"" grep -q '^not ok 2 # SKIP' "$dir/tap"
expect "the program succeeds" [ "$status" = 0 ]
expect "prove fails" eval '! prove -e cat "$dir/tap" >/dev/null 2>&1'
