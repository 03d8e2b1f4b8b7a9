/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory read through a kcore, kept for as long as one look at it lasts. It is kept in units of
 * DCM_KCORE_UNIT bytes; what is known in advance is read in order of addresses, neighbours at once.
 * What cannot be read is zeroes.
 */
#ifndef DCM_KERNEL_KCORE_CACHE_H
#define DCM_KERNEL_KCORE_CACHE_H

#include <stdbool.h>

#include "common/kernel/kcore/kcore_map.h"

#define DCM_KCORE_UNIT 256

struct dcm_kcore_cache;

struct dcm_kcore_counts {
	uint64_t reads, bytes; /* of the file */
};

/* @kcore stays the caller's. NULL: no memory. */
struct dcm_kcore_cache *dcm_kcore_cache_create(const struct dcm_kcore *kcore);
void dcm_kcore_cache_destroy(struct dcm_kcore_cache *cache);

/* Forgets all: memory is read again. */
void dcm_kcore_cache_drop(struct dcm_kcore_cache *cache);

/* Forgets what holds @address. */
void dcm_kcore_cache_forget(struct dcm_kcore_cache *cache, uint64_t address);

/* Copies @size bytes at @address; zeroes where it cannot be read, and false then. */
bool dcm_kcore_cache_read(struct dcm_kcore_cache *cache, uint64_t address, void *to, size_t size);

/* The word at @address; 0 when it cannot be read. */
uint64_t dcm_kcore_cache_word(struct dcm_kcore_cache *cache, uint64_t address);

/* Reads the @size bytes at each address in advance, in order, neighbours at once: at most 4,096
 * bytes each, and as many units as the cache holds, 16,384. The addresses are lost. */
void dcm_kcore_cache_fetch(struct dcm_kcore_cache *cache, uint64_t *addresses, size_t count,
			   size_t size);

struct dcm_kcore_counts dcm_kcore_cache_counts(const struct dcm_kcore_cache *cache);

#endif
