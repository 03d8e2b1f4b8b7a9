#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Shows dcachemon at work and leaves nothing behind: run-demo.sh BUILD
# On a private snmpd and snmptrapd on free ports of 127.0.0.1, and with something to see: a hash chain of
# network namespaces, and a directory of missing names in a filesystem of its own. All of it ends with
# this shell.
set -u

# A shell that runs $(...) may lose a signal that it has a trap for (bash 5.2.15: five SIGINTs of 120). So the
# tour is another, in a process group of its own, and this one does nothing but wait and pass signals on.
watch_tour() {
    local signal='' status=0 tour i
    trap 'signal=130' INT
    trap 'signal=143' TERM HUP
    set -m
    TOUR_WATCHED=1 "$0" "$@" &
    tour=$!
    wait "$tour" || status=$?
    for ((i = 0; i < 200; i++)); do
        [ -n "$signal" ] && kill -TERM -- "-$tour" 2>/dev/null || break
        sleep 0.3
    done
    exit "${signal:-$status}"
}
[ -n "${TOUR_WATCHED:-}" ] || watch_tour "$@"

PATH=$PATH:/usr/sbin:/sbin
cd "$(dirname "$0")/.." || exit 1
build=$(realpath "${1:-build}")
dcachemon=$build/bin/dcachemon
subagent=$build/bin/dcachemon-snmp
plant=$build/tests/lib/plant
NAMESPACES=200 # each adds one dentry to two chains
NAMES=20000    # missing ones, and five times as many while "who" looks
WHO_SECONDS=4
FOLDER=home/.pki/nssdb
tmp='' mount='' device='' pids=() chain='' hold='' walked='' step=0

bold='' normal=''
[ ! -t 1 ] || { bold=$(printf '\033[1m') normal=$(printf '\033[0m'); }
# say HEADING REASON: what one sees, and why it matters.
say() { printf '\n%s== %d. %s%s\n   %s\n' "$bold" $((++step)) "$1" "$normal" "$2"; }

typed() { # COMMAND...: as one would type it
    local words="$*"
    words=${words//$build\/bin\//}
    printf '\n$ %s\n' "$words"
}
show() { # COMMAND...: prints it and runs it, for 20 s at most
    typed "$@"
    timeout --foreground 20 "$@"
}

die() {
    printf 'run-demo: %s\n' "$1" >&2
    for log in "$tmp"/*.log; do
        [ -s "$log" ] && printf -- '--- %s\n' "${log##*/}" >&2 && tail -20 "$log" >&2
    done
    exit 1
}

end_process() { # PID: SIGTERM, and SIGKILL after 5 s
    local i
    kill "$1" 2>/dev/null
    for ((i = 0; i < 50; i++)); do kill -0 "$1" 2>/dev/null && sleep 0.1; done
    kill -9 "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}
unmount() {
    local point
    for point in overlay layers; do
        ! mountpoint -q "$tmp/$point" || umount -l "$tmp/$point"
    done
}
# A child of a daemon that has just ended may still write there.
remove() {
    local i
    for ((i = 0; i < 50; i++)); do
        rm -rf --one-file-system "$tmp" 2>/dev/null && return
        sleep 0.1
    done
    rm -rf --one-file-system "$tmp"
}
clean_up() {
    local status=${ended:-$?} pid
    trap - EXIT
    # A child that a signal meets before its exec still has the traps of this shell.
    [ "$BASHPID" = "$$" ] || exit "$status"
    trap '' TERM
    for pid in $chain "${pids[@]}"; do end_process "$pid"; done
    unmount
    [ -z "$tmp" ] || remove
    exit "$status"
}
trap clean_up EXIT
# The signal decides the status, whatever it has interrupted.
ended=
trap 'ended=143; exit 143' TERM

# until_true SECONDS COMMAND...: gives up early when a daemon has ended.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$end" ] && kill -0 "${pids[@]}" 2>/dev/null || return 1
        sleep 0.2
    done
}

