// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/vmstat.h"

#include <errno.h>
#include <string.h>

#include "common/parse/number.h"

/*
 * /proc/vmstat (mm/vmstat.c, vmstat_text): "NAME VALUE" per line, 600 lines or so.
 *
 * allocstall became allocstall_ZONE and pgscan_direct_ZONE became pgscan_direct in 4.8 (zones dma,
 * dma32, normal, high, movable, later device). pgscan_direct_throttle is a counter of its own.
 */
#define MAX_ZONES 16

/* A counter that is one line on some kernels and one line per zone on others. */
struct zoned {
	bool whole_seen, has_whole, unusable;
	uint64_t whole, sum;
	struct dcm_span zones[MAX_ZONES];
	size_t zone_count;
};

static bool zone_seen(const struct zoned *counter, struct dcm_span zone)
{
	for (size_t i = 0; i < counter->zone_count; i++)
		if (counter->zones[i].len == zone.len &&
		    memcmp(counter->zones[i].at, zone.at, zone.len) == 0)
			return true;
	return false;
}

static void zoned_add(struct zoned *counter, struct dcm_span zone, struct dcm_span value)
{
	uint64_t number;

	if (zone_seen(counter, zone))
		return;
	/* A sum without one of its zones would be a wrong number: absent is better. */
	if (counter->zone_count == MAX_ZONES || dcm_number_u64(value, &number) != 0 ||
	    dcm_number_add(&counter->sum, number) != 0) {
		counter->unusable = true;
		return;
	}
	counter->zones[counter->zone_count++] = zone;
}

static void take(struct dcm_span value, bool *seen, bool *has, uint64_t *ret)
{
	if (*seen)
		return;
	*seen = true;
	*has = dcm_number_u64(value, ret) == 0;
}

/* Takes the line when its name is @name or @name_ZONE. */
static void zoned_take(struct zoned *counter, const char *name, struct dcm_span key,
		       struct dcm_span value)
{
	if (!dcm_span_skip(&key, name))
		return;
	if (key.len == 0)
		take(value, &counter->whole_seen, &counter->has_whole, &counter->whole);
	else if (dcm_span_skip(&key, "_") && key.len > 0 && !dcm_span_equals(key, "throttle"))
		zoned_add(counter, key, value);
}

static void zoned_result(const struct zoned *counter, bool *has, uint64_t *ret)
{
	*has = counter->has_whole ||
	       (!counter->whole_seen && counter->zone_count > 0 && !counter->unusable);
	*ret = !*has ? 0 : counter->has_whole ? counter->whole : counter->sum;
}

int dcm_vmstat_parse(const char *text, size_t len, struct dcm_vmstat *ret)
{
	struct dcm_span rest = {text, len}, line, key, value;
	struct zoned pgscan = {0}, allocstall = {0};
	bool slabs_seen = false, drop_seen = false;
	struct dcm_vmstat found = {0};

	while (dcm_span_line(&rest, &line)) {
		if (!dcm_span_word(&line, &key) || !dcm_span_word(&line, &value))
			continue;
		zoned_take(&pgscan, "pgscan_direct", key, value);
		zoned_take(&allocstall, "allocstall", key, value);
		if (dcm_span_equals(key, "slabs_scanned"))
			take(value, &slabs_seen, &found.has_slabs_scanned, &found.slabs_scanned);
		else if (dcm_span_equals(key, "drop_slab"))
			take(value, &drop_seen, &found.has_drop_slab, &found.drop_slab);
	}
	zoned_result(&pgscan, &found.has_pgscan_direct, &found.pgscan_direct);
	zoned_result(&allocstall, &found.has_allocstall, &found.allocstall);
	if (!found.has_pgscan_direct && !found.has_allocstall && !found.has_slabs_scanned &&
	    !found.has_drop_slab)
		return -ENOENT;
	*ret = found;
	return 0;
}
