/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * uthash, with elements that are allocated one by one. By default it ends the process when memory
 * is short; here the element is left out instead, which DCM_HASH_TAKEN() tells. Include this
 * instead of <uthash.h>.
 */
#ifndef DCM_BASE_HASH_TABLE_H
#define DCM_BASE_HASH_TABLE_H

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* Whether the table has @element, right after HASH_ADD(): uthash clears this pointer otherwise. */
#define DCM_HASH_TAKEN(element) ((element)->hh.tbl != NULL)

/* The element with the @size bytes at @key, NULL if there is none. */
#define DCM_HASH_FIND(head, key, size)                  \
	({                                              \
		__typeof__((head) + 0) found_;          \
                                                        \
		HASH_FIND(hh, head, key, size, found_); \
		found_;                                 \
	})

/* @element, now in the table by @size bytes from its @member on; NULL when there was no memory:
 * then it is freed. */
#define DCM_HASH_ADD(head, member, size, element)         \
	({                                                \
		__typeof__(element) added_ = (element);   \
                                                          \
		HASH_ADD(hh, head, member, size, added_); \
		if (!DCM_HASH_TAKEN(added_)) {            \
			free(added_);                     \
			added_ = NULL;                    \
		}                                         \
		added_;                                   \
	})

/* Removes @element and frees it. */
#define DCM_HASH_DROP(head, element)     \
	do {                             \
		HASH_DEL(head, element); \
		free(element);           \
	} while (0)

/* Removes and frees all elements. */
#define DCM_HASH_FREE(head)                            \
	do {                                           \
		__typeof__(head) element_, next_;      \
                                                       \
		HASH_ITER (hh, head, element_, next_)  \
			DCM_HASH_DROP(head, element_); \
	} while (0)

#endif
