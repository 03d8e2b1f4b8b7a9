/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_SLABINFO_H
#define DCM_PARSE_SLABINFO_H

#include <stddef.h>
#include <stdint.h>

/* The slab cache of the dentries. */
struct dcm_slabinfo {
	uint64_t active_objects;
	uint64_t objects;
	uint64_t object_size; /* bytes */
	uint64_t slabs;
	uint64_t bytes; /* of all pages that the cache holds */
};

/*
 * Parses the "dentry" line of /proc/slabinfo, version 2.x (@len bytes, no NUL needed). @page_size
 * in bytes. The first of several dentry lines counts. Returns 0, -EINVAL (no slabinfo 2.x, damaged
 * line), -ERANGE or -ENOENT (no dentry line).
 */
int dcm_slabinfo_parse(const char *text, size_t len, uint64_t page_size, struct dcm_slabinfo *ret);

#endif
