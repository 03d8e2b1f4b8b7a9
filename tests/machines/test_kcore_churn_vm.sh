#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 1300
# needs: core
# long: only
# Ten minutes of passes without BPF beside names that come and go: no value that cannot be.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=1200
vm_test 6.1-cloud kcore_churn.sh "dcm.seconds=${CHURN_SECONDS:-600}"
