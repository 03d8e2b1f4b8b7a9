/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * FNV-1a (Fowler, Noll, Vo; draft-eastlake-fnv), 64 and 32 bits wide. Values are written to disk
 * and become part of names: they never change. Not for input that an attacker chooses to collide.
 */
#ifndef DCM_BASE_HASH_H
#define DCM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define DCM_HASH64_START 0xcbf29ce484222325ULL
#define DCM_HASH32_START 0x811c9dc5U

/* Continues @hash, which begins as DCM_HASH64_START, over @len bytes. Each step is a bijection of
 * the hash, so changing one byte always changes the result. */
static inline uint64_t dcm_hash64(uint64_t hash, const void *bytes, size_t len)
{
	for (const unsigned char *p = bytes; len; len--, p++)
		hash = (hash ^ *p) * 0x100000001b3ULL;
	return hash;
}

/* The same over the bytes of @text without its end. */
static inline uint64_t dcm_hash64_text(uint64_t hash, const char *text)
{
	return dcm_hash64(hash, text, strlen(text));
}

/* The same in 32 bits, from the beginning. */
static inline uint32_t dcm_hash32_text(const char *text)
{
	uint32_t hash = DCM_HASH32_START;

	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		hash = (hash ^ *p) * 0x01000193U;
	return hash;
}

#endif
