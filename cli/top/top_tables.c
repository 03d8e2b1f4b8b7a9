// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_tables.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "cli/lib/row_place.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/alarms/alarm_types.h"
#include "common/model/containers/container_text.h"
#include "common/model/metrics/metrics.h"

/* Values of one kind share the code that reads and shows them; TEXT has its own. */
struct top_column_value {
	enum { COUNT, RATE, STRING, TEXT } kind;
	size_t offset;		    /* COUNT: uint64_t, STRING: dcm_str, in the row */
	size_t estimate;	    /* COUNT: of its struct dcm_snap_estimate; 0: none */
	enum top_quantity quantity; /* RATE */
	/* TEXT: raw bytes, as a new string, NULL when memory is short; and what it is sorted by, or
	 * NULL */
	char *(*text)(const struct dcm_snapshot *snapshot, const void *row);
	double (*key)(const void *row);
};

#define COUNT_OF(type, member) .kind = COUNT, .offset = offsetof(struct type, member)
#define ESTIMATED(type, member) \
	COUNT_OF(type, member), .estimate = offsetof(struct type, member##_estimate)
#define STRING_OF(type, member) .kind = STRING, .offset = offsetof(struct type, member)
#define RATE_OF(what)		.kind = RATE, .quantity = (what)
#define VALUE(...)		(&(const struct top_column_value){__VA_ARGS__})

/* ---- texts ---- */

static char *severity_text(const struct dcm_snapshot *snapshot __attribute__((unused)),
			   const void *row)
{
	const struct dcm_snap_alarm *alarm = row;

	return strdup(dcm_severity_name(alarm->severity));
}

static double severity_key(const void *row)
{
	return ((const struct dcm_snap_alarm *)row)->severity;
}

/* How long ago, at the time of the snapshot. */
static char *since_text(const struct dcm_snapshot *snapshot, const void *row)
{
	const struct dcm_snap_alarm *alarm = row;
	double seconds = ((double)snapshot->header->realtime_ns - (double)alarm->time_ns) /
			 (double)DCM_NSEC_PER_SEC;

	return strdup(human_seconds(seconds < 0 ? 0 : floor(seconds)).text);
}

static double since_key(const void *row)
{
	return (double)((const struct dcm_snap_alarm *)row)->time_ns;
}

/* "1,003+": a lower bound. */
static char *length_text(const struct dcm_snapshot *snapshot __attribute__((unused)),
			 const void *row)
{
	const struct dcm_snap_chain *chain = row;
	char text[40] = "";

	if (DCM_ROW_HAS(chain, length))
		snprintf(text, sizeof(text), "%s%s", human_count(chain->length).text,
			 DCM_ROW_HAS(chain, truncated) && chain->truncated ? "+" : "");
	return strdup(text);
}

static double length_key(const void *row)
{
	const struct dcm_snap_chain *chain = row;

	return DCM_ROW_HAS(chain, length) ? (double)chain->length : NAN;
}

/* Counted on a part of the table they carry their error. */
static char *children_text(const struct dcm_snapshot *snapshot __attribute__((unused)),
			   const void *row)
{
	const struct dcm_snap_directory *d = row;
	uint64_t error = DCM_ROW_HAS(d, children_error) ? d->children_error : 0;

	if (DCM_ROW_HAS(d, children) && error)
		return strdup(human_short_range(DCM_EXCESS(d->children, error), d->children + error)
				      .text);
	if (DCM_ROW_HAS(d, children))
		return strdup(human_count(d->children).text);
	if (DCM_ROW_HAS(d, children_estimate.low))
		return strdup(human_short_range(d->children_estimate.low, d->children_estimate.high)
				      .text);
	return strdup("");
}

static double children_key(const void *row)
{
	const struct dcm_snap_directory *d = row;

	return DCM_ROW_HAS(d, children)			 ? (double)d->children
	       : DCM_ROW_HAS(d, children_estimate.value) ? (double)d->children_estimate.value
							 : NAN;
}

/* @place, taken over, with the container that has it. */
static char *with_container(char *place, const struct dcm_snapshot *snapshot,
			    const struct dcm_snap_container *container)
{
	const struct dcm_container_words words = dcm_container_words(snapshot, container);
	char text[DCM_CONTAINER_TEXT_SIZE], *both;

	if (!place || !dcm_container_text(&words, text, sizeof(text)))
		return place;
	if (asprintf(&both, "%s%s%s", place, *place ? "  " : "", text) < 0)
		both = NULL;
	free(place);
	return both;
}

static char *superblock_text(const struct dcm_snapshot *snapshot, const void *row)
{
	const struct dcm_snap_superblock *s = row;

	return with_container(row_place(snapshot, s), snapshot, &s->container);
}

static char *directory_text(const struct dcm_snapshot *snapshot, const void *row)
{
	const struct dcm_snap_directory *d = row;

	return with_container(strdup(dcm_snapshot_str(snapshot, d->path)), snapshot, &d->container);
}

static char *chain_text(const struct dcm_snapshot *snapshot, const void *row)
{
	const struct dcm_snap_chain *c = row;

	return with_container(strdup(dcm_snapshot_str(snapshot, c->parent)), snapshot,
			      &c->container);
}

/* ---- the columns ---- */

/* clang-format off */
static const struct top_columns tables[TOP_TABLES] = {
	[TOP_ALARMS] = {"alarms", 3, {
		{"ALARM", FIT_LEFT, 0, VALUE(.kind = TEXT, .text = severity_text, .key = severity_key)},
		{"SINCE", FIT_RIGHT, 1, VALUE(.kind = TEXT, .text = since_text, .key = since_key)},
		{"TEXT", FIT_LEFT, 0, VALUE(STRING_OF(dcm_snap_alarm, text))},
	}},
	[TOP_SUPERBLOCKS] = {"superblocks", 7, {
		{"UNUSED", FIT_RIGHT, 0, VALUE(COUNT_OF(dcm_snap_superblock, unused))},
		{"PER-SEC", FIT_RIGHT, 0, VALUE(RATE_OF(TOP_UNUSED))},
		{"NEGATIVE", FIT_RIGHT, 1, VALUE(ESTIMATED(dcm_snap_superblock, negative))},
		{"PER-SEC", FIT_RIGHT, 3, VALUE(RATE_OF(TOP_NEGATIVE))},
		{"HASHED", FIT_RIGHT, 4, VALUE(ESTIMATED(dcm_snap_superblock, hashed))},
		{"FSTYPE", FIT_LEFT, 2, VALUE(STRING_OF(dcm_snap_superblock, fstype))},
		{"SUPERBLOCK", FIT_LEFT, 0, VALUE(.kind = TEXT, .text = superblock_text)},
	}},
	[TOP_CHAINS] = {"chains", 6, {
		{"LENGTH", FIT_RIGHT, 0, VALUE(.kind = TEXT, .text = length_text, .key = length_key)},
		{"PER-SEC", FIT_RIGHT, 1, VALUE(RATE_OF(TOP_LENGTH))},
		{"SAME-NAME", FIT_RIGHT, 3, VALUE(COUNT_OF(dcm_snap_chain, same_name))},
		{"FSTYPE", FIT_LEFT, 4, VALUE(STRING_OF(dcm_snap_chain, fstype))},
		{"NAME", FIT_LEFT, 0, VALUE(STRING_OF(dcm_snap_chain, name))},
		{"CHAIN UNDER", FIT_LEFT, 0, VALUE(.kind = TEXT, .text = chain_text)},
	}},
	[TOP_DIRECTORIES] = {"directories", 5, {
		{"NEGATIVE", FIT_RIGHT, 0, VALUE(ESTIMATED(dcm_snap_directory, negative))},
		{"PER-SEC", FIT_RIGHT, 1, VALUE(RATE_OF(TOP_DIRECTORY_NEGATIVE))},
		{"CHILDREN", FIT_RIGHT, 2,
		 VALUE(.kind = TEXT, .text = children_text, .key = children_key)},
		{"FSTYPE", FIT_LEFT, 3, VALUE(STRING_OF(dcm_snap_directory, fstype))},
		{"DIRECTORY", FIT_LEFT, 0, VALUE(.kind = TEXT, .text = directory_text)},
	}},
};
/* clang-format on */

const struct top_columns *top_table_columns(enum top_table table)
{
	return &tables[table];
}

bool top_column_sorts(const struct top_column *column)
{
	return column->value->kind == COUNT || column->value->kind == RATE || column->value->key;
}

/* ---- reading ---- */

/* Every row begins with its bits. */
static bool has(const void *row, size_t offset)
{
	uint64_t bits;

	memcpy(&bits, row, sizeof(bits));
	return bits >> DCM_BIT_OF(offset) & 1;
}

static uint64_t number(const void *row, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)row + offset, sizeof(value));
	return value;
}

