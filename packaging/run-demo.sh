#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Shows dcachemon at work and leaves nothing behind: run-demo.sh BUILD
# A private snmpd on a free port of 127.0.0.1, the subagent, the command line and the SNMP tables.
set -u
PATH=$PATH:/usr/sbin:/sbin
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "${1:-build}")
dcachemon=$build/bin/dcachemon
subagent=$build/bin/dcachemon-snmp
ROWS=12 # of each SNMP table
tmp='' pids=() step=0

bold='' normal=''
[ ! -t 1 ] || { bold=$(printf '\033[1m') normal=$(printf '\033[0m'); }
say() { printf '\n%s== %d. %s%s\n' "$bold" $((++step)) "$1" "$normal"; }

# show COMMAND...: prints a command as one would type it and runs it, for 20 s at most.
show() {
    local words="$*"
    words=${words//$build\/bin\//}
    printf '\n$ %s\n' "$words"
    timeout --foreground 20 "$@"
}

die() {
    printf 'run-demo: %s\n' "$1" >&2
    for log in "$tmp"/*.log; do
        [ -s "$log" ] && printf -- '--- %s\n' "${log##*/}" >&2 && tail -20 "$log" >&2
    done
    exit 1
}

clean_up() {
    local status=$? pid i
    trap - EXIT
    # A child that a signal meets before its exec still has the traps of this shell.
    [ "$BASHPID" = "$$" ] || exit "$status"
    trap '' INT TERM
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
    for pid in "${pids[@]}"; do
        for ((i = 0; i < 50; i++)); do kill -0 "$pid" 2>/dev/null && sleep 0.1; done
        kill -9 "$pid" 2>/dev/null
        wait "$pid" 2>/dev/null
    done
    [ -z "$tmp" ] || rm -rf "$tmp"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# until_true SECONDS COMMAND...: gives up early when a daemon has ended.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] && kill -0 "${pids[@]}" 2>/dev/null || return 1
        sleep 0.2
    done
}

free_port() {
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 30000))
        [ -n "$(ss -Hlun "sport = :$port")" ] || { echo "$port"; return; }
    done
}

[ "$(id -u)" = 0 ] || echo "Not root: hash chains, superblocks and namespaces will be missing (sudo make run)."
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dcachemon-demo.XXXXXX") || exit 1
port=$(free_port)
[ -n "$port" ] || die "no free UDP port"
# Where Net-SNMP's tools find DCACHEMON-MIB; an installed one is found without.
. tests/lib/mibs.sh
snmp=(-v2c -c public -Pe -t 2 -r 2)
export SNMP_PERSISTENT_DIR=$tmp/persistent

say "A private snmpd on 127.0.0.1:$port, and dcachemon-snmp as its AgentX subagent"
cat >"$tmp/snmpd.conf" <<EOF
agentaddress udp:127.0.0.1:$port
rocommunity public 127.0.0.1
master agentx
agentXSocket unix:$tmp/agentx
dontLogTCPWrappersConnects yes
EOF
cat >"$tmp/dcachemon.conf" <<EOF
[sampling]
budget_percent = 20
socket = $tmp/snapshot.sock
EOF
# The module list keeps the private daemon from reading the host's interfaces.
snmpd -f -Lf "$tmp/snmpd.log" -C -c "$tmp/snmpd.conf" -I -ifTable -p "$tmp/snmpd.pid" &
pids+=($!)
until_true 10 test -S "$tmp/agentx" || die "snmpd did not start"
"$subagent" -f -c "$tmp/dcachemon.conf" -x "$tmp/agentx" 2>"$tmp/dcachemon-snmp.log" &
pids+=($!)
get() { snmpget "${snmp[@]}" -Oqv "127.0.0.1:$port" "$1" 2>&1 | grep -q '^[0-9]'; }
until_true 15 get dcmTotalsDentries.0 || die "no answer over SNMP"
echo "both run; their files are in $tmp until the end"

say "What the dentry cache holds, from a fresh sample"
show "$dcachemon" show || die "show failed"

say "The same from the daemon's last snapshot, for programs"
printf '\n$ dcachemon show --cached --json | jq .totals\n'
timeout --foreground 20 "$dcachemon" show --cached --json --socket "$tmp/snapshot.sock" |
    python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)["totals"], indent=2))' ||
    die "no snapshot from the daemon"

say "The same over SNMP, for the monitoring that you have"
# The first pass over the hash table takes a moment within the daemon's CPU budget.
[ "$(id -u)" != 0 ] || until_true 15 get dcmHashEntries.0
for group in dcmTotals dcmHash; do
    show snmpbulkwalk "${snmp[@]}" "127.0.0.1:$port" "$group" || die "no $group"
done
for table in dcmSourceTable dcmLookupTable dcmSuperblockTable dcmChainTable; do
    # -OU: no units; one heading line, one empty line, one line of column names, the rows.
    show snmptable "${snmp[@]}" -OU -Cb -Ci "127.0.0.1:$port" "$table" >"$tmp/table" || die "no $table"
    head -$((ROWS + 5)) "$tmp/table" | cut -c -170
    more=$(($(wc -l <"$tmp/table") - ROWS - 5))
    [ "$more" -le 0 ] || echo "(and $more more rows)"
done

say "Done: the daemons end and $tmp goes. Next: README.md, dcachemon(1), and \"dcachemon doctor\""
