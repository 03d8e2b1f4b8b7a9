#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The README's two commands on a fresh Debian: check_debian.sh SUITE BUILD [GROUP...|all|deb]
# The Debian is a folder in which nothing is installed but "make"; it gets a copy of the sources, and
# runs "make run", the build of all tests with -Werror, and the tests of the groups (default: unit
# cli). "all" is "make check", "deb" builds the packages. The logs stay in BUILD/debian-SUITE.
# Its dentry cache is this host's: tests in there take their turn by the locks of this host.
set -u
cd "$(dirname "$0")/../.." || exit 1
# Its mounts end with this shell, however that ends.
[ -n "${CHECK_DEBIAN_MOUNTS:-}" ] ||
    CHECK_DEBIAN_MOUNTS=private exec unshare --mount --propagation private "$0" "$@"
suite=$1 logs=$2/debian-$1
shift 2
mkdir -p "$logs" || exit 1
root=$(realpath "$logs")/root

# What stays mounted is not walked into.
clean_up() {
    ! mountpoint -q "$root" || umount -lR "$root"
    rm -rf --one-file-system "$root"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

inside() {
    chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 sh -c "cd /root/dcachemon && $*"
}
packages() { chroot "$root" dpkg-query -f '.\n' -W | wc -l; }
megabytes() { du -sm --one-file-system "$root" | cut -f1; }

# step NAME COMMAND...: its output goes to a log, the end of which is shown when it fails.
step() {
    local name=$1 begin=$SECONDS log=$logs/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null || {
        printf '%s: %s failed after %d s (%s)\n' "$suite" "$name" $((SECONDS - begin)) "$log"
        tail -30 "$log"
        exit 1
    }
    printf '%s: %s, %d s%s\n' "$suite" "$name" $((SECONDS - begin)) \
        "$(sed -n 's/^\([0-9]* passed, [0-9]* failed, [0-9]* skipped\)$/: \1/p' "$log")"
}

make_root() {
    tests/packages/debian_root.sh "$root" "$suite" make || { cat "$root.log"; return 1; }
    # A mount point of its own: in a folder of a mount, tests that remount "/" are refused.
    mount --bind "$root" "$root" && mount --rbind /proc "$root/proc" && mount --rbind /sys "$root/sys" &&
        mount --rbind /dev "$root/dev" && mkdir -p "$root/run/lock" "$root/root/dcachemon" &&
        mount --bind /run/lock "$root/run/lock" &&
        packaging/list-sources.sh | tar -cf - --no-recursion -T - | tar -xf - -C "$root/root/dcachemon"
}

rm -rf --one-file-system "$root"
step root make_root
before=$(packages) size=$(megabytes)
step run inside make WERROR=1 run
echo "$suite: make run installed $(($(packages) - before)) packages; with its build they take" \
    "$(($(megabytes) - size)) MB"
[ "${1:-}" != all ] || { step check inside make WERROR=1 check; exit; }
[ "${1:-}" != deb ] || { step deb inside "make deps deps-packaging && make deb"; exit; }
step tests inside "make deps && make WERROR=1 tests"
step check inside tests/run --build build "${@:-unit cli}"
