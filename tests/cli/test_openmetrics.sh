#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# dcachemon show for Prometheus, by command: the daemon's snapshot, a file that is replaced as a
# whole, and promtool where it is installed. No root needed.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
mkfifo "$tmp/in"
"$BUILD/tests/lib/scene_sampler" "$tmp/scene.sock" 1000 <"$tmp/in" &
on_exit "kill $! 2>/dev/null; wait $! 2>/dev/null"
exec {scene}>"$tmp/in"
check "a made-up host" wait_for 10 test -S "$tmp/scene.sock"
show() { "$dcachemon" show --cached --socket "$tmp/scene.sock" "$@"; }

run 0 "OpenMetrics from the daemon's snapshot" show --openmetrics
silent "$tmp/err"
check "it ends in # EOF" test "$(tail -n 1 "$tmp/out")" = "# EOF"
check "each of 1,000 superblocks has its series" test \
    "$(grep -c '^dcachemon_superblock_unused{fstype="tmpfs",id="id[0-9]*",device="0:[0-9]*",mountpoint="/mnt/[0-9]*"} [0-9]*$' "$tmp/out")" = 1000
check "5,000,000,000 arrives exact" grep -qx 'dcachemon_totals_dentries 5000000000' "$tmp/out"
check "no family comes twice" test -z "$(grep '^# TYPE' "$tmp/out" | sort | uniq -d)"
grep -v '^#' "$tmp/out" | grep -v timestamp >"$tmp/openmetrics"
run 0 "Prometheus' older format" show --prometheus
check "its series are the same" diff "$tmp/openmetrics" <(grep -v '^#' "$tmp/out" | grep -v timestamp)
check "without units and # EOF" test -z "$(grep -E '^# (UNIT|EOF)' "$tmp/out")"
if command -v promtool >/dev/null; then
    check "promtool finds nothing to say" promtool check metrics <"$tmp/out"
    sed 's/^# TYPE dcachemon_totals_dentries gauge/# TYPE dcachemon_totals_dentries counter/' "$tmp/out" >"$tmp/wrong"
    check "it would about a counter without _total" sh -c "! promtool check metrics <'$tmp/wrong'"
else
    skip "promtool finds nothing to say" "no promtool here (make deps-monitoring)"
fi

# ---- --output ----

umask 022
echo old >"$tmp/file.prom"
exec {reader}<"$tmp/file.prom"
run 0 "--output replaces a file" show --prometheus --output "$tmp/file.prom"
silent "$tmp/out"
check "it is complete" diff "$tmp/openmetrics" <(grep -v '^#' "$tmp/file.prom" | grep -v timestamp)
check "who had it open still has the old one" test "$(cat <&"$reader")" = old
check "others may read it" test "$(stat -c %a "$tmp/file.prom")" = 644
check "nothing else is left" test "$(echo "$tmp"/file*)" = "$tmp/file.prom"
cp "$tmp/file.prom" "$tmp/before"
run 1 "a failure" "$dcachemon" show --cached --socket "$tmp/none.sock" --prometheus -o "$tmp/file.prom"
check "leaves the file as it was" cmp "$tmp/before" "$tmp/file.prom"
run 1 "no such folder" show --prometheus --output "$tmp/none/file.prom"
says "$tmp/err" "^dcachemon: writing $tmp/none/file.prom: No such file or directory"
run 1 "a folder of a hostile name" show --prometheus -o "$tmp/"$'\e]0;x\a'/file
check "no escape sequence reaches the terminal" sh -c "! LC_ALL=C grep -q '[[:cntrl:]]' '$tmp/err'"
mkfifo "$tmp/fifo"
ln -s /dev/null "$tmp/null"
for other in fifo null; do
    run 1 "$other is no file" show --prometheus -o "$tmp/$other"
    says "$tmp/err" "^dcachemon: $tmp/$other is not a regular file"
done
check "the FIFO is still there" test -p "$tmp/fifo"
check "and so is the device" test -c "$tmp/null"
run 0 "JSON goes to a file, too" show --json -o "$tmp/file.json"
check "one document" python3 -c "import json; json.load(open('$tmp/file.json'))"
run 2 "two formats at once" show --json --openmetrics
says "$tmp/err" 'exclude each other'
run 2 "--explain in OpenMetrics" show --explain --openmetrics
exec {scene}>&-
done_testing
