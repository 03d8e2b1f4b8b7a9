#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# The unit: its score, and the daemon under exactly its user, groups and capabilities, on the live
# kernel without systemd. What the system-call filter allows is compared with what strace saw.
set -u
PATH=$PATH:/usr/sbin:/sbin
. "$TOP/tests/lib/snmp_env.sh"
unit=$TOP/packaging/systemd/dcachemon-snmp.service
USER_ID=64901 AGENTX_ID=64902 # numbers that no account here has to have

setting() { # NAME: the values of all its lines
    sed -n "s/^$1=//p" "$unit" | tr '\n' ' '
}

# ---- score ----

score() { # UNIT
    systemd-analyze security --offline=yes --threshold=25 "$1" >"$SNMP_DIR/score" 2>&1
    local status=$?
    sed -n 's/.*exposure level.*: \([0-9.]*\).*/# score \1/p' "$SNMP_DIR/score"
    return $status
}
with_file() { # DROP-IN
    mkdir -p "$SNMP_DIR/units"
    { sed '/^\[Install\]/,$d' "$unit"; sed '/^\[Service\]/d' "$1"; } >"$SNMP_DIR/units/dcachemon-snmp.service"
    score "$SNMP_DIR/units/dcachemon-snmp.service"
}
verified() {
    sed "s|/usr/sbin/dcachemon-snmp|$SNMP_DIR/dcachemon-snmp|; /^Documentation/d" "$unit" \
        >"$SNMP_DIR/dcachemon-verify.service"
    systemd-analyze verify --recursive-errors=no "$SNMP_DIR/dcachemon-verify.service" >"$SNMP_DIR/verify" 2>&1
    ! grep 'dcachemon-verify' "$SNMP_DIR/verify"
}

# ---- the daemon ----

as_unit() { # CMD...: the unit's identity and capabilities
    local caps
    caps=$(setting AmbientCapabilities | tr '[:upper:]' '[:lower:]' | sed 's/cap_/+/g; s/ *$//; s/ /,/g')
    echo setpriv --reuid $USER_ID --regid $USER_ID --groups $AGENTX_ID --no-new-privs \
        --inh-caps="-all,$caps" --ambient-caps="$caps" --bounding-set="-all,$caps" "$@"
}

daemon_start() { # PREFIX...
    # shellcheck disable=SC2046
    snmp_env_spawn daemon "$@" $(as_unit "$SNMP_DIR/dcachemon-snmp") -f -c "$SNMP_DIR/dcachemon.conf" -x "$SNMP_AGENTX"
    wait_for 20 answers
}
answers() { snmp_get .1.3.6.1.4.1.8072.9999.9999.1806.1.1.1.0 | grep -q Gauge32; }
show() { "$BUILD/bin/dcachemon" show --cached --json --socket "$SNMP_DIR/run/snapshot.sock"; }
states() { # NAME=STATE...: each source is in that state
    show >"$SNMP_DIR/show.json" && python3 - "$SNMP_DIR/show.json" "$@" <<'PY'
import json, sys
found = {s["name"]: (s["state"], s["reason"]) for s in json.load(open(sys.argv[1]))["sources"]}
wrong = [w for w in sys.argv[2:] if found.get(w.split("=")[0], ("?",))[0] != w.split("=")[1]]
for w in wrong:
    print("#", w, "is", found.get(w.split("=")[0]))
sys.exit(bool(wrong))
PY
}
status_is() { # PID FIELD VALUE
    grep -qx "$2:[[:space:]]*$3" "/proc/$1/status" || { grep "^$2" "/proc/$1/status" | sed 's/^/# /'; return 1; }
}
sampler() { pgrep -o -u $USER_ID; }
agent() { pgrep -n -u $USER_ID; }

# ---- system calls ----

allowed() {
    local word
    # Each line of the unit in its order: ~ takes away, everything else adds.
    sed -n 's/^SystemCallFilter=//p' "$unit" | while read -r line; do
        local sign=+
        [ "${line#\~}" = "$line" ] || sign=-
        for word in ${line#\~}; do
            if [ "${word#@}" = "$word" ]; then echo "$sign $word"; else expand "$word" | sed "s/^/$sign /"; fi
        done
    done | awk '$1 == "+" { ok[$2] = 1 } $1 == "-" { delete ok[$2] } END { for (c in ok) print c }' | sort
}
expand() { # @GROUP: recursively
    systemd-analyze syscall-filter "$1" | sed -n 's/^    \([@a-z0-9_-]*\).*/\1/p' | while read -r name; do
        case $name in @*) expand "$name" ;; *) echo "$name" ;; esac
    done
}
calls_allowed() {
    sed -n 's/^[0-9]* *\([a-z0-9_]*\)(.*/\1/p' "$SNMP_DIR"/trace | sort -u >"$SNMP_DIR/calls"
    allowed >"$SNMP_DIR/allowed"
    [ "$(wc -l <"$SNMP_DIR/calls")" -gt 20 ] && [ "$(wc -l <"$SNMP_DIR/allowed")" -gt 100 ] || return 1
    # setpriv runs below strace too: its own calls are those before the daemon is executed.
    ! comm -23 "$SNMP_DIR/calls" "$SNMP_DIR/allowed" | sed 's/^/# not allowed: /' | grep .
}
trace_daemon() {
    local prefix=(strace -f -qq -o "$SNMP_DIR/trace.all")
    daemon_start "${prefix[@]}" || return 1
    wait_for 10 show || return 1
    # The daemon, not strace, which would leave it alone: strace ends with it.
    kill -TERM "$(sampler)" && wait_for 10 pid_gone "${SNMP_PIDS[daemon]}" || return 1
    snmp_env_end daemon
    # From the exec of the daemon on.
    sed -n '/execve("[^"]*dcachemon-snmp"/,$p' "$SNMP_DIR/trace.all" >"$SNMP_DIR/trace"
    [ -s "$SNMP_DIR/trace" ]
}

