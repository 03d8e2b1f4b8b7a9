// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Superblocks, from the one of the planted names and the list of all. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/kcore/kcore_calibrate_internal.h"

/* What the superblock at @sb has at @at as root: a dentry that is its own parent. */
static bool has_root(const struct search *s, uint64_t sb, unsigned at,
		     const struct dcm_calibrated *c)
{
	uint64_t root = word(s, sb + at);

	return root && word(s, root + c->d_parent) == root && word(s, root + c->d_sb) == sb;
}

/* All on the list, if the list is at @list in each; 0: it is not. */
static size_t list_superblocks(struct search *s, uint64_t head, unsigned list,
			       const struct dcm_calibrated *c)
{
	uint64_t node = word(s, head);
	size_t n = 0;
	bool met = false;

	for (; node && node != head && n < SUPERBLOCKS; node = word(s, node)) {
		s->superblocks[n] = node - list;
		met |= s->superblocks[n] == s->superblock;
		/* One that is being set up or taken down has no root. */
		if (word(s, s->superblocks[n] + c->s_root)) {
			if (!has_root(s, s->superblocks[n], c->s_root, c))
				return 0;
			n++;
		}
	}
	return met ? n : 0;
}

static int find_list(struct search *s, uint64_t head, struct dcm_calibrated *ret)
{
	for (unsigned list = 0; list < BEFORE; list += 8) {
		size_t n = list_superblocks(s, head, list, ret);

		if (!n)
			continue;
		s->superblock_count = n;
		ret->s_list = (uint16_t)list;
		return 0;
	}
	return -EOPNOTSUPP;
}

/* The superblock is what all, and the folder, point to, and whose root points back to it, as is
 * true of all others on the list of superblocks. */
static int find_superblock(struct search *s, uint64_t head, struct dcm_calibrated *ret)
{
	int found = 0;

	for (int at = FIRST; at <= LAST; at += 8) {
		struct dcm_calibrated c = *ret;

		if (at + ret->d_hash < 0 || !all_agree(s, dcm_calibrate_is_common, at, 0))
			continue;
		s->superblock = entry_word(&s->entries[0], at);
		c.d_sb = (uint16_t)(at + ret->d_hash);
		if (word(s, s->folder + c.d_sb) != s->superblock)
			continue;
		for (unsigned root = 0; root < SUPERBLOCK; root += 8) {
			c.s_root = (uint16_t)root;
			if (!has_root(s, s->superblock, root, &c) || find_list(s, head, &c))
				continue;
			found++;
			*ret = c;
		}
	}
	s->superblock = word(s, s->folder + ret->d_sb);
	return found == 1 ? 0 : -EOPNOTSUPP;
}

static int compare_halves(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return DCM_COMPARE(x, y);
}

bool dcm_calibrate_are_distinct(const struct search *s, const uint64_t *structures, size_t count,
				unsigned at)
{
	_cleanup_free_ uint32_t *value = calloc(count, sizeof(*value));
	size_t i;

	if (!value)
		return false;
	for (i = 0; i < count; i++)
		value[i] = half(s, structures[i] + at);
	qsort(value, count, sizeof(*value), compare_halves);
	for (i = 1; i < count && value[i] != value[i - 1]; i++)
		;
	return i >= count;
}

/* No two superblocks have one device number. */
static bool is_device(const struct search *s, unsigned at)
{
	return half(s, s->superblock + at) == s->planted->dev &&
	       dcm_calibrate_are_distinct(s, s->superblocks, s->superblock_count, at);
}

/* A pointer to a structure that begins with a pointer to a text, in each; the right one here. */
static bool is_type(const struct search *s, unsigned at)
{
	for (size_t i = 0; i < s->superblock_count; i++) {
		char text[2] = "";
		uint64_t name = word(s, word(s, s->superblocks[i] + at));

		if (!name || !dcm_kcore_cache_read(s->cache, name, text, sizeof(text)) ||
		    !isgraph((unsigned char)text[0]))
			return false;
	}
	return is_text(s, word(s, word(s, s->superblock + at)), s->planted->fstype);
}

/* A text of its own: where there is no disk, the name of its type (fs/super.c, sget). */
static bool is_id(const struct search *s, unsigned at)
{
	size_t same = 0;

	for (size_t i = 0; i < s->superblock_count; i++) {
		uint64_t sb = s->superblocks[i];
		char type[33] = "", id[33] = "";

		dcm_kcore_cache_read(s->cache, word(s, word(s, sb + s->type_at)), type, 32);
		dcm_kcore_cache_read(s->cache, sb + at, id, 32);
		if (!isgraph((unsigned char)*id))
			return false;
		same += !strcmp(type, id);
	}
	return same * 2 > s->superblock_count;
}

static int only_in_superblock(const struct search *s,
			      bool (*is_it)(const struct search *s, unsigned at), unsigned from,
			      unsigned step)
{
	int found = NONE;

	for (unsigned at = from; at < SUPERBLOCK; at += step) {
		if (!is_it(s, at))
			continue;
		if (found != NONE)
			return NONE;
		found = (int)at;
	}
	return found;
}

int dcm_calibrate_superblocks(struct search *s, uint64_t head, struct dcm_reason *reason,
			      struct dcm_calibrated *ret)
{
	int at;

	if (find_superblock(s, head, ret))
		return dcm_calibrate_lost(reason, "d_sb");
	find_list(s, head, ret); /* that of the one that is right */
	at = only_in_superblock(s, is_device, 0, 4);
	if (at == NONE)
		return dcm_calibrate_lost(reason, "s_dev");
	ret->s_dev = (uint16_t)at;
	at = only_in_superblock(s, is_type, 0, 8);
	if (at == NONE)
		return dcm_calibrate_lost(reason, "s_type");
	ret->s_type = (uint16_t)at;
	s->type_at = ret->s_type;
	at = only_in_superblock(s, is_id, 0, 4);
	if (at == NONE)
		return dcm_calibrate_lost(reason, "s_id");
	ret->s_id = (uint16_t)at;
	return 0;
}
