#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The test of "who --locks" in a test machine (tests/kernels/vm) of four processors, where spinning locks
# queue: one superblock that eight threads work on beside one that nobody does; then what runs elsewhere.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dcm\.build=//p')
export TOP BUILD TMPDIR=/mnt LOCKS_FILES=30000
uname -r | sed 's/^/# /'
echo 1 >/proc/sys/kernel/printk
dcachemon=$BUILD/bin/dcachemon contend=$BUILD/tests/lib/contend
for name in busy quiet; do
    mkdir /mnt/$name && truncate -s 160M /mnt/$name.img && mkfs.ext4 -q -F /mnt/$name.img && mount -o loop /mnt/$name.img /mnt/$name || exit 1
done
# Sums of the locks of a superblock that have a name, and of which kind.
"$dcachemon" who --locks --seconds 60 --top 1000 --json >/mnt/locks.json &
who=$!
for _ in {1..300}; do
    [ "$(find "/proc/$who/fd" -lname '*bpf?link*' 2>/dev/null | wc -l)" -lt 2 ] || break
    sleep 0.1
done
"$contend" --own /mnt/busy 8 10 >/mnt/clocks
kill -INT $who
wait $who
python3 - "$(stat -c %Hd:%Ld /mnt/busy)" "$(stat -c %Hd:%Ld /mnt/quiet)" <<'PY'
import json, sys
d, (busy, quiet) = json.load(open("/mnt/locks.json")), sys.argv[1:]
print("#", d["totals"], open("/mnt/clocks").read().split())
kinds = {}
for l in d["locks"]:
    if l["device"]: kinds.setdefault((l["device"], l["lock"]), [0, 0]); kinds[l["device"], l["lock"]][0] += l["waits"]; kinds[l["device"], l["lock"]][1] += l["wait_seconds"]
for key, sums in sorted(kinds.items()): print("#", *key, *sums)
for l in d["locks"][:12]: print("#", l["lock"], l["type"], l["device"], l["path"] or l["mount_point"], l["node"], l["memory_cgroup"], l["caller"], l["waits"], l["wait_seconds"])
own = {lock for device, lock in kinds if device == busy}
lru = [l for l in d["locks"] if l["device"] == busy and l["lock"] in ("dentry LRU", "inode LRU", "s_inode_list_lock")]
for n, (text, good) in enumerate((
        ("waits for spinning locks are seen", d["totals"]["spinning_waits"] > 0),
        ("the locks of the superblock's lists are named", bool(lru)),
        ("with where it is mounted", all(l["mount_point"] == "/mnt/busy" and l["fstype"] == "ext4" for l in lru)),
        ("by the program that waited", all(l["processes"][0]["command"] == "contend" for l in lru[:1])),
        ("those of the quiet one are not", not [k for k in kinds if k[0] == quiet])), 1):
    print("ok" if good else "not ok", n, "-", text)
PY
bash "$TOP/tests/system/test_who_locks.sh" | sed -E 's/^(ok|not ok) [0-9]+ - /\1 - /; /^1\.\.[0-9]+$/d'
