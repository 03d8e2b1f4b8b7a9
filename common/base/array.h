/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays that grow by one element at a time. */
#ifndef DCM_BASE_ARRAY_H
#define DCM_BASE_ARRAY_H

#include <errno.h>
#include <stdlib.h>

/* Grows *@array, which has *@room, so that a further element of @size bytes fits behind @count.
 * -ENOMEM: all is as before. */
static inline int dcm_array_grow(void **array, size_t *room, size_t count, size_t size)
{
	size_t want = *room ? 2 * *room : 64;
	void *grown;

	if (count < *room)
		return 0;
	grown = reallocarray(*array, want, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*room = want;
	return 0;
}

/* Appends a copy of @element to @list, a structure with the array @member, count and room. 0 or
 * -ENOMEM. */
#define DCM_APPEND(list, member, element)                                                         \
	({                                                                                        \
		int err_ = dcm_array_grow((void **)&(list)->member, &(list)->room, (list)->count, \
					  sizeof(*(list)->member));                               \
                                                                                                  \
		if (!err_)                                                                        \
			(list)->member[(list)->count++] = *(element);                             \
		err_;                                                                             \
	})

#endif
