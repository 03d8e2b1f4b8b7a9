// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_names.h"

#include <string.h>

/* include/linux/hash.h, GOLDEN_RATIO_64 */
#define GOLDEN_RATIO 0x61c8864680b583ebULL

static uint64_t rotate_left(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

/* Up to 8 bytes, in the order of this machine, zeroes behind. */
static uint64_t take_word(const char *name, size_t length)
{
	uint64_t word = 0;

	memcpy(&word, name, length < sizeof(word) ? length : sizeof(word));
	return word;
}

/* HASH_MIX and fold_hash of 64-bit kernels. */
static uint32_t hash_mixed(uint64_t parent, const char *name, size_t length)
{
	uint64_t x = 0, y = parent;

	for (; length >= sizeof(x); name += sizeof(x), length -= sizeof(x)) {
		x ^= take_word(name, sizeof(x));
		y ^= x;
		x = rotate_left(x, 12) + y;
		y = rotate_left(y, 45) * 9;
	}
	if (length)
		x ^= take_word(name, length);
	y ^= x * GOLDEN_RATIO;
	return (uint32_t)(y * GOLDEN_RATIO >> 32);
}

/* include/linux/stringhash.h */
static uint32_t hash_bytes(uint64_t parent, const char *name, size_t length)
{
	uint64_t hash = parent;

	for (size_t i = 0; i < length; i++) {
		uint64_t c = (unsigned char)name[i];

		hash = (hash + (c << 4) + (c >> 4)) * 11;
	}
	return (uint32_t)(hash * GOLDEN_RATIO >> 32);
}

static uint32_t hash_nine(const char *name, size_t length)
{
	uint64_t hash = 0;

	for (; length >= sizeof(hash); name += sizeof(hash), length -= sizeof(hash))
		hash = (hash + take_word(name, sizeof(hash))) * 9;
	hash += take_word(name, length);
	return (uint32_t)(hash + (hash >> 32));
}

uint32_t dcm_kcore_name_hash(enum dcm_name_hash kind, uint64_t parent, const char *name,
			     size_t length)
{
	if (kind == DCM_NAME_HASH_NINE)
		return hash_nine(name, length);
	return kind == DCM_NAME_HASH_BYTES ? hash_bytes(parent, name, length)
					   : hash_mixed(parent, name, length);
}
