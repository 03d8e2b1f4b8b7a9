#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds the RPM packages into BUILD/rpm: build-rpm.sh BUILD VERSION
# --nodeps, because the dependencies have the names of RPM systems and this may be another system.
set -eu
# "make O=... deb" is not for the make inside.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES O
cd "$(dirname "$0")/.."
mkdir -p "$1/rpm"
out=$(realpath "$1")/rpm

command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: make deps-packaging" >&2; exit 1; }
grep -q "^Version: *$2\$" packaging/rpm/dcachemon.spec || {
    echo "packaging/rpm/dcachemon.spec is not about version $2" >&2
    exit 1
}
rm -rf "$out"
mkdir -p "$out/SOURCES"
packaging/list-sources.sh | tar -czf "$out/SOURCES/dcachemon-$2.tar.gz" --no-recursion \
    --transform "s|^|dcachemon-$2/|" -T -
rpmbuild --nodeps -bb --define "_topdir $out" --define "_smp_mflags -j${JOBS:-2}" \
    packaging/rpm/dcachemon.spec >"$out/build.log" 2>&1 || {
    tail -40 "$out/build.log" >&2
    exit 1
}
find "$out/RPMS" -name '*.rpm'
