// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/events/events_series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/events/events_recording.h"
#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/alarms/alarm_types.h"
#include "common/model/alarms/recorder.h"
#include "common/model/metrics/metrics.h"

/* What is charted, in this order, by its key in the recording. */
static const char *const charted[] = {
	"dentries",	    "unused",	      "negative",	"slab_bytes",
	"free_bytes",	    "max_chain",      "namespaces",	"namespaces_created",
	"snmpd_interfaces", "psi_some_avg10", "psi_full_avg10", "pgscan_direct",
	"allocstall",	    "slabs_scanned",  "drop_slab",
};

void series_deinit(struct series_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->series[i].points);
	free(list->series);
	*list = (struct series_list){.count = 0};
}

bool series_is_steady(const struct series *series, size_t samples)
{
	/* a counter has no value of the first one */
	return series->low == series->high && series->count + series->counter >= samples;
}

static int add_point(struct series *s, double time, double value, bool gap)
{
	const struct series_point point = {time, value, gap};

	s->low = s->count ? DCM_MIN(s->low, value) : value;
	s->high = s->count ? DCM_MAX(s->high, value) : value;
	return DCM_APPEND(s, points, &point);
}

/* Reads the value of one sample; false: it has none. */
typedef bool read_value(json_object *sample, const void *what, double *ret);

static bool read_key(json_object *sample, const void *what, double *ret)
{
	return recording_number(sample, what, ret);
}

static bool read_lookup(json_object *sample, const void *what, double *ret)
{
	json_object *lookups, *value;

	if (!json_object_object_get_ex(sample, "lookups", &lookups) ||
	    !json_object_is_type(lookups, json_type_array))
		return false;
	value = json_object_array_get_idx(lookups, *(const size_t *)what);
	return recording_value(value, ret);
}

static int fill(struct series *s, json_object *document, read_value *read, const void *what)
{
	json_object *samples = recording_array(document, "samples");
	double time, value, last = NAN;
	bool gap = false;
	int err = 0;

	for (size_t i = 0; i < json_object_array_length(samples) && !err; i++) {
		json_object *sample = json_object_array_get_idx(samples, i);

		if (!recording_number(sample, "time", &time) || !read(sample, what, &value)) {
			gap = true;
			continue;
		}
		if (!s->counter)
			err = add_point(s, time, value, gap);
		else if (value >= last) /* not of the first, not over a reset */
			err = add_point(s, time, value - last, gap);
		gap = false;
		last = value;
	}
	return err;
}

/* Takes what @s has over; @err: how filling it went. */
static int take(struct series_list *list, struct series *s, int err)
{
	if (!err && s->count)
		err = DCM_APPEND(list, series, s);
	if (err || !s->count)
		free(s->points);
	return err;
}

static int load(struct series_list *list, struct series *s, json_object *document, read_value *read,
		const void *what)
{
	return take(list, s, fill(s, document, read, what));
}

/* ---- hash tables ---- */

static json_object *table_rows(json_object *line)
{
	json_object *rows = json_object_object_get(line, "rows");

	return json_object_is_type(rows, json_type_array) ? rows : NULL;
}

/* Member @key of the row of @resource in a line; false: it has none. */
static bool table_value(json_object *line, const char *resource, const char *key, double *ret)
{
	json_object *rows = table_rows(line);

	for (size_t i = 0; rows && i < json_object_array_length(rows); i++) {
		json_object *row = json_object_array_get_idx(rows, i);

		if (!strcmp(recording_string(row, "resource"), resource))
			return recording_number(row, key, ret);
	}
	return false;
}

/* A line is valid until the next one. */
static int fill_table(struct series *s, json_object *document, const char *key)
{
	json_object *samples = recording_array(document, "samples");
	json_object *lines = recording_array(document, "tables");
	bool has = false, gap = false;
	double time, from, value = 0;
	size_t next = 0;
	int err = 0;

	for (size_t i = 0; i < json_object_array_length(samples) && !err; i++) {
		if (!recording_number(json_object_array_get_idx(samples, i), "time", &time))
			continue;
		for (; next < json_object_array_length(lines); next++) {
			json_object *line = json_object_array_get_idx(lines, next);

			if (recording_number(line, "time", &from) && from > time)
				break;
			has = table_value(line, s->label, key, &value);
		}
		if (has)
			err = add_point(s, time, value, gap);
		gap = !has;
	}
	return err;
}

static void add_name(const char *names[SERIES_TABLES], size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (!strcmp(names[i], name))
			return;
	if (*name && *count < SERIES_TABLES)
		names[(*count)++] = name;
}

/* The tables that alarms are about; without any, that with the longest chain at the end. */
static size_t pick_tables(json_object *document, const char *names[SERIES_TABLES])
{
	json_object *events = recording_array(document, "events"), *rows;
	json_object *lines = recording_array(document, "tables");
	size_t count = 0, last = json_object_array_length(lines);

	for (size_t i = 0; i < json_object_array_length(events); i++) {
		json_object *event = json_object_array_get_idx(events, i);
		const char *type = recording_string(event, "type");

		if (!strcmp(type, dcm_alarm_type_name(DCM_ALARM_TABLE_CHAIN)) ||
		    !strcmp(type, dcm_alarm_type_name(DCM_ALARM_TABLE_LOAD)))
			add_name(names, &count, recording_string(event, "resource"));
	}
	rows = last ? table_rows(json_object_array_get_idx(lines, last - 1)) : NULL;
	if (!count && rows && json_object_array_length(rows))
		add_name(names, &count,
			 recording_string(json_object_array_get_idx(rows, 0), "resource"));
	return count;
}

static int load_tables(struct series_list *list, json_object *document)
{
	const char *names[SERIES_TABLES];
	size_t count = pick_tables(document, names);
	int err = 0;

	for (size_t i = 0; i < count && !err; i++) {
		struct series longest = {.what = "longest chain of ",
					 .label = names[i],
					 .unit = "entries",
					 .help = "Entries of its longest chain."};
		struct series load = {.what = "load of ",
				      .label = names[i],
				      .unit = "ratio",
				      .help = "Entries per bucket."};

		err = take(list, &longest, fill_table(&longest, document, "longest"));
		if (!err)
			err = take(list, &load, fill_table(&load, document, "load"));
	}
	return err;
}

static const struct dcm_metric *metric_of(const char *key)
{
	const struct dcm_metric *metric;
	enum dcm_section section;

	for (size_t i = 0; (metric = dcm_metric_recorded(i, &section)); i++)
		if (!strcmp(metric->recorded, key))
			return metric;
	return NULL;
}

int series_load(json_object *document, struct series_list *ret)
{
	json_object *lookups = recording_array(document, "lookups");
	size_t paths = DCM_MIN(json_object_array_length(lookups), (size_t)DCM_RECORDER_LOOKUPS);
	int err = 0;

	for (size_t i = 0; i < DCM_ARRAY_SIZE(charted) && !err; i++) {
		const struct dcm_metric *m = metric_of(charted[i]);
		struct series s = {.what = "",
				   .label = m->recorded,
				   .unit = m->unit,
				   .help = m->help,
				   .counter = m->kind == DCM_KIND_COUNTER};

		err = load(ret, &s, document, read_key, m->recorded);
	}
	for (size_t i = 0; i < paths && !err; i++) {
		json_object *path = json_object_array_get_idx(lookups, i);
		struct series s = {.what = "",
				   .label = json_object_get_string(path) ?: "",
				   .unit = "seconds",
				   .help = ""};

		err = load(ret, &s, document, read_lookup, &i);
	}
	return err ?: load_tables(ret, document);
}
