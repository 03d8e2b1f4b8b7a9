// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/reclaim_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"

struct lines {
	struct dcm_mountinfo *item; /* by mount number */
	size_t count;
};

static bool is_equal(struct dcm_span a, struct dcm_span b)
{
	return a.len == b.len && !memcmp(a.at, b.at, a.len);
}

static int by_id(const void *left, const void *right)
{
	const struct dcm_mountinfo *a = left, *b = right;

	return DCM_COMPARE(a->id, b->id);
}

/* false: out of memory */
static bool gather(const char *text, uint32_t dev_major, uint32_t dev_minor, struct lines *ret)
{
	struct dcm_span rest = {text, strlen(text)}, line;
	struct dcm_mountinfo info;
	size_t room = 0;

	while (dcm_span_line(&rest, &line)) {
		if (dcm_mountinfo_parse(line, &info) || info.dev_major != dev_major ||
		    info.dev_minor != dev_minor)
			continue;
		if (ret->count == room) {
			void *item;

			room = room ? 2 * room : 16;
			item = reallocarray(ret->item, room, sizeof(*ret->item));
			if (!item)
				return false;
			ret->item = item;
		}
		ret->item[ret->count++] = info;
	}
	if (ret->count)
		qsort(ret->item, ret->count, sizeof(*ret->item), by_id);
	return true;
}

bool dcm_reclaim_next_option(struct dcm_span *options, struct dcm_span *ret)
{
	const char *comma;

	if (!options->len)
		return false;
	comma = memchr(options->at, ',', options->len);
	*ret = (struct dcm_span){options->at, comma ? (size_t)(comma - options->at) : options->len};
	options->at += ret->len + !!comma;
	options->len -= ret->len + !!comma;
	return true;
}

bool dcm_reclaim_is_option(struct dcm_span options, struct dcm_span option)
{
	struct dcm_span here;

	while (dcm_reclaim_next_option(&options, &here))
		if (is_equal(here, option))
			return true;
	return false;
}

/* Appends @sign and @option. */
static void tell(char sign, struct dcm_span option, struct dcm_reclaim_change *change)
{
	size_t len = strlen(change->text), room;

	if (len + 3 > sizeof(change->text))
		return;
	if (len)
		change->text[len++] = ' ';
	change->text[len++] = sign;
	room = sizeof(change->text) - 1 - len;
	memcpy(change->text + len, option.at, DCM_MIN(option.len, room));
}

/* Whether it is written to is what others change meanwhile, and what a reconfigure was told. */
static bool is_access(struct dcm_span option)
{
	return dcm_span_equals(option, "ro") || dcm_span_equals(option, "rw");
}

static void tell_missing(char sign, struct dcm_span options, struct dcm_span others,
			 struct dcm_reclaim_change *change)
{
	struct dcm_span option;

	while (dcm_reclaim_next_option(&options, &option))
		if (!is_access(option) && !dcm_reclaim_is_option(others, option))
			tell(sign, option, change);
}

static enum dcm_reclaim_proof compare(const struct lines *before, const struct lines *after,
				      struct dcm_reclaim_change *change)
{
	enum dcm_reclaim_proof proof = DCM_RECLAIM_UNKNOWN;

	for (size_t b = 0, a = 0; b < before->count && a < after->count;) {
		const struct dcm_mountinfo *old = &before->item[b], *now = &after->item[a];

		if (old->id != now->id) {
			*(old->id < now->id ? &b : &a) += 1;
			continue;
		}
		if (!is_equal(old->superblock, now->superblock)) {
			tell_missing('-', old->options, now->options, change);
			tell_missing('+', now->options, old->options, change);
			if (*change->text)
				return DCM_RECLAIM_CHANGED;
		}
		proof = DCM_RECLAIM_SAME;
		b++;
		a++;
	}
	return proof;
}

enum dcm_reclaim_proof dcm_reclaim_compare(const char *before, const char *after,
					   uint32_t dev_major, uint32_t dev_minor,
					   struct dcm_reclaim_change *ret_change)
{
	struct dcm_reclaim_change change = {""};
	struct lines old = {0}, now = {0};
	enum dcm_reclaim_proof proof = DCM_RECLAIM_UNKNOWN;

	if (before && after && gather(before, dev_major, dev_minor, &old) &&
	    gather(after, dev_major, dev_minor, &now))
		proof = compare(&old, &now, &change);
	free(old.item);
	free(now.item);
	if (ret_change)
		*ret_change = change;
	return proof;
}

/* Whether @line begins with the number; far cheaper than taking the line apart. */
static bool has_id(struct dcm_span line, const char *id, size_t len)
{
	return line.len > len && line.at[len] == ' ' && !memcmp(line.at, id, len);
}

bool dcm_reclaim_find_line(const char *text, int id, struct dcm_mountinfo *ret)
{
	struct dcm_span rest = {text, strlen(text)}, line;
	char number[16];
	size_t len = (size_t)snprintf(number, sizeof(number), "%d", id);

	while (dcm_span_line(&rest, &line))
		if (has_id(line, number, len))
			return dcm_mountinfo_parse(line, ret) == 0;
	return false;
}
