// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/mountinfo.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "common/parse/number.h"

/* The next field: ended by one blank, may be empty. Only the kernel's own blanks are octal, so
 * that a mount point cannot forge a field; it may hold carriage returns. */
static bool take_field(struct dcm_span *line, struct dcm_span *ret)
{
	const char *blank = memchr(line->at, ' ', line->len);

	if (!blank)
		return false;
	*ret = (struct dcm_span){line->at, (size_t)(blank - line->at)};
	line->at += ret->len + 1;
	line->len -= ret->len + 1;
	return true;
}

static bool take_id(struct dcm_span *line, int *ret)
{
	struct dcm_span field;
	uint64_t id;

	if (!take_field(line, &field) || dcm_number_u64(field, &id) || id > INT_MAX)
		return false;
	*ret = (int)id;
	return true;
}

static bool take_device(struct dcm_span *line, struct dcm_mountinfo *ret)
{
	struct dcm_span field;

	return take_field(line, &field) &&
	       !dcm_number_device(field, &ret->dev_major, &ret->dev_minor);
}

int dcm_mountinfo_parse(struct dcm_span line, struct dcm_mountinfo *ret)
{
	struct dcm_mountinfo info;
	struct dcm_span field;
	int parent;

	if (!take_id(&line, &info.id) || !take_id(&line, &parent) || !take_device(&line, &info) ||
	    !take_field(&line, &info.root) || !take_field(&line, &info.mountpoint))
		return -EINVAL;
	do
		if (!take_field(&line, &field))
			return -EINVAL;
	while (!dcm_span_equals(field, "-"));
	info.superblock = line;
	if (!take_field(&line, &info.fstype) || !info.fstype.len || !take_field(&line, &field))
		return -EINVAL;
	info.options = line;
	*ret = info;
	return 0;
}
