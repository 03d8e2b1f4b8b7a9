#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# The agent below masters that refuse it, never answer, or send damaged PDUs.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/faults.sh
. "$TOP/tests/lib/faults.sh"
# shellcheck source=tests/lib/fake_sampler.sh
. "$TOP/tests/lib/fake_sampler.sh"

[ -x "$BUILD/tests/lib/snmp_agent" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
OID=1.3.6.1.4.1.8072.9999.9999.1806.1.3.1.7.3
socket=$tmp/agentx

start_agent() { # [BUILD [MILLISECONDS BETWEEN SNAPSHOTS]]
    local build=${1:-$subject}
    : >"$tmp/log"
    "$build/tests/lib/fake_sampler" 50 "${2:-200}" "$build/tests/lib/snmp_agent" @FD@ "$socket" \
        >"$tmp/log" 2>&1 </dev/null &
    sampler=$!
    on_exit "kill -KILL $sampler 2>/dev/null"
    wait_for 10 has_agent
}
has_agent() { agent=$(pgrep -P "$sampler") && [ -n "$agent" ]; }
says_once() { [ "$(grep -c -- "$1" "$tmp/log")" = 1 ]; }
alive() { [ "$(pgrep -P "$sampler")" = "$agent" ]; }
end_agent() { kill -TERM "$sampler" && wait "$sampler"; }
gap() { sampler_report "$sampler" "$tmp/log" max-gap-ms; } # the longest pause of the sampler
snapshots() { sampler_publishes "$sampler" "$tmp/log" "$1"; }

# master PYTHON: a listener of that kind at $socket, $master its pid
master() {
    rm -f "$socket"
    python3 -c "
import os, socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
s.bind('$socket')
$1
print('ready', flush=True)
time.sleep(1000)" >"$tmp/master" 2>&1 </dev/null &
    master=$!
    on_exit "kill -KILL $master 2>/dev/null"
    wait_for 10 grep -q ready "$tmp/master"
}
end_master() { kill -KILL "$master" && wait "$master" 2>/dev/null; }

rm -f "$socket"
start_agent
check "socket missing: said once" wait_for 5 says_once 'no AgentX master'
check "socket missing: snapshots are published" snapshots 12
check "socket missing: the agent waits" alive
check "socket missing: snapshots go on" test "$(gap)" -lt 3000
check "socket missing: ends with 0" end_agent

master 'pass' # bound, nobody listens: ECONNREFUSED
start_agent
check "socket refuses: said once" wait_for 5 says_once 'no AgentX master'
check "socket refuses: snapshots are published" snapshots 12
check "socket refuses: the agent waits" alive
check "socket refuses: ends with 0" end_agent
end_master

master 's.listen(0)
keep = []
while True:
    c = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM); c.setblocking(False)
    try: c.connect("'"$socket"'")
    except BlockingIOError: break
    keep.append(c)'
start_agent
check "backlog full: snapshots are published" snapshots 15
check "backlog full: the agent waits" alive
check "backlog full: snapshots go on" test "$(gap)" -lt 3000
begin=$(date +%s%N)
check "backlog full: ends with 0" end_agent
check "backlog full: within five seconds" test $(($(date +%s%N) - begin)) -lt 5000000000
end_master

master 's.listen(5)' # accepts connections in the kernel, answers nothing
start_agent
check "master never answers: snapshots are published" snapshots 15
check "master never answers: snapshots go on" test "$(gap)" -lt 3000
check "master never answers: ends with 0" end_agent
end_master

# Its allocator keeps what is freed: not with AddressSanitizer.
polls=$(times 100000 2000000)
text="$polls polls and new snapshots every 5 ms: memory is level"
if nm -D "$BUILD/tests/lib/snmp_agent" 2>/dev/null | grep -q __asan_init; then
    skip "$text" "built with AddressSanitizer"
else
    rm -f "$socket"
    python3 "$TOP/tests/lib/poll_master.py" "$socket" "${OID%.1.3.1.7.3}" "$polls" >"$tmp/polls" 2>&1 </dev/null &
    poller=$!
    on_exit "kill -KILL $poller 2>/dev/null"
    wait_for 10 test -S "$socket"
    start_agent "$BUILD" 5
    check "$text" wait "$poller"
    sed 's/^/# /' "$tmp/polls"
    check "polls: the agent is the same" alive
    check "polls: ends with 0" end_agent
fi

rm -f "$socket"
pdus=$(times 1000 12000)
python3 "$TOP/tests/lib/fake_master.py" "$socket" "$OID" "$pdus" "${SEED:-1}" >"$tmp/fuzz" 2>&1 </dev/null &
fuzzer=$!
on_exit "kill -KILL $fuzzer 2>/dev/null"
wait_for 10 test -S "$socket"
ASAN_OPTIONS=$ASAN_OPTIONS:halt_on_error=0 start_agent
wait "$fuzzer"
check "damaged PDUs: good requests between them are answered" test $? = 0
check "damaged PDUs: $pdus and more were sent" grep -q '^sent' "$tmp/fuzz"
sed 's/^/# /' "$tmp/fuzz"
check "damaged PDUs: the same process answers to the end" alive
check "damaged PDUs: snapshots go on" test "$(gap)" -lt 3000
check "damaged PDUs: ends with 0" end_agent
text="damaged PDUs: AddressSanitizer finds nothing in our code"
# A report whose fault lies in libnetsnmp is that library's: 5.9.3 copies a context with a NUL byte in
# it beyond its end. Such a fault stays in the agent process, which the sampler starts again.
ours() { awk '/ERROR: AddressSanitizer/ { n = 2 } n && /^ *#1 / { n = 0; if (!/libnetsnmp/) bad = 1 }
    END { exit bad }' "$tmp/log" && ! grep 'runtime error' "$tmp/log"; }
if instrumented; then check "$text" ours; else skip "$text" "no build-asan here"; fi

# The same at the interface tables, which the agent answers past the library; ifSpeed is a Gauge32.
rm -f "$socket"
printf '[sampling]\nsocket = %s\nbpf = no\n[state]\nfolder =\n[if_mib]\ntakeover = on\n' "$tmp/snapshots" >"$tmp/conf"
pdus=$(times 300 6000)
python3 "$TOP/tests/lib/fake_master.py" "$socket" 1.3.6.1.2.1.2.2.1.5.1 "$pdus" "${SEED:-1}" >"$tmp/fuzz" 2>&1 </dev/null &
fuzzer=$!
on_exit "kill -KILL $fuzzer 2>/dev/null"
wait_for 10 test -S "$socket"
if [ "$(id -u)" = 0 ]; then
    ASAN_OPTIONS=$ASAN_OPTIONS:halt_on_error=0 "$subject/bin/dcachemon-snmp" -f -c "$tmp/conf" -x "$socket" \
        >"$tmp/log" 2>&1 </dev/null &
    sampler=$!
    on_exit "kill -KILL $sampler 2>/dev/null"
    wait_for 10 has_agent
    wait "$fuzzer"
    check "damaged PDUs at the interface tables: good requests between them are answered" test $? = 0
    sed 's/^/# /' "$tmp/fuzz"
    check "damaged PDUs at the interface tables: the same process answers to the end" alive
    check "damaged PDUs at the interface tables: ends with 0" end_agent
    if instrumented; then check "$text" ours; else skip "$text" "no build-asan here"; fi
else
    skip "damaged PDUs at the interface tables" "needs root"
fi
done_testing
