#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: host
# The namespace set, the sysctl cache and the link dumps on the live kernel, against cat(1), strace(1)
# and the kernel's own counts. All in a mount namespace of its own, with a private /run/netns.
set -u
BUILD=${BUILD:-build}
if [ "$(id -u)" != 0 ]; then
    echo "1..0 # SKIP needs root for network namespaces"
    exit 0
fi
if [ -z "${DCM_UNSHARED:-}" ]; then
    DCM_UNSHARED=1 exec unshare -m --propagation private "$BASH" "$0" "$@"
fi

count=0 failed=0
ok() { # STATUS TEXT
    count=$((count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $count - $2"
    else
        echo "not ok $count - $2"
        failed=$((failed + 1))
    fi
}
check() { # TEXT CMD...
    local text=$1
    shift
    "$@"
    ok $? "$text"
}
skip() { # TEXT REASON
    count=$((count + 1))
    echo "ok $count - $1 # SKIP $2"
}
equal() { # GOT EXPECTED
    [ "$1" = "$2" ] || { printf '# got:\n%s\n# expected:\n%s\n' "$1" "$2" | sed 's/^[^#]/# &/'; false; }
}
wait_for() { # SECONDS CMD...
    local end=$(($(date +%s%N) + $1 * 1000000000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s%N)" -lt "$end" ] || return 1
        sleep 0.02
    done
}

dir=$(mktemp -d)
driver_pid=
stop() {
    [ -z "$driver_pid" ] || { exec {to}>&-; wait "$driver_pid"; driver_pid=; } 2>/dev/null
}
cleanup() {
    stop
    [ -z "${sleeper:-}" ] || kill "$sleeper" 2>/dev/null
    for name in $(ip netns list 2>/dev/null | cut -d' ' -f1); do ip netns del "$name" 2>/dev/null; done
    umount -l /run/netns 2>/dev/null
    rm -rf "$dir"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
mkdir -p /run/netns
mount -t tmpfs -o mode=755 netns /run/netns || { echo "Bail out! cannot mount a tmpfs"; exit 1; }
mount --make-private /run/netns

# The driver answers every command up to a line ".".
start() { # [PREFIX...] -- ARGS
    local prefix=()
    while [ "$1" != -- ]; do prefix+=("$1"); shift; done
    shift
    rm -f "$dir/in" "$dir/out"
    mkfifo "$dir/in" "$dir/out"
    "${prefix[@]}" "$BUILD/tests/lib/netns_cache" "$@" <"$dir/in" >"$dir/out" 2>"$dir/err" &
    driver_pid=$!
    exec {to}>"$dir/in" {from}<"$dir/out"
}
ask() { # COMMAND
    local line
    printf '%s\n' "$1" >&"$to"
    while IFS= read -r -t 60 line <&"$from"; do
        [ "$line" != . ] || return 0
        printf '%s\n' "$line"
    done
    echo "no answer"
}
tell() { ask "$1" >/dev/null; }
stat_of() { # NAME: a counter of the cache
    ask stats | tr ' ' '\n' | grep -A1 -x "$1" | tail -1
}
fd_count() { ask fds | cut -d' ' -f2; }

# What cat shows inside: the columns of "rows" from families on. Families come from "ip addr".
inside() { # NAMESPACE IF: "families v4retrans v6retrans v6reachable v6forwarding"
    ip netns exec "$1" sh -c '
        f=0 i=$1
        ! ip -4 addr show dev "$i" | grep -q inet || f=$((f + 1))
        ! ip -6 addr show dev "$i" | grep -q inet6 || f=$((f + 2))
        show() { if [ $((f & $1)) != 0 ]; then cat "/proc/sys/net/$2"; else echo -; fi; }
        echo $f $(show 1 "ipv4/neigh/$i/retrans_time_ms") $(show 2 "ipv6/neigh/$i/retrans_time_ms") \
            $(show 2 "ipv6/neigh/$i/base_reachable_time_ms") $(show 2 "ipv6/conf/$i/forwarding")
    ' sh "$2"
}
expected() { # NAMESPACE
    local i
    for i in $(ip netns exec "$1" ls /sys/class/net | sort); do echo "$i $(inside "$1" "$i")"; done
}
cached() { # NAMESPACE
    ask "rows $1" | awk '$NF == 0 { print $2, $5, $6, $7, $8, $9 }' | sort
}
set_sysctl() { # NAMESPACE NAME VALUE
    ip netns exec "$1" sh -c "echo $3 >/proc/sys/net/$2"
}
make_namespace() { # NAME PAIRS
    local n
    ip netns add "$1" && ip -n "$1" link set lo up
    for n in $(seq "$2"); do
        ip -n "$1" link add "v$n" type veth peer name "w$n"
        ip -n "$1" link set "v$n" up
        ip -n "$1" link set "w$n" up
        [ $((n % 2)) = 0 ] || ip -n "$1" addr add "10.9.$n.1/24" dev "v$n"
    done
}

# ---- values ----
for name in one two three; do make_namespace $name 3; done
ip -n three link add br0 type bridge
set_sysctl two ipv4/neigh/v1/retrans_time_ms 1234
set_sysctl two ipv6/neigh/v1/base_reachable_time_ms 4321
set_sysctl three ipv6/conf/v2/forwarding 1
set_sysctl three ipv6/neigh/w2/retrans_time_ms 777
settled() { ! ip netns exec "$1" grep -q tentative <(ip -n "$1" -6 addr); }
for name in one two three; do wait_for 5 settled $name; done

start strace -f -qq -e trace=%file,read,pread64,setns -o "$dir/trace" --
tell refresh
for name in '' one two three; do tell "want $name"; done
tell run
for name in one two three; do
    check "values of \"$name\" equal cat inside it" equal "$(cached $name)" "$(expected $name)"
done
set_sysctl one ipv4/neigh/v1/retrans_time_ms 99
set_sysctl two ipv4/neigh/v1/retrans_time_ms 98
set_sysctl three ipv6/conf/v1/forwarding 1
tell run
for name in one two three; do
    check "changed values of \"$name\" follow" equal "$(cached $name)" "$(expected $name)"
done
# ---- no path walk ----
dentries() { cut -f1 /proc/sys/fs/dentry-state; }
opens=$(stat_of opens)
tell "mark warm"
tell "run 20"
tell "mark end"
check "20 rounds open nothing" equal "$(stat_of opens)" "$opens"
sed -n '/mark-warm/,/mark-end/p' "$dir/trace" >"$dir/polling"
check "the trace has the rounds (60 entered namespaces)" \
    equal "$(grep -c 'setns(.*CLONE_NEWNET) *= 0' "$dir/polling")" 120
check "no system call names a path under /proc/sys" \
    equal "$(grep -c '/proc/sys' "$dir/polling")" 0
reads=$(grep -c pread64 "$dir/polling")
check "values come from pread: $reads calls" test "$reads" -ge 400
stop

start --
tell refresh
for name in one two three; do tell "want $name"; done
tell "run 2"
# The whole machine is counted, and others fill its cache: such an attempt is repeated. What a round
# leaves is there after each.
for _ in 1 2 3 4 5; do
    before=$(dentries)
    tell "run 1000"
    after=$(dentries)
    [ $((after - before)) -ge 3000 ] || break
done
check "1000 rounds leave nr_dentry where it was ($before, $after)" test $((after - before)) -lt 3000
fds=$(ask fds)
check "one descriptor of nsfs (home), no socket between rounds ($fds)" \
    test "${fds#* nsfs }" = "1 sockets 0"

# ---- interfaces that change ----
ip -n one link set v2 down
ip -n one link set v2 name renamed
ip -n one link set renamed up
ip -n one link del v3
ip -n one link set w1 down
ip -n one link set w1 name moved
ip -n one link set moved netns two
ip -n two link set moved up
wait_for 5 settled one
tell run
check "renamed, deleted and moved away: like cat" equal "$(cached one)" "$(expected one)"
wait_for 5 settled two
tell run
check "moved in: like cat" equal "$(cached two)" "$(expected two)"
ip -n two addr flush dev v1
tell run
check "addresses gone: values gone" equal "$(cached two)" "$(expected two)"
interfaces=$(stat_of interfaces)
rows_with_address=$(for name in one two three; do cached $name; done | awk '$2 > 0' | wc -l)
check "nothing is kept of interfaces that are gone" equal "$interfaces" "$rows_with_address"

# ---- a namespace that ends while polled ----
unshare -n sleep 1000 &
sleeper=$!
wait_for 5 sh -c "[ \$(readlink /proc/$sleeper/ns/net) != \$(readlink /proc/self/ns/net) ]"
nsenter -t "$sleeper" -n ip link set lo up
tell "process $sleeper"
tell "want pid:$sleeper"
tell run
check "the namespace of a process is sampled" \
    test "$(cached "pid:$sleeper" | cut -d' ' -f1,2)" = "lo 3"
# An independent witness, outside: a sysctl file of a namespace reads until the namespace is gone.
python3 - "$sleeper" >"$dir/witness" <<'EOF' &
import ctypes, os, sys, time
libc, new_net = ctypes.CDLL(None), 0x40000000
home = os.open("/proc/self/ns/net", os.O_RDONLY)
there = os.open(f"/proc/{sys.argv[1]}/ns/net", os.O_RDONLY)
assert libc.setns(there, new_net) == 0
file = os.open("/proc/sys/net/ipv4/ip_forward", os.O_RDONLY)
assert libc.setns(home, new_net) == 0
os.close(there)
print("ready", flush=True)
for _ in range(1000):
    try:
        os.pread(file, 9, 0)
    except FileNotFoundError:
        print("gone", flush=True)
        break
    time.sleep(0.01)
EOF
witness=$!
wait_for 5 grep -q ready "$dir/witness"
full=$(fd_count)
kill "$sleeper"
wait "$sleeper" 2>/dev/null
sleeper=
check "the kernel frees a polled namespace at once" wait_for 5 grep -q gone "$dir/witness"
wait $witness
tell run
check "its descriptors are closed in the next round" test "$(fd_count)" -eq $((full - 4))
tell refresh
check "it leaves the list" test "$(ask list | grep -c pid:)" = 0

make_namespace dying 2
tell refresh
tell "want dying"
wait_for 5 settled dying
tell run
nsenter --net=/run/netns/dying sh -c 'echo ready; exec sleep 1000' >"$dir/ready" &
keeper=$!
wait_for 5 test -s "$dir/ready"
ip netns del dying
full=$(fd_count)
tell run
check "a name that is gone: descriptors closed though a process still holds it" \
    test "$(fd_count)" -lt "$full"
kill $keeper
wait $keeper 2>/dev/null

# The kernel's own count: the slab of struct net may lag, so cookies of the live ones decide.
for n in 1 2 3; do ip netns add "same$n"; done
tell refresh
first=$(ask list | awk '$2 == "same2" { print $1 }')
ip netns del same2
ip netns add same2
tell refresh
second=$(ask list | awk '$2 == "same2" { print $1 }')
check "a name used again is another namespace ($first, $second)" test "$first" != "$second"
tell "want same1"
tell "want same2"
tell run
umount /run/netns/same1
mount --bind /run/netns/same2 /run/netns/same1
tell run
tell refresh
check "another namespace mounted on a name is noticed" \
    equal "$(ask list | grep -c ' same[12]$')" 1
umount /run/netns/same1
for n in 1 2 3; do ip netns del "same$n" 2>/dev/null; done

# ---- what else may lie in the directory ----
mkfifo /run/netns/fifo
echo text >/run/netns/plain
mknod /run/netns/device c 1 3
mkdir /run/netns/folder
ln -s /etc/passwd /run/netns/link
ln -s /proc/$$/ns/uts /run/netns/uts
ln -s /run/netns/one /run/netns/chain
touch /run/netns/mnt
mount --bind /proc/$$/ns/uts /run/netns/mnt
touch '/run/netns/..hidden' "/run/netns/$(printf 'esc\033[2Jape')"
unshare -n sleep 1000 &
sleeper=$!
wait_for 5 sh -c "[ \$(readlink /proc/$sleeper/ns/net) != \$(readlink /proc/self/ns/net) ]"
ln -s /proc/$sleeper/ns/net /run/netns/docker
begin=$(date +%s%N)
tell refresh
check "hostile entries do not hold a refresh up" test $(($(date +%s%N) - begin)) -lt 2000000000
refused=$(ask refused)
for case in "fifo: a FIFO" "plain: a plain file" "device: a device" "folder: a directory" \
    "link: a symbolic link to other" "uts: a symbolic link to other" \
    "chain: a symbolic link to other" "mnt: a namespace of another kind"; do
    check "refused with a reason: $case" grep -qF "$case" <<<"$refused"
done
check "a link to /proc/PID/ns/net is followed" grep -q ' docker$' <<<"$(ask list)"
kill "$sleeper"
wait "$sleeper" 2>/dev/null
sleeper=
tell refresh
check "and leaves with its process" test "$(ask list | grep -c ' docker$')" = 0
umount /run/netns/mnt
rm -rf /run/netns/{fifo,plain,device,folder,link,uts,chain,mnt,docker,..hidden} /run/netns/esc*
stop
mkdir "$dir/real"
ln -s /run/netns "$dir/symlink"
start -- "$dir/symlink"
tell refresh
check "the directory itself may be a link" test "$(ask list | wc -l)" = 4
stop
start -- "$dir/missing"
check "a missing directory is no error" equal "$(ask refresh)$(ask list | wc -l)" 1
stop

# ---- few descriptors ----
start -- /run/netns 10
tell refresh
for name in one two three; do tell "want $name"; done
tell "run 3"
check "10 descriptors: values still equal cat" equal "$(cached three)" "$(expected three)"
check "and no more are open" test "$(stat_of open)" -le 10
check "a working set above the limit does not push itself out" test "$(stat_of evictions)" = 0
stop
start --
tell refresh
for name in one two three; do tell "want $name"; done
tell run
tell "limit 14"
for name in one two three; do set_sysctl $name ipv6/conf/v1/forwarding 1; done
ip -n one link add late type veth peer name late2
ip -n one link set late up
ip -n one link set late2 up
wait_for 5 settled one
tell "run 3"
check "EMFILE: survived, namespaces are still entered" test "$(ask "error two")" = ""
check "EMFILE was met" test "$(stat_of open)" -lt 14
tell "limit 4096"
tell "run 80"
for name in one two three; do
    check "after EMFILE \"$name\" equals cat" equal "$(cached $name)" "$(expected $name)"
done

# ---- churn: more than 500 namespaces, 170 at a time; with CHURN=60 500 at a time for 60 s ----
resident() { awk '/^VmRSS/ { print $2 }' "/proc/$driver_pid/status"; }
every() { # COMMAND, below "ip netns", with each of the names
    for ((n = 1; n <= churned; n++)); do echo "netns $1 churn$n"; done | ip -batch - >/dev/null
}
churned=170
[ -z "${CHURN:-}" ] || churned=500
start --
tell refresh
tell "wantall"
tell run
start_fds=$(fd_count) end=$(($(date +%s) + ${CHURN:-5})) rounds=0 most=0 first_kb=0 level=yes
while [ $rounds -lt 3 ] || [ "$(date +%s)" -lt $end ]; do
    every add
    ip -all netns exec ip link set lo up >/dev/null
    tell refresh
    tell wantall
    tell "run 2"
    now=$(fd_count)
    [ "$now" -le $most ] || most=$now
    every del
    # Half of the time the rounds notice first that they are gone.
    [ $((rounds % 2)) = 0 ] || tell run
    tell refresh
    tell run
    [ "$(fd_count)" = "$start_fds" ] || level="$(fd_count) in round $rounds"
    rounds=$((rounds + 1))
    [ $rounds != 2 ] || first_kb=$(resident) # one round of each kind has been
    [ -z "${CHURN:-}" ] || echo "# round $rounds: $(resident) kB"
done
check "$rounds times $churned namespaces churned: descriptors $start_fds, $most, then level" equal "$level" yes
check "while they lived their files were open" test "$most" -ge $((start_fds + churned * 4))
last_kb=$(resident)
check "memory after two rounds ($first_kb kB) and at the end ($last_kb kB) is level" \
    test "$last_kb" -le $((first_kb + first_kb / 10 + 512))
stop

# ---- the way back ----
strace -f -qq -e trace=setns -e inject=setns:error=EPERM:when=2 -o "$dir/trace" \
    "$BUILD/tests/lib/netns_cache" >"$dir/lost" <<'EOF'
refresh
netns
want one
run
netns
run
rows one
EOF
own=$(stat -Lc %i /proc/self/ns/net)
check "a failed way back: the next work is done at home and right again" \
    test "$(grep -cx "$own" "$dir/lost")$(grep -c ' lo ' "$dir/lost")" = 21
threads=$(awk '/setns/ { print $1 }' "$dir/trace" | sort -u | wc -l)
check "the lost thread was replaced" test "$threads" -ge 2
echo "1..$count"
[ $failed = 0 ]
