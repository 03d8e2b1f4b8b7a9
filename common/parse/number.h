/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decimal numbers as the kernel prints them. The whole span must be the number. */
#ifndef DCM_PARSE_NUMBER_H
#define DCM_PARSE_NUMBER_H

#include <stdint.h>

#include "common/parse/span.h"

/* Each returns 0, -EINVAL (not a number, empty, sign where none may be) or -ERANGE (does not fit).
 */
int dcm_number_u64(struct dcm_span word, uint64_t *ret);
int dcm_number_i64(struct dcm_span word, int64_t *ret);

/* "12.34" or "12": digits, optionally a point and 1 to 9 digits. Independent of the locale. */
int dcm_number_decimal(struct dcm_span word, double *ret);

/* Adds or multiplies in place; -ERANGE, with @value unchanged, when the result does not fit. */
int dcm_number_add(uint64_t *value, uint64_t summand);
int dcm_number_multiply(uint64_t *value, uint64_t factor);

#endif
