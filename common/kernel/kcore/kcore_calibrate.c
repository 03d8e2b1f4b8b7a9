// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_calibrate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/kcore/kcore_calibrate_internal.h"

#define INODE	      2048 /* bytes, more than it has */
#define MOST_CHILDREN 65536
#define HOLDERS	      64 /* of the folder, beside its children */

int dcm_calibrate_lost(struct dcm_reason *reason, const char *what)
{
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "calibration: the place of %s was not found, or not once", what);
}

bool dcm_calibrate_is_common(const struct search *s, const struct entry *e, int at,
			     int known __attribute__((unused)))
{
	return entry_word(e, at) && entry_word(e, at) == entry_word(&s->entries[0], at);
}

/* The only place from @from to @to at which all entries agree; NONE: at none, or at several. */
static int only_place(const struct search *s, agrees_fn agrees, int from, int to, int step,
		      int known)
{
	int found = NONE;

	for (int at = from; at <= to; at += step) {
		if (!all_agree(s, agrees, at, known))
			continue;
		if (found != NONE)
			return NONE;
		found = at;
	}
	return found;
}

/* ---- names ---- */

static bool has_name_inside(const struct search *s __attribute__((unused)), const struct entry *e,
			    int at, int known __attribute__((unused)))
{
	size_t size = strlen(e->planted->name) + 1;

	return at + (int)size <= LAST + 8 &&
	       !memcmp(e->around + BEFORE + at, e->planted->name, size);
}

/* A pointer to the name that is at @inside. */
static bool points_inside(const struct search *s __attribute__((unused)), const struct entry *e,
			  int at, int inside)
{
	return entry_word(e, at) == e->node + (uint64_t)(int64_t)inside;
}

/* The length of the name: beside its hash, in front of the pointer to it (struct qstr). */
static bool has_length(const struct search *s __attribute__((unused)), const struct entry *e,
		       int at, int name __attribute__((unused)))
{
	return entry_half(e, at) == strlen(e->planted->name);
}

/* ---- the folder ---- */

/* The dentry of the folder is what all point to, whose own name is the folder's, and which is in a
 * chain: that says where a dentry begins. */
static int find_folder(struct search *s, int name, int *ret_parent, struct dcm_calibrated *ret)
{
	int found = 0;

	for (int at = FIRST; at <= LAST; at += 8) {
		if (!all_agree(s, dcm_calibrate_is_common, at, 0))
			continue;
		for (int hash = 0; hash <= BEFORE; hash += 8) {
			uint64_t folder = entry_word(&s->entries[0], at);
			uint64_t node = folder + (uint64_t)hash, back = word(s, node + 8);
			uint64_t text = word(s, node + (uint64_t)(int64_t)name);

			if (!back || (word(s, back) & ~1ULL) != node ||
			    !is_text(s, text, s->planted->folder))
				continue;
			found++;
			*ret_parent = at;
			s->folder = folder;
			ret->d_hash = (uint16_t)hash;
		}
	}
	return found == 1 ? 0 : -EOPNOTSUPP;
}

/* ---- inodes ---- */

/* NULL for who is missing, and nothing else. */
static bool is_inode(const struct search *s __attribute__((unused)), const struct entry *e, int at,
		     int known __attribute__((unused)))
{
	return !entry_word(e, at) == !e->planted->ino;
}

static bool has_number(const struct search *s, const struct entry *e, int at, int number)
{
	return !e->planted->ino || word(s, entry_word(e, at) + (uint64_t)number) == e->planted->ino;
}

/* The number of the inode at which all agree, if the pointers at @at are of inodes. */
static int find_number(const struct search *s, int at)
{
	for (int number = 0; number < INODE; number += 8)
		if (all_agree(s, has_number, at, number))
			return number;
	return NONE;
}

/* Of pointers into the same inodes, the one to their beginning is the lowest. */
static int find_inode(const struct search *s, int *ret_number)
{
	const struct entry *e = s->entries;
	int found = NONE;

	while (!e->planted->ino)
		e++;
	for (int at = FIRST; at <= LAST; at += 8) {
		int number = all_agree(s, is_inode, at, 0) ? find_number(s, at) : NONE;

		if (number == NONE || (found != NONE && entry_word(e, at) >= entry_word(e, found)))
			continue;
		found = at;
		*ret_number = number;
	}
	return found;
}

/* ---- counts and children ---- */

/* Nobody holds an entry, but for a few that somebody has just come by; each holds the folder. */
static bool are_unheld(const struct search *s, int at)
{
	size_t unheld = 0;

	for (size_t i = 0; i < s->count; i++) {
		uint32_t held = entry_half(&s->entries[i], at);

		if (held > HOLDERS)
			return false;
		unheld += !held;
	}
	return unheld * 10 >= s->count * 9;
}

static int find_count(const struct search *s, size_t children, const struct dcm_calibrated *c)
{
	int found = NONE;

	for (int at = FIRST; at <= LAST; at += 4) {
		uint64_t place = s->folder + (uint64_t)(int64_t)(at + c->d_hash);
		uint32_t held;

		if (at + c->d_hash < 0 || !are_unheld(s, at))
			continue;
		held = half(s, place);
		if (held < children || held > children + HOLDERS)
			continue;
		if (found != NONE)
			return NONE;
		found = at;
	}
	return found;
}

