#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 120
# In a container's mount namespace: a filesystem of which one file is bound there has no mount point, one
# that is there whole has. All mounts are in a namespace of this test, and the container in one of its own.
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
if [ -z "${PARTS_PRIVATE:-}" ]; then
    PARTS_PRIVATE=1 exec unshare -m --propagation private "$BASH" "$0" "$@"
fi
. "$TOP/tests/lib/tap.sh"
"$BUILD/tests/lib/walk_dump" --passes 0 >"$tmp/out" 2>&1 ||
    { echo "1..0 # SKIP no BPF here: $(sed -n 's/^error //p' "$tmp/out")"; exit 0; }
on_exit 'umount -R "$tmp/root" "$tmp/host" "$tmp/volume" 2>/dev/null'

mkdir "$tmp/root" "$tmp/host" "$tmp/volume"
for fs in root host volume; do mount -t tmpfs "$fs" "$tmp/$fs" || fail "$fs is mounted"; done
echo '127.0.0.1 localhost' >"$tmp/host/hosts"
mkdir "$tmp/root/etc" "$tmp/root/volume" "$tmp/root/proc" "$tmp/root/sys" "$tmp/root/build"
: >"$tmp/root/etc/hosts"
mount --bind "$tmp/host/hosts" "$tmp/root/etc/hosts"
mount --bind "$tmp/volume" "$tmp/root/volume"
mount --bind "$BUILD" "$tmp/root/build"
mount --rbind /sys "$tmp/root/sys"
for folder in usr lib lib64 lib32 bin; do # what a program needs
    if [ -L /$folder ]; then
        cp -P /$folder "$tmp/root/$folder"
    elif [ -d /$folder ]; then
        mkdir "$tmp/root/$folder" && mount --bind /$folder "$tmp/root/$folder"
    fi
done
printf '[sampling]\nhash_interval = 0\nlookups_interval = 0\nsocket = /none.sock\n' >"$tmp/root/conf"

# in_container ARGUMENT...: $BUILD/bin/dcachemon as its first process. Its proc is the one that the kernel shows there.
in_container() {
    unshare -m -p -f "$BASH" -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /build/bin/dcachemon "$@"' "$tmp/root" "$@"
}
# row FILESYSTEM PYTHON: true of its superblock s.
row() {
    python3 - "$tmp/out" "$(stat -c '%Hd:%Ld' "$tmp/$1")" "$2" <<'PY'
import json, sys
s = next(s for s in json.load(open(sys.argv[1]))["superblocks"] if s["device"] == sys.argv[2])
print(s)
sys.exit(not eval(sys.argv[3]))
PY
}

run 0 "in the container" in_container show --json -c /conf
check "a file is no mount point" row host "s['mountpoint'] is None and s['part_mountpoint'] == '/etc/hosts'"
check "nor a name" row host "'hosts' not in s['name']"
check "a filesystem that is there whole has its mount point" row volume "s['mountpoint'] == '/volume' and s['part_mountpoint'] is None"
run 0 "the table" in_container show --all -c /conf
says "$tmp/out" ' part: /etc/hosts$'
says "$tmp/out" ' /volume$'

mkdir "$tmp/root/somewhere"
mount --bind "$tmp/host" "$tmp/root/somewhere"
run 0 "the whole is there, too" in_container show --json -c /conf
check "and is its mount point, of a longer name" row host "s['mountpoint'] == '/somewhere' and s['part_mountpoint'] is None"
done_testing
