/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decimal numbers as the kernel prints them. The whole span must be the number. */
#ifndef DCM_PARSE_NUMBER_H
#define DCM_PARSE_NUMBER_H

#include <stdint.h>

#include "common/parse/span.h"

/* Each returns 0, -EINVAL (not a number, empty, invalid sign) or -ERANGE (does not fit). */
int dcm_number_u64(struct dcm_span word, uint64_t *ret);
int dcm_number_i64(struct dcm_span word, int64_t *ret);

/* "8:17", a device as mountinfo shows it; neither number is above UINT32_MAX: -ERANGE. */
int dcm_number_device(struct dcm_span word, uint32_t *ret_major, uint32_t *ret_minor);

/* The digits that @at begins with; moves @at past them when it returns 0. */
int dcm_number_leading(const char **at, uint64_t *ret);

/* The whole of @text is digits, and no more than @max: -ERANGE. */
int dcm_number_up_to(const char *text, uint64_t max, uint64_t *ret);

/* The process that a directory of /proc is named after; 0 when it is none. */
int dcm_number_pid(const char *name);

/* "1.5", "-2", "1e-9": what strtod(3) takes, but not its hexadecimal, "inf" and "nan", which nobody
 * means. -ERANGE for what a double cannot hold. */
int dcm_number_real(const char *text, double *ret);

/* "12.34" or "12": digits, optionally a point and 1 to 9 digits. Independent of the locale. */
int dcm_number_decimal(struct dcm_span word, double *ret);

/* Adds or multiplies in place; -ERANGE, with @value unchanged, when the result does not fit. */
int dcm_number_add(uint64_t *value, uint64_t summand);
int dcm_number_multiply(uint64_t *value, uint64_t factor);

#endif