/* How many children of the folder are on the list whose first is at @first, if each is linked at
 * @child. */
static size_t count_children(const struct search *s, uint64_t first, unsigned child, uint64_t end,
			     const struct dcm_calibrated *c, bool *ret_ends)
{
	uint64_t node = first;
	size_t n = 0;

	for (; node && node != end && n < MOST_CHILDREN; n++, node = word(s, node))
		if (word(s, node - child + c->d_parent) != s->folder)
			return 0;
	*ret_ends = !node;
	return n;
}

static int find_children(const struct search *s, size_t *ret_count, struct dcm_calibrated *ret)
{
	int found = 0;

	for (unsigned list = 0; list < DENTRY; list += 8) {
		uint64_t head = s->folder + list, first = word(s, head);
		bool ends = false;

		for (unsigned child = 0; first && child < DENTRY; child += 8) {
			size_t n = 0;

			if (word(s, first - child + ret->d_parent) == s->folder)
				n = count_children(s, first, child, head, ret, &ends);
			if (n < s->planted->count)
				continue;
			found++;
			*ret_count = n;
			ret->d_subdirs = (uint16_t)list;
			ret->d_child = (uint16_t)child;
			ret->ends = ends;
		}
	}
	return found == 1 ? 0 : -EOPNOTSUPP;
}

/* ---- all together ---- */

static int calibrate_names(struct search *s, int *ret_name, struct dcm_reason *reason,
			   struct dcm_calibrated *ret)
{
	int inside = only_place(s, has_name_inside, FIRST, LAST, 8, 0), name, length, parent;

	if (inside == NONE)
		return dcm_calibrate_lost(reason, "names in dentries");
	name = only_place(s, points_inside, FIRST, LAST, 8, inside);
	if (name == NONE)
		return dcm_calibrate_lost(reason, "d_name");
	length = only_place(s, has_length, name - 8, name - 4, 4, name);
	if (length == NONE)
		return dcm_calibrate_lost(reason, "the length of names");
	if (find_folder(s, name, &parent, ret))
		return dcm_calibrate_lost(reason, "d_parent");
	ret->d_parent = (uint16_t)(parent + ret->d_hash);
	ret->d_name = (uint16_t)(name + ret->d_hash);
	ret->d_name_hash = (uint16_t)(name - 8 + ret->d_hash);
	ret->d_iname = (uint16_t)(inside + ret->d_hash);
	*ret_name = name;
	return 0;
}

static int calibrate_dentries(struct search *s, struct dcm_reason *reason,
			      struct dcm_calibrated *ret)
{
	size_t children = 0;
	int name, number = 0, inode, count, err = calibrate_names(s, &name, reason, ret);

	if (err)
		return err;
	inode = find_inode(s, &number);
	if (inode == NONE)
		return dcm_calibrate_lost(reason, "d_inode");
	ret->d_inode = (uint16_t)(inode + ret->d_hash);
	ret->i_ino = (uint16_t)number;
	if (find_children(s, &children, ret))
		return dcm_calibrate_lost(reason, "a folder's children");
	count = find_count(s, children, ret);
	if (count == NONE)
		return dcm_calibrate_lost(reason, "the count of a dentry's holders");
	ret->d_count = (uint16_t)(count + ret->d_hash);
	return 0;
}

/* What a walk can do without. */
static void calibrate_rest(struct search *s, const struct dcm_calibrate_table *table,
			   struct dcm_calibrated *ret)
{
	ret->has_unused = !dcm_calibrate_unused(s, &ret->why_unused, &ret->unused);
	ret->has_net = !dcm_calibrate_net(s, table, &ret->why_net, &ret->net);
}

int dcm_calibrate(struct dcm_kcore *memory, struct dcm_kcore_cache *cache,
		  const struct dcm_calibrate_table *table, struct dcm_planted *planted,
		  struct dcm_reason *reason, struct dcm_calibrated *ret)
{
	_cleanup_free_ struct entry *entries = calloc(DCM_PLANTED_ROOM, sizeof(*entries));
	_cleanup_free_ uint64_t *superblocks = calloc(SUPERBLOCKS + 1, sizeof(*superblocks));
	struct search s = {.memory = memory,
			   .cache = cache,
			   .planted = planted,
			   .nodes = table->nodes,
			   .entries = entries,
			   .superblocks = superblocks};
	int err;

	if (!entries || !superblocks)
		return dcm_reason_no_memory(reason);
	memset(ret, 0, sizeof(*ret));
	err = dcm_calibrate_find(&s, table, reason);
	if (!err)
		err = calibrate_dentries(&s, reason, ret);
	if (!err)
		err = dcm_calibrate_superblocks(&s, table->super_blocks, reason, ret);
	ret->agreed = (unsigned)s.count;
	if (!err)
		calibrate_rest(&s, table, ret);
	return err;
}
