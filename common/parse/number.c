// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/number.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : -1;
}

int dcm_number_add(uint64_t *value, uint64_t summand)
{
	uint64_t sum;

	if (__builtin_add_overflow(*value, summand, &sum))
		return -ERANGE;
	*value = sum;
	return 0;
}

int dcm_number_multiply(uint64_t *value, uint64_t factor)
{
	uint64_t product;

	if (__builtin_mul_overflow(*value, factor, &product))
		return -ERANGE;
	*value = product;
	return 0;
}

int dcm_number_u64(struct dcm_span word, uint64_t *ret)
{
	uint64_t value = 0;
	int err = word.len > 0 ? 0 : -EINVAL;

	for (size_t i = 0; i < word.len; i++) {
		int d = digit(word.at[i]);

		/* Junk after too many digits is junk, so look at every byte before -ERANGE. */
		if (d < 0)
			return -EINVAL;
		if (!err)
			err = dcm_number_multiply(&value, 10);
		if (!err)
			err = dcm_number_add(&value, (uint64_t)d);
	}
	if (err)
		return err;
	*ret = value;
	return 0;
}

int dcm_number_i64(struct dcm_span word, int64_t *ret)
{
	bool negative = dcm_span_skip(&word, "-");
	uint64_t magnitude;
	int err;

	err = dcm_number_u64(word, &magnitude);
	if (err)
		return err;
	if (magnitude > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	/* Two steps, because the magnitude of INT64_MIN has no positive counterpart. */
	*ret = negative && magnitude > 0 ? -(int64_t)(magnitude - 1) - 1 : (int64_t)magnitude;
	return 0;
}

int dcm_number_leading(const char **at, uint64_t *ret)
{
	const struct dcm_span digits = {*at, strspn(*at, "0123456789")};
	int err = dcm_number_u64(digits, ret);

	if (!err)
		*at += digits.len;
	return err;
}

static int up_to(struct dcm_span word, uint64_t max, uint64_t *ret)
{
	uint64_t value;
	int err = dcm_number_u64(word, &value);

	if (err)
		return err;
	if (value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int dcm_number_up_to(const char *text, uint64_t max, uint64_t *ret)
{
	return up_to((struct dcm_span){text, strlen(text)}, max, ret);
}

int dcm_number_device(struct dcm_span word, uint32_t *ret_major, uint32_t *ret_minor)
{
	const char *colon = memchr(word.at, ':', word.len);
	size_t len = colon ? (size_t)(colon - word.at) : 0;
	uint64_t major, minor;
	int err;

	if (!colon)
		return -EINVAL;
	err = up_to((struct dcm_span){word.at, len}, UINT32_MAX, &major);
	if (!err)
		err = up_to((struct dcm_span){colon + 1, word.len - len - 1}, UINT32_MAX, &minor);
	if (err)
		return err;
	*ret_major = (uint32_t)major;
	*ret_minor = (uint32_t)minor;
	return 0;
}

int dcm_number_pid(const char *name)
{
	uint64_t pid;

	return dcm_number_up_to(name, INT_MAX, &pid) ? 0 : (int)pid;
}

int dcm_number_real(const char *text, double *ret)
{
	char *end;
	double value = strtod(text, &end);

	if (!*text || *end || strspn(text, "0123456789.eE+-") != strlen(text))
		return -EINVAL;
	if (!isfinite(value))
		return -ERANGE;
	*ret = value;
	return 0;
}

int dcm_number_decimal(struct dcm_span word, double *ret)
{
	struct dcm_span whole = word, fraction;
	uint64_t integer, part = 0, scale = 1;
	int err;

	for (whole.len = 0; whole.len < word.len && word.at[whole.len] != '.';)
		whole.len++;
	err = dcm_number_u64(whole, &integer);
	if (err)
		return err;
	if (whole.len < word.len) {
		fraction = (struct dcm_span){word.at + whole.len + 1, word.len - whole.len - 1};
		err = fraction.len > 9 ? -EINVAL : dcm_number_u64(fraction, &part);
		if (err)
			return err;
		for (size_t i = 0; i < fraction.len; i++)
			scale *= 10;
	}
	*ret = (double)integer + (double)part / (double)scale;
	return 0;
}
