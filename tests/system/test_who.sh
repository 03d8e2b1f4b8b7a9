#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: host
# sees: mounts
# dcachemon who on the live kernel: names the process, its cgroup and the directory of planted
# dentries and network namespaces, says how many, and leaves nothing attached.
# WHO_RUNS=20: storms of a million new names in 3 s, in place of three of a third in 1 s.
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/who.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
dcachemon=$BUILD/bin/dcachemon plant=$BUILD/tests/lib/plant names=400000
m=$tmp/m

mkdir "$tmp/base" "$m"
mount -t tmpfs who-base "$tmp/base"
on_exit "umount '$tmp/base'"
mkdir "$tmp/base"/{lower,upper,work}
mount -t overlay who-test "$m" \
    -o "lowerdir=$tmp/base/lower,upperdir=$tmp/base/upper,workdir=$tmp/base/work"
on_exit "umount '$m'"
mkdir "$m"/{nssdb,absolute,short,evil}

cgroup=
for place in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    [ "$(stat -f -c %T "$place" 2>/dev/null)" = cgroup2fs ] && cgroup=$place/dcachemon-who-$$
done
if [ -n "$cgroup" ] && mkdir "$cgroup" 2>/dev/null; then on_exit "rmdir '$cgroup'"; else cgroup=; fi

# ---- a planted process ----
begin --seconds 30 --json --top 1000
bash -c '[ -z "$1" ] || echo $$ >"$1/cgroup.procs"; exec "$2" negative "$3" "$4" .x' \
    - "$cgroup" "$plant" "$m/nssdb" "$names" &
planted=$!
check "planted" wait "$planted"
python3 -c '
import itertools, os, sys, time
def look_up(path, seconds): # long enough for several of the times that the tracepoint is on
    end = time.monotonic() + seconds
    for i in itertools.count():
        if time.monotonic() > end: break
        try: os.stat(path(i))
        except OSError: pass
look_up(lambda i: f"{sys.argv[1]}/absolute/./n{i % 300}", 1.5)
evil = os.fsencode(sys.argv[1]) + b"/evil/\x1b[31m\xff\n"
look_up(lambda i: evil + bytes([i % 255 + 1]), 1)
' "$m"
kill -INT "$who"
check "Ctrl-C ends it with what it has" wait "$who"
silent "$tmp/err"
echo "# $(json 'print(d["totals"]); print("#", d["processes"][0]); print("#", d["directories"][0])')"

check "the process comes first" json "p = d['processes'][0]; assert (p['pid'], p['command']) == ($planted, 'plant')"
check "with its directory" json "assert d['processes'][0]['directory'] == '$m/nssdb'"
check "the directory comes first" json "assert d['directories'][0]['directory'] == '$m/nssdb'"
check "and names the process" json "p = d['directories'][0]; assert (p['pid'], p['command']) == ($planted, 'plant')"
check "and names in it" json "assert all(n.startswith('.x') for n in d['directories'][0]['sample_names']) and d['directories'][0]['sample_names']"
check "how many negative dentries it left" json "
p = d['processes'][0]
assert $names <= p['new_negative'] == p['new_negative_low'] == p['new_negative_high'] < 1.01 * $names, p"
check "most of them in that directory" json "
r = d['directories'][0]
assert 0.8 * $names < r['new_negative'] <= r['new_negative_high'] < 1.01 * $names, r"
if [ -n "$cgroup" ]; then
    check "its cgroup" json "assert d['processes'][0]['cgroup'] == '/$(basename "$cgroup")', d['processes'][0]"
    check "the cgroup comes first" json "assert d['cgroups'][0]['cgroup'] == '/$(basename "$cgroup")'"
else
    skip "its cgroup" "no cgroup2 that can be written"
fi
check "an absolute path, without the dot" json "
r = [r for r in d['directories'] if r['directory'] == '$m/absolute'][0]
assert r['command'].startswith('python') and r['failed_lookups_high'] > 10000, r"
check "names looked up over and over are not new" json "
r = [r for r in d['directories'] if r['directory'] == '$m/absolute'][0]
assert r['new_negative_high'] <= 3 * 300, r"
check "names with every byte are JSON" json "
r = [r for r in d['directories'] if r['directory'] == '$m/evil'][0]
assert all(n.startswith('\x1b[31m\\\\xff\n') for n in r['sample_names']), r"

