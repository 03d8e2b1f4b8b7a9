/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The tables of "dcachemon top": their columns, their order, a row in full. Pure. */
#ifndef DCM_CLI_TOP_TABLES_H
#define DCM_CLI_TOP_TABLES_H

#include "cli/lib/fit_text.h"
#include "cli/top/top_model.h"

#define TOP_COLUMNS_MAX 8
#define TOP_CELL_SIZE	1024

struct top_column_value; /* how it comes from a row */

struct top_column {
	const char *title;
	enum fit_align align;
	int need; /* 0: always shown; where a terminal is narrow the highest go first */
	const struct top_column_value *value;
};

struct top_columns {
	const char *name; /* of the table: "superblocks" */
	size_t count;	  /* the last column takes the room that is left */
	struct top_column columns[TOP_COLUMNS_MAX];
};

const struct top_columns *top_table_columns(enum top_table table);

/* The text of a cell, printable, cut at @size (at least 16); "-" for what is absent. */
void top_cell(const struct top_model *model, const struct top_column *column,
	      const struct top_row *row, char *out, size_t size);

/* Whether rows can be sorted by @column: it is a number. */
bool top_column_sorts(const struct top_column *column);

/* Sorts the rows of @table by @column, the greatest first, or last if @ascending; what is absent
 * always last. */
void top_table_sort(struct top_model *model, enum top_table table, size_t column, bool ascending);

/* Every value of @row by its key in JSON, one to a line; a new string, NULL when memory is short.
 */
char *top_row_text(const struct top_model *model, enum top_table table, const struct top_row *row);

/* The superblock that @row is, or that its chain or directory belongs to; NULL without one. */
const struct dcm_snap_superblock *
top_row_superblock(const struct top_model *model, enum top_table table, const struct top_row *row);

#endif
