// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Where a superblock's unused entries are counted: what grows by as many names as are made unused,
 * and falls by as many as are removed, each time. Kernels have had (fs/super.c, mm/list_lru.c)
 *	3.10	s_nr_dentry_unused in the superblock
 *	3.12	an array of struct list_lru_node, with a list and its count
 *	4.0	the same, and lists of control groups, with their own counts, elsewhere
 *	4.13	the same, and the count of the node with all of its groups
 * Of these, the first and the last are found.
 */
#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/kcore/kcore_calibrate_internal.h"

#define TRIES 5 /* others make and free entries meanwhile */

#define NODE	   256 /* bytes of a struct list_lru_node, at most */
#define NODE_STEP  64  /* it is aligned to cache lines */
#define NODE_SIZES (NODE / NODE_STEP)
#define LIST_ENDS  64 /* its own list begins in front of that */

#define IN_SUPERBLOCK (SUPERBLOCK / 4) /* places of a count of 4 bytes; of a pointer are half */
#define IN_NODE	      (NODE / 8)
#define BEHIND	      (SUPERBLOCK / 8 * IN_NODE * NODE_SIZES)
#define PLACES	      (IN_SUPERBLOCK + BEHIND)

#define UNTIL_QUIET 8 /* reads of a list that is being changed */

/* Candidates, and what is there. */
struct places {
	bool fits[PLACES];
	uint64_t before[PLACES], now[PLACES];
};

static struct dcm_calibrated_unused place(unsigned number)
{
	struct dcm_calibrated_unused ret = {0};
	unsigned behind = number - IN_SUPERBLOCK;

	if (number < IN_SUPERBLOCK) {
		ret.own = (uint16_t)(number * 4);
		return ret;
	}
	ret.size = (uint16_t)((behind % NODE_SIZES + 1) * NODE_STEP);
	ret.items = (uint16_t)(behind / NODE_SIZES % IN_NODE * 8);
	ret.array = (uint16_t)(behind / NODE_SIZES / IN_NODE * 8);
	return ret;
}

/* What a superblock points to outside of itself; 0: nothing. */
static uint64_t array_of(const struct search *s, uint64_t sb, const struct dcm_calibrated_unused *p)
{
	uint64_t array = word(s, sb + p->array);

	if (array % 8 || array + NODE - sb < SUPERBLOCK + NODE)
		return 0;
	return array;
}

static uint64_t count_at(const struct search *s, uint64_t sb, const struct dcm_calibrated_unused *p)
{
	uint64_t array, sum = 0;

	if (!p->size)
		return half(s, sb + p->own);
	array = array_of(s, sb, p);
	for (unsigned i = 0; array && i < s->nodes; i++)
		sum += word(s, array + (uint64_t)i * p->size + p->items);
	return sum;
}

static void read_places(const struct search *s, struct places *places)
{
	dcm_kcore_cache_drop(s->cache);
	for (unsigned i = 0; i < PLACES; i++) {
		const struct dcm_calibrated_unused p = place(i);

		places->before[i] = places->now[i];
		if (places->fits[i])
			places->now[i] = count_at(s, s->superblock, &p);
	}
}

/* Changes how many are unused, again and again, and keeps the places that follow each time. The
 * number of those that are left, or -errno. */
static int follow_changes(struct search *s, struct places *places)
{
	int left = 0;

	for (unsigned i = 0; i < PLACES; i++)
		places->fits[i] = i < IN_SUPERBLOCK || place(i).size == NODE_STEP || s->nodes > 1;
	read_places(s, places);
	for (unsigned change = 0; change < DCM_PLANTED_CHANGES; change++) {
		int64_t by;
		int err = dcm_planted_change(s->planted, s->memory, change, &by);

		if (err)
			return err;
		read_places(s, places);
		for (unsigned i = 0; i < PLACES; i++)
			places->fits[i] &= places->now[i] - places->before[i] == (uint64_t)by;
	}
	for (unsigned i = 0; i < PLACES; i++)
		left += places->fits[i];
	return left;
}

/* Also of a list to which others add while it is read. */
static bool is_list(const struct search *s, uint64_t head)
{
	for (unsigned i = 0; i < UNTIL_QUIET; i++) {
		uint64_t next = word(s, head), prev = word(s, head + 8);

		if (!next || !prev)
			return false;
		if (word(s, next + 8) == head && word(s, prev) == head)
			return true;
		dcm_kcore_cache_forget(s->cache, head);
		dcm_kcore_cache_forget(s->cache, next + 8);
		dcm_kcore_cache_forget(s->cache, prev);
	}
	return false;
}

/* The nodes of all superblocks have a list at @list in each. */
static bool have_lists(const struct search *s, const struct dcm_calibrated_unused *p, unsigned list)
{
	for (size_t i = 0; i < s->superblock_count; i++) {
		uint64_t array = array_of(s, s->superblocks[i], p);

		for (unsigned node = 0; node < s->nodes; node++)
			if (!array || !is_list(s, array + (uint64_t)node * p->size + list))
				return false;
	}
	return true;
}

/* It is an array of struct list_lru_node in all superblocks. */
static bool is_array(const struct search *s, const struct dcm_calibrated_unused *p)
{
	for (unsigned list = 0; list < LIST_ENDS; list += 8)
		if (have_lists(s, p, list))
			return true;
	return false;
}

/* It counts one list: that of the entries which no control group is charged for. */
static bool is_of_list(const struct search *s, const struct dcm_calibrated_unused *p)
{
	return p->items >= 16 && is_list(s, array_of(s, s->superblock, p) + p->items - 16);
}

/* Several ways may lead to one count: from a pointer to what lies in front, or with larger nodes.
 */
static uint64_t address_of(const struct search *s, const struct dcm_calibrated_unused *p)
{
	return p->size ? array_of(s, s->superblock, p) + p->items : s->superblock + p->own;
}

/* It is the count that is found already: the shorter way is the right one, and smaller nodes, which
 * are looked at first. */
static bool is_known(const struct search *s, const struct dcm_calibrated_unused *p,
		     struct dcm_calibrated_unused *known)
{
	if (address_of(s, p) != address_of(s, known))
		return false;
	if (p->items < known->items)
		*known = *p;
	return true;
}

/* The only place among those that are left. */
static int choose(const struct search *s, const struct places *places, struct dcm_reason *reason,
		  struct dcm_calibrated_unused *ret)
{
	unsigned found = 0, of_lists = 0;

	for (unsigned i = 0; i < PLACES; i++) {
		struct dcm_calibrated_unused p = place(i);

		if (!places->fits[i] || (p.size && !is_array(s, &p)) ||
		    (found && is_known(s, &p, ret)))
			continue;
		if (p.size && is_of_list(s, &p)) {
			of_lists++;
			continue;
		}
		found++;
		*ret = p;
	}
	if (found == 1)
		return 0;
	if (!found && of_lists)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "calibration: this kernel counts the unused entries of each "
				      "control group elsewhere");
	return dcm_calibrate_lost(reason, "the count of unused entries");
}

int dcm_calibrate_unused(struct search *s, struct dcm_reason *reason,
			 struct dcm_calibrated_unused *ret)
{
	_cleanup_free_ struct places *places = calloc(1, sizeof(*places));
	int left = 0;

	if (!places)
		return dcm_reason_no_memory(reason);
	if (!s->nodes)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "calibration: the number of NUMA nodes is not known");
	for (unsigned i = 0; i < TRIES && !left; i++)
		left = follow_changes(s, places);
	if (left < 0)
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "calibration: no further names could be made: %s",
				      strerror(-left));
	return choose(s, places, reason, ret);
}
