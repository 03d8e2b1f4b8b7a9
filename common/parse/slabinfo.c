// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/slabinfo.h"

#include <errno.h>

#include "common/parse/number.h"

/*
 * /proc/slabinfo (mm/slab_common.c, cache_show):
 *
 *	slabinfo - version: 2.1
 *	# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables ...
 *	dentry 44331 44331 192 21 1 : tunables 0 0 0 : slabdata 2111 2111 0
 *
 * After "slabdata": <active_slabs> <num_slabs> <sharedavail>. Further " : " groups (statistics of
 * CONFIG_DEBUG_SLAB) may follow.
 */
static int next_number(struct dcm_span *line, uint64_t *ret)
{
	struct dcm_span word;

	return dcm_span_word(line, &word) ? dcm_number_u64(word, ret) : -EINVAL;
}

static int skip_to(struct dcm_span *line, const char *word)
{
	struct dcm_span met;

	while (dcm_span_word(line, &met))
		if (dcm_span_equals(met, word))
			return 0;
	return -EINVAL;
}

static int parse_line(struct dcm_span line, uint64_t page_size, struct dcm_slabinfo *ret)
{
	struct dcm_slabinfo info;
	uint64_t per_slab, pages_per_slab, active_slabs;
	int err;

	if ((err = next_number(&line, &info.active_objects)) ||
	    (err = next_number(&line, &info.objects)) ||
	    (err = next_number(&line, &info.object_size)) ||
	    (err = next_number(&line, &per_slab)) || (err = next_number(&line, &pages_per_slab)) ||
	    (err = skip_to(&line, "slabdata")) || (err = next_number(&line, &active_slabs)) ||
	    (err = next_number(&line, &info.slabs)))
		return err;
	info.bytes = info.slabs;
	if ((err = dcm_number_multiply(&info.bytes, pages_per_slab)) ||
	    (err = dcm_number_multiply(&info.bytes, page_size)))
		return err;
	*ret = info;
	return 0;
}

int dcm_slabinfo_parse(const char *text, size_t len, uint64_t page_size, struct dcm_slabinfo *ret)
{
	struct dcm_span rest = {text, len}, line, name;

	if (!dcm_span_line(&rest, &line) || !dcm_span_skip(&line, "slabinfo - version: 2."))
		return -EINVAL;
	while (dcm_span_line(&rest, &line)) {
		if (dcm_span_word(&line, &name) && dcm_span_equals(name, "dentry"))
			return parse_line(line, page_size, ret);
	}
	return -ENOENT;
}
