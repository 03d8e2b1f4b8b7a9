// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"

#define UNIT	    DCM_KCORE_UNIT
#define SETS	    4096 /* a power of two */
#define WAYS	    4
#define GENERATIONS 256 /* of tags, until all are cleared */
#define MOST_UNITS  32	/* of one read: 8 KiB */
#define GAP_UNITS   3	/* not asked for, but cheaper to read than a read more */

/* Units of a set, the next to be replaced in turn. */
struct set {
	uint64_t tag[WAYS]; /* number of the unit, its generation above; 0: none */
	bool fault[WAYS];
	uint8_t next;
};

struct dcm_kcore_cache {
	const struct dcm_kcore *kcore;
	uint64_t generation; /* 1 to GENERATIONS - 1 */
	struct dcm_kcore_counts counts;
	uint64_t last_tag; /* of the unit used last: most words are asked for behind others of it */
	const unsigned char *last;
	bool last_fault;
	struct set set[SETS];
	unsigned char unit[SETS][WAYS][UNIT];
	unsigned char piece[MOST_UNITS * UNIT];
};

struct dcm_kcore_cache *dcm_kcore_cache_create(const struct dcm_kcore *kcore)
{
	struct dcm_kcore_cache *cache = calloc(1, sizeof(*cache));

	if (cache) {
		cache->kcore = kcore;
		cache->generation = 1;
	}
	return cache;
}

void dcm_kcore_cache_destroy(struct dcm_kcore_cache *cache)
{
	free(cache);
}

void dcm_kcore_cache_drop(struct dcm_kcore_cache *cache)
{
	if (++cache->generation < GENERATIONS)
		return;
	memset(cache->set, 0, sizeof(cache->set));
	cache->last_tag = 0;
	cache->generation = 1;
}

static uint64_t tag_of(const struct dcm_kcore_cache *cache, uint64_t number)
{
	return number | cache->generation << 56;
}

static unsigned set_of(uint64_t number)
{
	return (unsigned)(number * 0x9e3779b97f4a7c15ULL >> 52) & (SETS - 1);
}

static uint64_t last_unit(uint64_t address, size_t size)
{
	return (address + size - 1) / UNIT;
}

/* The way of the set that holds the unit of @number; -1: none. */
static int find_way(const struct dcm_kcore_cache *cache, uint64_t number)
{
	const struct set *set = &cache->set[set_of(number)];
	uint64_t tag = tag_of(cache, number);

	for (int way = 0; way < WAYS; way++)
		if (set->tag[way] == tag)
			return way;
	return -1;
}

void dcm_kcore_cache_forget(struct dcm_kcore_cache *cache, uint64_t address)
{
	int way = find_way(cache, address / UNIT);

	cache->last_tag = 0;
	if (way >= 0)
		cache->set[set_of(address / UNIT)].tag[way] = 0;
}

/* Takes a place for the unit. */
static int replace_way(struct dcm_kcore_cache *cache, uint64_t number)
{
	struct set *set = &cache->set[set_of(number)];
	int way = set->next++ % WAYS;

	for (int i = 0; i < WAYS; i++)
		if (set->tag[i] >> 56 != cache->generation)
			way = i;
	set->tag[way] = tag_of(cache, number);
	return way;
}

/* From @from, or as what cannot be read: NULL. */
static int fill(struct dcm_kcore_cache *cache, uint64_t number, const void *from)
{
	unsigned set = set_of(number);
	int way = replace_way(cache, number);

	cache->last_tag = 0;
	cache->set[set].fault[way] = !from;
	if (from)
		memcpy(cache->unit[set][way], from, UNIT);
	else
		memset(cache->unit[set][way], 0, UNIT);
	return way;
}

/* How many of the units could be read: the end of a segment cuts them, also the last one of these.
 */
