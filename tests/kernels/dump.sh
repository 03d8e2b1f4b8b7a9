#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What drgn_judge.py compares, in a test machine (tests/kernels/vm, with VM_DUMP): plants names, prints
# what is known of them and what the walkers see, and has the memory written into a file.
set -u
. "$(dirname "$0")/plant_known.sh"
build=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dcm\.build=//p')
out=/tmp/dump
mkdir $out
plant_known "$build" 100000 100

# What a calibration goes by, and where /proc/kcore has the kernel's memory.
python3 - /mnt/disk/dcachemon-known $out <<'P' || exit 1
import os, struct, sys
folder, out = sys.argv[1:]
os.mkdir(folder)
at = os.stat(folder)
lines = [f"dir {os.major(at.st_dev) << 20 | os.minor(at.st_dev):x} ext4 {at.st_ino} {os.path.basename(folder)}"]
for i in range(64):
    missing, existing = f"{i:03}-is-not-here", f"{i:03}-is-a-file"
    os.close(os.open(f"{folder}/{existing}", os.O_CREAT | os.O_WRONLY))
    lines += [f"existing {os.stat(f'{folder}/{existing}').st_ino} {existing}", f"missing {missing}"]
    assert not os.path.exists(f"{folder}/{missing}")
lines.append(f"namespace {os.stat('/proc/self/ns/net').st_ino}")
open(out + "/planted", "w").write("\n".join(lines) + "\n")
with open("/proc/kcore", "rb") as core:
    header = core.read(64)
    offset, count = struct.unpack_from("<Q", header, 32)[0], struct.unpack_from("<H", header, 56)[0]
    core.seek(offset)
    headers = [struct.unpack("<IIQQQQQQ", core.read(56)) for _ in range(count)]
    with open(out + "/segments", "w") as file:
        for kind, _, at, virtual, physical, size, _, _ in headers:
            if kind == 1:
                file.write(f"{virtual:x} {physical:x} {size:x}\n")
            else:
                core.seek(at)
                open(out + "/notes", "wb").write(core.read(size))
P
grep -E ' (dentry_hashtable|d_hash_shift|super_blocks|init_net|net_namespace_list)$' /proc/kallsyms >$out/symbols
"$build/tests/lib/walk_dump" --compat >$out/bpf
"$build/tests/lib/walk_dump" --kcore >$out/kcore
echo "begin answers"
tar -C $out -cz . | base64
echo "end answers"
echo "vm: dump"
sleep 600
