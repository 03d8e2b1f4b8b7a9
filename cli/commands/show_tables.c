// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/show_tables.h"

#include <errno.h>
#include <stdlib.h>

#include "cli/commands/show_parts.h"
#include "cli/lib/output.h"
#include "cli/lib/row_place.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"

/* Fewer negative children are everyday life. */
#define HINT_LEAST 10000

/* ---- superblocks ---- */

static void container_cell(const struct show *p, struct table *t,
			   const struct dcm_snap_container *container)
{
	char text[DCM_CONTAINER_TEXT_SIZE];

	table_name(t, show_container(p, container, text));
}

static void place_cell(const struct show *p, struct table *t, const struct dcm_snap_superblock *s)
{
	_cleanup_free_ char *place = row_place(p->snapshot, s);

	table_name(t, place ? place : "?");
}

static void superblock_row(const struct show *p, struct table *t, bool containers,
			   const struct dcm_snap_superblock *s)
{
	char device[32] = "";

	if (DCM_ROW_HAS(s, dev_major))
		snprintf(device, sizeof(device), "%u:%u", s->dev_major, s->dev_minor);
	table_row(t);
	COUNT_CELL(t, s, unused);
	COUNT_OR_RANGE_CELL(t, s, hashed);
	COUNT_OR_RANGE_CELL(t, s, negative);
	NAME_CELL(t, p->snapshot, s, fstype);
	table_cell(t, device);
	NAME_CELL(t, p->snapshot, s, id);
	place_cell(p, t, s);
	if (containers)
		container_cell(p, t, &s->container);
}

static int print_superblocks(const struct show *p)
{
	static const struct table_column columns[] = {
		{"UNUSED", TABLE_RIGHT},   {"HASHED", TABLE_RIGHT},  {"NEGATIVE", TABLE_RIGHT},
		{"FSTYPE", TABLE_LEFT},	   {"DEVICE", TABLE_LEFT},   {"ID", TABLE_LEFT},
		{"MOUNTPOINT", TABLE_CUT}, {"CONTAINER", TABLE_CUT},
	};
	size_t count = show_rows(p, DCM_SEC_SUPERBLOCKS);
	size_t shown = DCM_MIN(count, p->limits->superblocks);
	_cleanup_free_ const struct dcm_snap_superblock **sorted = NULL;
	_cleanup_(table_deinit) struct table t = {0};
	bool containers = false;

	show_title(p, "Superblocks by unused dentries", shown, count);
	if (!count)
		return show_no_table(p, DCM_SOURCE_SUPERBLOCKS);
	sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = show_row(p, DCM_SEC_SUPERBLOCKS, i);
	qsort(sorted, count, sizeof(*sorted), dcm_snap_superblock_compare);
	for (size_t i = 0; i < shown; i++)
		containers = containers || show_is_container(&sorted[i]->container);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < shown; i++)
		superblock_row(p, &t, containers, sorted[i]);
	return table_print(&t, p->out);
}

/* ---- chains ---- */

static int print_chains(const struct show *p)
{
	static const struct table_column columns[] = {
		{"LENGTH", TABLE_RIGHT}, {"SAME-NAME", TABLE_RIGHT}, {"FSTYPE", TABLE_LEFT},
		{"PARENT", TABLE_CUT},	 {"NAME", TABLE_CUT},	     {"CONTAINER", TABLE_CUT},
	};
	size_t count = show_rows(p, DCM_SEC_CHAINS);
	size_t shown = DCM_MIN(count, p->limits->chains);
	_cleanup_(table_deinit) struct table t;
	bool containers = false;

	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_chain *c = show_row(p, DCM_SEC_CHAINS, i);

		containers = containers || show_is_container(&c->container);
	}
	show_title(p, "Longest hash chains", shown, count);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_chain *c = show_row(p, DCM_SEC_CHAINS, i);

		table_row(&t);
		COUNT_CELL(&t, c, length);
		COUNT_CELL(&t, c, same_name);
		NAME_CELL(&t, p->snapshot, c, fstype);
		NAME_CELL(&t, p->snapshot, c, parent);
		NAME_CELL(&t, p->snapshot, c, name);
		if (containers)
			container_cell(p, &t, &c->container);
	}
	if (!count)
		return show_no_table(p, DCM_SOURCE_HASH);
	return table_print(&t, p->out);
}

