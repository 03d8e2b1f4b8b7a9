#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The oracle of readers of a kernel's memory (lib/kernel_image.py): a second, small reader finds in
# each image what the lists say that it was made of. LONG=1: 100,000 entries, and more unknown kernels.
set -u
. "$TOP/tests/lib/tap.sh"
export PYTHONDONTWRITEBYTECODE=1
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
lib=$TOP/tests/lib entries=3000 chain=400 seeds="1 2"
[ -z "${LONG:-}" ] || { entries=100000 chain=8000 seeds=$(seq 1 20); }

image() { python3 "$lib/kernel_image.py" --entries $entries --chain $chain "$@" "$tmp/image"; }
both() { image "$@" && python3 "$lib/kernel_image_read.py" "$tmp/image"; }
for kernel in 3.10 4.18 5.4 5.10; do
    check "$kernel: memory holds what the truth says" both --kernel $kernel
done
for seed in $seeds; do
    check "a patched kernel ($seed): likewise" both --kernel patched --seed "$seed"
    check "a kernel that nobody knows ($seed): likewise" both --kernel random --seed "$seed"
done
for kernel in 3.10 5.4; do
    check "$kernel: broken chains end where the truth says" both --kernel $kernel --hostile all
done

core_file() {
    readelf -h "$tmp/image/core" | grep -q 'Type: *CORE' && readelf -lW "$tmp/image/core" | grep -q 'LOAD .* 0xffffffff'
}
check "readelf calls it a core file" core_file
same() { image --kernel random --seed 5 && mv "$tmp/image" "$tmp/$1"; }
check "an image is the same each time" eval 'same first && same second && diff -r "$tmp/first" "$tmp/second"'

# What reads the image again must notice what it is there to notice.
image --kernel 5.10
spoil() { # WHAT: in a copy of the image
    rm -rf "$tmp/spoilt" && cp -r "$tmp/image" "$tmp/spoilt" && python3 - "$tmp/spoilt" "$1" <<'PY'
import json, sys
folder, what = sys.argv[1:]
data = open(folder + "/core", "rb").read()
truth = json.load(open(folder + "/truth.json"))
if what == "name":
    data = data.replace(truth["longest"]["name"].encode() + b"\0", b"ipv7\0")
elif what == "back pointer":
    bucket = truth["table"]["address"] + 8 * truth["longest"]["bucket"]
    data = data.replace(bucket.to_bytes(8, "little"), (bucket ^ 8).to_bytes(8, "little"))
elif what == "counter":
    truth["superblocks"][0]["unused"] += 1
open(folder + "/core", "wb").write(data)
json.dump(truth, open(folder + "/truth.json", "w"))
PY
}
for what in name "back pointer" counter; do
    check "a wrong $what: spoilt" spoil "$what"
    run 1 "a wrong $what is noticed" python3 "$lib/kernel_image_read.py" "$tmp/spoilt"
    says "$tmp/out" "in memory, .* in truth.json"
done

# Offsets of a kernel whose BTF tells them: Debian 11's 5.10.0-46-amd64, bpftool btf dump file vmlinux.
check "the layout of 5.10 is the one of its BTF" python3 - "$tmp/image/truth.json" <<'PY'
import json, sys
truth = json.load(open(sys.argv[1]))
known = {"dentry.d_hash": 8, "dentry.d_parent": 24, "dentry.d_name": 32, "dentry.d_inode": 48, "dentry.d_iname": 56,
         "dentry.d_lockref": 88, "dentry.d_sb": 104, "dentry.d_lru": 128, "dentry.d_child": 144, "dentry.d_subdirs": 160,
         "super_block.s_dev": 16, "super_block.s_type": 40, "super_block.s_root": 104, "super_block.s_id": 952,
         "super_block.s_dentry_lru": 1176, "inode.i_sb": 40, "inode.i_ino": 64, "inode.i_dentry": 312,
         "list_lru_node.lru": 8, "list_lru_node.nr_items": 40, "net.list": 32, "net.ns": 128, "net.loopback_dev": 336,
         "net_device.nd_net": 1264}
assert {k: truth["offsets"][k] for k in known} == known, {k: truth["offsets"][k] for k in known}
assert truth["sizes"]["dentry"] == 192 and truth["sizes"]["super_block"] == 1408
PY
done_testing
