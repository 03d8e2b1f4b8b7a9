#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# judges: tree
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
says "$tmp/out" 'left processes behind: sleep \([0-9]+\)$'
one '1 passed, 1 failed, 0 skipped' 1 "one left behind in a session of its own" <<'S'
echo 1..1; echo "ok 1 - a"; setsid sleep 100 &
sleep 0.2
S
says "$tmp/out" 'left processes behind: sleep \([0-9]+\)$'
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
rm "$tmp"/tree/tests/unit/test_*

# ---- several at once ----
runner() { "$tmp/tree/tests/run" --build "$tmp/build" "$@"; }
# a_test NAME < SCRIPT: one more test of the tree.
a_test() { cat >"$tmp/tree/tests/unit/test_$1.sh"; }
sum_is() { check "its sum is $1" test "$(tail -1 "$tmp/out")" = "$1"; }
clear_tests() { rm -f "$tmp"/tree/tests/unit/test_* "$tmp"/build/shared/* "$tmp"/build/tests/log/*; }
mkdir "$tmp/build/shared"

# Each of two waits until the other one runs.
for pair in "1 2" "2 1"; do
    read -r mine other <<<"$pair"
    a_test "meets$mine" <<S
# timeout: 20
touch "\$BUILD/shared/$mine"
until [ -e "\$BUILD/shared/$other" ]; do sleep 0.02; done
echo 1..1; echo "ok 1 - met"
S
done
run 0 "tests that wait run side by side" runner unit
sum_is '2 passed, 0 failed, 0 skipped'
clear_tests

# A leftover is told of the test that left it, and of no other.
for name in tidy1 tidy2 untidy; do
    a_test $name <<S
echo 1..1; echo "ok 1 - a"
[ $name != untidy ] || sleep 50 &
until [ "\$(ls "\$BUILD/shared" | wc -l)" = 3 ]; do touch "\$BUILD/shared/$name"; sleep 0.02; done
S
done
run 1 "a process left behind by one of three" runner unit
sum_is '3 passed, 1 failed, 0 skipped'
says "$tmp/out" '^FAIL unit/test_untidy.sh: 1 passed, 1 failed'
says "$tmp/out" '^ok   unit/test_tidy2.sh: 1 passed, 0 failed'
clear_tests

# ---- mounts that process 1 has, too ----
a_test seen <<'S'
# sees: mounts
echo "ok 1 - runs"; echo 1..1
S
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
    run 1 "not in a mount namespace of its own" unshare -m "$tmp/tree/tests/run" --build "$tmp/build" unit
    says "$tmp/out" '^skipped  unit/test_seen.sh: in a chroot or a mount namespace of its own'
fi
clear_tests

# ---- one at a time ----
export DCM_HOST_LOCK=$tmp/lock
for name in a b c; do
    a_test "host_$name" <<'S'
# timeout: 20
# needs: host
echo 1..1
mkdir "$BUILD/shared/alone" && sleep 0.2 && rmdir "$BUILD/shared/alone" && echo "ok 1 - alone"
S
done
run 0 "tests that need the host run one at a time" runner unit
sum_is '3 passed, 0 failed, 0 skipped'
runner unit >"$tmp/other" 2>&1 &
other=$!
run 0 "also those of two runs" runner unit
sum_is '3 passed, 0 failed, 0 skipped'
check "the other run as well" wait "$other"
mkfifo "$tmp/hold"
flock "$tmp/lock" cat "$tmp/hold" &
holder=$!
exec 7>"$tmp/hold" # it holds the lock until this is closed
wait_for 10 sh -c "! flock -n '$tmp/lock' true"
runner unit >"$tmp/waiting" 2>&1 7>&- &
waiting=$!
check "a run says what it waits for" wait_for 20 grep -q "waits: somebody else holds $tmp/lock" "$tmp/waiting"
check "and runs nothing" sh -c "! grep -q '^ok' '$tmp/waiting'"
exec 7>&-
check "until the lock is free" wait "$waiting"
wait "$holder"
exec 7>"$tmp/lock"
flock 7
run 0 "a caller that holds the lock is not waited for" timeout 60 "$tmp/tree/tests/run" --build "$tmp/build" unit
sum_is '3 passed, 0 failed, 0 skipped'
exec 7>&-
clear_tests

# ---- two kinds that share the host ----
for kind in chains superblocks; do
    for name in a b; do
        a_test "${kind}_$name" <<S
# timeout: 20
# needs: $kind
echo 1..1
cd "\$BUILD/shared" && [ ! -e alone ] && mkdir $kind || exit 1
until [ -e met ] || { [ -e chains ] && [ -e superblocks ]; }; do sleep 0.02; done
touch met
sleep 0.2
rmdir $kind && echo "ok 1 - no other of its kind"
S
    done
done
a_test host <<'S'
# timeout: 20
# needs: host
echo 1..1
cd "$BUILD/shared" && mkdir alone && sleep 0.2 && [ ! -e chains ] && [ ! -e superblocks ] && rmdir alone && echo "ok 1 - alone"
S
run 0 "one of each kind runs beside one of the other, and none beside the host's" runner unit
sum_is '5 passed, 0 failed, 0 skipped'
clear_tests

# ---- ended by a signal ----
a_test sleeps <<'S'
# needs: host
trap 'touch "$BUILD/shared/cleaned"; exit 1' TERM
setsid sleep 1234 &
touch "$BUILD/shared/sleeps"
sleep 1234 & wait
S
a_test done <<'S'
echo 1..1; echo "ok 1 - a"
S
for signal in INT TERM HUP; do
    rm -f "$tmp"/build/shared/*
    # Not in the background of a shell, which has it ignore SIGINT.
    python3 -c '
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$tmp/tree/tests/run" --build "$tmp/build" unit >"$tmp/out" 2>&1 &
    run=$!
    wait_for 10 test -e "$tmp/build/shared/sleeps"
    kill -$signal $run
    status=0
    wait $run || status=$?
    check "SIG$signal: ends with 130" test $status = 130
    check "SIG$signal: the test could clean up" test -e "$tmp/build/shared/cleaned"
    check "SIG$signal: its processes are gone" wait_for 5 sh -c "! grep -asqF '$tmp/build' /proc/[0-9]*/environ"
    check "SIG$signal: the lock is free" flock -n "$tmp/lock" true
done
clear_tests

# ---- chosen ----
a_test plain <<'S'
echo 1..1; echo "ok 1 - plain${LONG:+ in the long form}"
S
a_test more <<'S'
# long: more
echo 1..1; echo "ok 1 - more${LONG:+ in the long form}"
S
a_test only <<'S'
# long: only
echo 1..1; echo "ok 1 - only${LONG:+ in the long form}"
S
run 0 "the short form" runner unit
sum_is '2 passed, 0 failed, 0 skipped'
run 0 "the long form" runner --long unit
sum_is '2 passed, 0 failed, 0 skipped'
check "more" grep -qx 'ok 1 - more in the long form' "$tmp/build/tests/log/unit-test_more.sh.log"
run 0 "tests by name, whatever their form" runner unit/test_only tests/unit/test_plain.sh
sum_is '2 passed, 0 failed, 0 skipped'
says "$tmp/out" '^ok 1 - only$'
says "$tmp/out" '^ok 1 - plain$'
run 1 "a name that is no test" runner unit/test_none
says "$tmp/err" 'there is no test unit/test_none'
a_test uses <<'S'
. "$TOP/tests/lib/tap.sh"
"$BUILD/bin/dcachemon"; "$BUILD/tests/lib/plant"
S
check "what a test needs of the build" test "$(runner --targets unit/test_uses.sh)" = 'bin/dcachemon tests/lib/plant'
run 1 "with --built, what needs nothing of it is left out" runner --built unit/test_plain.sh
sum_is '0 passed, 0 failed, 0 skipped'
a_test uses <<'S'
# judges: tree
"$BUILD/tests/lib/plant"
S
run 1 "and what judges the source tree" runner --built unit/test_uses.sh
sum_is '0 passed, 0 failed, 0 skipped'
done_testing
