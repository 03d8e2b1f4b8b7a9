#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# needs: superblocks
# sees: mounts
# dcachemon reclaim on the live kernel: frees one superblock and no other, keeps every mount flag,
# disturbs no reader, and says no in words.
. "$TOP/tests/lib/tap.sh"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
plant=$BUILD/tests/lib/plant names=300000
m=$tmp/m

# What is done by hand is remembered, but not where this machine's own state is.
mkdir "$tmp/by-hand"
# By one call: test_reclaim_steps.sh has the control groups.
printf '[state]\nfolder = %s\n[reclaim]\nmax_cache = 0\n' "$tmp/by-hand" >"$tmp/by-hand.conf"
dcachemon=$tmp/dcachemon
cat >"$dcachemon" <<SH
#!/bin/bash
case \$1 in
reclaim) shift && exec '$BUILD/bin/dcachemon' reclaim -c '$tmp/by-hand.conf' "\$@" ;;
*) exec '$BUILD/bin/dcachemon' "\$@" ;;
esac
SH
chmod 755 "$dcachemon"

mkdir "$tmp/base" "$m"
mount -t tmpfs reclaim-base "$tmp/base"
on_exit "umount '$tmp/base'"
mkdir "$tmp/base"/{lower,upper,work}
mkdir "$tmp/base/lower/files"
for i in $(seq 50); do echo "$i" >"$tmp/base/lower/files/$i"; done
mount -t overlay reclaim-test "$m" \
    -o "lowerdir=$tmp/base/lower,upperdir=$tmp/base/upper,workdir=$tmp/base/work"
on_exit "umount '$m'"

# unused TARGET...: the unused dentries of the first superblock, "none" where it cannot be counted.
unused() {
    "$dcachemon" reclaim "$@" --dry-run --json --max-seconds 1e6 2>/dev/null |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["reclaims"][0]["unused_before"])'
}
total() { awk '{print $2}' /proc/sys/fs/dentry-state; }
get() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["reclaims"][0][sys.argv[2]])' "$tmp/out" "$1"; }
# Less than 1 % less; short-lived processes take a few dozen of proc's along at any time.
kept() { [ $((($2 + 20) * 100)) -ge $(($1 * 99)) ]; }

# ---- what it would do ----
"$plant" negative "$m" "$names"
run 0 "--dry-run" "$dcachemon" reclaim --dry-run "$m"
says "$tmp/out" "overlay on $m .*300,[0-9]{3} unused dentries, s_umount held for [0-9.]+ (ms |s )?to [0-9.]+ m?s"
check "it freed nothing" test "$(unused "$m")" -ge "$names"
run 1 "without a terminal or --yes" "$dcachemon" reclaim "$m"
says "$tmp/err" 'cannot ask for confirmation: not a terminal'
run 1 "--max-seconds" "$dcachemon" reclaim --yes --max-seconds 0.01 "$m"
says "$tmp/err" 'would take [0-9.]+ (ms |s )?to [0-9.]+ m?s, at worst more than --max-seconds 0.01'
check "it freed nothing either" test "$(unused "$m")" -ge "$names"

# A kernel that was booted so that no control group is charged for entries.
run 0 "why not by a control group" "$dcachemon" reclaim --dry-run --max-cache 64 "$m"
if grep -q 'no memory controller' "$tmp/out"; then
    skip "cgroup.memory=nokmem" "no control groups here"
else
    echo "cgroup.memory=nokmem $(cat /proc/cmdline)" >"$tmp/cmdline"
    run 0 "cgroup.memory=nokmem" unshare -m sh -c \
        "mount --bind '$tmp/cmdline' /proc/cmdline && exec '$dcachemon' reclaim --dry-run --max-cache 64 '$m'"
    says "$tmp/out" "no cgroup: cgroup.memory=nokmem on the kernel's command line: no control group is charged for dentries"
fi

# ---- the forecast; how good it is, tests/bench/forecast tells ----
run 0 "--dry-run --json" "$dcachemon" reclaim --dry-run --json "$m"
ranges() {
    python3 - "$tmp/out" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))["reclaims"][0]
for kind in "", "cpu_":
    low, likely, high = (r[f"predicted_{kind}{end}seconds"] for end in ("low_", "", "high_"))
    assert 0 < low < likely < high, r
