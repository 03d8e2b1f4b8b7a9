// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* OpenMetrics 1.0 and Prometheus' text format 0.0.4, from the metric table. */
#include "cli/commands/show_openmetrics.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/model/metrics/family.h"

/* The labels of one row: name="value",... */
struct labels {
	const char *text;
	size_t row;
	bool ambiguous; /* another row has the same: the row's number tells them apart */
};

struct page {
	const struct dcm_snapshot *snapshot;
	enum openmetrics_form form;
	FILE *out;
	/* of the table at hand */
	const struct dcm_table *table;
	struct labels *labels;
	size_t rows;
};

/* ---- escaping ---- */

/* Within double quotes. A backslash of @text is a part of it: "\x0a" becomes "\\x0a". */
static void put_escaped(FILE *out, const char *text)
{
	for (size_t n; *text; text += n) {
		n = strcspn(text, "\\\"\n");
		fwrite(text, 1, n, out);
		if (!text[n])
			break;
		fputs(text[n] == '\n' ? "\\n" : text[n] == '"' ? "\\\"" : "\\\\", out);
		n++;
	}
}

static size_t text_room(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
			const void *row)
{
	if (metric->type == DCM_T_STR)
		return DCM_TEXT_ROOM(strlen(dcm_metric_str(snapshot, metric, row)));
	return 64;
}

static int put_label(FILE *out, const char *separator, const struct dcm_snapshot *snapshot,
		     const struct dcm_metric *metric, const void *row)
{
	size_t room = text_room(snapshot, metric, row);
	_cleanup_free_ char *text = malloc(room);

	if (!text)
		return -ENOMEM;
	dcm_metric_text(DCM_TEXT_TERMINAL, snapshot, metric, row, text, room);
	fprintf(out, "%s%s=\"", separator, metric->name);
	put_escaped(out, text);
	fputc('"', out);
	return 0;
}

/* ---- labels ---- */

static bool is_label(const struct dcm_metric *metric)
{
	return metric->label;
}

/* Those metrics of a row that @wanted takes, as labels; @separator before the first. */
static int put_labels(const struct page *page, const void *row,
		      bool (*wanted)(const struct dcm_metric *), const char *separator, FILE *out)
{
	const struct dcm_table *table = page->table;
	int err = 0;

	for (size_t i = 0; i < table->count && !err; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (!wanted(metric) || !dcm_metric_present(metric, row))
			continue;
		err = put_label(out, separator, page->snapshot, metric, row);
		separator = ",";
	}
	return err;
}

static int by_text(const void *a, const void *b)
{
	const struct labels *left = a, *right = b;
	int order = strcmp(left->text, right->text);

	return order ? order : (left->row > right->row) - (left->row < right->row);
}

static int by_row(const void *a, const void *b)
{
	const struct labels *left = a, *right = b;

	return (left->row > right->row) - (left->row < right->row);
}

static void mark_ambiguous(struct labels *labels, size_t rows)
{
	qsort(labels, rows, sizeof(*labels), by_text);
	for (size_t i = 1; i < rows; i++)
		if (!strcmp(labels[i - 1].text, labels[i].text))
			labels[i - 1].ambiguous = labels[i].ambiguous = true;
	qsort(labels, rows, sizeof(*labels), by_row);
}

/* Sets page->labels; their texts follow each other in *@ret_texts. Both are the caller's. */
static int make_labels(struct page *page, char **ret_texts)
{
	size_t size = 0;
	FILE *out = open_memstream(ret_texts, &size);
	const char *text;
	int err = 0;

	page->labels = calloc(page->rows + 1, sizeof(*page->labels));
	if (!out || !page->labels)
		err = -ENOMEM;
	else
		__fsetlocking(out, FSETLOCKING_BYCALLER);
	for (size_t i = 0; i < page->rows && !err; i++) {
		err = put_labels(page, dcm_snapshot_row(page->snapshot, page->table->section, i),
				 is_label, "", out);
		fputc('\0', out);
	}
	if (out && fclose(out))
		err = -ENOMEM;
	if (err)
		return err;
	text = *ret_texts;
	for (size_t i = 0; i < page->rows; i++, text += strlen(text) + 1)
		page->labels[i] = (struct labels){.text = text, .row = i};
	if (page->table->array)
		mark_ambiguous(page->labels, page->rows);
	return 0;
}

