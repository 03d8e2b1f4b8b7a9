#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Unit tests on a big-endian machine: check_endian.sh BUILD
# A fresh Debian in BUILD/endian gets the cross compiler and the libraries of s390x, builds there what
# needs neither BPF nor a server, and runs it under qemu-user. The logs stay in BUILD/endian.
set -u
cd "$(dirname "$0")/../.." || exit 1
[ "$(id -u)" = 0 ] || { echo "check-endian needs root, for a Debian of its own"; exit 77; }
# Its mounts end with this shell, however that ends.
[ -n "${CHECK_ENDIAN_MOUNTS:-}" ] ||
    CHECK_ENDIAN_MOUNTS=private exec unshare --mount --propagation private "$0" "$@"
logs=$1/endian
mkdir -p "$logs" || exit 1
root=$(realpath "$logs")/root
. /etc/os-release

clean_up() {
    ! mountpoint -q "$root" || umount -lR "$root"
    rm -rf --one-file-system "$root"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

inside() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive sh -c "cd /root/dcachemon && $*"
}

# step NAME STATUS COMMAND...: its output goes to a log, the end of which is shown when it fails.
step() {
    local name=$1 status=$2 log=$logs/$1.log
    shift 2
    "$@" >"$log" 2>&1 </dev/null && return
    echo "endian: $name failed ($log)"
    tail -15 "$log"
    exit "$status"
}

make_root() {
    tests/packages/debian_root.sh "$root" "$VERSION_CODENAME" make || { cat "$root.log"; return 1; }
    mount --bind "$root" "$root" && mount --rbind /proc "$root/proc" && mount --rbind /dev "$root/dev" &&
        mkdir -p "$root/root/dcachemon" &&
        packaging/list-sources.sh | tar -cf - --no-recursion -T - | tar -xf - -C "$root/root/dcachemon"
}

# The mirror may lack packages of an architecture that few use: then there is nothing to be tried.
packages() {
    local name foreign=()
    for name in libc6-dev libcmocka-dev libjson-c-dev libinih-dev libmount-dev libsmartcols-dev libncurses-dev \
        libcap-ng-dev libseccomp-dev libmnl-dev; do
        foreign+=("$name:s390x")
    done
    inside "dpkg --add-architecture s390x && apt-get update -q &&
        apt-get install -y -q --no-install-recommends gcc-s390x-linux-gnu pkgconf:s390x uthash-dev qemu-user ${foreign[*]}"
}

# What reads and writes bytes: parsers, snapshots and what is made of them, files, configuration. Left out is what
# measures times or the stack, and what asks the kernel: qemu-user answers otherwise than one.
programs() {
    ls tests/unit/test_{parse_*,snapshot,metrics,text,config,config_*,container*,numbers,roster,statistics,sketch,base}.c \
        tests/unit/test_{chain_histogram,hints,link_message,state_file,recorder*,superblock_index,reclaim_log,reclaim_rules}.c \
        tests/unit/test_{snmp_address,snmpd_settings,if_table,alarms,alarm_config,alarm_state,alarm_types,who_table,who_views}.c |
        sed 's,\(.*\)\.c,build/\1,'
}

step root 1 make_root
step packages 77 packages
mapfile -t programs < <(programs)
step build 1 inside "make -s -j$(nproc) CROSS=s390x-linux-gnu WITH_BPF=0 WITH_SNMP=0 WITH_COLLECTD=0 ${programs[*]}"
passed=0 failed=0
for program in "${programs[@]}"; do
    log=$logs/${program##*/}.log
    if inside "CMOCKA_MESSAGE_OUTPUT=TAP timeout 120 qemu-s390x $program" >"$log" 2>&1 </dev/null; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAIL $program ($log)"
        grep -A3 '^not ok' "$log" | head -12
    fi
done
echo "s390x, big endian: $passed programs passed, $failed failed"
[ $passed -gt 0 ] && [ $failed = 0 ]
