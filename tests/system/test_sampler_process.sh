#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 180
# dcachemon-snmp as processes: what happens when either one stops, dies or is told to end.
set -u
. "$TOP/tests/lib/snmp_env.sh"

[ -x "$BUILD/bin/dcachemon-snmp" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }

DAEMON=$BUILD/bin/dcachemon-snmp
READ=$BUILD/tests/lib/snapshot_read
DIR=$(mktemp -d "${TMPDIR:-/tmp}/dcm-sampler.XXXXXX") || exit 1
chmod 755 "$DIR"
CONF=$DIR/dcachemon.conf
SOCK=$DIR/run/snapshot.sock
PIDS=()

cleanup() {
    local pid
    for pid in "${PIDS[@]}"; do
        kill -CONT "$pid" 2>/dev/null
        kill -KILL "$pid" 2>/dev/null
    done
    rm -rf "$DIR"
}
trap cleanup EXIT
trap 'exit 143' TERM

write_conf() { # LINES...
    printf '%s\n' '[sampling]' "socket = $SOCK" "$@" '[snmp]' >"$CONF.new" && mv "$CONF.new" "$CONF"
}

start() { # LOG ARGS...
    local log=$1
    shift
    "$DAEMON" -f -d -c "$CONF" -x "$DIR/agentx" "$@" >"$DIR/$log" 2>&1 </dev/null &
    SAMPLER=$!
    PIDS+=("$SAMPLER")
}

agent_of() { ps -o pid= --ppid "$1" | tr -d ' '; }
has_agent() { [ -n "$(agent_of "$1")" ]; }
new_agent() { local a; a=$(agent_of "$SAMPLER"); [ -n "$a" ] && [ "$a" != "$1" ]; }
served() { "$READ" "$SOCK" >/dev/null; }
value() { "$READ" "$SOCK" "${2:-1}" | sed -n "s/^$1=//p"; }
sequence() { value sequence; }
logged() { grep -c "$2" "$DIR/$1"; }
logs() { [ "$(logged "$1" "$2")" -ge 1 ]; }
both_gone() { pid_gone "$1" && pid_gone "$2"; }
is() { [ "$1" = "$2" ] || { echo "# got \"$1\", not \"$2\""; false; }; }
fds() { ls "/proc/$1/fd" | wc -l; }
# Descriptors beside the standard ones that the agent got from the sampler, not opened itself.
foreign_fds() { find "/proc/$1/fd" -type l -printf '%l\n' | grep -E 'bpf|/proc/|/sys/|memfd' || true; }

# ---- command line ----
status_of() { "$DAEMON" "$@" >"$DIR/out" 2>&1; echo $?; }
tap_ok "-h ends with 0" is "$(status_of -h)" 0
tap_ok "-V ends with 0" is "$(status_of -V)" 0
tap_ok "-V prints the version" grep -qE '^dcachemon-snmp [0-9]+\.[0-9]+' "$DIR/out"
tap_ok "unknown option ends with 2" is "$(status_of -f -Q)" 2
tap_ok "unexpected argument ends with 2" is "$(status_of -f extra)" 2
tap_ok "missing file ends with 1" is "$(status_of -f -c "$DIR/none")" 1
echo 'nonsense' >"$CONF"
tap_ok "bad file ends with 1" is "$(status_of -f -c "$CONF")" 1
tap_ok "the agent's options are not for others" is "$(status_of --agent-snapshot-fd=99 --agent-config-fd=98)" 2

# ---- running ----
write_conf
exec 9>"$DIR/lock" && flock 9 # as a caller would: the daemon inherits it, on two numbers
exec 1099>&9
start first.log
exec 9>&- 1099>&-
wait_for 20 "$READ" "$SOCK"
tap_ok "serves snapshots" served
tap_ok "socket is for owner and group" is "$(stat -c %a "$SOCK")" 660
wait_for 5 has_agent "$SAMPLER"
AGENT=$(agent_of "$SAMPLER")
PIDS+=("$AGENT")
tap_ok "runs an agent process" test -n "$AGENT"
tap_ok "the agent inherits nothing of the sampler" is "$(foreign_fds "$AGENT")" ""
held() { find "/proc/$1/fd" -lname "$DIR/lock" -printf '%f '; }
tap_ok "neither holds a lock of the caller" is "$(held "$SAMPLER")$(held "$AGENT")" ""
tap_ok "the caller's lock is free" flock -n "$DIR/lock" true
total_agrees() { # others may fill the cache beside this test, and a snapshot is up to a second old
    local dentries seen
    dentries=$(cut -f1 /proc/sys/fs/dentry-state)
    seen=$(value totals.0.dentries)
    test $((seen - dentries)) -lt 20000 -a $((dentries - seen)) -lt 20000
}
tap_ok "the total is the kernel's" wait_for 10 total_agrees
if [ "$(id -u)" = 0 ]; then
    tap_ok "no capability is left" is "$(sed -n 's/^CapPrm:\s*//p' "/proc/$SAMPLER/status")" 0000000000000000
    tap_ok "the agent has none either" is "$(sed -n 's/^CapPrm:\s*//p' "/proc/$AGENT/status")" 0000000000000000
    tap_ok "no new privileges" is "$(sed -n 's/^NoNewPrivs:\s*//p' "/proc/$SAMPLER/status")" 1
    tap_ok "the walk goes on without capabilities" wait_for 40 logs first.log 'source hash works'
