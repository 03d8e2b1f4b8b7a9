#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 700
# needs: core
# long: only
# faults/test_reclaim_safety.sh on Debian's newest 6.1 for clouds, which has all the filesystems it wants.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=600 VM_MEMORY=3072
vm_test 6.1-cloud safety.sh
