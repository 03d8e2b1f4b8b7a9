#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1800
# System calls that fail, made-up kernel values, clocks and disks, against the command line and the
# daemon: each ends in a stated source state or a clear message.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
# shellcheck source=tests/lib/faults.sh
. "$TOP/tests/lib/faults.sh"

[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
read=$BUILD/tests/lib/snapshot_read
conf=$tmp/conf
socket=$tmp/snapshot.sock

# ---- strace -e inject, the command line ----
printf '[sampling]\nbudget_percent = 50\n' >"$conf"
inject() { # CALL ERROR
    check "show: $1 fails with $2" \
        python3 "$TOP/tests/lib/inject.py" "$BUILD/bin/dcachemon" "$1" "$2" "$(times 3 0)" "$conf"
    sed 's/^/# /' "$tmp/check.out" | tail -1
}
if command -v strace >/dev/null; then
    inject openat EMFILE
    inject openat ENOMEM
    inject openat EIO
    inject read EIO
    inject pread64 EIO
    inject bpf ENOMEM
    inject bpf EPERM
    inject mmap ENOMEM
    inject clone3 EAGAIN
    inject socket EMFILE
else
    skip "show: failing system calls" "no strace here"
fi

# ---- the daemon ----
write_conf() { # LINES...
    printf '%s\n' '[sampling]' "socket = $socket" 'hash_interval = 1' 'superblocks_interval = 1' \
        'memory_interval = 1' 'lookups_interval = 1' 'namespaces_interval = 1' 'sysctls_interval = 1' \
        "$@" >"$conf.new" && mv "$conf.new" "$conf"
}
daemon() { # PREFIX... : returns once it serves or has ended
    : >"$tmp/log"
    rm -f "$socket"
    "$@" "$BUILD/bin/dcachemon-snmp" -f -c "$conf" -x "$tmp/agentx" >"$tmp/log" 2>&1 </dev/null &
    daemon=$!
    on_exit "kill -KILL $daemon 2>/dev/null"
    wait_for 20 settled
}
served() { "$read" "$socket" >"$tmp/values" 2>&1; }
ended() { ! kill -0 "$daemon" 2>/dev/null; }
settled() { served || ended; }
logged() { grep -qE -- "$1" "$tmp/log"; }
# The process that strace started, or the job itself.
pid_of() { pgrep -x -P "$daemon" dcachemon-snmp || echo "$daemon"; }
end_daemon() {
    ended || kill -TERM "$(pid_of)"
    wait "$daemon"
}
stated() { # no source is unwell without a reason; 4, 5 and 6: failed, unsupported, stuck
    local i state
    for i in 0 1 2 3 4 5 6 7; do
        state=$(sed -n "s/^sources.$i.state=//p" "$tmp/values")
        case $state in
        4 | 5 | 6) grep -q "^sources.$i.reason=." "$tmp/values" || return 1 ;;
        esac
    done
}
well_ended() { # serves with every state explained and ends with 0; or gave up with 1 and a message
    local status
    if ended; then
        wait "$daemon"
        [ $? = 1 ] && logged error
    else
        wait_for 10 served && stated # an injected failure may hit the answer to this very reader
        status=$?
        end_daemon && [ $status = 0 ]
    fi
}
if [ -x "$BUILD/bin/dcachemon-snmp" ]; then
    if command -v strace >/dev/null; then
        first=$(strace -f -e trace=openat "$BUILD/bin/dcachemon-snmp" -V 2>&1 | grep -c 'openat(')
        # From the start, from the socket on, and from where the sources open theirs.
        write_conf
        daemon strace -f -qq -o "$tmp/trace" -e trace=openat
        check "daemon: its calls are traced" end_daemon
        served=$(grep -n -m 1 "\"$tmp\"" "$tmp/trace" | cut -d: -f1)
        for inject in "openat:error=EMFILE:when=$((first + 2))+" "openat:error=EMFILE:when=$((served + 1))+" \
            "openat:error=ENOMEM:when=$((served + 6))+" "pread64:error=EIO:when=5+" \
            bpf:error=ENOMEM:when=1+ bpf:error=ENOMEM:when=20+ bpf:error=EPERM:when=40+ \
            memfd_create:error=EMFILE:when=1..4 memfd_create:error=ENOMEM:when=2+3 socketpair:error=EMFILE \
            accept4:error=EMFILE:when=1..3 clone:error=EAGAIN:when=1+ setns:error=EPERM \
            epoll_ctl:error=ENOMEM:when=2 sendmsg:error=ENOBUFS:when=2+2; do
            write_conf
            daemon strace -f --seccomp-bpf -qq -o /dev/null -e "trace=${inject%%:*}" -e "inject=$inject"
            check "daemon: $inject" well_ended
        done
    else
        skip "daemon: failing system calls" "no strace here"
    fi

    # ---- made-up kernel values ----
    dentry_state() { # TEXT: another /proc/sys/fs/dentry-state for the daemon alone
        echo "$1" >"$tmp/dentry-state"
        daemon unshare -m sh -c 'mount --bind "$0" /proc/sys/fs/dentry-state && exec "$@"' "$tmp/dentry-state"
    }
    write_conf
    dentry_state '-5 -2147483648 45 0 -1 0'
    check "negative counters: left out" sh -c "! grep -E '^totals.0.(dentries|unused|negative)=' '$tmp/values'"
    check "negative counters: the rest is sampled" grep -q '^memory.0' "$tmp/values"
    check "negative counters: ends with 0" end_daemon
    dentry_state '9223372036854775807 9223372036854775808 45 0 18446744073709551616 0'
    check "2^63: no crash, every state explained" stated
    check "2^63: ends with 0 or refuses with a message" well_ended
    dentry_state ''
    check "empty: refused or explained" well_ended

    # ---- clocks ----
    library=$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null | head -1)
    if [ -n "$library" ]; then
        write_conf
        echo '+0' >"$tmp/clock"
        daemon env LD_PRELOAD="$library" FAKETIME_TIMESTAMP_FILE="$tmp/clock" FAKETIME_NO_CACHE=1 \
            FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1
        sequence() { served && sed -n 's/^sequence=//p' "$tmp/values"; }
        goes_on() { # three snapshots in at most six seconds, on sane values
            local now
            now=$(sequence) && wait_for 6 later $((now + 3)) && stated
        }
        later() { [ "$(sequence)" -ge "$1" ]; }
        for jump in +3600 -3600 +0; do
            echo "$jump" >"$tmp/clock"
            check "clock $jump s: snapshots go on at their pace" goes_on
        done
        no_alarm() { ! grep '^alarms\.' "$tmp/values" && ! logged ' alarm [0-9]'; }
        check "clock: no alarm of it" no_alarm
        check "clock: ends with 0" end_daemon
    else
        skip "clock jumps" "no libfaketime here"
    fi

    # ---- state folder ----
    state=$tmp/state
    mkdir -p "$state"
    write_conf 'budget_percent = 30' '[state]' "folder = $state"
    alarmed() { kill -USR2 "$(pid_of)"; } # raises and clears an alarm: the state is written
    daemon env
    alarmed
    wait_for 10 test -s "$state/alarms"
    check "state: is kept" test -n "$(ls -A "$state")"
    check "state: ends with 0" end_daemon
    for file in "$state"/*; do
        [ -f "$file" ] && truncate -s $(($(stat -c %s "$file") / 2)) "$file"
    done
    daemon env
    check "state truncated: starts and serves" served
    check "state truncated: says so" logged 'warning|error'
    check "state truncated: ends with 0" end_daemon
    rm -rf "${state:?}"/*
    mount -t tmpfs -o size=64k none "$state" && on_exit "umount '$state' 2>/dev/null"
    head -c 64k /dev/zero >"$state/filler" 2>/dev/null
    daemon env
    alarmed
    check "disk full: said" wait_for 10 logged 'error.*(No space|cannot)'
    check "disk full: snapshots go on" served
    rm "$state/filler"
    alarmed
    check "disk full: written again once there is room" wait_for 90 logged 'written again'
    check "disk full: ends with 0" end_daemon
    mount -o remount,ro "$state"
    daemon env
    alarmed
    check "read-only: said" wait_for 10 logged 'Read-only'
    check "read-only: snapshots go on" served
    check "read-only: ends with 0" end_daemon
    umount "$state"

    # ---- configuration replaced while it is read ----
    write_conf
    daemon env
    for ((i = 0; i < $(times 60 1000); i++)); do
        case $((i % 3)) in
        0) write_conf 'budget_percent = 20' ;;
        1) echo '[sampl' >"$conf" ;;                       # in place, cut
        2) : >"$conf.new" && mv "$conf.new" "$conf" ;;     # empty
        esac
        kill -HUP "$(pid_of)"
    done
    write_conf 'budget_percent = 7'
    took() { kill -HUP "$(pid_of)" && served && grep -q '^self.0.budget_percent=7$' "$tmp/values"; }
    check "configuration replaced during reloads: the last one is in force" wait_for 10 took
    check "configuration replaced during reloads: refusals are said" logged 'old configuration stays'
    check "configuration replaced during reloads: ends with 0" end_daemon

    # ---- the snapshot socket, by thousands ----
    write_conf
    daemon env
    clients=$(times 1500 5000)
    cat >"$tmp/crowd.py" <<'PY'
import array, os, random, resource, socket, sys
path, count = sys.argv[1], int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_NOFILE, (count + 100, count + 100))
rng, held, refused = random.Random(1), [], 0
for i in range(count):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(0.01)
    try:
        s.connect(path)
        kind = i % 4
        if kind == 1: s.send(bytes(rng.randrange(256) for _ in range(rng.randrange(1, 3000))))
        if kind == 2:
            fds = array.array("i", [0, os.open("/dev/null", os.O_RDONLY)])
            s.sendmsg([b"r"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
            os.close(fds[1])
        if kind == 3: s.send(b"r"); s.shutdown(socket.SHUT_RD)
        held.append(s)
    except OSError:
        refused += 1
print(len(held), "connected,", refused, "refused")
PY
    before=$(find "/proc/$daemon/fd" | wc -l)
    check "snapshot socket: $clients clients, three of four hostile" python3 "$tmp/crowd.py" "$socket" "$clients"
    sed 's/^/# /' "$tmp/check.out"
    check "snapshot socket: a good reader is served afterwards" wait_for 10 served
    level() { [ $(($(find "/proc/$daemon/fd" | wc -l) - before)) -le 2 ]; }
    check "snapshot socket: no descriptor stays" wait_for 10 level
    check "snapshot socket: ends with 0" end_daemon
else
    skip "daemon" "built without SNMP"
fi
done_testing
