/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the kcore_calibrate*.c files only. */
#ifndef DCM_KERNEL_KCORE_CALIBRATE_INTERNAL_H
#define DCM_KERNEL_KCORE_CALIBRATE_INTERNAL_H

#include <string.h>

#include "common/kernel/kcore/kcore_calibrate.h"

/* Bytes around a hash node that are looked at: so few that they are of one dentry. */
#define BEFORE	    32
#define WINDOW	    192
#define SUPERBLOCKS 4096 /* on the list, at most */
#define DENTRY	    256
#define SUPERBLOCK  2048 /* bytes, more than it has */

/* An entry with one of the names, and what is around its hash node. */
struct entry {
	const struct dcm_planted_name *planted;
	uint64_t node; /* address */
	unsigned char around[WINDOW];
};

struct search {
	struct dcm_kcore *memory;
	struct dcm_kcore_cache *cache;
	struct dcm_planted *planted;
	unsigned nodes;
	struct entry *entries;
	size_t count, missing, existing;
	uint64_t folder, superblock; /* their addresses */
	uint64_t *superblocks;	     /* all of them */
	size_t superblock_count;
	unsigned type_at; /* in each of them */
};

static inline uint64_t word(const struct search *s, uint64_t address)
{
	return dcm_kcore_cache_word(s->cache, address);
}

static inline uint32_t half(const struct search *s, uint64_t address)
{
	uint32_t value;

	dcm_kcore_cache_read(s->cache, address, &value, sizeof(value));
	return value;
}

static inline bool is_text(const struct search *s, uint64_t address, const char *text)
{
	char there[64];
	size_t size = strlen(text) + 1;

	return address && dcm_kcore_cache_read(s->cache, address, there, size) &&
	       !memcmp(there, text, size);
}

/* At @at behind the hash node of an entry; @at may be negative. */
static inline uint64_t entry_word(const struct entry *e, int at)
{
	uint64_t value;

	memcpy(&value, e->around + BEFORE + at, sizeof(value));
	return value;
}

static inline uint32_t entry_half(const struct entry *e, int at)
{
	uint32_t value;

	memcpy(&value, e->around + BEFORE + at, sizeof(value));
	return value;
}

#define FIRST (-BEFORE)
#define LAST  (WINDOW - BEFORE - 8)

typedef bool (*agrees_fn)(const struct search *s, const struct entry *e, int at, int known);

#define NONE (FIRST - 1) /* no such place, or several */

static inline bool all_agree(const struct search *s, agrees_fn agrees, int at, int known)
{
	for (size_t i = 0; i < s->count; i++)
		if (!agrees(s, &s->entries[i], at, known))
			return false;
	return true;
}

/* An entry has the same there as all others. */
bool dcm_calibrate_is_common(const struct search *s, const struct entry *e, int at, int known);

/* -EOPNOTSUPP, and the reason for it. */
int dcm_calibrate_lost(struct dcm_reason *reason, const char *what);

/* No two of the structures have the same 4 bytes at @at. */
bool dcm_calibrate_are_distinct(const struct search *s, const uint64_t *structures, size_t count,
				unsigned at);

/* Finds the entries with the names, in all buckets. */
int dcm_calibrate_find(struct search *s, const struct dcm_calibrate_table *table,
		       struct dcm_reason *reason);

/* Finds d_sb, and the places in superblocks; those in dentries are known. */
int dcm_calibrate_superblocks(struct search *s, uint64_t head, struct dcm_reason *reason,
			      struct dcm_calibrated *ret);

/* Finds where the unused entries of a superblock are counted; all superblocks are known. */
int dcm_calibrate_unused(struct search *s, struct dcm_reason *reason,
			 struct dcm_calibrated_unused *ret);

/* Finds the places in network namespaces, from their list and the numbers of some. */
int dcm_calibrate_net(const struct search *s, const struct dcm_calibrate_table *table,
		      struct dcm_reason *reason, struct dcm_calibrated_net *ret);

#endif
