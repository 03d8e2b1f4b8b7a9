#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 300
# needs: core
# long: only
# One other kernel: Debian's newest 6.1 for clouds, the oldest series that is tested.
# "make check-kernels" has the rest.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=240
vm_test 6.1-cloud inside.sh