static const char *string(const struct dcm_snapshot *snapshot, const void *row, size_t offset)
{
	dcm_str str;

	if (!has(row, offset))
		return "";
	memcpy(&str, (const char *)row + offset, sizeof(str));
	return dcm_snapshot_str(snapshot, str);
}

static const struct dcm_snap_estimate *estimate(const void *row,
						const struct top_column_value *value)
{
	return value->estimate && has(row, value->estimate)
		       ? (const void *)((const char *)row + value->estimate)
		       : NULL;
}

static double key_of(const struct top_model *model, const struct top_column_value *value,
		     const struct top_row *row)
{
	const struct dcm_snap_estimate *about = estimate(row->data, value);
	double rate;

	switch (value->kind) {
	case COUNT:
		if (has(row->data, value->offset))
			return (double)number(row->data, value->offset);
		return about ? (double)about->value : NAN;
	case RATE:
		return top_model_rate(model, value->quantity, row->id, &rate) ? rate : NAN;
	default:
		return value->key ? value->key(row->data) : NAN;
	}
}

/* ---- cells ---- */

static void count_cell(const struct top_column_value *value, const void *row, char *out,
		       size_t size)
{
	const struct dcm_snap_estimate *about = estimate(row, value);

	if (has(row, value->offset))
		snprintf(out, size, "%s", human_count(number(row, value->offset)).text);
	else if (about)
		snprintf(out, size, "%s", human_short_range(about->low, about->high).text);
}

