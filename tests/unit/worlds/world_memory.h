/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The memory of a made-up kernel: one piece of bytes at addresses of its own, in either byte order.
 * A load from anywhere else is a fault. Loads are counted, and they are what the made-up clock
 * counts: each takes the same time.
 */
#ifndef WORLD_MEMORY_H
#define WORLD_MEMORY_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct world_memory {
	__u8 *bytes;
	__u64 base, used, room; /* address of the first byte; bytes in use, bytes there are */
	bool big_endian;
	__u64 loads; /* since the run began */
	__u64 ns_per_load;
	__u64 event_at; /* before this load of the run, event() changes the memory; ~0: never */
	void (*event)(void);
};

extern struct world_memory world_memory;

/* Forgets what there was: nothing is mapped, the next allocation is at @base. */
void world_memory_begin(__u64 base, bool big_endian);
void world_memory_free(void);

/* Address of @size bytes of rubbish, a multiple of @align (a power of two). */
__u64 world_alloc(__u64 size, __u64 align);

/* Puts rubbish where something was. */
void world_litter(__u64 address, __u64 size);

/* A number of 4 or 8 bytes, in the byte order of the memory. */
void world_store(__u64 address, __u64 value, unsigned bytes);
void world_store_bytes(__u64 address, const void *from, size_t size);

/* Numbers by chance, the same for the same seed. */
void world_seed(__u64 seed);
__u64 world_random(void);
__u64 world_below(__u64 limit); /* 0 to limit - 1 */
bool world_chance(unsigned percent);

static inline bool world_is_mapped(__u64 address, __u64 size)
{
	__u64 at = address - world_memory.base;

	return at <= world_memory.used && world_memory.used - at >= size;
}

static inline void *world_at(__u64 address)
{
	return world_memory.bytes + (address - world_memory.base);
}

static inline void world_count_load(void)
{
	if (world_memory.loads++ == world_memory.event_at)
		world_memory.event();
}

/* A number as it is, without counting: 0 from an address that is not mapped. */
static inline __u64 world_peek(__u64 address, unsigned bytes)
{
	__u64 word = 0;
	__u32 half;

	if (!world_is_mapped(address, bytes))
		return 0;
	if (bytes == 4) {
		memcpy(&half, world_at(address), sizeof(half));
		return world_memory.big_endian ? __builtin_bswap32(half) : half;
	}
	memcpy(&word, world_at(address), sizeof(word));
	return world_memory.big_endian ? __builtin_bswap64(word) : word;
}

static inline __u64 world_load(__u64 address, unsigned bytes)
{
	world_count_load();
	return world_peek(address, bytes);
}

#endif
