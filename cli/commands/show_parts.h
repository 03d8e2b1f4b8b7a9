/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the parts of "dcachemon show" for people have in common. */
#ifndef DCM_CLI_SHOW_PARTS_H
#define DCM_CLI_SHOW_PARTS_H

#include "cli/commands/show_tables.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/table.h"
#include "common/model/containers/container_text.h"

#define COUNT_CELL(t, row, member) \
	table_cell(t, DCM_ROW_HAS(row, member) ? human_count((row)->member).text : NULL)
/* Before there is a count: the interval of the estimate. */
#define COUNT_OR_RANGE_CELL(t, row, member)                                      \
	table_cell(t, DCM_ROW_HAS(row, member) ? human_count((row)->member).text \
		      : DCM_ROW_HAS(row, member##_estimate.low)                  \
			      ? human_range((row)->member##_estimate.low,        \
					    (row)->member##_estimate.high)       \
					.text                                    \
			      : NULL)
#define SECONDS_CELL(t, row, member) \
	table_cell(t, DCM_ROW_HAS(row, member) ? human_seconds((row)->member).text : NULL)
#define NAME_CELL(t, snapshot, row, member) \
	table_name(t, DCM_ROW_HAS(row, member) ? dcm_snapshot_str(snapshot, (row)->member) : "")

/* What is printed, and where. */
struct show {
	const struct dcm_snapshot *snapshot;
	const struct print_limits *limits;
	FILE *out;
};

const void *show_row(const struct show *p, enum dcm_section section, size_t i);
size_t show_rows(const struct show *p, enum dcm_section section);

/* The title of a table, with how many rows of how many it has where that is fewer. */
void show_title(const struct show *p, const char *text, size_t shown, size_t all);

/* Why what @source has is not there, from the row of the source. */
void show_missing(const struct show *p, enum dcm_source source);

/* The same in place of a table's rows; 0. */
int show_no_table(const struct show *p, enum dcm_source source);

bool show_is_container(const struct dcm_snap_container *container);

/* Writes to @text and returns it. */
const char *show_container(const struct show *p, const struct dcm_snap_container *container,
			   char text[DCM_CONTAINER_TEXT_SIZE]);

/* The lines above all tables: totals, the hash table, namespaces, the last reclaim
 * (show_summary.c). */
void show_summary(const struct show *p);

#endif
