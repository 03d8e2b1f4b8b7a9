// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/cpu_list.h"

#include <errno.h>
#include <stdint.h>

#include "common/base/minmax.h"
#include "common/parse/number.h"

/* "3" or "0-3"; moves *@text behind it. */
static int take_range(const char **text, uint64_t *first, uint64_t *last)
{
	int err = dcm_number_leading(text, first);

	*last = *first;
	if (!err && **text == '-') {
		++*text;
		err = dcm_number_leading(text, last);
	}
	return err || *last < *first ? -EINVAL : 0;
}

int dcm_cpu_list_add(const char *text, cpu_set_t *set)
{
	cpu_set_t found;
	uint64_t first, last;

	CPU_ZERO(&found);
	while (*text && *text != '\n') {
		if (take_range(&text, &first, &last))
			return -EINVAL;
		last = DCM_MIN(last, (uint64_t)CPU_SETSIZE - 1);
		for (uint64_t cpu = first; cpu <= last; cpu++)
			CPU_SET(cpu, &found);
		if (*text == ',')
			text++;
		else if (*text && *text != '\n')
			return -EINVAL;
	}
	CPU_OR(set, set, &found);
	return 0;
}
