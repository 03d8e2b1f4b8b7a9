// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/recorder_state.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/alarms/recorder_line.h"
#include "common/model/alarms/recorder_tables.h"
#include "common/model/metrics/metrics.h"

/* So that no table of hostile names pushes out another one. */
#define ARRAY_BYTES (24u << 10) /* of tables of names that strangers chose */
#define KNOWN_BYTES (8u << 10)	/* of others */
#define GROUP_BYTES (4u << 10)

static const struct share {
	enum dcm_section section;
	unsigned bytes;
} shares[] = {
	{DCM_SEC_TOTALS, GROUP_BYTES},	    {DCM_SEC_MEMORY, GROUP_BYTES},
	{DCM_SEC_HASH, GROUP_BYTES},	    {DCM_SEC_NAMESPACES, GROUP_BYTES},
	{DCM_SEC_SNMPD, GROUP_BYTES},	    {DCM_SEC_ALARMS, ARRAY_BYTES},
	{DCM_SEC_SUPERBLOCKS, ARRAY_BYTES}, {DCM_SEC_CHAINS, ARRAY_BYTES},
	{DCM_SEC_DIRECTORIES, ARRAY_BYTES}, {DCM_SEC_TABLES, KNOWN_BYTES},
	{DCM_SEC_LOOKUPS, GROUP_BYTES},	    {DCM_SEC_RECLAIM, KNOWN_BYTES},
	{DCM_SEC_SELF, GROUP_BYTES},	    {DCM_SEC_SOURCES, KNOWN_BYTES},
};
_Static_assert(4 * ARRAY_BYTES + 3 * KNOWN_BYTES + (7 + 1) * GROUP_BYTES <=
		       DCM_RECORDER_STATE_BYTES,
	       "each table has its share of the line");

struct state {
	const struct dcm_snapshot *snapshot;
	struct dcm_line line;
	unsigned cut;
};

enum dcm_section dcm_recorder_state_section(size_t i)
{
	return i < DCM_ARRAY_SIZE(shares) ? shares[i].section : DCM_SEC_COUNT;
}

/* ---- a value ---- */

/* No longer than @len, and not within a character. */
static size_t whole_characters(const char *raw, size_t len)
{
	size_t at = len;

	while (at && at + 3 > len && ((unsigned char)raw[at] & 0xc0) == 0x80)
		at--;
	return ((unsigned char)raw[at] & 0xc0) == 0x80 ? len : at;
}

static void add_text(struct state *s, const char *raw)
{
	char kept[DCM_RECORDER_STATE_TEXT + 1], text[DCM_TEXT_ROOM(DCM_RECORDER_STATE_TEXT)];
	size_t len = strnlen(raw, sizeof(kept));
	bool cut = len > DCM_RECORDER_STATE_TEXT;

	if (cut)
		len = whole_characters(raw, DCM_RECORDER_STATE_TEXT - 1);
	memcpy(kept, raw, len);
	kept[len] = '\0';
	if (cut)
		strcpy(kept + len, "~");
	s->cut += cut;
	dcm_text_escape(DCM_TEXT_JSON, kept, text, sizeof(text));
	dcm_line_text(&s->line, text);
}

static void add_strings(struct state *s, const struct dcm_metric *metric, const void *row)
{
	dcm_str strings[DCM_DIRECTORY_SAMPLES];

	memcpy(strings, (const char *)row + metric->offset, sizeof(strings));
	dcm_line_append(&s->line, "[");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(strings) && strings[i]; i++) {
		dcm_line_append(&s->line, i ? "," : "");
		add_text(s, dcm_snapshot_str(s->snapshot, strings[i]));
	}
	dcm_line_append(&s->line, "]");
}

