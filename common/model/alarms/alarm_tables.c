// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Alarms about hash tables of the kernel other than that of dentries. */
#include <stdio.h>

#include "common/model/alarms/alarm_rules.h"

/* As many network namespaces as a table has rows for at most, beside the sampler's own. */
#define LISTED 7

typedef const struct dcm_alarm_view view_t;
typedef const struct dcm_snap_table row_t;

static double value_of(row_t *row, enum dcm_alarm_type type)
{
	return type == DCM_ALARM_TABLE_LOAD ? row->load : (double)row->longest;
}

static void extract(view_t *view, enum dcm_alarm_type type, dcm_alarm_visit *visit, void *ctx)
{
	row_t *rows = view->input->rows[DCM_SEC_TABLES];

	for (size_t i = 0; i < view->input->count[DCM_SEC_TABLES]; i++) {
		struct dcm_alarm_sample s = {.absent = !DCM_ROW_HAS(&rows[i], load),
					     .key = rows[i].key,
					     .value = value_of(&rows[i], type),
					     .source = DCM_SOURCE_TABLES,
					     .section = DCM_SEC_TABLES,
					     .index = rows[i].index,
					     .row = &rows[i]};

		/* what this kernel does not show is not held for ever */
		if (rows[i].state != DCM_STATE_UNSUPPORTED)
			visit(ctx, &s);
	}
}

void dcm_alarm_extract_table_chain(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	extract(view, DCM_ALARM_TABLE_CHAIN, visit, ctx);
}

void dcm_alarm_extract_table_load(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	extract(view, DCM_ALARM_TABLE_LOAD, visit, ctx);
}

/* "css_sets", "device_names" of the own namespace, "device_names of /run/netns/blue". */
void dcm_alarm_name_table(view_t *view, const struct dcm_alarm_sample *sample, char *buf,
			  size_t size)
{
	row_t *row = sample->row;
	const char *name = dcm_hash_table_name(row->index / DCM_TABLE_PLACES - 1);
	const char *namespace = dcm_alarm_input_str(view->input, row->namespace);
	bool other = row->index % DCM_TABLE_PLACES != 0;

	snprintf(buf, size, "%s%s%s", name ? name : "?", other ? " of " : "",
		 other ? namespace : "");
}

bool dcm_alarm_table_hidden(view_t *view, enum dcm_alarm_type type, double level)
{
	row_t *rows = view->input->rows[DCM_SEC_TABLES];
	size_t count = view->input->count[DCM_SEC_TABLES];

	for (size_t i = 0; i < count; i++)
		if (rows[i].index % DCM_TABLE_PLACES == LISTED && value_of(&rows[i], type) >= level)
			return true;
	return !count;
}
