#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: host
# timeout: 60
# sees: mounts
# dcachemon who and containers without a daemon: a folder of an overlay by each name that a process in
# it, in a chroot or on the host has for it is one row, as the host has it; network namespaces that a
# runtime makes for its containers are one row as well.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/who.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
dcachemon=$BUILD/bin/dcachemon
m=$tmp/merged folder=nssdb-$$ runtime=runtime-$$
mkdir "$tmp/base" "$m" "$tmp/volume"
mount -t tmpfs who-base "$tmp/base"
on_exit "umount '$tmp/base'"
mkdir "$tmp/base"/{lower,upper,work}
mount -t overlay who-test "$m" \
    -o "lowerdir=$tmp/base/lower,upperdir=$tmp/base/upper,workdir=$tmp/base/work" ||
    { echo "1..0 # SKIP no overlay can be mounted here"; exit 0; }
on_exit "wait_for 10 umount '$m'" # processes that were told to end may have it still
mkdir -p "$m/etc/$folder" "$m/data" "$m/own" "$m/proc"

# Processes that look missing names up until they are told to end, each a name of its own, and write
# "PID NAME" when they have begun.
cat >"$tmp/look.py" <<'PY'
import os, sys, time
ready, calls = sys.argv[1], sys.argv[2:]
def look(name, root, cwd, path, at):
    os.chroot(root)
    os.chdir(cwd)
    fd = os.open(at, os.O_RDONLY) if at else None
    for i in range(200000):
        if i == 1: os.write(out, f"{os.getpid()} {name}\n".encode())
        try: os.stat(f"{path}/{name}{i % 20}", dir_fd=fd)
        except OSError: pass
        time.sleep(0.0005)
out = os.open(ready, os.O_WRONLY | os.O_APPEND)
for call in calls:
    if os.fork() == 0:
        look(*call.split(","))
        os._exit(1)
while True: time.sleep(60)
PY
: >"$tmp/looking"
setsid python3 "$tmp/look.py" "$tmp/looking" "chroot,$m,/,/etc/$folder," "chrootcwd,$m,/etc,$folder," \
    "host,/,/,$m/etc/$folder," "hostcwd,/,$m/etc/$folder,./," "hostfd,/,/,.,$m/etc/$folder" &
host=$!
on_exit "kill -- -$host 2>/dev/null; wait $host 2>/dev/null"
# shellcheck disable=SC2016
setsid unshare -m --propagation private sh -c 'm=$1 && shift &&
    mount --bind "$1" "$m/data" && mount -t tmpfs own "$m/own" && mount -t proc own "$m/proc" &&
    mkdir "$m/own/sub" && shift && exec python3 "$@"' sh "$m" "$tmp/volume" "$tmp/look.py" "$tmp/looking" \
    "absolute,$m,/,/etc/./$folder," "relative,$m,/etc,$folder," "fd,$m,/,.,/etc/$folder" \
    "up,$m,/etc/$folder,../$folder," "volume,$m,/,/data," "tmpfs,$m,/,own/sub," "proc,$m,/,/proc/sys/net," &
container=$!
on_exit "kill -- -$container 2>/dev/null; wait $container 2>/dev/null"
begun() { [ "$(wc -l <"$tmp/looking")" = 12 ]; }
check "twelve processes ask for missing names" wait_for 20 begun
device() { awk -v m="$m/$1" '$5 == m { print $3 }' "/proc/$container/mountinfo"; }

# As runc is above the child that makes a container's network namespace: for eight of them.
makers() {
    python3 -c '
import ctypes, os, sys
def become(command): open("/proc/self/comm", "w").write(command)
def fork(command, then):
    pid = os.fork()
    if pid == 0:
        become(command)
        then()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
def unshare(): assert ctypes.CDLL(None).unshare(0x40000000) == 0
become(sys.argv[1])
for _ in range(8): fork("runc", lambda: fork("runc:[1:CHILD]", unshare))
' "$runtime"
}

