#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 240
# needs: superblocks
# What could go wrong beside a reclaim, or in it: options that others change meanwhile, options that a
# filesystem forgets, data that is written out first, a path that hangs, a process that ends.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
# In a namespace of its own: a copy of it that another test makes would hold the mounts.
if [ -z "${SAFETY_PRIVATE:-}" ]; then
    SAFETY_PRIVATE=1 exec unshare -m --propagation private "$0"
fi
# shellcheck source=tests/lib/tap.sh
. "$TOP/tests/lib/tap.sh"
plant=$BUILD/tests/lib/plant at_prompt=$TOP/tests/lib/at_prompt.py
m=$tmp/m
mkdir "$m" "$tmp/state"
printf '[state]\nfolder = %s\n' "$tmp/state" >"$tmp/conf"
reclaim() { "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" "$@"; }
asked() { python3 "$at_prompt" "$1" "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" "${@:2}"; }
# The superblock's options, and a number from the JSON that run left.
superblock() { awk -v m="$1" '$5 == m { sub(/.* - /, ""); print $3 }' /proc/self/mountinfo; }
get() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["reclaims"][0][sys.argv[2]])' "$tmp/out" "$1"; }
# disk TYPE MIB MKFS...: a fresh image; 1 where the kernel or the tools cannot.
disk() {
    local type=$1 size=$2
    shift 2
    grep -qw "$type" /proc/filesystems || modprobe "$type" 2>/dev/null || return 1
    command -v "$1" >/dev/null || return 1
    rm -f "$tmp/image"
    truncate -s "$size"M "$tmp/image"
    "$@" "$tmp/image" >/dev/null 2>&1
}
has_option() { superblock "$m" | tr , '\n' | grep -qx "$1"; }
unused() { reclaim --dry-run --json --max-seconds 1e6 --force "$1" >"$tmp/out" 2>/dev/null; get unused_before; }

# ---- others change its options while the question waits ----
for type in ext4 btrfs; do
    case $type in
    ext4) disk ext4 40 mkfs.ext4 -q -F ;;
    btrfs) disk btrfs 120 mkfs.btrfs -q -f ;;
    esac || { skip "$type: options changed while the question waits" "no $type here"; continue; }
    mount -o loop "$tmp/image" "$m" || exit 1
    "$plant" negative "$m" 2000
    run 1 "$type: set read-only while the question waits" asked "mount -o remount,ro '$m'" "$m"
    says "$tmp/out" 'options have changed since it was found'
    check "$type: its superblock stays read-only" test "$(superblock "$m" | cut -d, -f1)" = ro
    run 1 "$type: read-only is left alone" reclaim --yes "$m"
    says "$tmp/err" "$type is read-only here; .*; --force does it anyway"
    run 1 "$type: set writable while the question waits" asked "mount -o remount,rw '$m'" --force "$m"
    check "$type: its superblock stays writable" test "$(superblock "$m" | cut -d, -f1)" = rw
    run 0 "$type: then it is reclaimed" reclaim --yes "$m"
    # Nothing is held open while the question waits.
    run 1 "$type: unmounted while the question waits" asked "umount '$m'" "$m"
    says "$tmp/out" 'not mounted there any more'
    check "$type: it is unmounted" sh -c "! grep -qF ' $m ' /proc/self/mountinfo"
done

# ---- options that a filesystem forgets ----
if disk btrfs 120 mkfs.btrfs -q -f && mount -o loop,noacl "$tmp/image" "$m"; then
    "$plant" negative "$m" 2000
    run 0 "btrfs with noacl" reclaim --yes "$m"
    says "$tmp/out" '2,[0-9]{3} -> [0-9]{1,2} unused .* mount options unchanged'
    check "btrfs keeps noacl" has_option noacl
    # What stat gives is the number of a subvolume, which mountinfo has not.
    stat_device() { python3 -c 'import os, sys; d = os.stat(sys.argv[1]).st_dev; print(f"{os.major(d)}:{os.minor(d)}")' "$1"; }
    check "btrfs: stat has another device than mountinfo" sh -c "! grep -q ' $(stat_device "$m") ' /proc/self/mountinfo"
    run 0 "btrfs: the device of a mounted subvolume" reclaim --dry-run --device "$(stat_device "$m")"
    says "$tmp/out" "btrfs on $m "
    if btrfs subvolume create "$m/sub" >/dev/null 2>&1; then
        run 1 "btrfs: the device of one that is not mounted" reclaim --dry-run --device "$(stat_device "$m/sub")"
        says "$tmp/err" 'what stat gives is that of a subvolume'
    else
        skip "btrfs: the device of one that is not mounted" "no btrfs(8)"
    fi
    release=$(uname -r)
    if [ "$(printf '%s\n' 6.8 "$release" | sort -V | head -1)" = 6.8 ]; then
        # A kernel that says it is older: what it forgets is not repeated.
        "$plant" negative "$m" 2000 again-
        run 3 "an option that is lost" setarch --uname-2.6 "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" --yes "$m"
        says "$tmp/out" 'mount options CHANGED \(-noacl\), and put back'
        says "$tmp/err" 'btrfs is not reclaimed again until dcachemon reclaim --trust btrfs'
        check "is put back" has_option noacl
        check "the log says so" sh -c "tail -n 1 '$tmp/state/reclaim.log' | grep -qE ' changed $m - mount.040options.040changed.040and.040put.040back '"
        "$plant" negative "$m" 2000 third-
        run 1 "its type is left alone from then on" reclaim --yes --force "$m"
        says "$tmp/err" 'a reclaim changed mount options of btrfs \(-noacl\)'
        check "nothing is freed of it" test "$(unused "$m")" -ge 2000
        run 0 "until a person trusts it" reclaim --trust btrfs
        run 0 "then it is reclaimed again" reclaim --yes "$m"
    else
        skip "an option that is lost" "$release forgets none"
    fi
    umount "$m"