assert r["predicted_low_seconds"] >= r["predicted_cpu_low_seconds"], r
assert r["predicted_cpu_high_seconds"] < 4.1 * r["predicted_cpu_low_seconds"], r # at worst 60 % either way
assert r["cpu_seconds"] is None, r
PY
}
check "ranges of processor time and of the clock" ranges

# ---- only this one; others use the machine meanwhile, so a disturbed attempt is repeated ----
mkfifo "$tmp/stop"
exec 9<>"$tmp/stop"
python3 "$TOP/tests/system/reclaim_reader.py" "$m/files" <&9 >"$tmp/reader" &
reader=$!
on_exit "kill $reader 2>/dev/null; wait $reader 2>/dev/null"
wait_for 10 grep -q ready "$tmp/reader"
others=moved
for attempt in 1 2 3 4 5; do
    [ "$attempt" = 1 ] || "$plant" negative "$m" "$names" "again$attempt-"
    cat /proc/self/mountinfo >"$tmp/mountinfo"
    ext4=$(unused /) proc=$(unused /proc) all=$(total)
    "$dcachemon" reclaim --yes --json "$m" >"$tmp/out" 2>"$tmp/err" || break
    ext4_after=$(unused /) proc_after=$(unused /proc) all_after=$(total)
    [ "$(get unused_after)" -lt 100 ] || break
    echo "# before: / $ext4, /proc $proc, host $all; after: / $ext4_after, /proc $proc_after, host $all_after"
    # Others may have made as many meanwhile as were freed.
    kept "$ext4" "$ext4_after" && kept "$proc" "$proc_after" &&
        [ $((all - all_after)) -gt $((names * 95 / 100)) ] && others=kept && break
done
echo "# $(cat "$tmp/out")"
check "reclaim ended well" test "$(get error)" = None
check "$names unused dentries before" test "$(get unused_before)" -ge "$names"
check "fewer than 100 after ($(get unused_after))" test "$(get unused_after)" -lt 100
check "the kernel's own sum fell by them" test $((all - all_after)) -gt $((names * 95 / 100))
check "the root filesystem and proc kept theirs (attempt $attempt)" test "$others" = kept
check "it says that mountinfo is the same" test "$(get mountinfo_unchanged)" = True
grep -F "$tmp" "$tmp/mountinfo" >"$tmp/mine"
grep -F "$tmp" /proc/self/mountinfo >"$tmp/mine-after"
check "mountinfo is the same" cmp "$tmp/mine" "$tmp/mine-after"
check "it is remembered, by hand" grep -qE "^[0-9.]+ [0-9:]+ overlay 300[0-9]* [0-9]{1,2} [0-9]+\\.[0-9]+ done $m - - 1 0 0 3" "$tmp/by-hand/reclaim.log"
echo >&9
wait "$reader"
read -r rounds errors worst < <(tail -1 "$tmp/reader")
check "a reader beside it saw no error in $rounds rounds; longest open and read $worst us" test "$errors" = 0
check "and really read" test "$rounds" -gt 10

# ---- other ways to name it ----
device=$(awk -v m="$m" '$5 == m {print $3}' /proc/self/mountinfo)
"$plant" negative "$m" 5000 device-
run 0 "--device" "$dcachemon" reclaim --yes --device "$device"
says "$tmp/out" "overlay on $m .*5,[0-9]{3} -> [0-9]{1,2} unused dentries in .*unchanged"
"$plant" negative "$m" 5000 fstype-
run 0 "--fstype --dry-run lists it" "$dcachemon" reclaim --fstype overlay --dry-run
says "$tmp/out" "overlay on $m .*5,[0-9]{3} unused"
mkdir "$tmp/bind"
mount --bind "$m/files" "$tmp/bind"
on_exit "umount '$tmp/bind'"
run 0 "a bind mount of a folder stands for the whole" "$dcachemon" reclaim --yes "$tmp/bind"
says "$tmp/out" 'mounted 2 times, all share them'
check "it freed the whole" test "$(unused "$m")" -lt 100

# Mounted in another mount namespace only, as in a container.
mkfifo "$tmp/hold"
mkdir "$tmp/base"/{low1,low2,inside}
exec 8<>"$tmp/hold"
unshare -m --propagation private sh -c "
    mount -t overlay inside -o 'lowerdir=$tmp/base/low1:$tmp/base/low2' '$tmp/base/inside' &&
    '$plant' negative '$tmp/base/inside' 4000 &&
    sed -n 's|^[0-9]* [0-9]* \\([0-9:]*\\) / $tmp/base/inside .*|\\1|p' /proc/self/mountinfo >'$tmp/inside' &&
    read -r line <&8" &
