# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# A test that is a script in a test machine: vm_test SERIES SCRIPT [KERNEL ARGUMENT...]. Its TAP lines
# become those of the test; where no machine comes up, the test is skipped with the reason.
: "${TOP:?set by tests/run}" "${BUILD:?set by tests/run}"

vm_skip() { echo "1..0 # SKIP $1"; exit 0; }

vm_test() {
    local package status=126
    [ "$(id -u)" = 0 ] || vm_skip "needs root"
    [ "$(uname -m)" = x86_64 ] || vm_skip "the test machines are x86-64"
    package=$("$TOP/tests/kernels/newest" "$1" 2>&1) || vm_skip "$package"
    log=$(mktemp) || exit 1
    trap 'rm -f "$log"' EXIT
    trap 'exit 1' INT TERM
    for _ in 1 2; do
        # In the background, so that a signal reaches this shell while it waits.
        "$TOP/tests/kernels/vm" "$package" "$TOP/tests/kernels/$2" "dcm.build=$BUILD" "${@:3}" >"$log" 2>&1 &
        wait $!
        status=$?
        [ $status = 126 ] || break
    done
    case $status in
    126) vm_skip "no test machine comes up here: $(grep . "$log" | tail -1)" ;;
    127) vm_skip "$(sed -n 's/^vm: //p' "$log" | tail -1)" ;;
    esac
    cat "$log"
    exit $status
}
