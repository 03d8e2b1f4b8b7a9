#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1500
# needs: core
# long: only
# Tables of tracked connections and inodes whose sizes a test can choose, and 20,000 control groups, on Debian's newest 6.1
# for clouds: what the host of a test may not do.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=1400 VM_MEMORY=4096
vm_test 6.1-cloud tables.sh ihash_entries=1024 "dcm.kernels=${VMCACHE:-$TOP/build/kernels}" "dcm.seconds=${FILES_SECONDS:-240}"