else
    skip "btrfs with noacl" "no btrfs here"
fi
if disk xfs 300 mkfs.xfs -q -f && mount -o loop,inode32 "$tmp/image" "$m"; then
    "$plant" negative "$m" 2000
    run 0 "xfs with inode32" reclaim --yes "$m"
    says "$tmp/out" '2,[0-9]{3} -> [0-9]{1,2} unused .* mount options unchanged'
    check "xfs keeps inode32" has_option inode32
    umount "$m"
else
    skip "xfs with inode32" "no xfs here"
fi
mkdir "$tmp"/{lower,upper}
mount -t tmpfs -o dirsync base "$tmp/upper"
on_exit "umount '$tmp/upper'"
mkdir "$tmp"/upper/{upper,work}
mount -t overlay -o "dirsync,lowerdir=$tmp/lower,upperdir=$tmp/upper/upper,workdir=$tmp/upper/work" over "$m"
"$plant" negative "$m" 2000
run 0 "mounted with dirsync" reclaim --yes "$m"
says "$tmp/out" '2,[0-9]{3} -> [0-9]{1,2} unused .* mount options unchanged'
check "it keeps dirsync" has_option dirsync
# What a filesystem answers comes after the kernel has freed its entries.
if ${CC:-cc} -shared -fPIC -o "$tmp/late_error.so" "$TOP/tests/lib/preload/late_error.c" 2>/dev/null; then
    refused() {
        LD_PRELOAD=$tmp/late_error.so ASAN_OPTIONS=verify_asan_link_order=0 \
            "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" --yes "$@" "$m"
    }
    "$plant" negative "$m" 2000 late-
    run 1 "a filesystem that answers with an error" refused
    says "$tmp/err" ': [^;]*; 2,[0-9]{3} -> [0-9]{1,2} unused dentries all the same'
    check "it is remembered as a failure, with what was freed" sh -c \
        "tail -n 1 '$tmp/state/reclaim.log' | grep -qE ' overlay 2[0-9]{3} [0-9]{1,2} - failed $m - [^-]'"
    "$plant" negative "$m" 2000 later-
    run 1 "the same in JSON" refused --json
    check "its options are compared all the same" test "$(get result) $(get mountinfo_unchanged)" = "failed True"
    check "and what is left is counted" test "$(get unused_after)" -lt 100
else
    skip "a filesystem that answers with an error" "no compiler"
fi
umount "$m"

# ---- modified data ----
if disk btrfs 1200 mkfs.btrfs -q -f && mount -o loop "$tmp/image" "$m"; then
    dirty() { dd if=/dev/zero of="$m/data" bs=1M count=60 status=none; "$plant" negative "$m" 2000 "$1"; }
    dirty first-
    run 1 "modified data count" reclaim --yes --max-seconds 0.2 "$m"
    says "$tmp/err" 'writing out (at most )?[0-9]+ MiB of modified data first could take .* more than --max-seconds 0.2'
    dirty second-
    begin=$(date +%s%N)
    run 0 "they are written out first" reclaim --yes --json "$m"
    took=$((($(date +%s%N) - begin) / 1000000))
    check "s_umount is held for less than a fifth of the time ($(get seconds) s of $took ms)" \
        python3 -c 'import sys; sys.exit(float(sys.argv[1]) * 1000 > float(sys.argv[2]) / 5)' "$(get seconds)" $took
    umount "$m"
else
    skip "modified data count" "no btrfs here"
fi

