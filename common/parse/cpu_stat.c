// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/cpu_stat.h"

#include <errno.h>

#include "common/parse/number.h"

/*
 * /proc/stat (fs/proc/stat.c, show_stat), clock ticks since boot:
 *
 *	cpu  USER NICE SYSTEM IDLE IOWAIT IRQ SOFTIRQ STEAL GUEST GUEST_NICE
 *	cpu0 ...                                     one line for each that is online
 *	intr ...
 *	procs_running 3
 *
 * Kernels before 2.6.11 have no STEAL, before 2.6.24 no GUEST: what is missing counts 0.
 */
enum { IDLE = 3, IOWAIT = 4, STEAL = 7, KINDS = 8 };

static int parse_times(struct dcm_span line, struct dcm_cpu_stat *found)
{
	uint64_t times[KINDS] = {0}, total = 0;
	struct dcm_span word;
	size_t n;

	for (n = 0; n < KINDS && dcm_span_word(&line, &word); n++)
		if (dcm_number_u64(word, &times[n]) || dcm_number_add(&total, times[n]))
			return -ENOENT;
	if (n <= IDLE)
		return -ENOENT;
	found->total = total;
	found->idle = times[IDLE] + times[IOWAIT];
	found->steal = times[STEAL];
	return 0;
}

static void parse_running(struct dcm_span line, struct dcm_cpu_stat *found)
{
	struct dcm_span word;

	found->has_running =
		dcm_span_word(&line, &word) && dcm_number_u64(word, &found->running) == 0;
}

int dcm_cpu_stat_parse(const char *text, size_t len, struct dcm_cpu_stat *ret)
{
	struct dcm_span rest = {text, len}, line, key;
	struct dcm_cpu_stat found = {0};
	bool all = false;

	while (dcm_span_line(&rest, &line)) {
		if (!dcm_span_word(&line, &key))
			continue;
		if (dcm_span_equals(key, "cpu"))
			all = all || parse_times(line, &found) == 0;
		else if (dcm_span_skip(&key, "cpu"))
			found.cpus++;
		else if (dcm_span_equals(key, "procs_running"))
			parse_running(line, &found);
	}
	if (!all || !found.cpus)
		return -ENOENT;
	*ret = found;
	return 0;
}
