#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The test of reclaim in steps, in a test machine (tests/kernels/vm): its control groups are v2.
set -u
TOP=$(cd "$(dirname "$0")/../.." && pwd)
BUILD=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^dcm\.build=//p')
# An emulated processor makes and frees them thirty times slower than a real one.
export TOP BUILD TMPDIR=/mnt STEPS_EACH=15000
uname -r | sed 's/^/# /'
echo 1 >/proc/sys/kernel/printk
echo +memory >/sys/fs/cgroup/cgroup.subtree_control || exit 1
exec bash "$TOP/tests/system/test_reclaim_steps.sh"