# ---- chosen by its type, unmounted while the question waits ----
# A ramfs, which nobody else mounts, changes or unmounts meanwhile.
mkdir "$tmp"/{leaves,stays,elsewhere}
mount -t ramfs leaves "$tmp/leaves"
mount -t ramfs stays "$tmp/stays"
on_exit "umount '$tmp/stays'"
touch "$tmp/leaves/file"
mount --bind "$tmp/leaves" "$tmp/elsewhere"
exec 6<"$tmp/leaves/file"
run 1 "one of a type is unmounted meanwhile, but not everywhere" asked "umount -l '$tmp/leaves'" --fstype ramfs
says "$tmp/out" "on $tmp/leaves .*not mounted there any more"
check "what is still there is a failure" sh -c "grep -qE ' failed $tmp/leaves - ' '$tmp/state/reclaim.log'"
# Its superblock lasts as long as its file is open.
run 0 "it loses its last mount meanwhile" asked "umount '$tmp/elsewhere'" --fstype ramfs
says "$tmp/out" "on $tmp/elsewhere .*not mounted there any more"
says "$tmp/out" "on $tmp/stays .*: 0 -> 0 unused dentries"
check "it is remembered as gone, not as a failure" sh -c "grep -qE ' - gone $tmp/elsewhere - ' '$tmp/state/reclaim.log'"
run 0 "events say so as well" "$BUILD/bin/dcachemon" events -c "$tmp/conf"
says "$tmp/out" "ramfs on $tmp/elsewhere .*: gone, .*not mounted there any more"
exec 6<&-
if ${CC:-cc} -shared -fPIC -o "$tmp/at_pause.so" "$TOP/tests/lib/preload/at_pause.c" 2>/dev/null; then
    mount -t ramfs leaves "$tmp/leaves"
    run 0 "the same in JSON" env LD_PRELOAD="$tmp/at_pause.so" AT_PAUSE="umount '$tmp/leaves'" ASAN_OPTIONS=verify_asan_link_order=0 \
        "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" --yes --json --fstype ramfs
    check "each has what became of it" python3 -c "
import json
r = {x['mountpoint']: x for x in json.load(open('$tmp/out'))['reclaims']}
leaves, stays = r['$tmp/leaves'], r['$tmp/stays']
assert (leaves['result'], stays['result']) == ('gone', 'done'), r
assert leaves['error'] and leaves['unused_after'] is None and stays['error'] is None, r"
else
    skip "the same in JSON" "no compiler"
fi

# ---- a filesystem on the way that does not answer ----
if [ -c /dev/fuse ]; then
    mkdir "$tmp/fuse"
    mkfifo "$tmp/hang"
    exec 7<>"$tmp/hang"
    unshare -m --propagation private sh -c "
        python3 '$TOP/tests/lib/hung_fuse.py' '$tmp/fuse' <&7 >'$tmp/fuse.log' 2>&1 7<&- &
        echo \$! >'$tmp/daemon'
        until grep -qs ready '$tmp/fuse.log'; do kill -0 \$! || exit 1; sleep 0.05; done
        mount -t ramfs behind '$tmp/fuse/d' &&
        sed -n 's|^[0-9]* [0-9]* \\([0-9:]*\\) / $tmp/fuse/d .*|\\1|p' /proc/self/mountinfo >'$tmp/device'
        exec sleep 1000 <&- 7<&-" &
    inside=$!
    hung_end() {
        kill "$inside" "$(cat "$tmp/daemon")" 2>/dev/null
        wait "$inside" 2>/dev/null
    }
    on_exit hung_end
    wait_for 20 test -s "$tmp/device"
    run 0 "a mount below a FUSE filesystem that answers" reclaim --dry-run --device "$(cat "$tmp/device")"
    echo >&7
    wait_for 10 grep -q hung "$tmp/fuse.log"
    SECONDS=0
    run 1 "below one that does not" timeout 20 "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" --yes --device "$(cat "$tmp/device")"
    says "$tmp/err" 'a filesystem on the way to it does not answer'
    check "it ends within seconds ($SECONDS)" test "$SECONDS" -lt 15
    SECONDS=0
    run 0 "another filesystem of that type is reclaimed meanwhile" timeout 30 "$BUILD/bin/dcachemon" reclaim -c "$tmp/conf" --yes --fstype ramfs
    says "$tmp/out" "on $tmp/stays .*: 0 -> 0 unused dentries"
    check "within seconds as well ($SECONDS)" test "$SECONDS" -lt 20
    hung_end
else
    skip "below one that does not" "no /dev/fuse"
fi