static void text_cell(const struct top_model *model, const struct top_column_value *value,
		      const void *row, char *out, size_t size)
{
	_cleanup_free_ char *raw = value->text(top_model_snapshot(model), row);

	dcm_text_escape(output_form(), raw ? raw : "?", out, size);
}

void top_cell(const struct top_model *model, const struct top_column *column,
	      const struct top_row *row, char *out, size_t size)
{
	const struct top_column_value *value = column->value;
	double rate;

	*out = '\0';
	switch (value->kind) {
	case COUNT:
		count_cell(value, row->data, out, size);
		break;
	case RATE:
		if (top_model_rate(model, value->quantity, row->id, &rate))
			snprintf(out, size, "%s", human_change(rate).text);
		break;
	case STRING:
		dcm_text_escape(output_form(),
				string(top_model_snapshot(model), row->data, value->offset), out,
				size);
		break;
	case TEXT:
		text_cell(model, value, row->data, out, size);
		break;
	}
	if (!*out)
		snprintf(out, size, "-");
}

/* ---- order ---- */

/* Greatest first; equal ones in an order that stays. */
static int compare_rows(const void *a, const void *b)
{
	const struct top_row *x = a, *y = b;

	if (isnan(x->key) || isnan(y->key))
		return isnan(x->key) != isnan(y->key) ? DCM_COMPARE(isnan(x->key), isnan(y->key))
						      : DCM_COMPARE(x->data, y->data);
	return x->key != y->key ? DCM_COMPARE(y->key, x->key) : DCM_COMPARE(x->data, y->data);
}

void top_table_sort(struct top_model *model, enum top_table table, size_t column, bool ascending)
{
	const struct top_column_value *value = tables[table].columns[column].value;
	size_t count;
	struct top_row *rows = top_model_rows(model, table, &count);

	for (size_t i = 0; i < count; i++) {
		double key = key_of(model, value, &rows[i]);

		rows[i].key = ascending ? -key : key;
	}
	if (count)
		qsort(rows, count, sizeof(*rows), compare_rows);
}

/* ---- a row in full ---- */

char *top_row_text(const struct top_model *model, enum top_table table, const struct top_row *row)
{
	const struct dcm_table *metrics = dcm_table_find(top_table_section(table));
	const struct dcm_snapshot *snapshot = top_model_snapshot(model);
	char *text = NULL, value[8192];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; metrics && i < metrics->count; i++) {
		const struct dcm_metric *m = &metrics->metrics[i];

		if (!m->json || !dcm_metric_present(m, row->data))
			continue;
		dcm_metric_text(output_form(), snapshot, m, row->data, value, sizeof(value));
		fprintf(out, "%-24s %s%s%s\n", m->name, value, *m->unit ? " " : "", m->unit);
	}
	if (fclose(out)) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- its superblock ---- */

/* 0: none */
static uint32_t superblock_of(enum top_table table, const struct top_row *row)
{
	const struct dcm_snap_chain *chain = row->data;
	const struct dcm_snap_directory *directory = row->data;

	switch (table) {
	case TOP_SUPERBLOCKS:
		return ((const struct dcm_snap_superblock *)row->data)->index;
	case TOP_CHAINS:
		return DCM_ROW_HAS(chain, superblock) ? chain->superblock : 0;
	case TOP_DIRECTORIES:
		return DCM_ROW_HAS(directory, superblock) ? directory->superblock : 0;
	default:
		return 0;
	}
}

const struct dcm_snap_superblock *
top_row_superblock(const struct top_model *model, enum top_table table, const struct top_row *row)
{
	const struct dcm_snapshot *snapshot = top_model_snapshot(model);
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_SUPERBLOCKS);
	uint32_t index = superblock_of(table, row);

	for (size_t i = 0; index && i < count; i++) {
		const struct dcm_snap_superblock *s =
			dcm_snapshot_row(snapshot, DCM_SEC_SUPERBLOCKS, i);

		if (s->index == index)
			return s;
	}
	return NULL;
}
