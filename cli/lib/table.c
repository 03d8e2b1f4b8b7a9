// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/table.h"

#include <errno.h>
#include <libsmartcols.h>

#include "cli/lib/output.h"
#include "common/base/cleanup.h"

static void note(struct table *table, int err)
{
	if (err && !table->err)
		table->err = err;
}

void table_init(struct table *table, const struct table_column *columns, size_t count)
{
	static const int flags[] = {
		[TABLE_LEFT] = 0,
		[TABLE_RIGHT] = SCOLS_FL_RIGHT,
		[TABLE_CUT] = SCOLS_FL_TRUNC,
	};

	*table = (struct table){.scols = scols_new_table()};
	if (!table->scols) {
		table->err = -ENOMEM;
		return;
	}
	/* The text is escaped already; escaping its backslashes again would make it unreadable. */
	note(table, scols_table_enable_noencoding(table->scols, 1));
	for (size_t i = 0; i < count; i++) {
		if (!scols_table_new_column(table->scols, columns[i].name, 0,
					    flags[columns[i].align]))
			note(table, -ENOMEM);
	}
}

void table_deinit(struct table *table)
{
	scols_unref_table(table->scols);
	table->scols = NULL;
}

void table_row(struct table *table)
{
	if (table->err)
		return;
	table->cell = 0;
	table->line = scols_table_new_line(table->scols, NULL);
	if (!table->line)
		note(table, -ENOMEM);
}

void table_cell(struct table *table, const char *text)
{
	if (!table->err)
		note(table,
		     scols_line_set_data(table->line, table->cell++, text && *text ? text : "-"));
}

void table_name(struct table *table, const char *raw)
{
	_cleanup_free_ char *text = output_text(raw);

	if (!text)
		note(table, -ENOMEM);
	table_cell(table, text);
}

int table_print(struct table *table, FILE *out)
{
	if (table->err)
		return table->err;
	note(table, scols_table_set_stream(table->scols, out));
	if (!table->err)
		note(table, scols_print_table(table->scols));
	return table->err;
}