# ---- a device number that is another filesystem's by now ----
over() { # NAME: an overlay of its own on $tmp/rule
    mkdir "$tmp/upper/$1" "$tmp/upper/$1.work" &&
        mount -t overlay -o "lowerdir=$tmp/lower,upperdir=$tmp/upper/$1,workdir=$tmp/upper/$1.work" "$1" "$tmp/rule"
}
device() { awk -v m="$tmp/rule" '$5 == m { print $3 }' /proc/self/mountinfo; }
rules() { "$BUILD/bin/dcachemon" reclaim --rules -c "$tmp/rules.conf" "$@"; }
sampled() { "$BUILD/bin/dcachemon" show --cached --json --socket "$tmp/sock" | python3 -c '
import json, sys
assert [s for s in json.load(sys.stdin)["superblocks"] if s["device"] == sys.argv[1] and s["unused"] > 4000]' "$1"; }
reclaim --dry-run "$tmp/upper" >"$tmp/out" 2>/dev/null
if [ -x "$BUILD/bin/dcachemon-snmp" ] && ! grep -q 'at most' "$tmp/out"; then
    mkdir "$tmp/rule" "$tmp/rule-state"
    over first
    first=$(device)
    "$plant" negative "$tmp/rule" 5000
    # One sample, and no other for an hour.
    printf '[sampling]\nsocket = %s\nsuperblocks_interval = 3600\n[state]\nfolder = %s\n[reclaim]\nenabled = yes\nmax_unused = overlay 4000\n' \
        "$tmp/sock" "$tmp/rule-state" >"$tmp/rules.conf"
    "$BUILD/bin/dcachemon-snmp" -f -c "$tmp/rules.conf" -x "$tmp/no-agentx" 2>"$tmp/daemon.log" &
    daemon=$!
    on_exit "kill $daemon 2>/dev/null; wait $daemon 2>/dev/null"
    wait_for 30 sampled "$first"
    # Fewer by now than the rule allows.
    reclaim --yes "$tmp/rule" >"$tmp/out" 2>&1
    "$plant" negative "$tmp/rule" 3000 fewer-
    run 0 "the cap is looked at again" rules
    says "$tmp/err" '3,?[0-9]{3} unused by now, no more than max_unused 4000'
    check "the run counts as a good one" grep -qE "^[0-9]{10} 0\$" "$tmp/rule-state/reclaim.rules"
    check "nothing is freed below it" test "$(unused "$tmp/rule")" -ge 3000
    # The number of the one that ends is given at once to the next.
    umount "$tmp/rule"
    for n in {1..20}; do
        over "next$n"
        [ "$(device)" != "$first" ] || break
        umount "$tmp/rule"
    done
    if [ "$(device)" = "$first" ]; then
        "$plant" negative "$tmp/rule" 6000
        run 0 "a rule for a filesystem whose number is another's" rules
        says "$tmp/err" 'another filesystem has its device number by now'
        check "that other one keeps its entries" test "$(unused "$tmp/rule")" -ge 6000
        check "and the log says nothing of it" sh -c "! grep -q max_unused '$tmp/rule-state/reclaim.log' 2>/dev/null"
    else
        skip "a rule for a filesystem whose number is another's" "others took the number $first"
    fi
    kill "$daemon"
    wait "$daemon" 2>/dev/null
    umount "$tmp/rule"
else
    skip "the cap is looked at again" "no sampler here, or none that can walk superblocks"
    skip "a rule for a filesystem whose number is another's" "no sampler here, or none that can walk superblocks"
fi

# ---- the process in whose namespace it was found ends ----
mkdir "$tmp/in"
for round in 1 2 3; do
    rm -f "$tmp/device"
    unshare -m --propagation private sh -c "
        mkdir '$tmp/upper/up$round' '$tmp/upper/work$round' &&
        mount -t overlay -o 'lowerdir=$tmp/lower,upperdir=$tmp/upper/up$round,workdir=$tmp/upper/work$round' in '$tmp/in' &&
        '$plant' negative '$tmp/in' ${SAFETY_NAMES:-400000} &&
        sed -n 's|^[0-9]* [0-9]* \\([0-9:]*\\) / $tmp/in .*|\\1|p' /proc/self/mountinfo >'$tmp/device.new' &&
        mv '$tmp/device.new' '$tmp/device' && exec sleep 1000" &
    inside=$!
    wait_for 60 test -s "$tmp/device"
    # Killed as soon as the reconfigure begins.
    reclaim --yes --json --device "$(cat "$tmp/device")" >"$tmp/out" 2>"$tmp/err" &
    reclaiming=$!
    for ((i = 0; i < 100000; i++)); do
        read -r call _ 2>/dev/null <"/proc/$reclaiming/syscall" || break
        case $call in 431 | -1) break ;; esac
    done
    kill "$inside"
    wait "$reclaiming"
    status=$?
    wait "$inside" 2>/dev/null
    echo "# round $round: status $status, $(cat "$tmp/out")"
    [ "$status" = 0 ] && [ "$(get mountinfo_unchanged)" = True ] || break
done
check "its process ends: no option is said to have changed" test "$status $(get mountinfo_unchanged)" = "0 True"
done_testing
