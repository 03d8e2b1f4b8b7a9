# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# shellcheck shell=bash
# What the kernel logs while a test runs, as far as a walker could cause it: other tests and the
# machine itself may log, too. Sourced after tests/lib/report.sh.
#
#   kernel_log_begin FOLDER     remembers there what is in the log
#   kernel_log_check FOLDER     a test of its own: nothing since then; shows what there is

kernel_log_begin() { dmesg >"$1/dmesg.before"; }

kernel_log_check() {
    dmesg >"$1/dmesg.after"
    diff "$1/dmesg.before" "$1/dmesg.after" | grep '^>' |
        grep -iE 'bpf|rcu|lockup|BUG|WARNING|Oops|stall|fault' >"$1/dmesg.new"
    sed 's/^/# /' "$1/dmesg.new"
    tap_ok "nothing in the kernel log" test ! -s "$1/dmesg.new"
}
