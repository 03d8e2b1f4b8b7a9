// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/reason.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int dcm_reason_set(struct dcm_reason *reason, int err, const char *fmt, ...)
{
	va_list ap;

	if (!reason)
		return err;
	va_start(ap, fmt);
	vsnprintf(reason->text, sizeof(reason->text), fmt, ap);
	va_end(ap);
	return err;
}

int dcm_reason_no_memory(struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -ENOMEM, "out of memory");
}
