#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 500
# needs: core
# long: only
# who --locks with four processors that know of no hypervisor: only then do their spinning locks queue.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=400 VM_MEMORY=2048 VM_CPUS=4 VM_CPU=max,-hypervisor
vm_test 6.1-cloud locks.sh
