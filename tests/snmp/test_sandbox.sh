#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What the two processes of dcachemon-snmp may do: their filters from inside, and what the kernel
# says of the running processes.
set -u
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"

try=$BUILD/tests/lib/sandbox_try
[ -x "$try" ] || { echo "1..0 # SKIP built without SNMP"; exit 0; }
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root, who is refused nothing without a filter"; exit 0; }
"$try" none >"$tmp/none" 2>"$tmp/none.err"
"$try" agent >"$tmp/agent" 2>"$tmp/agent.err"
[ $? != 77 ] || { echo "1..0 # SKIP no filter: $(sed 's/^sandbox //' "$tmp/agent")"; exit 0; }
"$try" sampler >"$tmp/sampler" 2>"$tmp/sampler.err"
"$try" sampler-namespaces >"$tmp/namespaces" 2>&1

# calls ROLE RESULT: the names with that result
calls() { awk -v result="$2" '$2 == result { print $1 }' "$tmp/$1" | sort | paste -sd ' '; }
same() { [ "$1" = "$2" ] || { echo "got  $1"; echo "want $2"; return 1; }; }
words() { tr -s ' \n' '\n' <<<"$1" | grep . | sort | paste -sd ' '; }

agent_refused="socket-raw socket-tcp socket-udp6 socket-packet socket-route socket-audit open-write
    open-append open-create unlink chmod truncate mknod symlink link mount umount chroot execve clone
    clone-newuser unshare setns-net setns-mnt kill tgkill-other ptrace process_vm_readv setuid
    map-exec-write mprotect-exec bpf-load bpf-map bpf-run bpf-info bpf-by-number perf_event_open
    io_uring_setup userfaultfd keyctl init_module kexec_load reboot clock_settime syslog"
# The sampler writes its state and starts the agent.
sampler_refused="socket-raw socket-tcp socket-udp6 socket-packet socket-audit truncate mknod symlink
    link mount umount chroot clone-newuser unshare setns-net setns-mnt ptrace process_vm_readv map-exec-write
    mprotect-exec bpf-load bpf-map bpf-by-number perf_event_open io_uring_setup userfaultfd keyctl init_module
    kexec_load reboot clock_settime syslog"

# As root in a container some of these are refused by the container.
check "few of them are refused without a filter" test "$(calls none EPERM | wc -w)" -le 12
check "agent: refused calls" same "$(calls agent EPERM)" "$(words "$agent_refused")"
check "agent: sockets of UNIX, reading, memory" same "$(calls agent ok)" "map-write open-read socket-unix"
check "agent: each refused system call is logged once" \
    test "$(grep -c 'seccomp refused the system call' "$tmp/agent.err")" -ge 25
check "agent: by name" grep -q 'system call ptrace ([0-9]*) with EPERM' "$tmp/agent.err"
check "agent: and never twice" test -z "$(sort "$tmp/agent.err" | uniq -d)"
check "sampler: refused calls" same "$(calls sampler EPERM)" "$(words "$sampler_refused")"
# EBADF: it was let through.
check "sampler: setns for contexts of other namespaces only" \
    same "$(diff "$tmp/sampler" "$tmp/namespaces" | grep '^[<>]')" "$(printf '< setns-net EPERM\n> setns-net errno 9')"
check "sampler: what it needs" same "$(calls sampler ok)" \
    "$(words 'clone kill map-write open-append open-read open-write setuid socket-route socket-unix')"
check "sampler: refused calls are not its log's" test ! -s "$tmp/sampler.err"

# ---- the processes ----
printf '[sampling]\nsocket = %s/snapshot.sock\nsuperblocks_interval = 1\nsysctls_interval = 1\n' \
    "$tmp" >"$tmp/conf"
daemon() {
    "$BUILD/bin/dcachemon-snmp" -f -c "$tmp/conf" -x "$tmp/agentx" "$@" >"$tmp/log" 2>&1 </dev/null &
    sampler=$!
    on_exit "kill -KILL $sampler 2>/dev/null"
    wait_for 20 "$BUILD/tests/lib/snapshot_read" "$tmp/snapshot.sock"
    wait_for 5 has_agent
    wait_for 5 grep -q 'no AgentX master' "$tmp/log" # is past its start
}
has_agent() { agent=$(pgrep -P "$sampler") && [ -n "$agent" ]; }
status() { sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"; }
threads_filtered() { [ "$(grep -h ^Seccomp: "/proc/$1/task/"*/status | sort -u)" = "Seccomp:	2" ]; }
no_capability() {
    local set
    for set in Inh Prm Eff Bnd Amb; do [ "$(status "$1" Cap$set)" = 0000000000000000 ] || return 1; done
}
needed_only() { [ "$(status "$1" CapPrm)" = 0000000000000000 ] || [ "$(status "$1" CapPrm)" = 0000000000200000 ]; }
end_daemon() { kill -TERM "$sampler" && wait "$sampler"; }

daemon
check "agent process: filtered" threads_filtered "$agent"
check "agent process: its own filter on top of the sampler's" test "$(status "$agent" Seccomp_filters)" = 2
check "agent process: no new privileges" test "$(status "$agent" NoNewPrivs)" = 1
check "agent process: no capability in any set" no_capability "$agent"
check "sampler process: every thread filtered" threads_filtered "$sampler"
check "sampler process: no new privileges" test "$(status "$sampler" NoNewPrivs)" = 1
check "sampler process: CAP_SYS_ADMIN at most, to enter namespaces" needed_only "$sampler"
check "both end well" end_daemon
check "no call of either was refused" test "$(grep -c seccomp "$tmp/log")" = 0
daemon --no-seccomp
check "--no-seccomp: neither is filtered" test "$(status "$sampler" Seccomp)$(status "$agent" Seccomp)" = 00
check "--no-seccomp: ends well" end_daemon
done_testing
