#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The system test that runs in a test machine (tests/kernels/vm): plants a known number of
# namespaces and missing names, looks at them with every set of capabilities, and leaves the
# judgement to judge.py, whose TAP lines are the output. dcm.cells=all,daemon selects what is done.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dcm\.build=//p')
cells=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dcm\.cells=//p')
namespaces=300 names=20000
out=/tmp/cells
mkdir -p $out
cd "$top" || exit 1
wanted() { [[ ,${cells:-all,bpf,none,kcore,sysctls,who,daemon}, == *,$1,* ]]; }
echo 1 >/proc/sys/kernel/printk # the console is for the results; the log is read at the end

# The host's own entries of the two chains.
cat /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/core/somaxconn >/dev/null

mkdir /mnt/lower /mnt/upper /mnt/work /mnt/merged
mount -t overlay planted -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/merged || exit 1
mkdir /mnt/merged/probed
mkdir /mnt/who /mnt/who-{lower,upper,work}
mount -t overlay who -o lowerdir=/mnt/who-lower,upperdir=/mnt/who-upper,workdir=/mnt/who-work /mnt/who || exit 1
mkdir /mnt/who/{first,second,third,left} || exit 1
"$build/tests/lib/plant" negative /mnt/merged/probed $names missing- || exit 1

mkfifo /tmp/hold
"$build/tests/lib/plant" netns $namespaces </tmp/hold >/tmp/plant.out 2>&1 &
exec 9>/tmp/hold
for ((i = 0; i < 600; i++)); do
    ! grep -q ready /tmp/plant.out || break
    sleep 0.1
done

