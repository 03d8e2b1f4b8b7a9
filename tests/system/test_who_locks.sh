#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: core
# sees: mounts
# dcachemon who --locks on the live kernel: names the lock that threads wait for, its superblock and its
# directory, and the time; each thread knows by its own clock how long its calls took.
# LOCKS_FILES=2000000: an unmount of that many entries in place of 100,000. LOCKS_SYNC=1: also with a
# program beside it that calls sync(2), of all filesystems here, and one that only calls stat(2).
. "$TOP/tests/lib/tap.sh"
. "$TOP/tests/lib/who.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
dcachemon=$BUILD/bin/dcachemon contend=$BUILD/tests/lib/contend files=${LOCKS_FILES:-100000}
if ! "$dcachemon" who --locks --seconds 0.1 >"$tmp/out" 2>"$tmp/err" && grep -q 'came with Linux 5.19' "$tmp/err"; then
    echo "1..0 # SKIP $(cat "$tmp/err")"
    exit 0
fi

mkdir "$tmp/busy" "$tmp/quiet"
mount -t tmpfs locks-busy "$tmp/busy"
on_exit "umount '$tmp/busy' 2>/dev/null"
mount -t tmpfs locks-quiet "$tmp/quiet"
on_exit "umount '$tmp/quiet'"
mkdir "$tmp/busy/hot" "$tmp/quiet/cold"
busy=$(stat -c %Hd:%Ld "$tmp/busy") quiet=$(stat -c %Hd:%Ld "$tmp/quiet")

# rows STATEMENTS: of the locks of a kind, "rows(d, 's_umount')", and what a thread's clocks said.
rows() {
    python3 -c "
import json
d = json.load(open('$tmp/out'))
def rows(kind, device='$busy'): return [l for l in d['locks'] if l['lock'] == kind and l['device'] == device]
calls, total, longest = open('$tmp/clocks').read().split()[1:4]
calls, total, longest = int(calls), float(total), float(longest)
$1"
}

# Others' waits may be too many to be watched: once more then.
ended_by_rate() { json "assert d['totals']['ended_by'] == 'rate'" 2>/dev/null; }

# ---- a directory that eight threads write to, beside a quiet superblock ----
for _ in 1 2 3; do
    begin --locks --seconds 30 --top 1000 --json
    "$contend" "$tmp/quiet/cold" 1 0.2 >/dev/null
    "$contend" "$tmp/busy/hot" 8 1 >"$tmp/clocks" &
    contended=$!
    check "eight threads in one directory" wait "$contended"
    kill -INT "$who"
    check "Ctrl-C ends it with what it has" wait "$who"
    ended_by_rate || break
done
silent "$tmp/err"
echo "# $(rows 'print(d["totals"], calls, total, longest); print("#", rows("i_rwsem"))')"
check "says that it was ended" rows "assert d['totals']['ended_by'] == 'signal'"
check "the lock of the directory, with its path" rows "
r, = rows('i_rwsem')
assert (r['path'], r['mount_point'], r['fstype']) == ('$tmp/busy/hot', '$tmp/busy', 'tmpfs'), r"
check "the process that waited" rows "
p = rows('i_rwsem')[0]['processes'][0]
assert (p['pid'], p['command']) == ($contended, 'contend'), p"
check "a part of the time that its calls took" rows "
r, = rows('i_rwsem')
assert 0.05 * total < r['wait_seconds'] <= total and r['waits'] <= calls, (r, total)"
check "no wait longer than the longest call" rows "
r, = rows('i_rwsem')
assert 0 < r['longest_seconds'] <= longest, (r, longest)"
check "nothing of the quiet superblock" rows "assert not [l for l in d['locks'] if l['device'] == '$quiet']"
check "what is not seen is said" rows "assert len(d['totals']['not_seen']) == 5"
check "no wait is lost" rows "assert d['totals']['waits_lost'] == 0"

# ---- an unmount, and who waits for it ----
# beside OPTION...: one more program until its standard input ends, as $beside.
beside() {
    mkfifo "$tmp/hold.$1"
    "$contend" "$@" <"$tmp/hold.$1" >"$tmp/clocks.$1" 2>&1 &
    beside=$!
    on_exit "kill $beside 2>/dev/null"
}
check "$files files" "$contend" --plant "$tmp/busy" "$files"
begin --locks --seconds 200 --top 1000 --json
if [ -n "${LOCKS_SYNC:-}" ]; then
    beside --sync
    sync=$beside
    beside --stat "$tmp/quiet/cold"
    stat=$beside
    exec 8>"$tmp/hold.--sync" 9>"$tmp/hold.--stat"
