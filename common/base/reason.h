/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why something is missing, in words a person can act on; travels beside a negative errno. */
#ifndef DCM_BASE_REASON_H
#define DCM_BASE_REASON_H

struct dcm_reason {
	char text[200];
};

/* Formats into @reason (cut at its size) when it is not NULL; returns @err, so that
 * "return dcm_reason_set(reason, -EPERM, ...)" reads as one statement. */
int dcm_reason_set(struct dcm_reason *reason, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* "out of memory"; returns -ENOMEM. */
int dcm_reason_no_memory(struct dcm_reason *reason);

#endif
