/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_MEMINFO_H
#define DCM_PARSE_MEMINFO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes; a value without its has_ flag is absent. */
struct dcm_meminfo {
	bool has_total, has_free, has_slab_reclaimable;
	uint64_t total_bytes;		 /* MemTotal */
	uint64_t free_bytes;		 /* MemFree */
	uint64_t slab_reclaimable_bytes; /* SReclaimable */
};

/*
 * Parses /proc/meminfo (@len bytes, no NUL needed). A value that is no number of kB or does not fit
 * is absent; the first of several lines of one name counts. Returns 0 when at least one value was
 * found, else -ENOENT.
 */
int dcm_meminfo_parse(const char *text, size_t len, struct dcm_meminfo *ret);

/* Bytes of the first line that begins with @key ("Dirty:"), also of other files with such lines.
 * -ENOENT: no such line; -EINVAL, -ERANGE: no number of kB. */
int dcm_meminfo_value(const char *text, size_t len, const char *key, uint64_t *ret);

#endif
