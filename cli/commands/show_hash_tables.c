// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Other hash tables of the kernel, in "dcachemon show". */
#include <errno.h>
#include <stdlib.h>

#include "cli/commands/show_tables.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"

typedef const struct dcm_snap_table row_t;

static row_t *row_at(const struct dcm_snapshot *snapshot, size_t i)
{
	return dcm_snapshot_row(snapshot, DCM_SEC_TABLES, i);
}

static void print_row(const struct dcm_snapshot *snapshot, row_t *r, struct table *t)
{
	char load[320];

	snprintf(load, sizeof(load), "%.2f", r->load);
	table_row(t);
	table_cell(t, human_count(r->longest).text);
	table_cell(t, human_count(r->p99).text);
	table_cell(t, load);
	table_cell(t, human_count(r->entries).text);
	table_cell(t, human_count(r->buckets).text);
	table_name(t, dcm_snapshot_str(snapshot, r->name));
	table_name(t, DCM_ROW_HAS(r, namespace) ? dcm_snapshot_str(snapshot, r->namespace) : "");
}

static void print_missing(const struct dcm_snapshot *snapshot, row_t *r, FILE *out)
{
	_cleanup_free_ char *reason = output_text(dcm_snapshot_str(snapshot, r->reason));

	fprintf(out, "  %s: %s: %s\n", dcm_snapshot_str(snapshot, r->name),
		dcm_source_state_name(r->state), reason ? reason : "");
}

int print_hash_tables(const struct dcm_snapshot *snapshot, size_t most, FILE *out)
{
	static const struct table_column columns[] = {
		{"LONGEST", TABLE_RIGHT}, {"P99", TABLE_RIGHT},	    {"LOAD", TABLE_RIGHT},
		{"ENTRIES", TABLE_RIGHT}, {"BUCKETS", TABLE_RIGHT}, {"TABLE", TABLE_LEFT},
		{"NAMESPACE", TABLE_CUT},
	};
	size_t all = dcm_snapshot_count(snapshot, DCM_SEC_TABLES), count = 0, shown;
	_cleanup_free_ row_t **sorted = calloc(all + 1, sizeof(*sorted));
	_cleanup_(table_deinit) struct table t = {0};
	int err;

	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < all; i++)
		if (DCM_ROW_HAS(row_at(snapshot, i), load))
			sorted[count++] = row_at(snapshot, i);
	if (!all)
		return 0;
	qsort(sorted, count, sizeof(*sorted), dcm_snap_table_compare);
	shown = DCM_MIN(count, most);
	fputs("\nOther hash tables by longest chain", out);
	if (shown < count)
		fprintf(out, " (%zu of %zu)", shown, count);
	fputc('\n', out);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < shown; i++)
		print_row(snapshot, sorted[i], &t);
	err = count ? table_print(&t, out) : 0;
	for (size_t i = 0; i < all && !err; i++)
		if (!DCM_ROW_HAS(row_at(snapshot, i), load))
			print_missing(snapshot, row_at(snapshot, i), out);
	return err;
}
