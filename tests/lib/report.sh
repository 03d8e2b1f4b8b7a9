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

# Microseconds in which some task of this machine waited for a processor, since it started.
stalled() {
    local line=total=0
    { read -r line </proc/pressure/cpu; } 2>/dev/null
    echo "${line##*total=}"
}

# wait_for SECONDS COMMAND...: repeats until it exits with 0. The seconds are those of a machine with
# nothing else to do: while tasks wait for a processor they are longer, at most by as much again.
wait_for() {
    # COMMAND may be a function: it sees these names in place of its own.
    local wait_limit=$(($1 * 1000000)) wait_begin=${EPOCHREALTIME/[.,]/} wait_stalled wait_more
    wait_stalled=$(stalled)
    shift
    until "$@" >/dev/null 2>&1; do
        wait_more=$(($(stalled) - wait_stalled))
        [ $((${EPOCHREALTIME/[.,]/} - wait_begin)) -lt $((wait_limit + (wait_more < wait_limit ? wait_more : wait_limit))) ] || return 1
        sleep 0.02
    done
}