/* ---- families ---- */

static void put_header(const struct page *page, const char *name, const char *suffix,
		       const char *type, const char *unit, const char *help)
{
	bool classic = page->form == OPENMETRICS_CLASSIC;

	if (!classic)
		suffix = "";
	fprintf(page->out, "# TYPE %s%s %s\n", name, suffix, type);
	if (!classic && *unit)
		fprintf(page->out, "# UNIT %s %s\n", name, unit);
	fprintf(page->out, "# HELP %s%s ", name, suffix);
	if (classic)
		fputs(help, page->out);
	else
		put_escaped(page->out, help);
	fputc('\n', page->out);
}

static const char *type_name(const struct page *page, enum dcm_family_type type)
{
	if (type == DCM_FAMILY_COUNTER)
		return "counter";
	return type == DCM_FAMILY_STATESET && page->form == OPENMETRICS ? "stateset" : "gauge";
}

/* Begins a line: the name and the labels of the row. Returns what another label begins with: ","
 * where a brace is open, "{" where there are no labels. */
static const char *put_series(const struct page *page, size_t i, const char *name,
			      const char *suffix)
{
	const struct labels *labels = &page->labels[i];
	const struct dcm_metric *index = page->table->index;
	const char *separator = *labels->text || labels->ambiguous ? "," : "{";

	fputs(name, page->out);
	fputs(suffix, page->out);
	if (*separator == ',')
		fputc('{', page->out);
	fputs(labels->text, page->out);
	if (labels->ambiguous)
		fprintf(page->out, "%s%s=\"%" PRIu64 "\"", *labels->text ? "," : "", index->name,
			dcm_metric_u64(index,
				       dcm_snapshot_row(page->snapshot, page->table->section, i),
				       1));
	return separator;
}

static void put_value(FILE *out, const struct dcm_family *family, const struct dcm_metric *metric,
		      const void *row)
{
	char digits[32];
	int64_t ms;

	switch (metric->type) {
	case DCM_T_TIME_NS:
		ms = (int64_t)llround(dcm_metric_number(metric, row) * 1e3);
		fprintf(out, "%" PRId64 ".%03" PRId64 "\n", ms / 1000, ms % 1000);
		break;
	case DCM_T_DOUBLE:
		/* as in JSON: more digits than any measurement has */
		fprintf(out, "%.9g\n", dcm_metric_number(metric, row) * family->scale);
		break;
	case DCM_T_I64:
		dcm_metric_text(DCM_TEXT_DISPLAY, NULL, metric, row, digits, sizeof(digits));
		fprintf(out, "%s\n", digits);
		break;
	default:
		if (family->scale == 1)
			fprintf(out, "%" PRIu64 "\n", dcm_metric_u64(metric, row, 1));
		else
			fprintf(out, "%.15g\n", dcm_metric_number(metric, row) * family->scale);
	}
}

static void put_states(const struct page *page, size_t i, const struct dcm_family *family,
		       const struct dcm_metric *metric, const void *row)
{
	uint64_t now = dcm_metric_u64(metric, row, 1);

	for (uint32_t state = 0; state < DCM_FAMILY_STATES; state++) {
		const char *name = dcm_family_state(metric, state);

		if (!name)
			continue;
		fputs(put_series(page, i, family->name, ""), page->out);
		fprintf(page->out, "%s=\"%s\"} %d\n", family->name, name, state == now);
	}
}

