// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The alarms about directories: estimates, so their texts carry an interval. */
#include <stdio.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/minmax.h"
#include "common/model/alarms/alarm_engine.h"
#include "common/model/metrics/text.h"

/* As many as the hash source lists at most. */
#define LISTED 32

/* d_lockref.count is an int (include/linux/dcache.h); each child holds one. Said from half of it
 * on. */
#define REFERENCES 2147483648.0

typedef const struct dcm_alarm_view view_t;
typedef struct dcm_snap_directory row_t;

static const row_t *rows_of(view_t *view, size_t *ret_count)
{
	*ret_count = view->input->count[DCM_SEC_DIRECTORIES];
	return view->input->rows[DCM_SEC_DIRECTORIES];
}

/* The directory within its superblock: ranks change. */
static uint64_t key_of(view_t *view, const row_t *row)
{
	uint64_t hash = dcm_hash64(DCM_HASH64_START, &row->superblock, sizeof(row->superblock));

	return dcm_hash64_text(hash, dcm_alarm_input_str(view->input, row->path));
}

static struct dcm_alarm_sample sample_of(view_t *view, const row_t *row)
{
	return (struct dcm_alarm_sample){.key = key_of(view, row),
					 .source = DCM_SOURCE_HASH,
					 .section = DCM_SEC_DIRECTORIES,
					 .index = row->rank,
					 .row = row};
}

/* A member of each row; false where it is absent. */
typedef bool row_value(const row_t *row, double *ret);

static void visit_rows(view_t *view, row_value *value, dcm_alarm_visit *visit, void *ctx)
{
	size_t count;
	const row_t *rows = rows_of(view, &count);

	for (size_t i = 0; i < count; i++) {
		struct dcm_alarm_sample s = sample_of(view, &rows[i]);

		s.absent = !value(&rows[i], &s.value);
		visit(ctx, &s);
	}
}

static bool children(const row_t *row, double *ret)
{
	*ret = (double)row->children;
	return DCM_ROW_HAS(row, children);
}

static bool watch_seconds(const row_t *row, double *ret)
{
	*ret = row->watch_seconds;
	return DCM_ROW_HAS(row, watch_seconds);
}

void dcm_alarm_extract_children(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	visit_rows(view, children, visit, ctx);
}

void dcm_alarm_extract_watch(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	visit_rows(view, watch_seconds, visit, ctx);
}

void dcm_alarm_name_directory(view_t *view, const struct dcm_alarm_sample *sample, char *buf,
			      size_t size)
{
	const row_t *row = sample->row;

	snprintf(buf, size, "%s", dcm_alarm_input_str(view->input, row->path));
}

bool dcm_alarm_directory_hidden(view_t *view, enum dcm_alarm_type type, double level)
{
	size_t count;
	const row_t *rows = rows_of(view, &count);
	double least = 0;

	for (size_t i = 0; i < count; i++) {
		double value = type == DCM_ALARM_DIRECTORY_CHILDREN ? (double)rows[i].children
								    : rows[i].watch_seconds;

		least = i ? DCM_MIN(least, value) : value;
	}
	/* No host is without directories: an empty list is a list not yet made. */
	return !count || (count >= LISTED && least >= level);
}

/* ---- notes ---- */

#define INTERVAL_SIZE 128

static void put_interval(double low, double high, char buf[INTERVAL_SIZE])
{
	char from[DCM_ALARM_NUMBER_SIZE], to[DCM_ALARM_NUMBER_SIZE];

	dcm_alarm_number(low, from);
	dcm_alarm_number(high, to);
	snprintf(buf, INTERVAL_SIZE, ", between %s and %s", from, to);
}

static const row_t *row_at(view_t *view, uint32_t rank)
{
	size_t count;
	const row_t *rows = rows_of(view, &count);

	for (size_t i = 0; i < count; i++)
		if (rows[i].rank == rank)
			return &rows[i];
	return NULL;
}

/* The hint comes last: it may be cut. */
static void put_note(view_t *view, const row_t *row, const char *interval, const char *more,
		     char *buf, size_t size)
{
	char hint[DCM_ALARM_TEXT_SIZE] = "", container[DCM_ALARM_TEXT_SIZE];

	dcm_alarm_note_container(view, ", container ", &row->container, container,
				 sizeof(container));
	if (DCM_ROW_HAS(row, hint))
		dcm_text_escape(DCM_TEXT_SAFE, dcm_alarm_input_str(view->input, row->hint), hint,
				sizeof(hint));
	snprintf(buf, size, "%s%s%s%s%s", interval, more, container, *hint ? ": " : "", hint);
}

void dcm_alarm_note_children(view_t *view, uint32_t index, char *buf, size_t size)
{
	const row_t *row = row_at(view, index);
	char interval[INTERVAL_SIZE] = "";
	double n, error;

	if (!row)
		return;
	n = (double)row->children;
	error = DCM_ROW_HAS(row, children_error) ? (double)row->children_error : 0;
	if (error > 0)
		put_interval(DCM_MAX(n - error, 0.0), n + error, interval);
	put_note(view, row, interval,
		 n + error < REFERENCES / 2 ? "" : ", its reference count overflows at 2147483648",
		 buf, size);
}

void dcm_alarm_note_watch(view_t *view, uint32_t index, char *buf, size_t size)
{
	const row_t *row = row_at(view, index);
	char interval[INTERVAL_SIZE] = "";

	if (!row)
		return;
	if (DCM_ROW_HAS(row, watch_low_seconds) && DCM_ROW_HAS(row, watch_high_seconds))
		put_interval(row->watch_low_seconds, row->watch_high_seconds, interval);
	put_note(view, row, interval, "", buf, size);
}
