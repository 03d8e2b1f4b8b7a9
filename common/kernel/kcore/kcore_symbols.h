/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Addresses of the kernel's own variables, from /proc/kallsyms (kernel/kallsyms.c). Variables are
 * in it with CONFIG_KALLSYMS_ALL; addresses are 0 for who may not see them (kernel.kptr_restrict,
 * CAP_SYSLOG).
 */
#ifndef DCM_KERNEL_KCORE_SYMBOLS_H
#define DCM_KERNEL_KCORE_SYMBOLS_H

#include <stdint.h>

#include "common/base/reason.h"

/* 0: the kernel has no such variable. */
struct dcm_kcore_symbols {
	uint64_t dentry_hashtable;   /* fs/dcache.c: the table's address */
	uint64_t d_hash_shift;	     /* unsigned int */
	uint64_t d_hash_mask;	     /* unsigned int, of 3.10 */
	uint64_t super_blocks;	     /* fs/super.c: a list_head */
	uint64_t init_net;	     /* net/core/net_namespace.c: the first namespace */
	uint64_t net_namespace_list; /* the same: a list_head */
};

/*
 * Reads the list at @path, "ffffffff81e0d0c0 d super_blocks" a line. -EPERM when addresses are
 * hidden, -EOPNOTSUPP when the first two or super_blocks are not in it, each with a reason.
 */
int dcm_kcore_symbols_read(const char *path, struct dcm_reason *reason,
			   struct dcm_kcore_symbols *ret);

#endif