fi
# ustat(2) takes s_umount of the superblock that it is asked for, and of no other.
"$contend" --ustat "$busy" >"$tmp/clocks" 2>"$tmp/ask.err" &
ask=$!
started() { grep -q ready "$tmp/clocks" || ! kill -0 "$ask" 2>/dev/null; }
wait_for 10 started
umount "$tmp/busy"
asked=0
wait "$ask" || asked=$?
exec 8>&- 9>&-
[ -z "${LOCKS_SYNC:-}" ] || wait "$sync" "$stat"
kill -INT "$who"
wait "$who"
if [ "$asked" = 0 ]; then
    echo "# $(rows 'print(longest, rows("s_umount"))')"
    check "s_umount of the superblock, with where it was mounted" rows "
r, = rows('s_umount')
assert (r['mount_point'], r['fstype']) == ('$tmp/busy', 'tmpfs') and r['shared_waits'] == r['waits'], r"
    # waited PID CLOCKS: that long, by that process's own clock; longer than its longest call without
    # what it waited for a processor, some of which is within the wait.
    waited() {
        rows "
longest, undelayed = map(float, open('$2').read().split()[3:])
p, = [p for p in rows('s_umount')[0]['processes'] if p['pid'] == $1]
print(p, longest, undelayed)
assert p['command'] == 'contend' and 0.5 * undelayed < p['longest_seconds'] <= longest"
    }
    check "who waited for it, and for how long" waited "$ask" "$tmp/clocks"
    if [ -n "${LOCKS_SYNC:-}" ]; then
        sed 's/^/# /' "$tmp/check.out"
        check "sync(2) did so, too" waited "$sync" "$tmp/clocks.--sync"
        sed 's/^/# /' "$tmp/check.out"
        check "stat(2) of another filesystem did not" rows "
assert int(open('$tmp/clocks.--stat').read().split()[1]) > 1000
assert not [l for l in d['locks'] for p in l['processes'] if p['pid'] == $stat and l['lock'] == 's_umount']"
    fi
else
    skip "an unmount" "no ustat(2) here"
fi

# during OPTION...: one more "contend" from before the watch until after it.
during() {
    "$contend" "$@" 60 >/dev/null &
    storm=$!
    on_exit "kill $storm 2>/dev/null"
}
ended() {
    wait "$who"
    local status=$?
    kill "$storm" && wait "$storm"
    return $status
}

# ---- too many waits ----
# Where two processors are free, some 100,000 a second. What a busy machine lets through is not judged.
during --pipe "$tmp" 8
begin --locks --seconds 2.5 --json
ended
rate() { json "t = d['totals']; print(round(t['waits'] / t['elapsed_seconds']))"; }
if ended_by_rate; then
    check "more than 50,000 waits a second end it" json "t = d['totals']; assert t['elapsed_seconds'] < 2.4 and t['waits'] > 50000, t"
    check "at once: not many are above" json "t = d['totals']; assert t['waits'] < 50000 * (t['elapsed_seconds'] + 2), t"
elif [ "$(rate)" -lt 50000 ]; then
    skip "more than 50,000 waits a second end it" "not more than $(rate) on this machine"
else
    fail "$(rate) waits a second did not end it" "$tmp/out"
fi

# ---- for people ----
during "$tmp/quiet/cold" 8
begin --locks --seconds 1.5
check "ends by itself" ended
says "$tmp/out" 'WAITED +WAITS +LONGEST +STILL +LOCK +OF +MOSTLY-BY'
says "$tmp/out" "i_rwsem +$tmp/quiet/cold"
says "$tmp/out" 'Not seen: waits that began before'

# ---- nothing stays ----
gone() { bpftool prog show >"$tmp/programs" && ! grep -qwE 'wait_begin|wait_end' "$tmp/programs"; }
if command -v bpftool >/dev/null; then
    check "no program stays loaded" wait_for 10 gone
else
    skip "no program stays loaded" "no bpftool here"
fi

run 2 "with another way to watch" "$dcachemon" who --locks --lookups-only
run 2 "--seconds 0" "$dcachemon" who --locks --seconds 0
if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
    chmod 755 "$tmp"
    run 1 "without privileges" setpriv --reuid 65534 --clear-groups --no-new-privs "$dcachemon" who --locks
    says "$tmp/err" 'needs BTF, CAP_BPF and CAP_PERFMON'
else
    skip "without privileges" "cannot become another user"
fi
done_testing
