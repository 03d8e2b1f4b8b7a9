// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/zoneinfo.h"

#include <errno.h>
#include <stdbool.h>

#include "common/parse/number.h"

/*
 * /proc/zoneinfo (mm/vmstat.c, zoneinfo_show_print), in pages, one such block per node and zone:
 *
 *	Node 0, zone    DMA32
 *	  pages free     772915
 *	        min      12185
 *	        low      15231
 *	        high     18277
 *
 * There are many other lines between them; those of per-CPU page sets end in a colon ("high:").
 */
struct zone {
	bool has_free, has_low;
	uint64_t free, low;
};

/* Adds a finished zone to the sums. */
static int zone_end(const struct zone *zone, struct dcm_zoneinfo *sums)
{
	if (!zone->has_free || !zone->has_low)
		return 0;
	sums->zones++;
	return dcm_number_add(&sums->free_pages, zone->free)
		       ?: dcm_number_add(&sums->low_pages, zone->low);
}

static int take(struct dcm_span line, bool *has, uint64_t *ret)
{
	struct dcm_span word;
	int err;

	if (*has || !dcm_span_word(&line, &word))
		return 0;
	err = dcm_number_u64(word, ret);
	*has = !err;
	/* A word instead of a number: not the line that was meant. */
	return err == -EINVAL ? 0 : err;
}

static int zone_line(struct dcm_span line, struct zone *zone)
{
	struct dcm_span word;

	if (!dcm_span_word(&line, &word))
		return 0;
	if (dcm_span_equals(word, "low"))
		return take(line, &zone->has_low, &zone->low);
	if (dcm_span_equals(word, "pages") && dcm_span_word(&line, &word) &&
	    dcm_span_equals(word, "free"))
		return take(line, &zone->has_free, &zone->free);
	return 0;
}

int dcm_zoneinfo_parse(const char *text, size_t len, struct dcm_zoneinfo *ret)
{
	struct dcm_span rest = {text, len}, line;
	struct dcm_zoneinfo sums = {0};
	struct zone zone = {0};
	bool in_zone = false;
	int err = 0;

	while (!err && dcm_span_line(&rest, &line)) {
		if (dcm_span_skip(&line, "Node ")) {
			err = zone_end(&zone, &sums);
			zone = (struct zone){0};
			in_zone = true;
		} else if (in_zone) {
			err = zone_line(line, &zone);
		}
	}
	if (!err)
		err = zone_end(&zone, &sums);
	if (err)
		return err;
	if (sums.zones == 0)
		return -ENOENT;
	*ret = sums;
	return 0;
}
