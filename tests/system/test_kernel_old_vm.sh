#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: core
# long: only
# The oldest kernel that is walked: Debian 11's newest for clouds, without bpf_loop.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=240
vm_test 5.10-cloud inside.sh dcm.cells=all