# in_folder FOLDER NAME...: each of these processes has all its lookups in that folder.
in_folder() {
    local wanted=$1
    shift
    json "
pids = {name: int(pid) for pid, name in map(str.split, open('$tmp/looking'))}
found = {name: {p['directory'] for p in d['processes'] if p['pid'] == pids[name] and p['command'].startswith('python')}
         for name in '$*'.split()}
assert all(f == {'$wanted'} for f in found.values()), found"
}
all_seen() {
    in_folder "$m/etc/$folder" chroot chrootcwd host hostcwd hostfd absolute relative fd up &&
        in_folder "$tmp/volume" volume && in_folder "$(device own):/sub" tmpfs &&
        in_folder "$(device proc):/sys/net" proc
}
watch_all() {
    for _ in 1 2 3 4 5; do # other work on this machine may keep the tracepoint off for long
        begin --seconds 60 --json --top 16384
        makers
        sleep 1
        kill -INT "$who"
        wait "$who"
        ! all_seen 2>/dev/null || break
    done
}

watch_all
check "a chroot's folder is the host's" in_folder "$m/etc/$folder" chroot chrootcwd
check "by whichever name of the host" in_folder "$m/etc/$folder" host hostcwd hostfd
check "and so is a container's" in_folder "$m/etc/$folder" absolute relative fd up
check "all of that is one row" json "
rows = [r['directory'] for r in d['directories'] if '$folder' in r['directory']]
assert rows == ['$m/etc/$folder'], rows"
check "a volume is the host's folder" in_folder "$tmp/volume" volume
check "what the host has not mounted has its device" in_folder "$(device own):/sub" tmpfs
check "so has a container's proc" in_folder "$(device proc):/sys/net" proc
check "no folder is named by its mount namespace" json "
assert not [r for r in d['directories'] if 'mnt:[' in r['directory']]"
check "eight containers' namespaces are one row" json "
rows = [r for r in d['namespace_makers'] if r['parent'] == '$runtime']
assert [(r['command'], r['namespaces_low'], r['namespaces'], r['namespaces_high'], r['pid']) for r in rows] \
    == [('runc', 8, 8, 8, None)], rows
assert abs(rows[0]['per_second'] * d['totals']['elapsed_seconds'] - 8) < 0.01, (rows, d['totals'])
assert d['totals']['namespaces'] >= 8 and d['totals']['namespaces_lost'] == 0, d['totals']"

# As in a container that shares the host's PID namespace: the mounts around it are its own.
who_with=(nsenter -t "$container" -m)
watch_all
check "all the same where dcachemon's own mounts are a container's" all_seen
who_with=()

# In a PID namespace it is another number to itself than to the kernel: what it looks up itself, of
# processes that have ended, is in no row there either.
own=own-$$
cp "$dcachemon" "$tmp/$own"
python3 -c '
import os, time
end = time.monotonic() + 3
while time.monotonic() < end:
    pid = os.fork()
    if pid == 0:
        for i in range(20):
            try: os.stat(f"/missing-{os.getpid()}-{i}")
            except OSError: pass
        os._exit(0)
    os.waitpid(pid, 0)' &
ending=$!
unshare --pid --fork "$tmp/$own" who --json --seconds 3 --top 16384 >"$tmp/out" 2>"$tmp/err"
wait "$ending"
check "in a PID namespace, none of its own lookups" json "
rows = [p for p in d['processes'] if p['command'] == '$own']
assert d['totals']['failed_lookups_seen'] and not rows, (d['totals'], rows)"

begin --seconds 60 --top 1000
makers
kill -INT "$who"
wait "$who"
says "$tmp/out" '^Makers of network namespaces: [0-9,]+ made, [0-9.]+ a second$'
says "$tmp/out" "^ +8 +exact +[0-9.]+ a second +runc +$runtime +- "
done_testing
