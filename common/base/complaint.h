/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A trouble that lasts is logged once, and once more when it is over. One object per matter,
 * zeroed at the start; it belongs to one thread.
 */
#ifndef DCM_BASE_COMPLAINT_H
#define DCM_BASE_COMPLAINT_H

#include <stdbool.h>

#include "common/base/log.h"

struct dcm_complaint {
	int about; /* what was complained of last; 0: nothing is open */
};

/* Logs unless a complaint is open. */
void dcm_complain(struct dcm_complaint *complaint, enum dcm_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Opens a complaint about @about (not 0: an errno, a status); false when the last one was about
 * the same. For callers that log by themselves. */
bool dcm_complaint_open(struct dcm_complaint *complaint, int about);

/* Closes it; logs @message as a notice if it was open and @message is not NULL. */
void dcm_settle(struct dcm_complaint *complaint, const char *message);

#endif