# cell CAPABILITIES PREFIX...: what a process with these capabilities sees.
cell() {
    local caps=$1 what
    shift
    cat /proc/sys/fs/dentry-state >"$out/$caps.state"
    for what in "show $build/bin/dcachemon show --all --json" "doctor $build/bin/dcachemon doctor" \
        "fast $build/tests/lib/walk_dump --fast" "compat $build/tests/lib/walk_dump --compat" \
        "bounded $build/tests/lib/walk_dump --bounded" "kcore $build/tests/lib/walk_dump --kcore" "limited prlimit --memlock=65536 $build/tests/lib/walk_dump"; do
        # shellcheck disable=SC2086
        timeout 300 "$@" ${what#* } >"$out/$caps.${what%% *}" 2>"$out/$caps.${what%% *}.err" </dev/null
        echo $? >"$out/$caps.${what%% *}.status"
    done
}
ulimit -l unlimited # as the unit has it; "limited" are the walkers without
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
! wanted all || cell all
! wanted bpf || cell bpf "${nobody[@]}" --inh-caps=-all,+bpf,+perfmon --ambient-caps=-all,+bpf,+perfmon \
    --bounding-set=-all,+bpf,+perfmon
! wanted none || cell none "${nobody[@]}" --inh-caps=-all --bounding-set=-all

# Root without BPF, told to read /proc/kcore; and what the kernel's structures look like, found out
# from names in a folder of a filesystem that has numbers and missing names of its own.
look_into_kcore() {
    local buckets
    printf '[sampling]\nvehicle = kcore\n' >/tmp/kcore.conf
    cat /proc/sys/fs/dentry-state >$out/kcore.state
    timeout 300 "$build/bin/dcachemon" show --all --json -c /tmp/kcore.conf >$out/kcore.show 2>$out/kcore.show.err </dev/null
    echo $? >$out/kcore.show.status
    truncate -s 24M /mnt/disk && mkfs.ext4 -q /mnt/disk && mkdir -p /var/lib/dcachemon /tmp/nothing &&
        mount -o loop /mnt/disk /var/lib/dcachemon || return
    buckets=$(dmesg | sed -n 's/.*Dentry cache hash table entries: \([0-9]*\).*/\1/p')
    "$build/tests/lib/calibrate" "$buckets" /proc/kcore /proc/kallsyms - /sys/kernel/btf/vmlinux >$out/calibrated 2>&1
    echo $? >$out/calibrated.status
    mount --bind /tmp/nothing /sys/kernel/btf || return
    # In a control group: its unused entries are on lists of their own.
    echo +memory >/sys/fs/cgroup/cgroup.subtree_control
    mkdir /sys/fs/cgroup/charged
    (echo 0 >/sys/fs/cgroup/charged/cgroup.procs && exec timeout 300 "$build/tests/lib/walk_dump" --kcore) \
        >$out/hidden.kcore 2>$out/hidden.kcore.err
    echo $? >$out/hidden.kcore.status
    umount /sys/kernel/btf
    find /var/lib/dcachemon -name "dcachemon-*" >$out/left-over
    umount /var/lib/dcachemon
}
! wanted kcore || look_into_kcore

# What files leave that are made and removed, with each value of a setting that some kernels have.
remove_files() {
    local value
    [ -e /proc/sys/fs/dentry-negative ] && truncate -s 24M /mnt/removed.ext4 && mkfs.ext4 -q /mnt/removed.ext4 &&
        mkdir /mnt/removed && mount -o loop /mnt/removed.ext4 /mnt/removed || return
    for value in 0 1; do
        echo $value >/proc/sys/fs/dentry-negative
        mkdir /mnt/removed/$value && (cd /mnt/removed/$value && touch file-{1..2000})
        cat /proc/sys/fs/dentry-state >$out/removed.$value.before
        (cd /mnt/removed/$value && rm file-*)
        cat /proc/sys/fs/dentry-state >$out/removed.$value.after
    done
    echo 0 >/proc/sys/fs/dentry-negative
    umount /mnt/removed
}
if wanted sysctls; then
    (cd /proc/sys && grep -H . fs/*dentry* vm/vfs_cache_pressure* | grep -v ^fs/dentry-state) >$out/sysctls
    remove_files
fi

# Namespaces that live for a moment, made in a control group.
mkdir -p /sys/fs/cgroup/above/made
for flavour in fast compat bounded; do
    (echo 0 >/sys/fs/cgroup/above/made/cgroup.procs && exec timeout 300 "$build/tests/lib/netns_made" --$flavour 100 20 2) \
        >$out/made.$flavour 2>&1
    timeout 300 "$build/tests/lib/verifier_cost" --$flavour >$out/verifier.$flavour 2>&1
done

# Who makes dentries, in known proportions: through the allocation, which these kernels let be
# watched, and through failed lookups alone.
watch_storm() {
    mkfifo /tmp/storm
    python3 "$top/tests/kernels/storm.py" /mnt/who/{first,second,third} </tmp/storm >$out/storm 2>&1 &
    exec 8>/tmp/storm
    # On a busy host Python starts for longer than a watch takes.
    for _ in {1..300}; do
        grep -q going $out/storm && break
        sleep 0.1
    done
    for ways in '' --lookups-only; do
        # shellcheck disable=SC2086
        timeout 300 "$build/bin/dcachemon" who --json --top 1000 --seconds 5 $ways \
            >"$out/who$ways" 2>"$out/who$ways.err" </dev/null
        echo $? >"$out/who$ways.status"
    done
    exec 8>&-
}

# What one process leaves, while nobody else does much.
watch_one() {
    mkfifo /tmp/left
    "$build/tests/lib/lookups" new /mnt/who/left 50000 4 </tmp/left >$out/left 2>&1 &
    left=$!
    exec 7>/tmp/left
    for _ in {1..300}; do
        grep -q ready $out/left && break
        sleep 0.1
    done
    "$build/bin/dcachemon" who --json --top 1000 --seconds 100 >$out/who-left 2>$out/who-left.err </dev/null &
    who=$!
    for _ in {1..300}; do # its programs are attached
        kill -0 $who 2>/dev/null || break
        [ "$(find "/proc/$who/fd" -lname '*bpf?link*' 2>/dev/null | wc -l)" -lt 4 ] || break
        sleep 0.1
    done
    cat /proc/sys/fs/dentry-state >$out/left.before
    echo >&7
    wait $left
    cat /proc/sys/fs/dentry-state >$out/left.after
    kill -INT $who
    wait $who
    exec 7>&-
}

if wanted who; then
    watch_storm
    watch_one
fi
timeout 300 "$build/bin/dcachemon" who --locks --json --seconds 0.5 >$out/who-locks 2>$out/who-locks.err </dev/null
echo $? >$out/who-locks.status

# The daemon gives its capabilities up once its programs are loaded: does it still see?
if wanted daemon && [ -x "$build/bin/dcachemon-snmp" ]; then
    printf '[sampling]\nbudget_percent = 50\nhash_interval = 1\nsuperblocks_interval = 1\nsocket = /run/dcm.sock\n' \
        >/tmp/daemon.conf
    "$build/bin/dcachemon-snmp" -f -c /tmp/daemon.conf -x /run/no-agentx >$out/daemon.log 2>&1 </dev/null &
    daemon=$!
    for ((i = 0; i < 300; i++)); do
        timeout 20 "$build/bin/dcachemon" show --all --json --cached --socket /run/dcm.sock \
            >$out/daemon.show 2>$out/daemon.show.err </dev/null
        echo $? >$out/daemon.show.status
        ! grep -q '"sources"' $out/daemon.show || grep -qE '"state": ?"starting"' $out/daemon.show || break
        sleep 0.2
    done
    cat /proc/sys/fs/dentry-state >$out/daemon.state
    cat "/proc/$daemon/status" >$out/daemon.kept
    kill $daemon
    wait $daemon
    echo $? >$out/daemon.status
fi

"$build/tests/lib/walk_dump" --passes 0 --base >$out/base 2>&1
dmesg >$out/log
python3 "$top/tests/kernels/judge.py" $out "$top/tests/kernels/EXPECTED" $namespaces $names
