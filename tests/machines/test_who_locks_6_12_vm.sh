#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 500
# needs: core
# long: only
# The same as test_who_locks_6_1_vm.sh on 6.12, whose lists per memory control group are still under one lock.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=400 VM_MEMORY=2048 VM_CPUS=4 VM_CPU=max,-hypervisor
vm_test 6.12-cloud locks.sh
