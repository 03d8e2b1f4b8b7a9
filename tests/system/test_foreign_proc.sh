#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# Files of /proc that are not the kernel's, or say what cannot be: left out everywhere, with the reason.
# All mounts are in a namespace of this test.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
if [ -z "${FOREIGN_PRIVATE:-}" ]; then
    FOREIGN_PRIVATE=1 exec unshare -m --propagation private "$BASH" "$0" "$@"
fi
. "$TOP/tests/lib/tap.sh"
dcachemon=$BUILD/bin/dcachemon
printf '[sampling]\nbpf = no\nsocket = %s/none.sock\n' "$tmp" >"$tmp/conf"
within=() # a command that runs another in a container
show() { "${within[@]}" "$dcachemon" show --json -c "$tmp/conf"; }
json() { show | python3 -c "
import json, sys
d = json.load(sys.stdin)
source = {s['name']: s for s in d['sources']}
$1"; }
cover() { # FILE TEXT
    printf '%b' "$2" >"$tmp/cover" && mount --bind "$tmp/cover" "$1"
}
doctor() { "${within[@]}" "$dcachemon" doctor -c "$tmp/conf"; }

# ---- a container's meminfo, the host's slabinfo and zoneinfo ----
check "the oracle: /proc is the kernel's" test "$(stat -f -c %T /proc/meminfo)" = proc
run 3 "nothing is covered" "$dcachemon" check -c "$tmp/conf" --only chain_length
check "meminfo counts" json "assert d['memory']['total_bytes'] == $(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
cover /proc/meminfo 'MemTotal: 65536 kB\nMemFree: 1024 kB\nSReclaimable: 0 kB\n'
check "the oracle: meminfo is of another filesystem" test "$(stat -f -c %T /proc/meminfo)" != proc
check "a container's meminfo: memory is absent" json "
m = d['memory']
assert [m[k] for k in ('total_bytes', 'free_bytes', 'slab_reclaimable_bytes')] == [None] * 3, m
assert m['low_watermark_bytes'] and d['totals']['slab_bytes'], d"
check "the source says why, and works" json "
s = source['memory']
assert s['state'] == 'ok' and s['reason'].startswith('/proc/meminfo: not the kernel'), s"
run 3 "slab_share is not judged" "$dcachemon" check -c "$tmp/conf" --only slab_share
says "$tmp/out" '^DCACHEMON UNKNOWN - /proc/meminfo: not the kernel'
run 3 "reclaim_risk is not judged" "$dcachemon" check -c "$tmp/conf" --only reclaim_risk
"$dcachemon" check -c "$tmp/conf" >"$tmp/out"
says "$tmp/out" '; not judged: slab_share, reclaim_risk: /proc/meminfo: not the kernel'
check "nor has it a value" sh -c "! grep -E 'slab_share=|reclaim_risk=' '$tmp/out'"
doctor >"$tmp/out"
says "$tmp/out" '^warn +meminfo +/proc/meminfo is not the kernel'
umount /proc/meminfo
check "and it is back" json "assert d['memory']['total_bytes'] and not source['memory']['reason']"

# ---- counters that have overflowed ----
cover /proc/sys/fs/dentry-state '-12\t30\t45\t0\t-7\t0\n'
check "below zero is null" json "
t = d['totals']
assert (t['dentries'], t['unused'], t['negative']) == (None, 30, None), t"
check "the source says why" json "assert 'below zero' in source['dentry_state']['reason'], source"
"$dcachemon" show -c "$tmp/conf" >"$tmp/out"
says "$tmp/out" '^  dentries +none: .*below zero'
says "$tmp/out" '^  slab memory '
"$dcachemon" check -c "$tmp/conf" >"$tmp/out"
says "$tmp/out" '; not judged: negative_count, dentries_total: .*below zero'
check "no performance data of it" sh -c "! grep -E 'dentries_total=|negative_count=' '$tmp/out'"
umount /proc/sys/fs/dentry-state

# ---- /proc with processes alone ----
if mount -t proc -o subset=pid proc /proc 2>"$tmp/err"; then
    check "the oracle: slabinfo is hidden" test ! -e /proc/slabinfo
    doctor >"$tmp/out"
    umount /proc
    check "the oracle: the kernel has it" test -e /proc/slabinfo
    for name in slabinfo psi meminfo; do
        check "hidden $name is no missing option of the kernel" sh -c \
            "grep -A1 -w ^warn.*$name '$tmp/out' | grep -x ' *-> fix: mount -t proc proc /proc'"
    done
else
    skip "a hidden slabinfo" "no subset=pid here: $(cat "$tmp/err")"
fi

# ---- another procfs, whose dentries are in other chains ----
timed() { json "assert all(l['seconds'] and not l['error'] for l in d['lookups']), d['lookups']"; }
refused() { # REASON
    json "
assert all(l['error'] == \"this /proc is not the host's\" and not l['seconds'] for l in d['lookups']), d['lookups']
s = source['lookups']
assert s['state'] == 'ok' and '$1' in s['reason'] and s['reason'].endswith('mount that and set [sampling] proc'), s
assert not d['snmpd']['reload_seconds'], d['snmpd']"
}
not_judged() { # the first two words of the reason
    "${within[@]}" "$dcachemon" check -c "$tmp/conf" --only lookup_latency >"$tmp/out"
    says "$tmp/out" "^DCACHEMON UNKNOWN - .*$1"
    doctor >"$tmp/out"
    says "$tmp/out" '^warn +proc +no lookup_latency and snmpd_wedge: /proc is '
    says "$tmp/out" '^ +-> fix: mount the host.s at /host/proc '
}
mkdir "$tmp/host" && mount --bind /proc "$tmp/host" || exit 1
on_exit "umount -l '$tmp/host'"
check "the host's own: lookups are timed" timed
doctor >"$tmp/out"
says "$tmp/out" "^ok +proc +lookups are those of the host's /proc"
mount -t proc proc /proc
if [ "$(stat -c %d /proc)" != "$(stat -c %d "$tmp/host")" ]; then
    check "one of the same PID namespace: lookups are not timed" refused "/proc is device 0:"
    not_judged "/proc is device"
else
    skip "another procfs of this PID namespace" "this kernel has one for all"
fi
umount /proc
within=(unshare --pid --fork --mount-proc)
check "a container's: lookups are not timed" refused "/proc is the container"
not_judged "/proc is the container"
echo "proc = $tmp/host" >>"$tmp/conf"
check "a container with the host's beside its own: they are" timed
check "under the names that they have on the host" json "
assert [l['path'] for l in d['lookups']] == ['/proc/sys/net/ipv6', '/proc/sys/net/core', '/proc/sys/net/ipv4'], d"
doctor >"$tmp/out"
says "$tmp/out" "^ok +proc "
sed -i 's,^proc =.*,proc = /sys,' "$tmp/conf"
check "no procfs at all: lookups are not timed, with the reason" json "
assert source['lookups']['reason'] == \"/sys is no procfs: mount the host's /proc there\", source"
echo "lookup = $tmp/host/sys/net/core" >>"$tmp/conf"
sed -i '/^proc =/d' "$tmp/conf"
check "a path that is given as it is stays one" timed
within=()
done_testing
