// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/worlds/world_memory.h"

#include <stdlib.h>

#define RUBBISH 4096

struct world_memory world_memory;

static __u64 state;
static __u8 rubbish[2 * RUBBISH];

/* splitmix64 (Steele, Lea, Flood 2014) */
__u64 world_random(void)
{
	__u64 x = state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

__u64 world_below(__u64 limit)
{
	return world_random() % limit;
}

bool world_chance(unsigned percent)
{
	return world_below(100) < percent;
}

void world_seed(__u64 seed)
{
	state = seed * 0x2545f4914f6cdd1dULL + 1;
}

/* Half of it looks like addresses of the memory. */
static void make_rubbish(void)
{
	for (size_t i = 0; i < sizeof(rubbish); i += sizeof(__u64)) {
		__u64 word = world_random();

		if (world_chance(50))
			word = world_memory.base + word % (1 << 20);
		memcpy(rubbish + i, &word, sizeof(word));
	}
}

void world_memory_begin(__u64 base, bool big_endian)
{
	world_memory.base = base;
	world_memory.big_endian = big_endian;
	world_memory.used = world_memory.loads = 0;
	world_memory.event_at = ~0ULL;
	make_rubbish();
}

void world_memory_free(void)
{
	free(world_memory.bytes);
	world_memory = (struct world_memory){0};
}

void world_litter(__u64 address, __u64 size)
{
	__u8 *to = world_at(address);

	while (size) {
		__u64 n = size < RUBBISH ? size : RUBBISH;

		memcpy(to, rubbish + world_below(RUBBISH / 8) * 8, n);
		to += n;
		size -= n;
	}
}

__u64 world_alloc(__u64 size, __u64 align)
{
	struct world_memory *m = &world_memory;
	__u64 address = (m->base + m->used + align - 1) & ~(align - 1);
	__u64 used = address - m->base + size;

	if (used > m->room) {
		m->room = 2 * used;
		m->bytes = realloc(m->bytes, m->room);
		if (!m->bytes)
			abort();
	}
	world_litter(m->base + m->used, used - m->used - size);
	m->used = used;
	world_litter(address, size);
	return address;
}

void world_store(__u64 address, __u64 value, unsigned bytes)
{
	__u32 half = (__u32)value;

	if (!world_is_mapped(address, bytes))
		abort();
	if (bytes == 4) {
		half = world_memory.big_endian ? __builtin_bswap32(half) : half;
		memcpy(world_at(address), &half, sizeof(half));
		return;
	}
	value = world_memory.big_endian ? __builtin_bswap64(value) : value;
	memcpy(world_at(address), &value, sizeof(value));
}

void world_store_bytes(__u64 address, const void *from, size_t size)
{
	if (!world_is_mapped(address, size))
		abort();
	memcpy(world_at(address), from, size);
}
