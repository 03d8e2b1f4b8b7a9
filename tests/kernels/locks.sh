#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The tests of "who --locks" in a test machine (tests/kernels/vm) of four processors, where spinning locks
# queue; locks.py judges. Each part prints its own plan.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dcm\.build=//p')
export TOP BUILD TMPDIR=/mnt LOCKS_FILES=30000
uname -r | sed 's/^/# /'
echo 1 >/proc/sys/kernel/printk
judge=$TOP/tests/kernels/locks.py contend=$BUILD/tests/lib/contend

watch() { # FILE
    "$BUILD/bin/dcachemon" who --locks --seconds 120 --top 1000 --json >"$1" &
    who=$!
    for _ in {1..300}; do
        [ "$(find "/proc/$who/fd" -lname '*bpf?link*' 2>/dev/null | wc -l)" -lt 2 ] || break
        sleep 0.1
    done
}
watched() { kill -INT $who && wait $who; }

# ---- one superblock that eight threads look missing names up in, beside a quiet one ----
for name in busy quiet; do
    mkdir /mnt/$name && truncate -s 160M /mnt/$name.img && mkfs.ext4 -q -F /mnt/$name.img && mount -o loop /mnt/$name.img /mnt/$name || exit 1
done
watch /mnt/locks.json
"$contend" --look /mnt/busy 8 10
watched
python3 "$judge" busy /mnt/locks.json /mnt/busy /mnt/quiet

# ---- dropped caches beside processes of 500 threads that exit ----
watch /mnt/drop.json
"$BUILD/tests/lib/exit_threads" 500 2 15 >/mnt/exits &
exits=$!
(while kill -0 $exits 2>/dev/null; do echo 2 >/proc/sys/vm/drop_caches && echo; done >/mnt/drops) &
dropper=$!
wait $exits
exited=$?
wait $dropper
watched
echo "# $(tail -1 /mnt/exits) processes of 500 threads exited ($exited), caches were dropped $(wc -l </mnt/drops) times"
python3 "$judge" drop /mnt/drop.json /proc $dropper

# ---- what runs elsewhere ----
bash "$TOP/tests/system/test_who_locks.sh"
