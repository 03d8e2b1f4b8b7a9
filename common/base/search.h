/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where bsearch(3) stops: it only finds what is there, not where it would be. */
#ifndef DCM_BASE_SEARCH_H
#define DCM_BASE_SEARCH_H

#include <stddef.h>

/*
 * Position of the first of @count elements of @size bytes at @base that @key is not greater than;
 * @count when there is none. @compare is that of bsearch(3): called with the key first, it returns
 * more than 0 when the key is greater. The elements ascend by it.
 */
size_t dcm_lower_bound(const void *key, const void *base, size_t count, size_t size,
		       int (*compare)(const void *key, const void *element));

/* bsearch(3), but @base may be NULL when @count is 0, which ISO C11 7.22.5 leaves undefined. */
void *dcm_find(const void *key, const void *base, size_t count, size_t size,
	       int (*compare)(const void *key, const void *element));

#endif
