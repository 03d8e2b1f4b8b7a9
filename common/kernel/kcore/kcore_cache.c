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

	cache->set[set].fault[way] = !from;
	if (from)
		memcpy(cache->unit[set][way], from, UNIT);
	else
		memset(cache->unit[set][way], 0, UNIT);
	return way;
}

/* The end of a segment may cut a unit. */
static bool read_units(struct dcm_kcore_cache *cache, uint64_t number, size_t units)
{
	size_t mapped = dcm_kcore_mapped(cache->kcore, number * UNIT, units * UNIT);

	if (!mapped)
		return false;
	memset(cache->piece + mapped, 0, units * UNIT - mapped);
	cache->counts.reads++;
	cache->counts.bytes += mapped;
	return !dcm_kcore_read(cache->kcore, number * UNIT, cache->piece, mapped);
}

static int way_of(struct dcm_kcore_cache *cache, uint64_t number)
{
	int way = find_way(cache, number);

	if (way >= 0)
		return way;
	return fill(cache, number, read_units(cache, number, 1) ? cache->piece : NULL);
}

bool dcm_kcore_cache_read(struct dcm_kcore_cache *cache, uint64_t address, void *to, size_t size)
{
	bool good = true;

	while (size) {
		uint64_t number = address / UNIT, from = address % UNIT;
		size_t n = DCM_MIN(size, (size_t)(UNIT - from));
		int way = way_of(cache, number);

		memcpy(to, cache->unit[set_of(number)][way] + from, n);
		good &= !cache->set[set_of(number)].fault[way];
		address += n;
		to = (char *)to + n;
		size -= n;
	}
	return good;
}

uint64_t dcm_kcore_cache_word(struct dcm_kcore_cache *cache, uint64_t address)
{
	uint64_t word;

	dcm_kcore_cache_read(cache, address, &word, sizeof(word));
	return word;
}

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return DCM_COMPARE(x, y);
}

/* Those from @first to @last, of which the wanted ones are in @numbers. */
static void fetch_piece(struct dcm_kcore_cache *cache, const uint64_t *numbers, size_t count)
{
	uint64_t first = numbers[0];

	if (!read_units(cache, first, numbers[count - 1] - first + 1))
		return; /* one by one, when they are used */
	for (size_t i = 0; i < count; i++)
		if (find_way(cache, numbers[i]) < 0)
			fill(cache, numbers[i], cache->piece + (numbers[i] - first) * UNIT);
}

/* In place: what is not in the cache, in order, each once. */
static size_t missing_units(const struct dcm_kcore_cache *cache, uint64_t *numbers, size_t count)
{
	size_t kept = 0;

	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	for (size_t i = 0; i < count; i++)
		if ((!kept || numbers[i] != numbers[kept - 1]) && find_way(cache, numbers[i]) < 0)
			numbers[kept++] = numbers[i];
	return kept;
}

void dcm_kcore_cache_fetch(struct dcm_kcore_cache *cache, uint64_t *numbers, size_t count)
{
	size_t first = 0;

	for (size_t i = 0; i < count; i++)
		numbers[i] /= UNIT;
	count = missing_units(cache, numbers, count);
	for (size_t i = 1; i <= count; i++) {
		if (i < count && numbers[i] - numbers[i - 1] <= GAP_UNITS + 1 &&
		    numbers[i] - numbers[first] < MOST_UNITS)
			continue;
		fetch_piece(cache, numbers + first, i - first);
		first = i;
	}
}

struct dcm_kcore_counts dcm_kcore_cache_counts(const struct dcm_kcore_cache *cache)
{
	return cache->counts;
}
