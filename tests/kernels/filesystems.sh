#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Every filesystem that dcachemon reclaim knows, in a test machine (tests/kernels/vm); with
# dcm.cases=NAME,-NAME... those, or all but those.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
argument() { tr ' ' '\n' </proc/cmdline | sed -n "s/^dcm\.$1=//p"; }
echo 1 >/proc/sys/kernel/printk # the console is for the results
export TMPDIR=/mnt
IFS=, read -ra cases <<<"$(argument cases)"
exec python3 "$top/tests/kernels/filesystems.py" "$(argument build)" "$(argument modules)" "${cases[@]}"
