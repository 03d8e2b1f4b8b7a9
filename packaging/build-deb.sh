#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds the Debian packages into BUILD/deb from a copy of the sources: build-deb.sh BUILD VERSION
# DEB_BUILD_OPTIONS is "nocheck" unless it is set: "make check" has the tests.
set -eu
# "make O=... deb" is not for the make inside.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES O
cd "$(dirname "$0")/.."
mkdir -p "$1/deb"
out=$(realpath "$1")/deb
source=$out/dcachemon-$2

for tool in dpkg-buildpackage dh lintian; do
    command -v $tool >/dev/null || { echo "$tool is missing: make deps-packaging" >&2; exit 1; }
done
rm -rf "$out"
mkdir -p "$source"
packaging/list-sources.sh | tar -cf - --no-recursion -T - | tar -xf - -C "$source"
cp -R packaging/debian "$source/debian"
[ "$(dpkg-parsechangelog -l "$source/debian/changelog" -S Version)" = "$2" ] || {
    echo "packaging/debian/changelog is not about version $2" >&2
    exit 1
}
cd "$source"
DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-nocheck} parallel=${JOBS:-2}" \
    dpkg-buildpackage -b -us -uc >"$out/build.log" 2>&1 || {
    tail -40 "$out/build.log" >&2
    exit 1
}
cd "$out"
rm -rf "$source"
lintian --tag-display-limit 0 --fail-on error,warning ./*.changes
ls "$out"/*.deb