free_port() { # NOT: another one than this
    local port
    for _ in $(seq 100); do
        port=$((20000 + RANDOM % 30000))
        [ "$port" = "${1:-}" ] || grep -qi ":$(printf %04x $port) " /proc/net/udp || { echo "$port"; return; }
    done
}

# ---- what there is to see ----

plant_chain() {
    local word=
    mkfifo "$tmp/hold" || return
    # The namespaces end with this shell, which holds the other end, however that happens.
    "$plant" netns $NAMESPACES <"$tmp/hold" >"$tmp/ready" 2>"$tmp/plant.log" &
    chain=$!
    exec {hold}>"$tmp/hold"
    for _ in $(seq 150); do
        read -r word <"$tmp/ready"
        [ "$word" != ready ] || return 0
        kill -0 "$chain" 2>/dev/null || break
        sleep 0.1
    done
    end_chain
    return 1
}
end_chain() {
    [ -n "$chain" ] || return 0
    exec {hold}>&-
    end_process "$chain"
    chain=
}

# A filesystem that keeps negative dentries, as those of containers do, in memory.
plant_names() {
    local layers=$tmp/layers
    mkdir "$layers" "$tmp/overlay" && mount -t tmpfs demo "$layers" &&
        mkdir "$layers"/{lower,upper,work} && mount -t overlay demo "$tmp/overlay" \
        -o "lowerdir=$layers/lower,upperdir=$layers/upper,workdir=$layers/work" || return
    mount=$tmp/overlay device=$(mountpoint -d "$tmp/overlay")
    mkdir -p "$mount/$FOLDER" && look_up $NAMES .a
}
look_up() { # NAMES PREFIX [SECONDS]: the names that NSS makes up to see how fast a filesystem is
    "$plant" negative "$mount/$FOLDER" "$1" "$2" _dOeSnotExist_.db "${3:-0}"
}

# ---- what is asked ----

value() { snmpget "${snmp[@]}" -OqvU "127.0.0.1:$port" "$1" 2>/dev/null | grep '^[0-9]'; }
walk() { snmpbulkwalk "${snmp[@]}" -OqUs "127.0.0.1:$port" "$1"; } # "COLUMN.INDEX VALUE" per line
at_least() { local got; got=$(value "$1") && [ "$got" -ge "$2" ]; }
names_seen() {
    local index
    index=$(walk dcmSuperblockDevice | sed -n "s/^[^.]*\.\([0-9]*\) \"*$device\"*$/\1/p")
    at_least "dcmSuperblockUnused.$index" $NAMES && at_least "dcmSuperblockNegative.$index" $NAMES &&
        walk dcmDirectoryPath | grep -qF "$FOLDER"
}
# Whether a complete pass has met all that was planted.
seen() {
    at_least dcmHashCoverage.0 10000 && { [ -z "$chain" ] || at_least dcmHashMaxChain.0 $NAMESPACES; } &&
        { [ -z "$mount" ] || names_seen; }
}
# The first pass over the hash table takes a moment within the daemon's CPU budget.
await_pass() {
    local end=$((SECONDS + 25)) progress
    until seen; do
        [ "$SECONDS" -lt "$end" ] && kill -0 "${pids[@]}" 2>/dev/null || return 1
        progress=$(value dcmHashProgress.0)
        [ ! -t 1 ] || printf '\rhash table read: %3d %% ' $((${progress:-0} / 100))
        sleep 0.2
    done
    [ ! -t 1 ] || printf '\r'
    echo "hash table read: 100 % of $(value dcmHashBuckets.0) buckets in $(value dcmHashPassTime.0) ms"
}

# part HEADING ROWS WORD: column names, first rows and those with WORD of a table in $tmp/out.
part() {
    awk -v heading="$1" -v rows="$2" -v word="$3" '
        index($0, heading) == 1 { on = 1; print ""; print; next }
        !on { next }
        !NF { exit }
        ++line <= rows + 1 || (word != "" && index($0, word)) { if (left) print "[...]"; left = 0; print; next }
        { left = 1 }
        END { if (left) print "[...]" }' "$tmp/out"
}

