#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: core
# long: only
# One other kernel: Debian's newest 6.1 for clouds, the oldest series that is tested.
# "make check-kernels" has the rest.
set -u
skip() { echo "1..0 # SKIP $1"; exit 0; }
[ "$(id -u)" = 0 ] || skip "needs root"
[ "$(uname -m)" = x86_64 ] || skip "the test machines are x86-64"
package=$("$TOP/tests/kernels/newest" 6.1-cloud 2>&1) || skip "$package"
export VM_SECONDS=120
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
trap 'exit 1' INT TERM
status=126
for _ in 1 2; do
    # In the background, so that a signal reaches this shell while it waits.
    "$TOP/tests/kernels/vm" "$package" "$TOP/tests/kernels/inside.sh" "dcm.build=$BUILD" >"$log" 2>&1 &
    wait $!
    status=$?
    [ $status = 126 ] || break
done
case $status in
126) skip "no test machine comes up here: $(grep . "$log" | tail -1)" ;;
127) skip "$(sed -n 's/^vm: //p' "$log" | tail -1)" ;;
esac
cat "$log"
exit $status
