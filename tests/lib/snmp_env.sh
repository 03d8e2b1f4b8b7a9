# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A private snmpd for shell tests (bash): network namespace, AgentX socket, configuration and
# persistent state of its own, all under one temporary folder. Source it, then:
#
#   snmp_env_start            namespace, folder, snmpd; ends with status 1 after a message
#   snmp_env_snmpd_start      (again), waits until it answers;   snmp_env_snmpd_kill SIGNAL
#   snmp_env_run CMD...       inside the namespace, with the clients' environment
#   snmp_env_spawn NAME CMD.. in the background, in place of an older NAME; pid in
#                             $SNMP_PIDS[NAME], output in $SNMP_DIR/NAME.log;   snmp_env_end NAME
#   snmp_get|snmp_walk|... OID...   numeric, quiet output with the read-only community
#   used PID...               microseconds of processor time so far
#   tap_ok, wait_for          and the rest of tests/lib/report.sh;   tap_skip TEXT REASON;   tap_done
#
# Everything is ended by pid and removed when the shell ends, whatever ends it. SNMP_DIR, SNMP_AGENTX,
# SNMP_ADDRESS and SNMP_NETNS tell where things are. SNMP_VIEW, SNMP_EXTRA_CONF (lines for
# snmpd.conf) and SNMP_MODULES (snmpd -I) may be set before. Needs root for the namespace.

declare -A SNMP_PIDS=()
SNMP_DIR='' SNMP_NETNS='' SNMP_AGENTX='' SNMP_ADDRESS='' SNMP_SNMPD_CONF=''
SNMP_VIEW=${SNMP_VIEW:-.1}
SNMP_MODULES=${SNMP_MODULES:--ifTable,ifXTable} # of snmpd; these reload every three seconds
SNMP_SNMPD_WITH=() # a command, such as env, that becomes snmpd
# shellcheck source=tests/lib/report.sh
. "${TOP:-$(dirname "${BASH_SOURCE[0]}")/../..}/tests/lib/report.sh"

tap_skip() { skip "$@"; } # TEXT REASON
tap_done() { done_testing; }

pid_gone() { # PID
    local state
    state=$(ps -o stat= -p "$1" 2>/dev/null) || return 0
    [[ $state == Z* ]]
}

# Microseconds on a processor of the processes given, all their threads: the time of ticks is too coarse.
used() { # PID...
    local pid
    for pid in "$@"; do cat "/proc/$pid/task/"*/schedstat 2>/dev/null; done |
        awk '{ sum += $1 } END { printf "%.0f\n", sum / 1000 }'
}

# Ends one process: politely, and after three seconds by force.
pid_end() { # PID
    kill -CONT "$1" 2>/dev/null
    kill -TERM "$1" 2>/dev/null || return 0
    wait_for 4 pid_gone "$1" || kill -KILL "$1" 2>/dev/null
    wait "$1" 2>/dev/null
    return 0
}

snmp_env_stop() {
    local name
    # A child that a signal meets before its exec still has the traps of this shell.
    [ "$BASHPID" = "$$" ] || return
    for name in "${!SNMP_PIDS[@]}"; do
        [ "$name" = snmpd ] || pid_end "${SNMP_PIDS[$name]}"
    done
    # Before snmpd, so that nobody waits for a master that is gone.
    [ -z "${SNMP_PIDS[snmpd]:-}" ] || pid_end "${SNMP_PIDS[snmpd]}"
    SNMP_PIDS=()
    [ -z "$SNMP_NETNS" ] || ip netns del "$SNMP_NETNS" 2>/dev/null
    [ -z "$SNMP_DIR" ] || rm -rf "$SNMP_DIR"
    SNMP_NETNS='' SNMP_DIR=''
}

snmp_env_run() {
    ip netns exec "$SNMP_NETNS" env MIBS= SNMPCONFPATH="$SNMP_DIR/client" \
        SNMP_PERSISTENT_DIR="$SNMP_DIR/client" "$@"
}

# Becomes CMD in the namespace: the pid stays, descriptors of the caller (a lock, say) do not, and
# it dies with the shell even when that is killed.
snmp_env_exec() { # CONFDIR PERSISTENT CMD...
    local conf=$1 persistent=$2 fd
    shift 2
    for fd in "/proc/$BASHPID/fd/"*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || eval "exec $fd>&-"
    done
    exec setpriv --pdeathsig KILL ip netns exec "$SNMP_NETNS" \
        env MIBS= SNMPCONFPATH="$conf" SNMP_PERSISTENT_DIR="$persistent" "$@"
}

snmp_env_spawn() { # NAME CMD...
    local name=$1
    shift
    snmp_env_end "$name"
    (snmp_env_exec "$SNMP_DIR/client" "$SNMP_DIR/client" "$@") \
        >>"$SNMP_DIR/$name.log" 2>&1 </dev/null &
    SNMP_PIDS[$name]=$!
}