static size_t read_units(struct dcm_kcore_cache *cache, uint64_t number, size_t units)
{
	size_t mapped = dcm_kcore_mapped(cache->kcore, number * UNIT, units * UNIT);

	if (!mapped)
		return 0;
	memset(cache->piece + mapped, 0, units * UNIT - mapped);
	cache->counts.reads++;
	cache->counts.bytes += mapped;
	if (dcm_kcore_read(cache->kcore, number * UNIT, cache->piece, mapped))
		return 0;
	return (mapped + UNIT - 1) / UNIT;
}

/* The unit, as the one used last. */
static const unsigned char *use(struct dcm_kcore_cache *cache, uint64_t number)
{
	uint64_t tag = tag_of(cache, number);
	unsigned set = set_of(number);
	int way;

	if (tag == cache->last_tag)
		return cache->last;
	way = find_way(cache, number);
	if (way < 0)
		way = fill(cache, number, read_units(cache, number, 1) ? cache->piece : NULL);
	cache->last_tag = tag;
	cache->last = cache->unit[set][way];
	cache->last_fault = cache->set[set].fault[way];
	return cache->last;
}

bool dcm_kcore_cache_read(struct dcm_kcore_cache *cache, uint64_t address, void *to, size_t size)
{
	bool good = true;

	while (size) {
		uint64_t from = address % UNIT;
		size_t n = DCM_MIN(size, (size_t)(UNIT - from));

		memcpy(to, use(cache, address / UNIT) + from, n);
		good &= !cache->last_fault;
		address += n;
		to = (char *)to + n;
		size -= n;
	}
	return good;
}

uint64_t dcm_kcore_cache_word(struct dcm_kcore_cache *cache, uint64_t address)
{
	uint64_t word, from = address % UNIT;

	if (from <= UNIT - sizeof(word))
		memcpy(&word, use(cache, address / UNIT) + from, sizeof(word));
	else
		dcm_kcore_cache_read(cache, address, &word, sizeof(word));
	return word;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return DCM_COMPARE(x, y);
}

/* Reads the units from @first to @last, of which those of the addresses are kept. */
static void fetch_piece(struct dcm_kcore_cache *cache, uint64_t first, uint64_t last,
			const uint64_t *addresses, size_t count, size_t size)
{
	uint64_t end = first + read_units(cache, first, last - first + 1);

	/* What could not be read is tried again, one by one, when it is used. */
	for (size_t i = 0; i < count; i++)
		for (uint64_t n = addresses[i] / UNIT; n <= last_unit(addresses[i], size); n++)
			if (n < end && find_way(cache, n) < 0)
				fill(cache, n, cache->piece + (n - first) * UNIT);
}

static bool is_cached(const struct dcm_kcore_cache *cache, uint64_t address, size_t size)
{
	for (uint64_t n = address / UNIT; n <= last_unit(address, size); n++)
		if (find_way(cache, n) < 0)
			return false;
	return true;
}

/* In place: what is not in the cache, in order. */
static size_t keep_missing(const struct dcm_kcore_cache *cache, uint64_t *addresses, size_t count,
			   size_t size)
{
	size_t kept = 0;

	qsort(addresses, count, sizeof(*addresses), compare_numbers);
	for (size_t i = 0; i < count; i++)
		if (!is_cached(cache, addresses[i], size))
			addresses[kept++] = addresses[i];
	return kept;
}

void dcm_kcore_cache_fetch(struct dcm_kcore_cache *cache, uint64_t *addresses, size_t count,
			   size_t size)
{
	size_t i = 0, next;

	count = keep_missing(cache, addresses, count, size);
	for (; i < count; i = next) {
		uint64_t first = addresses[i] / UNIT, last = last_unit(addresses[i], size);

		for (next = i + 1; next < count; next++) {
			uint64_t to = last_unit(addresses[next], size);

			if (addresses[next] / UNIT > last + GAP_UNITS + 1 ||
			    to - first >= MOST_UNITS)
				break;
			last = to;
		}
		fetch_piece(cache, first, last, addresses + i, next - i, size);
	}
}

struct dcm_kcore_counts dcm_kcore_cache_counts(const struct dcm_kcore_cache *cache)
{
	return cache->counts;
}
