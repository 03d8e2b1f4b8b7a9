#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# What "dcachemon who --locks" costs eight threads that create, rename and remove files in one directory of a
# tmpfs, or of an ext4: locks.sh BUILD [PAIRS]
set -eu
build=$1 pairs=${2:-60}
here=$(dirname "$0")
dir=$(mktemp -d)
trap 'umount "$dir" 2>/dev/null; rm -rf "$dir" "$dir.img"' EXIT

mount -t tmpfs bench "$dir"
python3 "$here/locks.py" "$build" tmpfs "$dir" "$pairs"
umount "$dir"

truncate -s 200M "$dir.img"
mkfs.ext4 -q -F "$dir.img"
mount -o loop "$dir.img" "$dir"
python3 "$here/locks.py" "$build" ext4 "$dir" "$pairs"