snmp_env_end() { # NAME
    [ -z "${SNMP_PIDS[$1]:-}" ] || pid_end "${SNMP_PIDS[$1]}"
    unset "SNMP_PIDS[$1]"
}

snmp_get() { snmp_env_run snmpget -v2c -c public -On -Oe -t 2 -r 0 "$SNMP_ADDRESS" "$@"; }
snmp_getnext() { snmp_env_run snmpgetnext -v2c -c public -On -Oe -t 2 -r 0 "$SNMP_ADDRESS" "$@"; }
snmp_walk() { snmp_env_run snmpbulkwalk -v2c -c public -On -Oe -t 3 -r 0 -Cr50 "$SNMP_ADDRESS" "$@"; }
snmp_set() { snmp_env_run snmpset -v2c -c private -On -t 2 -r 0 "$SNMP_ADDRESS" "$@"; }

# A subagent's system calls for a walk of at least 40 values: eight for each at most, those for snapshots that come
# meanwhile included. The library alone passes a request through two pipes, which takes 13.
few_calls() { # PID OID
    strace -f -qq -o "$SNMP_DIR/calls" -p "$1" 2>/dev/null &
    local tracer=$! answers all
    wait_for 5 grep -q 'TracerPid:[^0-9]*[1-9]' "/proc/$1/status"
    snmp_walk "$2" >/dev/null
    kill "$tracer"
    wait "$tracer" 2>/dev/null
    answers=$(grep -c 'sendto(' "$SNMP_DIR/calls") all=$(grep -c '(' "$SNMP_DIR/calls")
    echo "# $all system calls for $answers answers"
    [ "$answers" -ge 40 ] && [ "$all" -le $((answers * 8)) ]
}

snmp_env_answers() { snmp_get .1.3.6.1.2.1.1.3.0; }

# A port in the namespace is free by definition: nothing else lives there.
snmp_env_write_conf() {
    cat >"$SNMP_SNMPD_CONF" <<CONF
agentaddress udp:$SNMP_ADDRESS
rocommunity public default $SNMP_VIEW
rwcommunity private default $SNMP_VIEW
master agentx
agentXSocket $SNMP_AGENTX
agentXPerms 0770 0755
CONF
    [ -z "${SNMP_EXTRA_CONF:-}" ] || printf '%s\n' "$SNMP_EXTRA_CONF" >>"$SNMP_SNMPD_CONF"
}

snmp_env_snmpd_start() {
    (snmp_env_exec "$SNMP_DIR/snmpd" "$SNMP_DIR/persistent" "${SNMP_SNMPD_WITH[@]}" /usr/sbin/snmpd -f -Lo -C \
        -c "$SNMP_SNMPD_CONF" -I "$SNMP_MODULES") \
        >>"$SNMP_DIR/snmpd.log" 2>&1 </dev/null &
    SNMP_PIDS[snmpd]=$!
    wait_for 20 snmp_env_answers || {
        echo "# snmpd does not answer:" && sed 's/^/# /' "$SNMP_DIR/snmpd.log"
        return 1
    }
}

snmp_env_snmpd_kill() { # SIGNAL
    local pid=${SNMP_PIDS[snmpd]}
    kill "-$1" "$pid"
    wait "$pid" 2>/dev/null
    unset 'SNMP_PIDS[snmpd]'
}

# Folder and namespace only; snmpd is not started.
snmp_env_prepare() {
    [ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root for a network namespace"; exit 0; }
    [ -x /usr/sbin/snmpd ] || { echo "1..0 # SKIP no snmpd here"; exit 0; }
    trap snmp_env_stop EXIT
    trap 'exit 143' TERM
    trap 'exit 130' INT
    SNMP_DIR=$(mktemp -d "${TMPDIR:-/tmp}/dcm-snmp.XXXXXX") || exit 1
    # A name that another one has, whose folder lies elsewhere, is refused: the next one, then.
    until ip netns add "dcm-${SNMP_DIR##*.}" 2>"$SNMP_DIR/netns.log"; do
        grep -q 'File exists' "$SNMP_DIR/netns.log" || { cat "$SNMP_DIR/netns.log"; exit 1; }
        rm -rf "$SNMP_DIR"
        SNMP_DIR=$(mktemp -d "${TMPDIR:-/tmp}/dcm-snmp.XXXXXX") || exit 1
    done
    SNMP_NETNS=dcm-${SNMP_DIR##*.}
    mkdir "$SNMP_DIR"/{client,snmpd,persistent}
    SNMP_AGENTX=$SNMP_DIR/agentx.sock
    SNMP_ADDRESS=127.0.0.1:16161
    SNMP_SNMPD_CONF=$SNMP_DIR/snmpd.conf
    ip -n "$SNMP_NETNS" link set lo up
    snmp_env_write_conf
}

snmp_env_start() {
    snmp_env_prepare
    snmp_env_snmpd_start || exit 1
}
