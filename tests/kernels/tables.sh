#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Other hash tables of the kernel in a test machine (tests/kernels/vm), with what can be made there alone: tracked
# connections in tables of several sizes, 20,000 control groups, and as many inodes as four minutes are enough for, up to a
# million, in a table of few buckets (kernel argument ihash_entries=). The walk's counts are compared with those of
# chains_by_symbol, which goes by symbols and /proc/kcore.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
argument() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p"; }
BUILD=$(argument 'dcm\.build')
export TOP BUILD TMPDIR=/mnt
. "$TOP/tests/lib/tap.sh"
uname -r | sed 's/^/# /'
echo 1 >/proc/sys/kernel/printk
lib=$BUILD/tests/lib seconds=$(argument "dcm\.seconds")

# One that stays: to load its programs takes long here.
mkfifo "$tmp/ask" "$tmp/told"
"$lib/tables_walk" --auto <"$tmp/ask" >"$tmp/told" &
exec 7>"$tmp/ask" 8<"$tmp/told"
walk() {
    local line
    echo >&7
    while read -r -t 300 line <&8; do
        echo "$line"
        [[ $line != walk* ]] || break
    done >"$tmp/walk"
    tail -1 "$tmp/walk" | sed 's/^/# /'
}
# found TABLE KEY: in the last walk
found() {
    awk -v table="$1" -v key="$2" '$1 == table && $2 == "host" { for (i = 3; i < NF; i += 2) if ($i == key) n = $(i + 1) }
        END { print n + 0 }' "$tmp/walk"
}
near() { [ -n "$1" ] && [ -n "$2" ] && [ $(($1 - $2)) -le "$3" ] && [ $(($2 - $1)) -le "$3" ]; }

# same TEXT TABLE ENTRIES LONGEST SYMBOL SIZE: walks and compares; ENTRIES and LONGEST, what may be different.
same() {
    local counted key
    walk
    counted=" $("$lib/chains_by_symbol" "$5" "$6" 2>&1) "
    echo "# $1, $SECONDS s:$counted"
    for key in buckets:0 "entries:$3" "longest:$4" "p99:$(($4 + $(found "$2" p99) / 8))"; do
        check "$1: ${key%:*} as by the symbol, $(found "$2" "${key%:*}")" \
            near "$(found "$2" "${key%:*}")" "$(sed -n "s/.* ${key%:*} \([0-9]*\) .*/\1/p" <<<"$counted")" "${key#*:}"
    done
}

# ---- tracked connections: each is there twice, by the packets of both directions ----
modprobe -d "$(argument 'dcm\.kernels')/$(uname -r)" nf_conntrack_netlink
python3 -c "
import sys
sys.path.insert(0, '$TOP/tests/lib')
import netlink_batch
netlink_batch.connections(10000)" || fail "connections are tracked"
for buckets in default 512 2560 512; do
    [ $buckets = default ] || echo $buckets >/proc/sys/net/netfilter/nf_conntrack_buckets
    same "conntrack of $buckets buckets" conntrack 10 1 nf_conntrack_hash nf_conntrack_htable_size
    check "20000 are found" near "$(found conntrack entries)" 20000 10
done

# ---- control groups: a process that has ended in each ----
# The hash is of the states of controllers: without a controller all groups would be in one chain.
groups=20000 top=/sys/fs/cgroup/dcm-tables
echo +pids >/sys/fs/cgroup/cgroup.subtree_control
echo 100000 | tee /proc/sys/kernel/threads-max >/proc/sys/kernel/pid_max
before=$(found css_sets entries)
mkdir $top && echo +pids >$top/cgroup.subtree_control && (cd $top && seq $groups | xargs mkdir) || exit 1
echo "# $groups folders: $SECONDS s"
mkfifo "$tmp/folders" "$tmp/ready"
"$lib/zombies" <"$tmp/folders" >"$tmp/ready" &
exec 9>"$tmp/folders"
(seq -f "$top/%.0f" $groups && echo) >&9 &
read -r -t 600 line <"$tmp/ready"
check "there is a process in each of $groups control groups" test "$line" = ready
same "control groups" css_sets 5 2 css_set_table 128
check "all $groups are found" near "$(($(found css_sets entries) - before))" $groups 5

# ---- inodes ----
mkdir /mnt/files
mount -t tmpfs -o nr_inodes=0,size=100% files /mnt/files || exit 1
walk
before=$(found inodes entries)
files=$("$lib/hash_files" /mnt/files 1000000 "$seconds")
echo "# $files files: $SECONDS s"
same "inodes" inodes 200 5 inode_hashtable i_hash_mask
check "all $files are found" near "$(($(found inodes entries) - before))" "$files" 2000
check "the table has 1,024 buckets" test "$(found inodes buckets)" = 1024
done_testing
