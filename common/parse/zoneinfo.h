/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_PARSE_ZONEINFO_H
#define DCM_PARSE_ZONEINFO_H

#include <stddef.h>
#include <stdint.h>

/* Sums over all zones of all nodes, in pages. */
struct dcm_zoneinfo {
	uint64_t free_pages;
	uint64_t low_pages; /* kswapd wakes when a zone's free pages fall below its low watermark */
	uint64_t zones;	    /* that both numbers were found for */
};

/*
 * Parses /proc/zoneinfo (@len bytes, no NUL needed). The first of several lines of one name counts
 * in a zone; a zone without both numbers is left out. Returns 0, -ENOENT (no zone) or -ERANGE (a
 * number or a sum does not fit).
 */
int dcm_zoneinfo_parse(const char *text, size_t len, struct dcm_zoneinfo *ret);

#endif
