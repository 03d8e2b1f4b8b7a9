/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_MEMORY_STAT_H
#define DCM_PARSE_MEMORY_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a memory control group and those below it are charged with; a value without its has_
 * flag is absent. */
struct dcm_memory_stat {
	bool has_slab_reclaimable, has_file;
	uint64_t slab_reclaimable_bytes; /* cgroup v2 only */
	uint64_t file_bytes;		 /* page cache on the lists that reclaim takes it from */
};

/*
 * Parses memory.stat of either version (@len bytes, no NUL needed): "NAME VALUE" per line, in
 * bytes. In v1 the sums over a hierarchy are called total_NAME. A value that is no number is
 * absent. Returns 0 when at least one value was found, else -ENOENT.
 */
int dcm_memory_stat_parse(const char *text, size_t len, struct dcm_memory_stat *ret);

#endif