# ---- every call that looks a path up ----
begin --seconds 30 --json --top 1000
python3 - "$m" <<'PY' &
import ctypes, itertools, os, socket, sys, time
m, libc, wanted = sys.argv[1], ctypes.CDLL(None, use_errno=True), set()
def path(call, i, below="."): # a missing name, or one in a missing directory
    wanted.add(call)
    os.makedirs(f"{m}/{call}", exist_ok=True)
    return f"{m}/{call}/{below}/n{i % 50}"
def sock(call, i):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s: getattr(s, call)(path(call, i, "none" if call == "bind" else "."))
calls = [
    lambda i: os.mkdir(path("mkdir", i, "none")), lambda i: os.mknod(path("mknod", i, "none")),
    lambda i: os.rename(path("rename", i), m + "/x"), lambda i: os.link(path("link", i), m + "/x"),
    lambda i: os.symlink("x", path("symlink", i, "none")), lambda i: os.chroot(path("chroot", i)),
    lambda i: libc.inotify_add_watch(inotify, os.fsencode(path("inotify", i)), 2),
    lambda i: libc.name_to_handle_at(-100, os.fsencode(path("handle", i)), handle, ctypes.byref(mount), 0),
    lambda i: sock("connect", i), lambda i: sock("bind", i)]
inotify, handle, mount = libc.inotify_init(), ctypes.create_string_buffer(160), ctypes.c_int()
end = time.monotonic() + 4
for i in itertools.count():
    if time.monotonic() > end: break
    for call in calls:
        try: call(i)
        except OSError as e: assert e.errno == 2, (e, call)
assert len(wanted) == 10, wanted
PY
all=$!
check "ten kinds of calls" wait "$all"
kill -INT "$who"
wait "$who"
check "each of them is seen with its directory" json "
seen = {r['directory'].removeprefix('$m/').split('/')[0] for r in d['directories'] if r['failed_lookups'] and r['directory'].startswith('$m/')}
lacking = set('mkdir mknod rename link symlink chroot inotify handle connect bind'.split()) - seen
assert not lacking, (lacking, seen)"
check "what is not seen is said" json "assert d['totals']['not_seen'] == ['io_uring', '32-bit programs'], d['totals']"

# ---- how many, and in which order ----
mkdir "$m/truth"
if [ -n "${WHO_RUNS:-}" ]; then storms=("$WHO_RUNS" 1000000 3); else storms=(3 333333 1); fi
check "processes that know what they did" sh -c "'$TOP/tests/system/who_truth.py' measure \
    '$dcachemon' '$BUILD/tests/lib/lookups' '$m/truth' ${storms[*]} >'$tmp/truth'"
truth() { "$TOP/tests/system/who_truth.py" judge "$tmp/truth" "$1"; }
check "what each left in the cache" truth left
check "storms of new names: 95 % intervals hold failed lookups and names" truth storm
check "and are no wider than 12 % to each side" truth width
check "a loop over known names leaves no more than three times the names" truth loop
check "it comes after a maker of 2,000 a second, and of bursts" truth rank

# ---- short-lived processes and makers of namespaces ----
# Away from the storm, whose cost keeps the tracepoint off for most of the time; and once more when
# other work on this machine did the same.
cp "$plant" "$tmp/creator-$$" # makers are summed by their names
few() { # what is to be seen in one session
    for i in $(seq 150); do stat "$m/short/$i" >/dev/null 2>&1; done
    "$tmp/creator-$$" creator 300 &
    creator=$!
    wait "$creator"
    python3 -c '
import ctypes, os, sys
open("/proc/self/comm", "w").write(sys.argv[1])
libc = ctypes.CDLL(None)
for i in range(5):
    pid = libc.syscall({"x86_64": 56}.get(os.uname().machine, 220), 0x40000000 | 17, 0, 0, 0, 0)
    if pid == 0: os._exit(0)
    os.waitpid(pid, 0)
' "cloner-$$" &
    cloner=$!
    wait "$cloner"
}
seen() {
    json "
assert [r for r in d['directories'] if r['directory'] == '$m/short'][0]['command'] == 'stat'
assert [r for r in d['namespace_makers'] if r['pid'] == $creator][0]['namespaces'] == 300
assert [r for r in d['namespace_makers'] if r['pid'] == $cloner][0]['namespaces'] == 5" 2>/dev/null
}
for _ in 1 2 3 4 5; do
    begin --seconds 60 --json --top 1000
    few
    kill -INT "$who"
    wait "$who"
    seen && break
