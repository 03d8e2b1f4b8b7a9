// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Values as text. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/units.h"
#include "common/model/metrics/metrics.h"

#define ESCAPE_MIN 16 /* least room that dcm_text_escape() takes */

/* Six decimals without trailing zeros; an exponent only if nothing else can show the value. */
static size_t format_double(double value, char *out, size_t size)
{
	size_t len;

	if (!(fabs(value) < 1e15))
		return (size_t)snprintf(out, size, "%.6g", value);
	len = (size_t)snprintf(out, size, "%.6f", value);
	while (out[len - 1] == '0')
		len--;
	if (out[len - 1] == '.')
		len--;
	out[len] = '\0';
	return len;
}

static size_t join_strings(enum dcm_text_form form, const struct dcm_snapshot *snapshot,
			   const dcm_str *strings, char *out, size_t size)
{
	size_t len = 0;

	/* several together may not be longer than one */
	if (size > 256 && (form == DCM_TEXT_DISPLAY || form == DCM_TEXT_SAFE))
		size = 256;
	out[0] = '\0';
	for (size_t i = 0; i < DCM_DIRECTORY_SAMPLES && strings[i]; i++) {
		if (size - len <= ESCAPE_MIN)
			break;
		if (len)
			out[len++] = ' ';
		len += dcm_text_escape(form, dcm_snapshot_str(snapshot, strings[i]), out + len,
				       size - len);
	}
	return len;
}

static size_t format_u32(const struct dcm_metric *metric, uint32_t value, char *out, size_t size)
{
	const char *symbol = metric->symbol ? metric->symbol(value) : NULL;

	if (metric->type == DCM_T_BOOL)
		symbol = value ? "true" : "false";
	if (symbol)
		return (size_t)snprintf(out, size, "%s", symbol);
	return (size_t)snprintf(out, size, "%" PRIu32, value);
}

size_t dcm_metric_text(enum dcm_text_form form, const struct dcm_snapshot *snapshot,
		       const struct dcm_metric *metric, const void *row, char *out, size_t size)
{
	const char *from = (const char *)row + metric->offset;
	union {
		uint32_t u32[4];
		dcm_str str[DCM_DIRECTORY_SAMPLES];
		uint64_t u64;
		int64_t i64;
		double number;
	} value = {0};

	switch (metric->type) {
	case DCM_T_U32:
	case DCM_T_BOOL:
		memcpy(&value, from, sizeof(value.u32[0]));
		return format_u32(metric, value.u32[0], out, size);
	case DCM_T_STR:
		return dcm_text_escape(form, dcm_metric_str(snapshot, metric, row), out, size);
	case DCM_T_STRINGS:
		memcpy(&value, from, sizeof(value.str));
		return join_strings(form, snapshot, value.str, out, size);
	default:
		memcpy(&value, from, sizeof(value.u64));
	}
	switch (metric->type) {
	case DCM_T_DEVICE:
		return (size_t)snprintf(out, size, "%" PRIu32 ":%" PRIu32, value.u32[0],
					value.u32[1]);
	case DCM_T_U64:
		return (size_t)snprintf(out, size, "%" PRIu64, value.u64);
	case DCM_T_I64:
		return (size_t)snprintf(out, size, "%" PRId64, value.i64);
	case DCM_T_TIME_NS:
		return (size_t)snprintf(out, size, "%" PRId64,
					value.i64 / (int64_t)DCM_NSEC_PER_SEC);
	default:
		return format_double(value.number, out, size);
	}
}