inside=$!
wait_for 10 test -s "$tmp/inside"
run 0 "a mount of another namespace" "$dcachemon" reclaim --yes --device "$(cat "$tmp/inside")"
says "$tmp/out" "overlay on $tmp/base/inside of process [0-9]+ .*4,[0-9]{3} -> [0-9]{1,2} unused"
echo >&8
wait "$inside"

if [ -x "$BUILD/bin/dcachemon-snmp" ]; then
    mkdir "$tmp/state"
    printf '[sampling]\nsocket = %s\nsuperblocks_interval = 1\n[state]\nfolder = %s\n' \
        "$tmp/sock" "$tmp/state" >"$tmp/conf"
    "$BUILD/bin/dcachemon-snmp" -f -c "$tmp/conf" -x "$tmp/no-agentx" 2>"$tmp/daemon.log" &
    daemon=$!
    on_exit "kill $daemon 2>/dev/null; wait $daemon 2>/dev/null"
    index() {
        "$dcachemon" show --cached --json --socket "$tmp/sock" | python3 -c '
import json, sys
print([s["index"] for s in json.load(sys.stdin)["superblocks"] if s["device"] == sys.argv[1]][0])' "$device"
    }
    wait_for 20 index
    "$plant" negative "$m" 5000 index-
    run 0 "--superblock" "$dcachemon" reclaim --yes --superblock "$(index)" --socket "$tmp/sock"
    says "$tmp/out" "overlay on $m .*5,[0-9]{3} -> [0-9]{1,2} unused"
    known() {
        "$dcachemon" show --cached --json --socket "$tmp/sock" | python3 -c '
import json, sys
assert [s for s in json.load(sys.stdin)["superblocks"] if s["device"] == sys.argv[1] and s["unused"] > 4000]' "$device"
    }
    run 0 "--rules: off by default" "$dcachemon" reclaim --rules -c "$tmp/conf"
    says "$tmp/err" 'enabled is no'
    printf '[reclaim]\nenabled = yes\nmax_cache = 0\nmax_unused = %s 4000\n' "$m" >>"$tmp/conf"
    "$plant" negative "$m" 5000 rules-
    wait_for 20 known
    run 0 "--rules --dry-run" "$dcachemon" reclaim --rules --dry-run -c "$tmp/conf"
    check "frees nothing" test "$(unused "$m")" -ge 5000
    run 0 "--rules" "$dcachemon" reclaim --rules -c "$tmp/conf"
    says "$tmp/err" "overlay $device: 5[0-9]* unused, more than max_unused 4000"
    says "$tmp/out" "overlay on $m .*5,[0-9]{3} -> [0-9]{1,2} unused"
    check "it is remembered" grep -qE "^[0-9.]+ $device overlay 5[0-9]* [0-9]{1,2} [0-9]+\\.[0-9]+ done $m 5[0-9]*.040unused" "$tmp/state/reclaim.log"
    # Not the snapshot from before: it would show entries that are gone.
    forgotten() { ! known 2>/dev/null; }
    wait_for 20 forgotten
    "$plant" negative "$m" 5000 rules-again-
    wait_for 20 known
    run 0 "--rules within the interval" "$dcachemon" reclaim --rules -c "$tmp/conf"
    says "$tmp/err" 'due, but held back: was reclaimed [0-9]+ s ago'
    check "frees nothing again" test "$(unused "$m")" -ge 5000
    run 1 "an index that is not there" "$dcachemon" reclaim --yes --superblock 4000000000 --socket "$tmp/sock"
    says "$tmp/err" 'has no superblock 4000000000'
fi

