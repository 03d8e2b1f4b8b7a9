#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# timeout: 500
# needs: core
# long: only
# What reclaim does to the filesystems that servers have, on Debian's newest 6.1 for clouds. "make
# check-filesystems" has the rest: those with a server or a daemon, and those of other systems.
set -u
. "$TOP/tests/lib/vm_test.sh"
export VM_SECONDS=400 VM_MEMORY=2048
others=-nfs4,-nfs,-cifs,-fuse,-fuseblk,-ext3,-msdos,-exfat,-udf,-jfs,-nilfs2,-hfs,-minix,-bfs,-reiserfs
others+=,-gfs2,-ntfs3,-ntfs,-hfsplus,-affs,-ufs,-ocfs2
vm_test 6.1-cloud filesystems.sh "dcm.cases=$others"