static void directory_names(const struct show *p, const struct dcm_snap_directory *d,
			    struct table *t)
{
	char joined[4 * 256] = "";
	size_t n = 0;

	for (size_t i = 0; i < DCM_DIRECTORY_SAMPLES && d->sample_names[i]; i++)
		n += (size_t)snprintf(joined + n, DCM_EXCESS(sizeof(joined), n), "%s%s",
				      n ? " " : "",
				      dcm_snapshot_str(p->snapshot, d->sample_names[i]));
	table_name(t, joined);
}

/* What is known about them, once per hint and under the table. */
static void print_hints(const struct show *p)
{
	size_t shown = show_rows(p, DCM_SEC_DIRECTORIES), hints = 0;

	if (shown > p->limits->chains)
		shown = p->limits->chains;
	for (size_t i = 0; i < shown && hints < 3; i++) {
		const struct dcm_snap_directory *d = show_row(p, DCM_SEC_DIRECTORIES, i);
		_cleanup_free_ char *path = NULL, *hint = NULL;

		if (!DCM_ROW_HAS(d, hint) ||
		    DCM_MAX(d->negative, d->negative_estimate.low) < HINT_LEAST)
			continue;
		path = output_text(dcm_snapshot_str(p->snapshot, d->path));
		hint = output_text(dcm_snapshot_str(p->snapshot, d->hint));
		fprintf(p->out, "  %s: %s\n", path ? path : "?", hint ? hint : "?");
		hints++;
	}
}

static int print_directories(const struct show *p)
{
	static const struct table_column columns[] = {
		{"NEGATIVE", TABLE_RIGHT}, {"CHILDREN", TABLE_RIGHT}, {"FSTYPE", TABLE_LEFT},
		{"DIRECTORY", TABLE_CUT},  {"NAMES", TABLE_CUT},      {"CONTAINER", TABLE_CUT},
	};
	size_t count = show_rows(p, DCM_SEC_DIRECTORIES);
	size_t shown = DCM_MIN(count, p->limits->chains);
	_cleanup_(table_deinit) struct table t;
	bool containers = false;

	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_directory *d = show_row(p, DCM_SEC_DIRECTORIES, i);

		containers = containers || show_is_container(&d->container);
	}
	show_title(p, "Directories by negative dentries", shown, count);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_directory *d = show_row(p, DCM_SEC_DIRECTORIES, i);

		table_row(&t);
		COUNT_OR_RANGE_CELL(&t, d, negative);
		COUNT_OR_RANGE_CELL(&t, d, children);
		NAME_CELL(&t, p->snapshot, d, fstype);
		NAME_CELL(&t, p->snapshot, d, path);
		directory_names(p, d, &t);
		if (containers)
			container_cell(p, &t, &d->container);
	}
	if (!count)
		return show_no_table(p, DCM_SOURCE_HASH);
	if (table_print(&t, p->out))
		return -EIO;
	print_hints(p);
	return 0;
}

static uint64_t all_chains(const struct show *p)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < show_rows(p, DCM_SEC_HISTOGRAM); i++) {
		const struct dcm_snap_histogram *h = show_row(p, DCM_SEC_HISTOGRAM, i);

		sum += DCM_MAX(h->chains, h->chains_estimate.value);
	}
	return sum;
}

static void histogram_length(const struct dcm_snap_histogram *h, char *text, size_t size)
{
	if (!DCM_ROW_HAS(h, max_length))
		snprintf(text, size, "%s or more", human_count(h->min_length).text);
	else
		snprintf(text, size, "%s", human_range(h->min_length, h->max_length).text);
}

static int print_histogram(const struct show *p)
{
	static const struct table_column columns[] = {
		{"LENGTH", TABLE_RIGHT},
		{"BUCKETS", TABLE_RIGHT},
		{"SHARE", TABLE_RIGHT},
	};
	uint64_t sum = all_chains(p);
	_cleanup_(table_deinit) struct table t;
	char length[80];

	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	if (!sum)
		return 0;
	show_title(p, "Chain lengths", 0, 0);
	for (size_t i = 0; i < show_rows(p, DCM_SEC_HISTOGRAM); i++) {
		const struct dcm_snap_histogram *h = show_row(p, DCM_SEC_HISTOGRAM, i);

		if (!h->chains && !h->chains_estimate.value)
			continue;
		histogram_length(h, length, sizeof(length));
		table_row(&t);
		table_cell(&t, length);
		COUNT_OR_RANGE_CELL(&t, h, chains);
		table_cell(&t, human_percent((double)DCM_MAX(h->chains, h->chains_estimate.value),
					     (double)sum)
				       .text);
	}
	return table_print(&t, p->out);
}