else
    tap_skip "capabilities" "needs root"
fi

# ---- second instance ----
first=$SAMPLER
start second.log
second=$SAMPLER
tap_ok "a second instance says so" wait_for 20 logs second.log 'another instance serves it'
wait_for 5 has_agent "$second"
kill -TERM "$second"
wait "$second"
tap_ok "and ends well" is $? 0
tap_ok "the first one still serves" served
SAMPLER=$first

# ---- configuration ----
write_conf 'budget_percent = 3'
kill -HUP "$SAMPLER"
budget_is() { is "$(value self.0.budget_percent)" "$1" >/dev/null; }
tap_ok "SIGHUP takes a new file" wait_for 10 budget_is 3
echo 'nonsense' >>"$CONF"
kill -HUP "$SAMPLER"
tap_ok "a bad file is refused" wait_for 5 logs first.log 'old configuration stays'
sleep 1.2 # a snapshot later
tap_ok "and changes nothing" budget_is 3
write_conf

# ---- the agent dies ----
before=$(fds "$SAMPLER")
gap_free() { # the sampler publishes on, at least every 2 s
    local a b
    a=$(sequence) && b=$(value sequence 3) && [ $((b - a)) -ge 2 ]
}
kill -KILL "$AGENT"
tap_ok "a killed agent is started again" wait_for 3 new_agent "$AGENT"
AGENT=$(agent_of "$SAMPLER")
PIDS+=("$AGENT")
tap_ok "which is logged" wait_for 2 logs first.log 'ended by signal 9'
kill -KILL "$AGENT"
tap_ok "again" wait_for 5 new_agent "$AGENT"
AGENT=$(agent_of "$SAMPLER")
PIDS+=("$AGENT")
tap_ok "but the same end is not logged twice" is "$(logged first.log 'ended by signal 9')" 1
tap_ok "sampling goes on" gap_free
none_left() { [ "$(fds "$SAMPLER")" -le "$before" ]; }
tap_ok "no descriptor is left behind" wait_for 3 none_left

# ---- the agent stops ----
kill -STOP "$AGENT"
start_ns=$(date +%s%N)
a=$(sequence)
b=$(value sequence 6)
tap_ok "a stopped agent delays no snapshot" test $((b - a)) -ge 5 -a $(($(date +%s%N) - start_ns)) -lt 9000000000
start_ns=$(date +%s%N)
kill -TERM "$SAMPLER"
wait "$SAMPLER"
tap_ok "SIGTERM ends it with 0 even then" is $? 0
tap_ok "within the grace of two seconds" test $(($(date +%s%N) - start_ns)) -lt 3000000000
tap_ok "no agent is left" pid_gone "$AGENT"
tap_ok "the socket is removed" test ! -e "$SOCK"

# ---- the sampler dies ----
start third.log
wait_for 20 "$READ" "$SOCK"
wait_for 5 has_agent "$SAMPLER"
AGENT=$(agent_of "$SAMPLER")
PIDS+=("$AGENT")
kill -KILL "$SAMPLER"
tap_ok "the agent of a killed sampler ends within a second" wait_for 1 pid_gone "$AGENT"
wait "$SAMPLER" 2>/dev/null
tap_ok "a stale socket is left" test -S "$SOCK"
start fourth.log
tap_ok "and replaced by the next start" wait_for 20 "$READ" "$SOCK"
wait_for 5 has_agent "$SAMPLER"
AGENT=$(agent_of "$SAMPLER")
start_ns=$(date +%s%N)
kill -INT "$SAMPLER"
wait "$SAMPLER"
tap_ok "SIGINT ends it with 0" is $? 0
tap_ok "at once" test $(($(date +%s%N) - start_ns)) -lt 1500000000
tap_ok "with its agent" pid_gone "$AGENT"

# ---- in the background ----
by_conf() { pgrep -f -o -- "-c $CONF " || true; }
timeout 30 "$DAEMON" -c "$CONF" -x "$DIR/agentx"
tap_ok "without -f returns when it is ready" is $? 0
tap_ok "and serves" served
SAMPLER=$(by_conf)
PIDS+=("$SAMPLER" "$(agent_of "$SAMPLER")")
AGENT=$(agent_of "$SAMPLER")
kill -TERM "$SAMPLER"
tap_ok "until SIGTERM" wait_for 4 both_gone "$SAMPLER" "$AGENT"
cat >"$DIR/notify.py" <<'PY'
import socket, subprocess, sys, os
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(20)
p = subprocess.Popen(sys.argv[2:], env=dict(os.environ, NOTIFY_SOCKET=sys.argv[1]),
                     stderr=subprocess.DEVNULL)
try:
    print(s.recv(100).decode())
finally:
    p.terminate()
    p.wait()
