#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The faults beside and in a reclaim, in a test machine (tests/kernels/vm).
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
argument() { tr ' ' '\n' </proc/cmdline | sed -n "s/^dcm\.$1=//p"; }
BUILD=$(argument build)
export TOP BUILD TMPDIR=/mnt SAFETY_NAMES=40000
echo 1 >/proc/sys/kernel/printk # the console is for the results
# What is modified stays so until somebody writes it out, however slow the machine is.
echo 0 >/proc/sys/vm/dirty_writeback_centisecs
echo $((1 << 30)) >/proc/sys/vm/dirty_background_bytes
echo $((2 << 30)) >/proc/sys/vm/dirty_bytes
mkdir -p /lib/modules && ln -s "$(argument modules)/lib/modules/$(uname -r)" /lib/modules/
modprobe fuse
exec bash "$TOP/tests/faults/test_reclaim_safety.sh"