static int print_tables(const struct show *p)
{
	return print_hash_tables(p->snapshot, p->limits->chains, p->out);
}

/* ---- lookups, alarms and sources ---- */

static int print_lookups(const struct show *p)
{
	static const struct table_column columns[] = {
		{"TIME", TABLE_RIGHT},
		{"PATH", TABLE_LEFT},
		{"ERROR", TABLE_LEFT},
	};
	size_t count = show_rows(p, DCM_SEC_LOOKUPS);
	_cleanup_(table_deinit) struct table t;

	show_title(p, "Lookups", 0, 0);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_lookup *l = show_row(p, DCM_SEC_LOOKUPS, i);

		table_row(&t);
		SECONDS_CELL(&t, l, seconds);
		NAME_CELL(&t, p->snapshot, l, path);
		NAME_CELL(&t, p->snapshot, l, error);
	}
	if (!count)
		return show_no_table(p, DCM_SOURCE_LOOKUPS);
	return table_print(&t, p->out);
}

static int print_alarms(const struct show *p)
{
	static const struct table_column columns[] = {
		{"SEVERITY", TABLE_LEFT},
		{"RESOURCE", TABLE_LEFT},
		{"TEXT", TABLE_CUT},
	};
	size_t count = show_rows(p, DCM_SEC_ALARMS);
	_cleanup_(table_deinit) struct table t;

	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	if (!count)
		return 0;
	show_title(p, "Alarms", 0, 0);
	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_alarm *a = show_row(p, DCM_SEC_ALARMS, i);

		table_row(&t);
		table_cell(&t, a->severity == DCM_SEVERITY_CRITICAL ? "critical" : "warning");
		NAME_CELL(&t, p->snapshot, a, resource);
		NAME_CELL(&t, p->snapshot, a, text);
	}
	return table_print(&t, p->out);
}

/* Of one CPU, over the last minute; a sample on demand has no minute. */
static void percent_cell(struct table *table, const struct dcm_snap_source *source)
{
	char text[320];

	snprintf(text, sizeof(text), "%.3f", source->cpu_percent);
	table_cell(table, DCM_ROW_HAS(source, cpu_percent) ? text : NULL);
}

static int print_sources(const struct show *p)
{
	static const struct table_column columns[] = {
		{"SOURCE", TABLE_LEFT}, {"STATE", TABLE_LEFT},
		{"AGE", TABLE_RIGHT},	{"COST", TABLE_RIGHT},
		{"CPU %", TABLE_RIGHT}, {"WHAT IS MISSING, AND WHY", TABLE_LEFT},
	};
	_cleanup_(table_deinit) struct table t;

	show_title(p, "Sources", 0, 0);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < show_rows(p, DCM_SEC_SOURCES); i++) {
		const struct dcm_snap_source *s = show_row(p, DCM_SEC_SOURCES, i);

		table_row(&t);
		NAME_CELL(&t, p->snapshot, s, name);
		table_cell(&t, dcm_source_state_name((enum dcm_source_state)s->state));
		SECONDS_CELL(&t, s, age_seconds);
		SECONDS_CELL(&t, s, cost_seconds);
		percent_cell(&t, s);
		NAME_CELL(&t, p->snapshot, s, reason);
	}
	return table_print(&t, p->out);
}

int print_snapshot(const struct dcm_snapshot *snapshot, const struct print_limits *limits,
		   FILE *out)
{
	static int (*const parts[])(const struct show *) = {
		print_superblocks, print_chains,  print_directories, print_histogram,
		print_tables,	   print_lookups, print_alarms,	     print_sources,
	};
	const struct show p = {.snapshot = snapshot, .limits = limits, .out = out};
	int err = 0;

	show_summary(&p);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(parts) && !err; i++)
		err = parts[i](&p);
	return err;
}