# columns TABLE ROWS WORD COLUMN...: some columns, and the first rows and those with WORD.
columns() {
    local table=$1 rows=$2 word=$3
    shift 3
    typed snmptable "${snmp[@]}" -Cbif '"|"' "127.0.0.1:$port" "$table"
    timeout --foreground 20 snmptable "${snmp[@]}" -OU -Cbif '|' "127.0.0.1:$port" "$table" >"$tmp/table" ||
        die "no $table"
    grep -q '^index|' "$tmp/table" || { cat "$tmp/table"; return; }
    awk -F '|' -v rows="$rows" -v word="$word" -v want="$*" '
        BEGIN { n = split(want, name, " ") }
        /^SNMP table/ || NF < 3 { next }
        !header++ { for (i = 1; i <= NF; i++) column[$i] = i; all = NF }
        header && (++row <= rows + 1 || (word != "" && index($0, word))) {
            kept++
            for (i = 1; i <= n; i++) {
                cell[kept, i] = $column[name[i]]
                if (length(cell[kept, i]) > width[i]) width[i] = length(cell[kept, i])
            }
        }
        END {
            for (k = 1; k <= kept; k++) {
                for (i = 1; i <= n; i++) line = line sprintf(i < n ? "%-" width[i] "s " : "%s", cell[k, i])
                print line; line = ""
            }
            printf "(%d of %d columns, %d of %d rows)\n", n, all, kept - 1, row - 1
        }' "$tmp/table"
}

# The notifications of a kind about chains of sysctls (no ipv6 where it is off), one variable per line.
received() { awk -v RS= -v kind="$1" 'index($0, kind) && index($0, "/sys/net/")' "$tmp/traps" | grep .; }
show_trap() { # KIND
    printf '\n(snmptrapd)\n'
    received "$1" | grep -E 'snmpTrapOID|Severity|Kind|Value|Threshold|Text' | head -6
}

[ "$(id -u)" = 0 ] || echo "Not root: hash chains, superblocks and namespaces will be missing (sudo make run)."
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dcachemon-demo.XXXXXX") || exit 1
port=$(free_port)
trap_port=$(free_port "$port")
[ -n "$port" ] && [ -n "$trap_port" ] || die "no free UDP port"
# Where Net-SNMP's tools find DCACHEMON-MIB; an installed one is found without.
. tests/lib/mibs.sh
snmp=(-v2c -c public -Pe -t 2 -r 2)
export SNMP_PERSISTENT_DIR=$tmp/persistent

say "A private snmpd with dcachemon-snmp as its AgentX subagent, and a private snmptrapd" \
    "A host that is monitored over SNMP looks like this; this one answers only on 127.0.0.1:$port."
cat >"$tmp/snmpd.conf" <<EOF2
agentaddress udp:127.0.0.1:$port
rocommunity public 127.0.0.1
master agentx
agentXSocket unix:$tmp/agentx
trap2sink 127.0.0.1:$trap_port public
dontLogTCPWrappersConnects yes
EOF2
cat >"$tmp/dcachemon.conf" <<EOF2
[sampling]
budget_percent = 30
hash_interval = 1
superblocks_interval = 1
socket = $tmp/snapshot.sock
[state]
folder = $tmp/state
[notify]
grace = 0
min_interval = 0
[alarm chain_length]
warning = $((NAMESPACES / 2))
raise_after = 1
clear_after = 1
EOF2
printf 'authCommunity log public\nformat2 %%V\\n%%v\\n\\n\n' >"$tmp/snmptrapd.conf"
mkdir "$tmp/state"
snmptrapd -f -n -Lf "$tmp/traps" -m DCACHEMON-MIB:SNMPv2-MIB -OQs -C -c "$tmp/snmptrapd.conf" "udp:127.0.0.1:$trap_port" \
    >"$tmp/snmptrapd.log" 2>&1 &