PY
tap_ok "tells systemd when it is ready" is "$(python3 "$DIR/notify.py" "$DIR/notify" \
    "$DAEMON" -f -c "$CONF" -x "$DIR/agentx")" READY=1

# ---- the agent as another user ----
if [ "$(id -u)" = 0 ]; then
    write_conf
    echo 'user = nobody' >>"$CONF"
    start nobody.log
    wait_for 20 "$READ" "$SOCK"
    agent_user() { [ "$(ps -o user= --ppid "$SAMPLER")" = nobody ]; }
    tap_ok "[snmp] user: the agent is that user" wait_for 5 agent_user
    AGENT=$(agent_of "$SAMPLER")
    kill -KILL "$AGENT"
    tap_ok "[snmp] user: it can be started again" wait_for 3 new_agent "$AGENT"
    tap_ok "[snmp] user: as that user" wait_for 5 agent_user
    AGENT=$(agent_of "$SAMPLER")
    PIDS+=("$AGENT")
    start_ns=$(date +%s%N)
    kill -TERM "$SAMPLER"
    wait "$SAMPLER"
    tap_ok "[snmp] user: ends with 0" is $? 0
    tap_ok "[snmp] user: and at once" test $(($(date +%s%N) - start_ns)) -lt 1500000000
    start nobody.log
    wait_for 20 "$READ" "$SOCK"
    wait_for 5 agent_user
    AGENT=$(agent_of "$SAMPLER")
    PIDS+=("$AGENT")
    kill -KILL "$SAMPLER"
    tap_ok "[snmp] user: the agent of a killed sampler ends" wait_for 1 pid_gone "$AGENT"
    wait "$SAMPLER" 2>/dev/null
else
    tap_skip "[snmp] user" "needs root"
fi

# ---- without privileges, without BPF ----
if [ "$(id -u)" = 0 ]; then
    mkdir "$DIR/user" && chown 65534 "$DIR/user"
    SOCK=$DIR/user/snapshot.sock
    write_conf
    chmod 644 "$CONF"
    # A copy that any user may run.
    cp "$DAEMON" "$DIR/dcachemon-snmp"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$DIR/dcachemon-snmp" -f -c "$CONF" \
        -x "$DIR/agentx" >"$DIR/user.log" 2>&1 </dev/null &
    SAMPLER=$!
    PIDS+=("$SAMPLER")
    tap_ok "an ordinary user gets snapshots" wait_for 20 "$READ" "$SOCK"
    tap_ok "with totals" test -n "$(value totals.0.dentries)"
    tap_ok "and lookups" test -n "$(value lookups.0.seconds 2)"
    tap_ok "and a reason for each missing source" test -n "$(value sources.2.reason)" -a -n "$(value sources.3.reason)"
    kill -TERM "$SAMPLER"
    wait "$SAMPLER"
    tap_ok "and an end with 0" is $? 0
else
    tap_skip "an ordinary user" "is one already"
fi
SOCK=$DIR/run/snapshot.sock
write_conf 'bpf = no'
start nobpf.log
wait_for 20 "$READ" "$SOCK"
state_is() { [ "$(value "sources.$1.state")" = "$2" ]; }
tap_ok "bpf = no: superblocks unsupported" wait_for 5 state_is 2 5
tap_ok "bpf = no: namespaces counted otherwise" wait_for 5 state_is 5 3
tap_ok "bpf = no: the reason names the option" grep -q 'bpf = no' <(value sources.3.reason)
kill -TERM "$SAMPLER"
wait "$SAMPLER"
tap_ok "bpf = no: ends with 0" is $? 0

# ---- a limit on the size of files, which files in memory have as well ----
(ulimit -f 1 && exec "$DAEMON" -f -c "$CONF" -x "$DIR/agentx") >"$DIR/limited.log" 2>&1 </dev/null &
SAMPLER=$!
PIDS+=("$SAMPLER")
tap_ok "a limit on the size of files: is said" wait_for 20 logs limited.log 'cannot publish a snapshot: File too large'
tap_ok "a limit on the size of files: and does not end it" kill -TERM "$SAMPLER"
wait "$SAMPLER"
tap_ok "a limit on the size of files: it ends when told" is $? 0

# ---- started without standard descriptors: no file of ours gets their numbers ----
"$DAEMON" -f -c "$CONF" -x "$DIR/agentx" <&- >&- 2>&- &
SAMPLER=$!
PIDS+=("$SAMPLER")
wait_for 20 "$READ" "$SOCK"
wait_for 5 has_agent "$SAMPLER"
AGENT=$(agent_of "$SAMPLER")
PIDS+=("$AGENT")
standard() { readlink "/proc/$1/fd/0" "/proc/$1/fd/1" "/proc/$1/fd/2" | uniq; }
tap_ok "closed standard descriptors: filled in by the sampler" is "$(standard "$SAMPLER")" /dev/null
tap_ok "closed standard descriptors: and for the agent" is "$(standard "$AGENT")" /dev/null
kill -TERM "$SAMPLER"
wait "$SAMPLER"
tap_ok "closed standard descriptors: ends with 0" is $? 0
sed 's/^/# /' "$DIR/first.log"
tap_done
