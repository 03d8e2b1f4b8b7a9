# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# For scripts of a test machine (tests/kernels/vm) that compare with what is known.
#   plant_known BUILD NAMES NAMESPACES   NAMES missing names in /mnt/merged/probed, an overlay; so many network
#                                        namespaces that read files of theirs, as the host does, until the machine
#                                        ends; /mnt/disk, an empty ext4. Ends the script when it cannot.
plant_known() {
    mkdir -p /mnt/{lower,upper,work,merged,disk}
    echo 1 >/proc/sys/kernel/printk
    cat /proc/sys/net/ipv6/conf/all/disable_ipv6 /proc/sys/net/core/somaxconn >/dev/null
    mount -t overlay planted -o lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/merged || exit 1
    mkdir /mnt/merged/probed
    "$1/tests/lib/plant" negative /mnt/merged/probed "$2" missing- || exit 1
    truncate -s 64M /mnt/disk.img && mkfs.ext4 -q -F /mnt/disk.img && mount -o loop /mnt/disk.img /mnt/disk || exit 1
    mkfifo /tmp/hold
    "$1/tests/lib/plant" netns "$3" </tmp/hold >/tmp/plant.out 2>&1 &
    exec 9>/tmp/hold
    for _ in {1..600}; do
        ! grep -q ready /tmp/plant.out || return 0
        sleep 0.1
    done
    cat /tmp/plant.out
    exit 1
}