pids+=($!)
# The module list keeps the private daemon from reading the host's interfaces.
snmpd -f -Lf "$tmp/snmpd.log" -C -c "$tmp/snmpd.conf" -I -ifTable -p "$tmp/snmpd.pid" &
pids+=($!)
until_true 10 test -S "$tmp/agentx" && until_true 10 grep -q NET-SNMP "$tmp/traps" || die "snmpd did not start"
"$subagent" -f -c "$tmp/dcachemon.conf" -x "$tmp/agentx" 2>"$tmp/dcachemon-snmp.log" &
pids+=($!)
until_true 15 value dcmTotalsDentries.0 || die "no answer over SNMP"
echo "all run; their files are in $tmp until the end"

say "Something to see: $NAMESPACES network namespaces, $NAMES names that do not exist" \
    "Containers and browsers leave such dentries by the thousand; these are removed at the end."
if [ "$(id -u)" = 0 ]; then
    plant_chain || echo "no namespaces: $(tail -1 "$tmp/plant.log")"
    plant_names || echo "no missing names: the kernel mounts no overlay here"
fi
timeout --foreground 20 "$dcachemon" show --explain >"$tmp/out" || die "show failed"
if grep -q '^  hash table' "$tmp/out"; then
    walked=1
    await_pass || echo "the hash table is not read yet: what follows may be incomplete"
else
    part Sources 99 ''
fi

say "The dentry cache as a whole, its longest hash chains, and whose they are" \
    "No kernel counter shows a long chain; each lookup of a name in it walks all of it."
typed "$dcachemon" show --explain
sed '/^$/,$d' "$tmp/out"
part "Longest hash chains" 3 ''
part "Lookups" 3 ''
part "Long chains explained" 6 ''

say "The filesystems by what they keep in the cache" \
    "An unmount, or memory pressure, walks all unused dentries of a filesystem; millions stall the host."
part "Superblocks by unused dentries" 3 "${device:+ $device }"

say "The directories with names that do not exist, and what is known about such names" \
    "A program that looks up made-up names fills the memory; the directory leads to it."
part "Directories by negative dentries" 2 "$FOLDER"

say "The same over SNMP, by name, for the monitoring that you have" \
    "A request is answered from the last snapshot, so it never waits for the kernel."
columns dcmChainTable 3 '' index Length FsType Parent Name SameName
columns dcmSuperblockTable 2 "${device:+|$device|}" index FsType Device Unused Negative MountPoint
columns dcmDirectoryTable 2 "$FOLDER" index Negative Path Hint

say "An alarm: a notification that snmptrapd has received" \
    "The daemon raises it when a chain has been too long for some time, here $((NAMESPACES / 2)) for 1 s."
if [ -z "$chain" ] || [ -z "$walked" ]; then
    echo "none: no chain is seen"
elif until_true 10 received dcmAlarmRaised; then
    show_trap dcmAlarmRaised
else
    die "no alarm was received"
fi

say "The cause: the process, and the directory that it looks in" \
    "Stop the program that looks up the names, and the cache stays clean."
[ -z "$mount" ] || { look_up $((NAMES * 5)) .b $WHO_SECONDS & pids+=($!); }
typed "$dcachemon" who --seconds $WHO_SECONDS
timeout --foreground 20 "$dcachemon" who --seconds $WHO_SECONDS >"$tmp/out" && sed "/^$/,\$d" "$tmp/out"
part Processes 2 ' plant '
part Directories 2 "$FOLDER"
[ -z "$mount" ] || { wait "${pids[-1]}"; unset 'pids[-1]'; }

say "Freeing the unused dentries of that one filesystem" \
    "Every other filesystem keeps its own, which drop_caches would empty as well."
[ -z "$mount" ] || show "$dcachemon" reclaim --yes -c "$tmp/dcachemon.conf" "$mount"

say "The end of the namespaces clears the alarm" \
    "The manager hears that it is over. The chain must stay short for a while first, so that nothing flaps."
if [ -n "$chain" ] && [ -n "$walked" ]; then
    end_chain
    if until_true 15 received dcmAlarmCleared; then
        show_trap dcmAlarmCleared
    else
        echo "not cleared: this host has long chains of its own ($(value dcmHashMaxChain.0))"
    fi
fi

say "Done" "The daemons end and $tmp goes. Next: README.md, dcachemon(1), and \"dcachemon doctor\"."