static void add_value(struct state *s, const struct dcm_metric *metric, const void *row)
{
	char text[64];

	switch (metric->type) {
	case DCM_T_STR:
		add_text(s, dcm_metric_str(s->snapshot, metric, row));
		return;
	case DCM_T_STRINGS:
		add_strings(s, metric, row);
		return;
	case DCM_T_DOUBLE:
		dcm_line_number(&s->line, isfinite(dcm_metric_number(metric, row)),
				dcm_metric_number(metric, row));
		return;
	case DCM_T_TIME_NS:
		dcm_line_append(&s->line, "%.3f", dcm_metric_number(metric, row));
		return;
	default:
		dcm_metric_text(DCM_TEXT_DISPLAY, s->snapshot, metric, row, text, sizeof(text));
	}
	if (metric->type == DCM_T_DEVICE || metric->symbol)
		dcm_line_text(&s->line, text);
	else
		dcm_line_append(&s->line, "%s", text);
}

/* ---- rows ---- */

static void add_row(struct state *s, const struct dcm_table *table, const void *row)
{
	const char *comma = "";

	dcm_line_append(&s->line, "{");
	for (size_t i = 0; i < table->count; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (!metric->json || !dcm_metric_present(metric, row))
			continue;
		dcm_line_append(&s->line, "%s\"%s\":", comma, metric->name);
		add_value(s, metric, row);
		comma = ",";
	}
	dcm_line_append(&s->line, "}");
}

/* As many of @rows as fit in @bytes. */
static void add_rows(struct state *s, const struct dcm_table *table, size_t bytes,
		     const void **rows, size_t count)
{
	const char *end = s->line.at + DCM_MIN(s->line.left, bytes);

	for (size_t i = 0; i < DCM_MIN(count, (size_t)DCM_RECORDER_STATE_ROWS); i++) {
		struct state before = *s;

		dcm_line_append(&s->line, i ? "," : "");
		add_row(s, table, rows[i]);
		if (!s->line.full && s->line.at < end)
			continue;
		*s = before;
		*s->line.at = '\0';
		break;
	}
}

static int newest_first(const void *a, const void *b)
{
	const struct dcm_snap_alarm *x = *(const struct dcm_snap_alarm *const *)a;
	const struct dcm_snap_alarm *y = *(const struct dcm_snap_alarm *const *)b;

	return DCM_COMPARE(y->sequence, x->sequence);
}

/* So that the first rows are those that matter, where they are not by now. */
static void order(enum dcm_section section, const void **rows, size_t count)
{
	if (section == DCM_SEC_SUPERBLOCKS)
		qsort(rows, count, sizeof(*rows), dcm_snap_superblock_compare);
	if (section == DCM_SEC_TABLES)
		dcm_recorder_tables_order(rows, count, DCM_RECORDER_STATE_ROWS);
	if (section == DCM_SEC_ALARMS)
		qsort(rows, count, sizeof(*rows), newest_first);
}

static int add_table(struct state *s, const struct share *share)
{
	enum dcm_section section = share->section;
	const struct dcm_table *table = dcm_table_find(section);
	size_t count = dcm_snapshot_count(s->snapshot, section);
	_cleanup_free_ const void **rows = calloc(count + 1, sizeof(*rows));

	if (!rows)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		rows[i] = dcm_snapshot_row(s->snapshot, section, i);
	order(section, rows, count);
	dcm_line_append(&s->line, "\"%s\":{\"total\":%zu,\"rows\":[", table->name, count);
	add_rows(s, table, share->bytes, rows, count);
	dcm_line_append(&s->line, "]}");
	return 0;
}

int dcm_recorder_state(const struct dcm_snapshot *snapshot, char **ret)
{
	_cleanup_free_ char *bytes = malloc(DCM_RECORDER_STATE_BYTES);
	struct state s = {snapshot, {bytes, DCM_RECORDER_STATE_BYTES, false}, 0};
	int err = bytes ? 0 : -ENOMEM;

	if (err)
		return err;
	dcm_line_append(&s.line, "{\"state\":{\"time\":%.3f,\"tables\":{",
			(double)snapshot->header->realtime_ns / 1e9);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(shares) && !err; i++) {
		dcm_line_append(&s.line, i ? "," : "");
		err = add_table(&s, &shares[i]);
	}
	dcm_line_append(&s.line, "},\"cut\":%u}}\n", s.cut);
	if (!err)
		*ret = dcm_take_ptr(bytes);
	return err;
}
