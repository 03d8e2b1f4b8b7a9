// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/memory_stat.h"

#include <errno.h>

#include "common/base/cleanup.h"
#include "common/parse/number.h"

/* The two lists of page cache, as the versions call them. v1 has both kinds of names: those of the
 * group alone come first. */
enum { SLAB, INACTIVE, ACTIVE, TOTAL_INACTIVE, TOTAL_ACTIVE, VALUES };

static const char *const names[VALUES] = {
	[SLAB] = "slab_reclaimable",
	[INACTIVE] = "inactive_file",
	[ACTIVE] = "active_file",
	[TOTAL_INACTIVE] = "total_inactive_file",
	[TOTAL_ACTIVE] = "total_active_file",
};

static void take_line(struct dcm_span line, bool has[VALUES], uint64_t values[VALUES])
{
	struct dcm_span key, value;

	if (!dcm_span_word(&line, &key) || !dcm_span_word(&line, &value))
		return;
	for (int i = 0; i < VALUES; i++)
		if (!has[i] && dcm_span_equals(key, names[i]))
			has[i] = dcm_number_u64(value, &values[i]) == 0;
}

int dcm_memory_stat_parse(const char *text, size_t len, struct dcm_memory_stat *ret)
{
	struct dcm_span rest = {text, len}, line;
	struct dcm_memory_stat found = {0};
	uint64_t values[VALUES] = {0};
	bool has[VALUES] = {false};
	int first;

	while (dcm_span_line(&rest, &line))
		take_line(line, has, values);
	first = has[TOTAL_INACTIVE] && has[TOTAL_ACTIVE] ? TOTAL_INACTIVE : INACTIVE;
	found.has_slab_reclaimable = has[SLAB];
	found.slab_reclaimable_bytes = has[SLAB] ? values[SLAB] : 0;
	found.file_bytes = values[first];
	found.has_file = has[first] && has[first + 1] &&
			 dcm_number_add(&found.file_bytes, values[first + 1]) == 0;
	if (!found.has_file)
		found.file_bytes = 0;
	if (!found.has_slab_reclaimable && !found.has_file)
		return -ENOENT;
	*ret = found;
	return 0;
}
