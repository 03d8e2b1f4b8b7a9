// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/net_dev.h"

#include <errno.h>
#include <string.h>

#include "common/parse/span.h"

/*
 * Two lines of headings, then one per interface, "  NAME: COUNTERS" (net/core/net-procfs.c):
 *
 *   Inter-|   Receive                                                |  Transmit
 *    face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets ...
 *       lo:  123456    1234    0    0    0     0          0         0   123456    1234 ...
 */
int dcm_net_dev_count(const char *text, size_t size, uint64_t *ret)
{
	struct dcm_span rest = {text, size}, line;
	uint64_t count = 0, lines = 0;

	for (; dcm_span_line(&rest, &line); lines++) {
		if (!memchr(line.at, lines < 2 ? '|' : ':', line.len))
			return -EINVAL;
		count += lines >= 2;
	}
	if (lines < 2)
		return -EINVAL;
	*ret = count;
	return 0;
}
