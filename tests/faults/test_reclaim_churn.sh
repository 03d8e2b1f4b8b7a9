#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 200
# needs: host
# Reclaims beside containers that come and go: 21 of them, 201 with "make check-faults". lib/reclaim_churn.py tells whether
# only what was named, and no option of any other filesystem, was touched.
set -u
TOP=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
BUILD=${BUILD:-$TOP/build}
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
rounds=21
[ "${FAULTS:-}" != long ] || rounds=201
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dcachemon-test.XXXXXX") || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
# The upper folders of overlays: not on an overlay.
export tmp TOP BUILD rounds
# shellcheck disable=SC2016
unshare -m --propagation private sh -c '
    mkdir "$tmp/all" && mount -t tmpfs churn "$tmp/all" &&
    exec python3 "$TOP/tests/lib/reclaim_churn.py" "$BUILD" "$tmp/all" "$rounds"'
