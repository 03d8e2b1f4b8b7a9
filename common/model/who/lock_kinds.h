/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The locks of a filesystem that can be told by their place in the kernel's structures. */
#ifndef DCM_MODEL_LOCK_KINDS_H
#define DCM_MODEL_LOCK_KINDS_H

enum dcm_lock_kind {
	DCM_LOCK_OTHER,	     /* none of these: told by the function that wanted it */
	DCM_LOCK_DENTRY_LRU, /* of a superblock's unused dentries, per NUMA node (mm/list_lru.c) */
	DCM_LOCK_INODE_LRU,  /* the same of its inodes */
	DCM_LOCK_UMOUNT,     /* super_block.s_umount: mounting, unmounting, sync, reclaim */
	DCM_LOCK_INODES,     /* super_block.s_inode_list_lock: an inode comes or goes */
	DCM_LOCK_RENAME,     /* super_block.s_vfs_rename_mutex: from one directory to another */
	DCM_LOCK_DENTRY,     /* dentry.d_lockref: d_lock */
	DCM_LOCK_INODE,	     /* inode.i_lock */
	DCM_LOCK_DIRECTORY,  /* inode.i_rwsem: a directory's content, or a file's */
	DCM_LOCK_KINDS,
};

#endif