# ---- signs of life ----

# READY=1, WATCHDOG=1 twice as often as asked for, STOPPING=1: below the daemon's own sandbox as well.
signs_of_life() {
    timeout 30 python3 - "$SNMP_DIR" <<'PY'
import os, socket, subprocess, sys, time
folder = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind(folder + "/notify")
manager.settimeout(10)
open(folder + "/life.conf", "w").write("[sampling]\nsocket =\n[state]\nfolder =\n")
daemon = subprocess.Popen([folder + "/dcachemon-snmp", "-f", "-c", folder + "/life.conf", "-x", folder + "/nobody"],
                          env=dict(os.environ, NOTIFY_SOCKET=folder + "/notify", WATCHDOG_USEC="2000000"),
                          stderr=subprocess.DEVNULL)
try:
    told = set()
    while "READY=1" not in told:
        told.add(manager.recv(100).decode())
    times = []
    while len(times) < 5:
        if manager.recv(100) == b"WATCHDOG=1":
            times.append(time.monotonic())
    pauses = [b - a for a, b in zip(times[1:], times[2:])]
    assert max(pauses) < 1.9, pauses
finally:
    daemon.terminate()
assert daemon.wait() == 0
while manager.recv(100) != b"STOPPING=1":
    pass
PY
}

SNMP_EXTRA_CONF="agentXPerms 0660 0755 root $AGENTX_ID"
snmp_env_prepare
chmod 711 "$SNMP_DIR"
sed -i '/^agentXPerms 0770/d' "$SNMP_SNMPD_CONF"
snmp_env_snmpd_start || exit 1
install -m 755 "$BUILD/bin/dcachemon-snmp" "$SNMP_DIR/dcachemon-snmp"
install -d -o $USER_ID -g $USER_ID -m 750 "$SNMP_DIR/run" "$SNMP_DIR/state"
cat >"$SNMP_DIR/dcachemon.conf" <<CONF
[sampling]
socket = $SNMP_DIR/run/snapshot.sock
budget_percent = 20
hash_interval = 2
[state]
folder = $SNMP_DIR/state
CONF
# The user must be able to read what a package would install.
chmod 644 "$SNMP_DIR/dcachemon.conf"

if command -v systemd-analyze >/dev/null; then
    tap_ok "the unit scores 2.5 or less" score "$unit"
    for file in "$TOP"/packaging/systemd/*.conf; do
        tap_ok "so it does with ${file##*/}" with_file "$file"
    done
    tap_ok "systemd finds no mistake in it" verified
else
    tap_skip "score of the unit" "no systemd-analyze"
fi
tap_ok "ambient and bounding capabilities are the same" \
    test "$(setting AmbientCapabilities)" = "$(setting CapabilityBoundingSet)"
tap_ok "it starts as another user with the unit's capabilities" daemon_start
if "$BUILD/tests/lib/walk_dump" --passes 0 >/dev/null 2>&1; then
    full() { states dentry_state=ok memory=ok superblocks=ok hash=ok lookups=ok namespaces=ok; }
    tap_ok "every source works" wait_for 20 full
    full
else
    tap_skip "every source works" "no BPF here"
fi
if pid=$(sampler) && [ -n "$pid" ]; then
    tap_ok "the sampler has no capability left" status_is "$pid" CapEff 0000000000000000
    tap_ok "and can get none" status_is "$pid" NoNewPrivs 1
    tap_ok "nor through its ambient set" status_is "$pid" CapAmb 0000000000000000
    tap_ok "the agent has none" status_is "$(agent)" CapPrm 0000000000000000
fi
no_complaint() { ! grep -iE 'cannot|denied|not permitted' "$SNMP_DIR/daemon.log" | sed 's/^/# /' | grep .; }
tap_ok "it complains about nothing" no_complaint
tap_ok "the socket lets the daemon's group in, nobody else" \
    test "$(stat -c %a:%u:%g "$SNMP_DIR/run/snapshot.sock")" = "660:$USER_ID:$USER_ID"
snmp_env_end daemon
tap_ok "it tells a service manager that it is ready, alive and stopping" signs_of_life
if command -v strace >/dev/null && command -v systemd-analyze >/dev/null; then
    tap_ok "it runs below strace" trace_daemon
    tap_ok "the unit's filter allows each of its system calls" calls_allowed
else
    tap_skip "the unit's filter allows each system call" "no strace or systemd-analyze"
fi
tap_done
