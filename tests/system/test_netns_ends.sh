#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# Namespaces that end while they are sampled, names that come to mean another one, and what else may
# lie in /run/netns.
. "${TOP:?set by tests/run}/tests/lib/netns_cache.sh"

# ---- a namespace that ends while polled ----
make_three
all_settled
start -- /run/netns
tell refresh
want_three
tell "run 2"
sleeper_begin
nsenter -t "$sleeper" -n ip link set lo up
tell "process $sleeper"
tell refresh
tell "want pid:$sleeper"
tell run
check "the namespace of a process is sampled" \
    test "$(cached "pid:$sleeper" | cut -d' ' -f1,2)" = "lo 3"
# An independent witness, outside: a sysctl file of a namespace reads until the namespace is gone.
python3 - "$sleeper" >"$tmp/witness" <<'EOF' &
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
wait_for 5 grep -q ready "$tmp/witness"
full=$(fd_count)
sleeper_end
check "the kernel frees a polled namespace at once" wait_for 5 grep -q gone "$tmp/witness"
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
nsenter --net=/run/netns/dying sh -c 'echo ready; exec sleep 1000' >"$tmp/ready" &
keeper=$!
wait_for 5 test -s "$tmp/ready"
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
sleeper_begin
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
sleeper_end
tell refresh
check "and leaves with its process" test "$(ask list | grep -c ' docker$')" = 0
umount /run/netns/mnt
rm -rf /run/netns/{fifo,plain,device,folder,link,uts,chain,mnt,docker,..hidden} /run/netns/esc*
stop
ln -s /run/netns "$tmp/symlink"
start -- "$tmp/symlink"
tell refresh
check "the directory itself may be a link" test "$(ask list | wc -l)" = 4
stop
done_testing
