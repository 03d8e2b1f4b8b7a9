#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds BUILD/image/dcachemon-VERSION.tar, which docker, podman and ctr load, from the packages in
# BUILD/deb and a minimal Debian of the suite that this system has: build-image.sh BUILD VERSION. With
# "collectd" after that, dcachemon-collectd-VERSION.tar, which has collectd and the plugin as well.
# Nothing is left in the image stores of this system.
set -eu
cd "$(dirname "$0")/../.."
version=$2
name=dcachemon${3:+-$3}
mkdir -p "$1/image"
out=$(realpath "$1/image")
debs=$(realpath "$1/deb")
root=$out/root
. /etc/os-release

command -v buildah >/dev/null || { echo "buildah is missing: make deps-image" >&2; exit 1; }
trap 'rm -rf --one-file-system "$root" "$out/context" "$out/store" "$out/run"' EXIT
trap 'exit 1' INT TERM
rm -rf --one-file-system "$root"
tests/packages/debian_root.sh "$root" "$VERSION_CODENAME" || { cat "$root.log" >&2; exit 1; }
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive LC_ALL=C "$@"; }
mkdir "$root/debs"
cp "$debs/dcachemon_${version}"*.deb "$debs/dcachemon-snmp_${version}"*.deb "$root/debs"
[ -z "${3:-}" ] || cp "$debs/$3-plugin-dcachemon_${version}"*.deb "$root/debs"
inside sh -c 'apt-get install -y -q --no-install-recommends /debs/*.deb' >>"$root.log" 2>&1 || {
    tail -20 "$root.log" >&2
    exit 1
}
# What a running image does not need, and what differs between two builds of the same.
inside apt-get clean
rm -rf "$root/debs" "$root/.complete" "$root/etc/dpkg/dpkg.cfg.d/test" "$root/usr/sbin/policy-rc.d" \
    "$root/var/lib/apt/lists"/* "$root/var/log"/* "$root/usr/share/locale"/* "$root/usr/share/info"/* \
    "$root/usr/share/doc"/*/changelog* "$root/var/cache/debconf"/*-old
mkdir -p "$root/host/proc" "$root/run/dcachemon" "$root/var/agentx" "$out/context"
tar -C "$root" --one-file-system --numeric-owner --sort=name -cf "$out/context/root.tar" .
cp packaging/container/Containerfile packaging/container/dcachemon.conf "$out/context"
image() { buildah --root "$out/store" --runroot "$out/run" --storage-driver vfs "$@"; }
image build --quiet -t "$name:$version" "$out/context" >/dev/null
rm -f "$out/$name-$version.tar"
image push --quiet "$name:$version" "docker-archive:$out/$name-$version.tar:$name:$version"
ls "$out/$name-$version.tar"
