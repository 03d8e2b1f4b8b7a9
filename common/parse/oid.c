// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/oid.h"

#include <errno.h>

#include "common/parse/number.h"

static int take_arc(const char **at, uint64_t *ret)
{
	const char *begin = *at;
	int err = dcm_number_leading(at, ret);

	if (err || *ret > UINT32_MAX || (*begin == '0' && *at > begin + 1))
		return -EINVAL;
	return 0;
}

int dcm_oid_parse(const char *text, size_t room, unsigned long *ret, size_t *ret_len)
{
	size_t len = 0;

	for (const char *at = text;; at++) {
		uint64_t arc;

		if (take_arc(&at, &arc) || (*at && *at != '.'))
			return -EINVAL;
		if (len < room)
			ret[len] = (unsigned long)arc;
		len++;
		if (!*at)
			break;
	}
	*ret_len = len;
	return len > room ? -E2BIG : 0;
}
