#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# A full disk is reported, a reader that had enough is not an error message.
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon

for args in "show --no-bpf" "show --no-bpf --json" "doctor" "doctor --json" default-config --help; do
    # shellcheck disable=SC2086
    run 1 "full disk: $args" sh -c "exec '$dcachemon' $args >/dev/full"
    says "$tmp/err" 'cannot write the output: No space left'
done

(ulimit -f 0 && exec "$dcachemon" show --no-bpf 2>&1 >"$tmp/limited") | cat >"$tmp/err"
says "$tmp/err" 'cannot write the output: File too large'

run 3 "full disk: check is UNKNOWN" sh -c "exec '$dcachemon' check --cached --socket '$tmp/none' >/dev/full"
printf '[sampling]\nbpf = no\nsocket =\n[alarm dentries_total]\nwarning = 1\n' >"$tmp/conf"
run 3 "full disk: check is not the alarm it found" sh -c "exec '$dcachemon' check -c '$tmp/conf' >/dev/full"

for args in "show --no-bpf" "show --no-bpf --watch 0.1" "show --no-bpf --json --watch 0.1"; do
    # shellcheck disable=SC2086
    { timeout 20 "$dcachemon" $args 2>"$tmp/err"; echo $? >"$tmp/status"; } | head -1 >"$tmp/out"
    check "closed pipe: $args: one line" test "$(wc -l <"$tmp/out")" = 1
    silent "$tmp/err"
    # Without --watch everything may fit in the pipe before its reader goes.
    check "closed pipe: $args: status" grep -qE '^[01]$' "$tmp/status"
done
{ "$dcachemon" show --no-bpf 2>"$tmp/err"; echo $? >"$tmp/status"; } | :
silent "$tmp/err"

run 1 "closed output" sh -c "exec '$dcachemon' show --no-bpf >&-"
says "$tmp/err" 'cannot write the output: Bad file descriptor'
"$dcachemon" show --no-bpf --watch 60 -o "$tmp/page" <&- >&- 2>&- &
watcher=$!
check "without standard descriptors a file is written" wait_for 20 test -s "$tmp/page"
standard() { readlink "/proc/$watcher/fd/0" "/proc/$watcher/fd/1" "/proc/$watcher/fd/2" | uniq; }
check "and none of ours gets their numbers" test "$(standard)" = /dev/null
kill "$watcher"
wait "$watcher" 2>/dev/null
done_testing
