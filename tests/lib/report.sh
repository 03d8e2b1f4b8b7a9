# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# TAP lines and waiting, for tap.sh and snmp_env.sh.
tap_number=0 tap_failed=0

pass() { echo "ok $((++tap_number)) - $1"; }

# fail TEXT [FILE...]: shows the files, if any.
fail() {
    echo "not ok $((++tap_number)) - $1"
    tap_failed=$((tap_failed + 1))
    shift
    local file
    for file; do sed 's/^/# /' "$file" | head -100; done
}

skip() { echo "ok $((++tap_number)) - $1 # SKIP $2"; }

# tap_ok TEXT COMMAND...: passes when the command, whose output is seen, exits with 0.
tap_ok() {
    local text=$1
    shift
    if "$@"; then pass "$text"; else fail "$text"; fi
}

# The plan; false when something failed.
done_testing() {
    echo "1..$tap_number"
    [ $tap_failed = 0 ]
}

# wait_for SECONDS COMMAND...: repeats until it exits with 0.
wait_for() {
    local end=$(($(date +%s%N) + $1 * 1000000000))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s%N)" -lt "$end" ] || return 1
        sleep 0.02
    done
}