done
check "short-lived processes keep their name" json "
r = [r for r in d['directories'] if r['directory'] == '$m/short'][0]
assert r['command'] == 'stat', r"
check "who made namespaces with unshare" json "
r = [r for r in d['namespace_makers'] if r['pid'] == $creator][0]
assert r['command'] == 'creator-$$' and r['namespaces_low'] == r['namespaces'] == r['namespaces_high'] == 300, r"
check "and with clone, to the last one" json "
r = [r for r in d['namespace_makers'] if r['pid'] == $cloner][0]
assert r['namespaces'] == r['namespaces_low'] == r['namespaces_high'] == 5, r"

# ---- a kernel that passes events over, which this one does not: 7 that may have been namespaces ----
if ${CC:-cc} -shared -fPIC -o "$tmp/passed.so" "$TOP/tests/lib/preload/passed_over.c" 2>/dev/null; then
    who_with=(env LD_PRELOAD="$tmp/passed.so" PASSED_OVER_PROGRAM=netns_made PASSED_OVER_COUNT=7
        ASAN_OPTIONS=verify_asan_link_order=0)
    passed_over() {
        begin --seconds 60 --top 1000 "$@"
        "$tmp/creator-$$" creator 3
        kill -INT "$who"
        wait "$who"
    }
    passed_over --json
    check "what was passed over widens each maker's interval" json "
r = [r for r in d['namespace_makers'] if r['command'] == 'creator-$$'][0]
assert (r['namespaces'], r['namespaces_low'], r['namespaces_high']) == (3, 3, 10), r
t = d['totals']
assert (t['namespaces_passed_over'], t['events_passed_over'], t['namespaces_lost']) == (7, 7, 0), t"
    passed_over
    who_with=()
    check "the text says at least" grep -qE '^Makers of network namespaces: at least [0-9]+ made' "$tmp/out"
    check "and how many more events there may be" grep -q '^Up to 7 more: ' "$tmp/out"
else
    skip "events that were passed over" "no compiler"
fi

# ---- the same ranking on every kernel: tests/kernels/inside.sh has the others ----
mkdir "$m"/{first,second,third}
mkfifo "$tmp/storm"
python3 "$TOP/tests/kernels/storm.py" "$m"/{first,second,third} <"$tmp/storm" &
storm=$!
exec 7>"$tmp/storm"
on_exit "kill $storm 2>/dev/null"
run 0 "processes in known proportions" "$dcachemon" who --json --top 1000 --seconds 4 --lookups-only
check "their directories in that order" json "
assert [r['directory'] for r in d['directories'] if r['directory'] in ('$m/first', '$m/second', '$m/third')] \
    == ['$m/first', '$m/second', '$m/third'], d['directories'][:5]"
check "and the processes" json "
assert [p['command'] for p in d['processes'] if p['command'] in ('first', 'second', 'third')] \
    == ['first', 'second', 'third'], d['processes'][:5]"
check "failed lookups alone were watched" json "assert d['totals']['dentries'] is None"
exec 7>&-
wait "$storm"

# ---- for people ----
for _ in 1 2 3 4 5; do # others may look up more
    begin --seconds 2 --top 10
    python3 -c '
import os, sys
for i in range(20000):
    try: os.stat(os.fsencode(sys.argv[1]) + b"/evil/\x1b]0;x\x07%d" % i)
    except OSError: pass
' "$m"
    wait "$who"
    ended=$?
    ! grep -q "$m/evil" "$tmp/out" || break
done
check "ends by itself" test "$ended" = 0
says "$tmp/out" 'NEW-NEGATIVE +FAILED +\+/- +PID +COMMAND'
says "$tmp/out" "$m/evil"
check "no escape sequence reaches the terminal" sh -c "! grep -q \$'\\033' '$tmp/out'"

# ---- nothing stays ----
gone() { ! bpftool prog show 2>/dev/null | grep -qwE 'call_exit|thread_switch|netns_made|dentry_alloc'; }
check "no program stays loaded" wait_for 10 gone
begin --seconds 300
kill -KILL "$who"
wait "$who" 2>/dev/null
check "not even after SIGKILL" wait_for 10 gone
check "nothing is pinned" test -z "$(find /sys/fs/bpf -name '*dcm*' -o -name '*who*' 2>/dev/null)"

for bad in 0 301 -1 nan 5x ''; do run 2 "--seconds '$bad'" "$dcachemon" who --seconds "$bad"; done
for bad in 0 1.5 -1 x; do run 2 "--top '$bad'" "$dcachemon" who --top "$bad"; done
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
    chmod 755 "$tmp"
    run 1 "without privileges" setpriv --reuid 65534 --clear-groups --no-new-privs "$dcachemon" who
    says "$tmp/err" 'needs BTF, CAP_BPF and CAP_PERFMON'
else
    skip "without privileges" "cannot become another user"
fi
done_testing
