/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_VMSTAT_H
#define DCM_PARSE_VMSTAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Counters since boot; a value without its has_ flag is absent. */
struct dcm_vmstat {
	bool has_pgscan_direct, has_allocstall, has_slabs_scanned, has_drop_slab;
	uint64_t pgscan_direct; /* pages looked at in direct reclaim */
	uint64_t allocstall;	/* entries into direct reclaim */
	uint64_t slabs_scanned; /* objects looked at by shrinkers */
	uint64_t drop_slab;	/* writes of 2 or 3 to drop_caches */
};

/*
 * Parses /proc/vmstat (@len bytes, no NUL needed). pgscan_direct and allocstall are taken from the
 * line of that name or else summed over zones. A value that is no number or does not fit in 64 bits
 * is absent; the first of several lines of one name counts. Returns 0 when at least one value was
 * found, else -ENOENT.
 */
int dcm_vmstat_parse(const char *text, size_t len, struct dcm_vmstat *ret);

#endif
