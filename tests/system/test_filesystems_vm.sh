#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 900
# needs: core
# long: only
# What reclaim does to each filesystem that Debian's newest 6.1 for clouds has, but for those with a
# server or a daemon, which take long to start. "make check-filesystems" has the rest.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=800 VM_MEMORY=2048
vm_test 6.1-cloud filesystems.sh dcm.cases=-nfs4,-nfs,-cifs,-fuse,-fuseblk
