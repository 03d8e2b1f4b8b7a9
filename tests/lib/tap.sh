# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# TAP for shell tests, sourced as: . "$TOP/tests/lib/tap.sh"
# $tmp is a folder that is removed at the end, after on_exit commands ran, latest first.
set -u
: "${TOP:?set by tests/run}" "${BUILD:?set by tests/run}"

# shellcheck source=tests/lib/report.sh
. "$TOP/tests/lib/report.sh"
tap_exit_commands=()
tmp=$(mktemp -d "${TMPDIR:-/tmp}/dcachemon-test.XXXXXX") || exit 1

# on_exit COMMAND: a shell command line for the end, however the test ends.
on_exit() { tap_exit_commands+=("$1"); }

tap_exit() {
    local i status=$?
    trap - EXIT
    # A child that a signal meets before its exec still has the traps of this shell.
    [ "$BASHPID" = "$$" ] || exit "$status"
    for ((i = ${#tap_exit_commands[@]} - 1; i >= 0; i--)); do eval "${tap_exit_commands[i]}"; done
    rm -rf "$tmp"
    exit "$status"
}
trap tap_exit EXIT
trap 'exit 1' INT TERM

# check TEXT COMMAND...: passes when the command exits with 0; shows its output otherwise.
check() {
    local text=$1
    shift
    if "$@" >"$tmp/check.out" 2>&1; then pass "$text"; else fail "$text (status $?)" "$tmp/check.out"; fi
}

# run STATUS TEXT COMMAND...: expects that exit status; leaves $tmp/out and $tmp/err.
run() {
    local want=$1 text=$2 got=0
    shift 2
    "$@" >"$tmp/out" 2>"$tmp/err" </dev/null || got=$?
    if [ "$got" = "$want" ]; then pass "$text"; else
        fail "$text: status $got instead of $want" "$tmp/out" "$tmp/err"
    fi
}

# says FILE REGEX / silent FILE: about what run left behind.
says() { check "$(basename "$1") says: $2" grep -qE -- "$2" "$1" || true; }
silent() { check "nothing on $(basename "$1")" test ! -s "$1"; }