static void put_row(const struct page *page, size_t i, const struct dcm_family *family,
		    const struct dcm_metric *metric, const void *row)
{
	if (family->type == DCM_FAMILY_STATESET) {
		put_states(page, i, family, metric, row);
		return;
	}
	if (*put_series(page, i, family->name,
			family->type == DCM_FAMILY_COUNTER ? "_total" : "") == ',')
		fputc('}', page->out);
	fputc(' ', page->out);
	put_value(page->out, family, metric, row);
}

/* Not a number is no value. */
static bool has_value(const struct dcm_metric *metric, const void *row)
{
	return dcm_metric_present(metric, row) &&
	       (metric->type != DCM_T_DOUBLE || isfinite(dcm_metric_number(metric, row)));
}

static void put_family(const struct page *page, const struct dcm_metric *metric)
{
	struct dcm_family family;
	bool begun = false;

	dcm_family_of(page->table, metric, &family);
	if (family.type == DCM_FAMILY_NONE)
		return;
	for (size_t i = 0; i < page->rows; i++) {
		const void *row = dcm_snapshot_row(page->snapshot, page->table->section, i);

		if (!has_value(metric, row))
			continue;
		if (!begun)
			put_header(page, family.name,
				   family.type == DCM_FAMILY_COUNTER ? "_total" : "",
				   type_name(page, family.type), family.unit, family.help);
		begun = true;
		put_row(page, i, &family, metric, row);
	}
}

static bool has_info(const struct dcm_table *table, const void *row)
{
	for (size_t i = 0; i < table->count; i++)
		if (dcm_family_is_info(&table->metrics[i]) &&
		    dcm_metric_present(&table->metrics[i], row))
			return true;
	return false;
}

/* Texts that say more about a row, but may change. */
static int put_info(const struct page *page)
{
	char name[DCM_FAMILY_NAME_SIZE];
	bool begun = false;
	int err = 0;

	dcm_family_prefix(page->table, name);
	for (size_t i = 0; i < page->rows && !err; i++) {
		const void *row = dcm_snapshot_row(page->snapshot, page->table->section, i);

		if (!has_info(page->table, row))
			continue;
		if (!begun)
			put_header(page, name, "_info",
				   page->form == OPENMETRICS ? "info" : "gauge", "",
				   page->table->help);
		begun = true;
		err = put_labels(page, row, dcm_family_is_info, put_series(page, i, name, "_info"),
				 page->out);
		fputs("} 1\n", page->out);
	}
	return err;
}

/* ---- the page ---- */

static int put_table(struct page *page, const struct dcm_table *table)
{
	_cleanup_free_ char *texts = NULL;
	int err;

	page->table = table;
	page->rows = dcm_snapshot_count(page->snapshot, table->section);
	err = make_labels(page, &texts);
	for (size_t i = 0; i < table->count && !err; i++)
		put_family(page, &table->metrics[i]);
	if (!err)
		err = put_info(page);
	free(page->labels);
	page->labels = NULL;
	return err;
}

static void put_time(const struct page *page)
{
	static const char name[] = "dcachemon_snapshot_timestamp_seconds";
	int64_t ms = page->snapshot->header->realtime_ns / (int64_t)DCM_NSEC_PER_MSEC;

	put_header(page, name, "", "gauge", "seconds",
		   "When these figures were put together, in seconds since 1970.");
	fprintf(page->out, "%s %" PRId64 ".%03" PRId64 "\n", name, ms / 1000, ms % 1000);
}

int openmetrics_snapshot(const struct dcm_snapshot *snapshot, enum openmetrics_form form, FILE *out)
{
	struct page page = {.snapshot = snapshot, .form = form, .out = out};
	int err = 0;

	/* thousands of lines from one thread: no lock for each of their parts */
	__fsetlocking(out, FSETLOCKING_BYCALLER);
	put_time(&page);
	for (size_t i = 0; i < dcm_table_count && !err; i++)
		if (!dcm_tables[i].unpolled)
			err = put_table(&page, &dcm_tables[i]);
	if (!err && form == OPENMETRICS)
		fputs("# EOF\n", out);
	return err;
}
