#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 500
# needs: core
# long: only
# test_reclaim_steps.sh with control groups v2, whatever the host has: on Debian's newest 6.1 for
# clouds, where slab memory counts as reclaimed, unlike since 6.4.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=400 VM_MEMORY=1536
vm_test 6.1-cloud steps.sh
