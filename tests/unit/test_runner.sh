#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 60
# The runner judges others, so it is judged here: each way in which a test can go wrong is counted.
. "$TOP/tests/lib/tap.sh"
mkdir -p "$tmp/tree/tests/unit" "$tmp/build/tests/unit"
cp "$TOP/tests/run" "$tmp/tree/tests/run"

# one SUM STATUS TEXT < SCRIPT: runs it as the only test of its tree.
one() {
    cat >"$tmp/tree/tests/unit/test_it.sh"
    run "$2" "$3" "$tmp/tree/tests/run" --build "$tmp/build" unit
    check "$3: $1" test "$(tail -1 "$tmp/out")" = "$1"
}

one '2 passed, 0 failed, 1 skipped' 0 "success" <<'S'
echo 1..3; echo "ok 1 - a"; echo "ok 2 - b # SKIP no reason at all"; echo "ok 3 - c"
S
says "$tmp/out" '^skipped  unit/test_it.sh: b: no reason at all$'
one '1 passed, 1 failed, 0 skipped' 1 "a failed line" <<'S'
echo "ok 1 - a"; echo "not ok 2 - b"; echo 1..2; exit 1
S
one '1 passed, 1 failed, 0 skipped' 1 "too few lines" <<'S'
echo 1..2; echo "ok 1 - a"
S
one '1 passed, 1 failed, 0 skipped' 1 "no plan" <<'S'
echo "ok 1 - a"
S
one '1 passed, 1 failed, 0 skipped' 1 "an exit status" <<'S'
echo 1..1; echo "ok 1 - a"; exit 7
S
one '1 passed, 1 failed, 0 skipped' 1 "a signal" <<'S'
echo 1..1; echo "ok 1 - a"; kill -SEGV $$
S
one '1 passed, 1 failed, 0 skipped' 1 "a process left behind" <<'S'
echo 1..1; echo "ok 1 - a"; sleep 100 &
S
one '0 passed, 1 failed, 0 skipped' 1 "no end" <<'S'
# timeout: 1
echo 1..1; trap 'echo cleaned up; exit 1' TERM; sleep 100 & wait
S
says "$tmp/out" 'cleaned up'
says "$tmp/out" 'no end within 1 s'
one '0 passed, 0 failed, 1 skipped' 1 "nothing but a skip" <<'S'
echo "1..0 # SKIP nothing here"
S

# cmocka's own words, as version 1.1 prints them.
rm "$tmp/tree/tests/unit/test_it.sh"
: >"$tmp/tree/tests/unit/test_c.c"
cat >"$tmp/build/tests/unit/test_c" <<'S'
#!/bin/sh
echo 1..3; echo "ok 1 - test_a"; echo "no such kernel"; echo "not ok 2 # SKIP test_b"
echo "not ok 3 - test_c"; echo "# 0x1 != 0x2"; echo "# not ok - tests"
exit 1
S
chmod +x "$tmp/build/tests/unit/test_c"
run 1 "a cmocka program" "$tmp/tree/tests/run" --build "$tmp/build" unit
check "its sum" test "$(tail -1 "$tmp/out")" = '1 passed, 1 failed, 1 skipped'
says "$tmp/out" 'test_b: no such kernel$'
says "$tmp/out" '0x1 != 0x2'
rm "$tmp/build/tests/unit/test_c"
run 1 "a program that was not built" "$tmp/tree/tests/run" --build "$tmp/build" unit
check "is a failure" test "$(tail -1 "$tmp/out")" = '0 passed, 1 failed, 0 skipped'
run 1 "no tests at all" "$tmp/tree/tests/run" --build "$tmp/build" empty
done_testing
