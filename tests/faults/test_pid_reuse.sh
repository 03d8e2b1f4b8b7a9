#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# A process that is watched for its network namespace ends, and another one gets its number: in a PID
# namespace of its own, where the next number can be chosen.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
if [ -z "${REUSE_PRIVATE:-}" ]; then
    REUSE_PRIVATE=1 exec unshare -m -p -f --kill-child --mount-proc --propagation private "$0"
fi
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

# holder NAME: a process in a network namespace of its own with an interface NAME; sets $pid.
holder() {
    unshare -n sleep 1000 &
    pid=$!
    on_exit "kill -KILL $pid 2>/dev/null"
    wait_for 10 grep -qx sleep "/proc/$pid/comm"
    nsenter -t "$pid" -n ip link add "$1" type veth peer name "$1-peer"
}
# The same with the number $pid once more.
successor() {
    local old=$pid
    for _ in $(seq 50); do
        echo $((old - 1)) >/proc/sys/kernel/ns_last_pid && holder "$1"
        [ "$pid" != "$old" ] || return 0
        kill -KILL "$pid"
        wait "$pid" 2>/dev/null
    done
    return 1
}
mkdir "$tmp/empty"
mkfifo "$tmp/in" "$tmp/out"
"$BUILD/tests/lib/netns_cache" "$tmp/empty" <"$tmp/in" >"$tmp/out" 2>"$tmp/err" &
driver=$!
on_exit "kill -KILL $driver 2>/dev/null"
exec {to}>"$tmp/in" {from}<"$tmp/out"
ask() { # COMMAND: its answer
    local line
    echo "$*" >&"$to"
    while read -r -t 20 line <&"$from" && [ "$line" != . ]; do echo "$line"; done
}
names() { ask list | sed -n 's/^[^ ]* \(pid:.*\)/\1/p'; }
look() { # the interfaces behind the number
    ask "want pid:$pid" >/dev/null
    ask run >/dev/null
    ask "rows pid:$pid" >"$tmp/rows"
    sed 's/^/# /' "$tmp/rows"
}
lacks() { ! grep -q " $1 " "$tmp/rows"; }
sees() { grep -q " $1 " "$tmp/rows" && ! grep -q " $2 " "$tmp/rows"; }

holder first
ask "process $pid" >/dev/null
ask refresh >/dev/null
look
check "the namespace of the process" sees first second
kill -KILL "$pid"
wait "$pid" 2>/dev/null
if successor second; then
    look
    check "another process of that number: nothing of the old one's" lacks first
    ask refresh >/dev/null # which each round begins with
    look
    check "its own namespace after a refresh" sees second first
    check "listed once" test "$(names | wc -l)" = 1
else
    skip "another process of that number" "the number cannot be chosen here"
fi
kill -KILL "$pid" # it has the pipe, too
wait "$pid" 2>/dev/null
exec {to}>&-
check "the driver ends with 0" wait "$driver"
done_testing
