/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The hash of a name as kernels of several ages compute it (fs/namei.c, full_name_hash). Pure. */
#ifndef DCM_KERNEL_KCORE_NAMES_H
#define DCM_KERNEL_KCORE_NAMES_H

#include <stddef.h>
#include <stdint.h>

enum dcm_name_hash {
	DCM_NAME_HASH_MIXED, /* since 4.8 (2a18da7a9c78), words at a time; the parent is part of it
			      */
	DCM_NAME_HASH_BYTES, /* the same where the kernel takes byte by byte */
	DCM_NAME_HASH_NINE,  /* before: words at a time, without the parent */
	DCM_NAME_HASHES,     /* none of these */
};

/* @parent: the address of the parent's dentry. */
uint32_t dcm_kcore_name_hash(enum dcm_name_hash kind, uint64_t parent, const char *name,
			     size_t length);

#endif
