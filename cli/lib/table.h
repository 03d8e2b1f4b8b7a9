/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A libsmartcols table whose errors are collected: only table_print reports them. */
#ifndef DCM_CLI_TABLE_H
#define DCM_CLI_TABLE_H

#include <stdio.h>

struct libscols_table;
struct libscols_line;

enum table_align {
	TABLE_LEFT,
	TABLE_RIGHT,
	TABLE_CUT, /* left-aligned, cut where a terminal is too narrow */
};

struct table_column {
	const char *name;
	enum table_align align;
};

struct table {
	struct libscols_table *scols;
	struct libscols_line *line;
	size_t cell;
	int err;
};

/* Cells must be free of control characters: names come through output_text. */
void table_init(struct table *table, const struct table_column *columns, size_t count);
void table_deinit(struct table *table);

/* Starts a row; cells are then filled from left to right, NULL as "-". The text is copied. */
void table_row(struct table *table);
void table_cell(struct table *table, const char *text);

/* A cell out of raw bytes. */
void table_name(struct table *table, const char *raw);

/* 0 or -errno of anything since table_init. Prints nothing on an error. */
int table_print(struct table *table, FILE *out);

#endif
