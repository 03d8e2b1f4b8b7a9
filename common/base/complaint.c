// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/complaint.h"

void dcm_complain(struct dcm_complaint *complaint, enum dcm_log_level level, const char *fmt, ...)
{
	va_list ap;

	if (complaint->about)
		return;
	complaint->about = 1;
	va_start(ap, fmt);
	dcm_logv(level, fmt, ap);
	va_end(ap);
}

bool dcm_complaint_open(struct dcm_complaint *complaint, int about)
{
	bool again = complaint->about == about;

	complaint->about = about;
	return !again;
}

void dcm_settle(struct dcm_complaint *complaint, const char *message)
{
	if (complaint->about && message)
		dcm_log(DCM_LOG_NOTICE, "%s", message);
	complaint->about = 0;
}
