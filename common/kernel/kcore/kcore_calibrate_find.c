// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The planted names, in the hash table of a kernel of which only that is known. */
#include <ctype.h>
#include <errno.h>

#include "common/base/minmax.h"
#include "common/kernel/kcore/kcore_calibrate_internal.h"

#define HEADS  512 /* buckets read at once */
#define CHAIN  64  /* entries of a chain that are looked at */
#define INSIDE 128 /* bytes in front of which names begin */
#define LEAST  16  /* names of each kind that must be found */

static void take_entry(struct search *s, const struct dcm_planted_name *planted, uint64_t node,
		       const unsigned char *around)
{
	struct entry *e = &s->entries[s->count];

	for (size_t i = 0; i < s->count; i++)
		if (s->entries[i].planted == planted)
			return;
	e->planted = planted;
	e->node = node;
	memcpy(e->around, around, WINDOW);
	s->count++;
	s->missing += !planted->ino;
	s->existing += planted->ino != 0;
}

static void look_at_node(struct search *s, uint64_t node)
{
	unsigned char around[WINDOW];
	uint64_t back = word(s, node + sizeof(node));

	if (!back || (word(s, back) & ~1ULL) != node)
		return;
	if (!dcm_kcore_cache_read(s->cache, node - BEFORE, around, WINDOW))
		return;
	for (size_t at = BEFORE; at < INSIDE; at += 8) {
		if (!isgraph(around[at]))
			continue;
		for (size_t i = 0; i < s->planted->count; i++) {
			const char *name = s->planted->names[i].name;

			if (around[at] == (unsigned char)name[0] && at + strlen(name) < WINDOW &&
			    !memcmp(around + at, name, strlen(name) + 1))
				take_entry(s, &s->planted->names[i], node, around);
		}
	}
}

/* Some buckets, whose entries are read level by level. */
static void look_at_buckets(struct search *s, uint64_t address, size_t count)
{
	uint64_t heads[HEADS], wanted[HEADS];

	dcm_kcore_cache_drop(s->cache);
	dcm_kcore_cache_read(s->cache, address, heads, count * sizeof(heads[0]));
	for (unsigned level = 0; level < CHAIN && count; level++) {
		size_t left = 0;

		for (size_t i = 0; i < count; i++)
			if (heads[i] & ~1ULL)
				heads[left++] = heads[i] & ~1ULL;
		for (size_t i = 0; i < left; i++)
			wanted[i] = heads[i] - BEFORE;
		dcm_kcore_cache_fetch(s->cache, wanted, left, WINDOW);
		for (size_t i = 0; i < left; i++) {
			look_at_node(s, heads[i]);
			heads[i] = word(s, heads[i]);
		}
		count = left;
	}
}

int dcm_calibrate_find(struct search *s, const struct dcm_calibrate_table *table,
		       struct dcm_reason *reason)
{
	for (uint64_t i = 0; i < table->buckets; i += HEADS)
		look_at_buckets(s, table->base + i * sizeof(uint64_t),
				(size_t)DCM_MIN(table->buckets - i, (uint64_t)HEADS));
	dcm_kcore_cache_drop(s->cache);
	if (s->missing >= LEAST && s->existing >= LEAST)
		return 0;
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "calibration: only %zu missing and %zu existing names of %zu were "
			      "found in the dentry cache",
			      s->missing, s->existing, s->planted->count);
}
