// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/psi.h"

#include <errno.h>

#include "common/parse/number.h"

/*
 * /proc/pressure/memory (kernel/sched/psi.c, psi_show; since 4.20):
 *
 *	some avg10=0.00 avg60=0.00 avg300=0.00 total=0
 *	full avg10=0.00 avg60=0.00 avg300=0.00 total=0
 */
static void parse_values(struct dcm_span line, struct dcm_psi_line *found)
{
	bool avg10_seen = false, total_seen = false;
	struct dcm_span word;

	while (dcm_span_word(&line, &word)) {
		if (!avg10_seen && dcm_span_skip(&word, "avg10=")) {
			avg10_seen = true;
			found->has_avg10 = dcm_number_decimal(word, &found->avg10) == 0;
		} else if (!total_seen && dcm_span_skip(&word, "total=")) {
			total_seen = true;
			found->has_total = dcm_number_u64(word, &found->total_us) == 0;
		}
	}
}

int dcm_psi_parse(const char *text, size_t len, struct dcm_psi *ret)
{
	struct dcm_span rest = {text, len}, line, kind;
	bool some_seen = false, full_seen = false;
	struct dcm_psi found = {0};

	while (dcm_span_line(&rest, &line)) {
		if (!dcm_span_word(&line, &kind))
			continue;
		if (!some_seen && dcm_span_equals(kind, "some")) {
			some_seen = true;
			parse_values(line, &found.some);
		} else if (!full_seen && dcm_span_equals(kind, "full")) {
			full_seen = true;
			parse_values(line, &found.full);
		}
	}
	if (!found.some.has_avg10 && !found.some.has_total && !found.full.has_avg10 &&
	    !found.full.has_total)
		return -ENOENT;
	*ret = found;
	return 0;
}
