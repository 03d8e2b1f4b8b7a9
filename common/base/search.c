// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/search.h"

#include <stdlib.h>

size_t dcm_lower_bound(const void *key, const void *base, size_t count, size_t size,
		       int (*compare)(const void *key, const void *element))
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(key, (const char *)base + middle * size) > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void *dcm_find(const void *key, const void *base, size_t count, size_t size,
	       int (*compare)(const void *key, const void *element))
{
	/* C23's returns a const pointer for one. */
	return count ? (void *)bsearch(key, base, count, size, compare) : NULL;
}