# ---- refusals in words ----
run 1 "a folder that is no mount point" "$dcachemon" reclaim --yes "$m/files"
says "$tmp/err" "is not a mount point: it lies on $m \\(overlay\\)"
# A bind mount whose source was removed: its path ends with " (deleted)" for who asks by descriptor.
mkdir "$tmp/base/gone" "$tmp/bound"
mount --bind "$tmp/base/gone" "$tmp/bound"
on_exit "umount '$tmp/bound'"
rmdir "$tmp/base/gone"
run 0 "a mount whose source was removed" "$dcachemon" reclaim --dry-run "$tmp/bound"
says "$tmp/out" "^tmpfs on $tmp/bound "
run 1 "a path that is not there" "$dcachemon" reclaim --yes "$tmp/none"
says "$tmp/err" 'No such file or directory'
run 1 "a device that is not mounted" "$dcachemon" reclaim --yes --device 4000:1
says "$tmp/err" 'no such filesystem is mounted \([1-9][0-9]* mount namespaces? searched'
run 1 "the same in a container" unshare --pid --fork --mount-proc "$dcachemon" reclaim --yes --device 4000:1
says "$tmp/err" '\(1 mount namespace searched, the host.s are out of sight\)'
run 1 "a type that is not mounted" "$dcachemon" reclaim --yes --fstype nosuchfs
run 2 "two selectors" "$dcachemon" reclaim --device 1:2 "$m"
run 2 "no selector" "$dcachemon" reclaim
for bad in 12 1: :1 a:b 1:2:3 -1:2 4294967296:1; do
    run 2 "--device $bad" "$dcachemon" reclaim --device "$bad"
done
for bad in '' -1 1x 99999999999; do run 2 "--superblock '$bad'" "$dcachemon" reclaim --superblock "$bad"; done
run 2 "--json without --yes" "$dcachemon" reclaim --json "$m"
mkdir "$tmp/pts"
mount -t devpts -o newinstance,gid=5,mode=620 none "$tmp/pts"
on_exit "umount '$tmp/pts'"
run 1 "a type that would lose its options" "$dcachemon" reclaim --yes --force "$tmp/pts"
says "$tmp/err" 'devpts falls back to its default mount options'

if setpriv --reuid 65534 --clear-groups true 2>/dev/null; then
    chmod 755 "$tmp"
    run 1 "without privileges" setpriv --reuid 65534 --clear-groups --no-new-privs \
        "$dcachemon" reclaim --yes --max-seconds 1e6 "$m"
    says "$tmp/err" 'not permitted: needs CAP_SYS_ADMIN'
    says "$tmp/out" 'at most [0-9,]+ unused'
else
    skip "without privileges" "cannot become another user"
fi

check "refusals by hand are not" sh -c "! grep -q refused '$tmp/by-hand/reclaim.log'"

# ---- ext4 on a loop device: frozen; read-only ----
truncate -s 16M "$tmp/image"
mkdir "$tmp/ext4"
if mkfs.ext4 -q "$tmp/image" && mount -o loop,lazytime "$tmp/image" "$tmp/ext4"; then
    on_exit "umount '$tmp/ext4'"
    "$plant" negative "$tmp/ext4" 2000
    on_exit "fsfreeze -u '$tmp/ext4' 2>/dev/null"
    fsfreeze -f "$tmp/ext4"
    run 1 "frozen" "$dcachemon" reclaim --yes "$tmp/ext4"
    fsfreeze -u "$tmp/ext4"
    says "$tmp/err" 'the filesystem is frozen'
    check "the failure is remembered" sh -c "tail -1 '$tmp/by-hand/reclaim.log' | grep -qE ' ext4 [0-9]+ [0-9]+ - failed $tmp/ext4 - .*frozen'"
    for option in rw ro; do
        mount -o "remount,$option" "$tmp/ext4"
        "$plant" negative "$tmp/ext4" 2000 "$option-"
        grep -F "$tmp/ext4" /proc/self/mountinfo >"$tmp/mine"
        [ "$option" = rw ] || run 1 "read-only needs --force" "$dcachemon" reclaim --yes "$tmp/ext4"
        run 0 "ext4 mounted $option" "$dcachemon" reclaim --yes --force "$tmp/ext4"
        says "$tmp/out" '2,[0-9]{3} -> [0-9]{1,2} unused'
        grep -F "$tmp/ext4" /proc/self/mountinfo >"$tmp/mine-after"
        check "it stays $option, mountinfo is the same" cmp "$tmp/mine" "$tmp/mine-after"
    done
    check "writing to it is still refused" sh -c "! touch '$tmp/ext4/x' 2>/dev/null"
else
    skip "ext4 on a loop device" "no loop device or mkfs.ext4"
fi
done_testing
