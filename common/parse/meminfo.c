// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/meminfo.h"

#include <errno.h>

#include "common/base/cleanup.h"
#include "common/parse/number.h"

/* /proc/meminfo (fs/proc/meminfo.c): "MemTotal:       24676232 kB" per line. */
struct wanted {
	const char *key;
	bool seen, *has;
	uint64_t *bytes;
};

static int parse_kb(struct dcm_span rest, uint64_t *ret)
{
	struct dcm_span number, unit;
	uint64_t value;
	int err;

	if (!dcm_span_word(&rest, &number) || !dcm_span_word(&rest, &unit) ||
	    !dcm_span_equals(unit, "kB"))
		return -EINVAL;
	if ((err = dcm_number_u64(number, &value)) || (err = dcm_number_multiply(&value, 1024)))
		return err;
	*ret = value;
	return 0;
}

int dcm_meminfo_parse(const char *text, size_t len, struct dcm_meminfo *ret)
{
	struct dcm_span rest = {text, len}, line, key;
	struct dcm_meminfo found = {0};
	struct wanted wanted[] = {
		{"MemTotal:", false, &found.has_total, &found.total_bytes},
		{"MemFree:", false, &found.has_free, &found.free_bytes},
		{"SReclaimable:", false, &found.has_slab_reclaimable,
		 &found.slab_reclaimable_bytes},
	};

	while (dcm_span_line(&rest, &line)) {
		if (!dcm_span_word(&line, &key))
			continue;
		for (size_t i = 0; i < DCM_ARRAY_SIZE(wanted); i++) {
			if (wanted[i].seen || !dcm_span_equals(key, wanted[i].key))
				continue;
			wanted[i].seen = true;
			*wanted[i].has = parse_kb(line, wanted[i].bytes) == 0;
		}
	}
	if (!found.has_total && !found.has_free && !found.has_slab_reclaimable)
		return -ENOENT;
	*ret = found;
	return 0;
}

int dcm_meminfo_value(const char *text, size_t len, const char *key, uint64_t *ret)
{
	struct dcm_span rest = {text, len}, line, word;

	while (dcm_span_line(&rest, &line))
		if (dcm_span_word(&line, &word) && dcm_span_equals(word, key))
			return parse_kb(line, ret);
	return -ENOENT;
}
