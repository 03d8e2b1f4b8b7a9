// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/show_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "cli/lib/row_place.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/containers/container_text.h"
#include "common/model/who/maker_names.h"

/* From this length on a chain is reported: tables are sized for a few entries per bucket. */
#define LONG_CHAIN 100
/* Fewer negative children are everyday life. */
#define HINT_LEAST  10000
#define MAKERS_SIZE 256

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

struct printer {
	const struct dcm_snapshot *snapshot;
	const struct print_limits *limits;
	FILE *out;
};

static const void *row(const struct printer *p, enum dcm_section section, size_t i)
{
	return dcm_snapshot_row(p->snapshot, section, i);
}

static size_t rows(const struct printer *p, enum dcm_section section)
{
	return dcm_snapshot_count(p->snapshot, section);
}

static void heading(const struct printer *p, const char *text, size_t shown, size_t all)
{
	fprintf(p->out, "\n%s", text);
	if (shown < all)
		fprintf(p->out, " (%zu of %zu)", shown, all);
	fputc('\n', p->out);
}

/* Prints why @section has no rows, from the row of its source. */
static void print_missing(const struct printer *p, enum dcm_source source)
{
	_cleanup_free_ char *text = NULL;
	const char *reason = "", *state = "not sampled";

	for (size_t i = 0; i < rows(p, DCM_SEC_SOURCES); i++) {
		const struct dcm_snap_source *s = row(p, DCM_SEC_SOURCES, i);

		if (s->index != (uint32_t)source + 1)
			continue;
		if (s->state == DCM_STATE_OK)
			state = "none";
		else
			state = dcm_source_state_name((enum dcm_source_state)s->state);
		if (DCM_ROW_HAS(s, reason))
			reason = dcm_snapshot_str(p->snapshot, s->reason);
	}
	text = output_text(reason);
	fprintf(p->out, "%s%s%s\n", state, *reason ? ": " : "", text ? text : "");
}

static int print_no_table(const struct printer *p, enum dcm_source source)
{
	fputs("  ", p->out);
	print_missing(p, source);
	return 0;
}

/* ---- totals ---- */

static void print_share(FILE *out, const char *name, int64_t part, int64_t whole)
{
	struct human percent = human_percent((double)part, (double)whole);

	fprintf(out, "   %s %s", name, human_signed(part).text);
	if (*percent.text)
		fprintf(out, " (%s)", percent.text);
}

static void print_totals(const struct printer *p)
{
	const struct dcm_snap_totals *t = row(p, DCM_SEC_TOTALS, 0);

	fputs("  dentries       ", p->out);
	if (t && DCM_ROW_HAS(t, dentries)) {
		fputs(human_signed(t->dentries).text, p->out);
		if (DCM_ROW_HAS(t, unused))
			print_share(p->out, "unused", t->unused, t->dentries);
		if (DCM_ROW_HAS(t, negative))
			print_share(p->out, "unused and negative", t->negative, t->dentries);
		fputc('\n', p->out);
	} else {
		print_missing(p, DCM_SOURCE_DENTRY_STATE);
	}
	if (t && DCM_ROW_HAS(t, slab_bytes))
		fprintf(p->out, "  slab memory    %s\n", human_bytes(t->slab_bytes).text);
}

static void print_hash(const struct printer *p)
{
	const struct dcm_snap_hash *h = row(p, DCM_SEC_HASH, 0);
	bool counted = h && DCM_ROW_HAS(h, entries);

	fputs("  hash table     ", p->out);
	if (!counted && !(h && DCM_ROW_HAS(h, entries_estimate.low))) {
		print_missing(p, DCM_SOURCE_HASH);
		return;
	}
	fputs(counted ? human_count(h->entries).text
		      : human_range(h->entries_estimate.low, h->entries_estimate.high).text,
	      p->out);
	fprintf(p->out, " dentries in %s buckets",
		DCM_ROW_HAS(h, buckets) ? human_count(h->buckets).text : "?");
	if (DCM_ROW_HAS(h, pass_seconds))
		fprintf(p->out, ", read in %s", human_seconds(h->pass_seconds).text);
	if (!counted)
		fprintf(p->out, ", estimated from %.1f %% of them", 100 * h->coverage);
	fputc('\n', p->out);
}

/* The probe of exactly the path that chain @c makes slow, NULL when there is none. */
static const struct dcm_snap_lookup *lookup_of_chain(const struct printer *p,
						     const struct dcm_snap_chain *c)
{
	const char *parent = dcm_snapshot_str(p->snapshot, c->parent);
	const char *name = dcm_snapshot_str(p->snapshot, c->name);
	size_t len = strlen(parent);

	for (size_t i = 0; i < rows(p, DCM_SEC_LOOKUPS); i++) {
		const struct dcm_snap_lookup *l = row(p, DCM_SEC_LOOKUPS, i);
		const char *path = dcm_snapshot_str(p->snapshot, l->path);

		if (DCM_ROW_HAS(l, seconds) && strncmp(path, parent, len) == 0 &&
		    path[len] == '/' && strcmp(path + len + 1, name) == 0)
			return l;
	}
	return NULL;
}

/* The longest chain in words: what it holds, where, and what it costs where that was measured. */
static void print_verdict(const struct printer *p)
{
	const struct dcm_snap_chain *c = row(p, DCM_SEC_CHAINS, 0);
	const struct dcm_snap_lookup *lookup;
	_cleanup_free_ char *name = NULL, *parent = NULL;

	if (!c || !DCM_ROW_HAS(c, length))
		return;
	fprintf(p->out, "  longest chain  %s%s", human_count(c->length).text,
		c->truncated ? " or more" : "");
	if (c->length >= LONG_CHAIN && DCM_ROW_HAS(c, same_name)) {
		name = output_text(dcm_snapshot_str(p->snapshot, c->name));
		parent = output_text(dcm_snapshot_str(p->snapshot, c->parent));
		fprintf(p->out, ": %s entries named '%s' under %s", human_count(c->same_name).text,
			name ? name : "?", parent ? parent : "?");
		lookup = lookup_of_chain(p, c);
		if (lookup)
			fprintf(p->out, ", %s per lookup", human_seconds(lookup->seconds).text);
	}
	fputc('\n', p->out);
}

static void print_reclaim(const struct printer *p)
{
	const struct dcm_snap_reclaim *r = row(p, DCM_SEC_RECLAIM, 0);
	_cleanup_free_ char *target = NULL, *error = NULL;
	char stamp[64] = "";
	struct tm tm;
	time_t when;

	if (!r || !DCM_ROW_HAS(r, time_ns))
		return;
	when = (time_t)(r->time_ns / 1000000000);
	if (localtime_r(&when, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	target = output_text(dcm_snapshot_str(p->snapshot, r->target));
	error = output_text(dcm_snapshot_str(p->snapshot, r->error));
	fprintf(p->out, "  last reclaim   %s %s: %s", stamp, target ? target : "?",
		dcm_reclaim_outcome_name(r->result));
	if (DCM_ROW_HAS(r, before))
		fprintf(p->out, ", %s unused", human_count(r->before).text);
	if (DCM_ROW_HAS(r, after))
		fprintf(p->out, " -> %s", human_count(r->after).text);
	fprintf(p->out, "%s%s\n", error && *error ? ": " : "", error ? error : "");
}

/* Strings that are absent are 0. */
static bool is_container(const struct dcm_snap_container *container)
{
	return container->id || container->pod;
}

static const char *container_text(const struct printer *p,
				  const struct dcm_snap_container *container,
				  char text[DCM_CONTAINER_TEXT_SIZE])
{
	const struct dcm_container_words words = dcm_container_words(p->snapshot, container);

	dcm_container_text(&words, text, DCM_CONTAINER_TEXT_SIZE);
	return text;
}

/* A sampler that has just been started knows no rate. */
static void print_churn(const struct printer *p, const struct dcm_snap_namespaces *n)
{
	_cleanup_free_ char *makers = NULL, *last = NULL;
	char text[DCM_CONTAINER_TEXT_SIZE];
	char programs[MAKERS_SIZE];

	if (!DCM_ROW_HAS(n, created_per_second) || !DCM_ROW_HAS(n, ended_per_second))
		return;
	fprintf(p->out, "; %s%.1f created and %.1f ended per second",
		DCM_ROW_HAS(n, created_exact) && n->created_exact ? "" : "at least ",
		n->created_per_second, n->ended_per_second);
	if (DCM_ROW_HAS(n, makers)) {
		dcm_maker_programs(dcm_snapshot_str(p->snapshot, n->makers), programs,
				   sizeof(programs));
		makers = output_text(programs);
	}
	if (makers)
		fprintf(p->out, ", most by %s", makers);
	if (DCM_ROW_HAS(n, containers))
		last = output_text(dcm_snapshot_str(p->snapshot, n->containers));
	else if (is_container(&n->container))
		last = output_text(container_text(p, &n->container, text));
	if (last)
		fprintf(p->out, ", last for %s", last);
}

static void print_namespaces(const struct printer *p)
{
	const struct dcm_snap_namespaces *n = row(p, DCM_SEC_NAMESPACES, 0);

	if (!n || !DCM_ROW_HAS(n, network))
		return;
	fprintf(p->out, "  namespaces     %s network", human_count(n->network).text);
	print_churn(p, n);
	fputc('\n', p->out);
}

static void print_waiting_pods(const struct printer *p)
{
	const struct dcm_snap_namespaces *n = row(p, DCM_SEC_NAMESPACES, 0);
	_cleanup_free_ char *names = NULL;

	if (!n || !DCM_ROW_HAS(n, waiting_pod_names))
		return;
	names = output_text(dcm_snapshot_str(p->snapshot, n->waiting_pod_names));
	fprintf(p->out, "  pods           %s without a container yet: %s\n",
		human_count(n->waiting_pods).text, names ? names : "?");
}

static void print_heading(const struct printer *p)
{
	time_t when = (time_t)(p->snapshot->header->realtime_ns / 1000000000);
	char stamp[64] = "";
	struct tm tm;

	if (localtime_r(&when, &tm))
		strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S %z", &tm);
	fprintf(p->out, "Dentry cache at %s\n", stamp);
	print_totals(p);
	print_hash(p);
	print_verdict(p);
	print_namespaces(p);
	print_waiting_pods(p);
	print_reclaim(p);
}

/* ---- superblocks ---- */

static void container_cell(const struct printer *p, struct table *t,
			   const struct dcm_snap_container *container)
{
	char text[DCM_CONTAINER_TEXT_SIZE];

	table_name(t, container_text(p, container, text));
}

static void place_cell(const struct printer *p, struct table *t,
		       const struct dcm_snap_superblock *s)
{
	_cleanup_free_ char *place = row_place(p->snapshot, s);

	table_name(t, place ? place : "?");
}

static void superblock_row(const struct printer *p, struct table *t, bool containers,
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

static int print_superblocks(const struct printer *p)
{
	static const struct table_column columns[] = {
		{"UNUSED", TABLE_RIGHT},   {"HASHED", TABLE_RIGHT},  {"NEGATIVE", TABLE_RIGHT},
		{"FSTYPE", TABLE_LEFT},	   {"DEVICE", TABLE_LEFT},   {"ID", TABLE_LEFT},
		{"MOUNTPOINT", TABLE_CUT}, {"CONTAINER", TABLE_CUT},
	};
	size_t count = rows(p, DCM_SEC_SUPERBLOCKS);
	size_t shown = DCM_MIN(count, p->limits->superblocks);
	_cleanup_free_ const struct dcm_snap_superblock **sorted = NULL;
	_cleanup_(table_deinit) struct table t = {0};
	bool containers = false;

	heading(p, "Superblocks by unused dentries", shown, count);
	if (!count)
		return print_no_table(p, DCM_SOURCE_SUPERBLOCKS);
	sorted = calloc(count, sizeof(*sorted));
	if (!sorted)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		sorted[i] = row(p, DCM_SEC_SUPERBLOCKS, i);
	qsort(sorted, count, sizeof(*sorted), dcm_snap_superblock_compare);
	for (size_t i = 0; i < shown; i++)
		containers = containers || is_container(&sorted[i]->container);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < shown; i++)
		superblock_row(p, &t, containers, sorted[i]);
	return table_print(&t, p->out);
}

/* ---- chains ---- */

static int print_chains(const struct printer *p)
{
	static const struct table_column columns[] = {
		{"LENGTH", TABLE_RIGHT}, {"SAME-NAME", TABLE_RIGHT}, {"FSTYPE", TABLE_LEFT},
		{"PARENT", TABLE_CUT},	 {"NAME", TABLE_CUT},	     {"CONTAINER", TABLE_CUT},
	};
	size_t count = rows(p, DCM_SEC_CHAINS);
	size_t shown = DCM_MIN(count, p->limits->chains);
	_cleanup_(table_deinit) struct table t;
	bool containers = false;

	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_chain *c = row(p, DCM_SEC_CHAINS, i);

		containers = containers || is_container(&c->container);
	}
	heading(p, "Longest hash chains", shown, count);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_chain *c = row(p, DCM_SEC_CHAINS, i);

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
		return print_no_table(p, DCM_SOURCE_HASH);
	return table_print(&t, p->out);
}

static void directory_names(const struct printer *p, const struct dcm_snap_directory *d,
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
static void print_hints(const struct printer *p)
{
	size_t shown = rows(p, DCM_SEC_DIRECTORIES), hints = 0;

	if (shown > p->limits->chains)
		shown = p->limits->chains;
	for (size_t i = 0; i < shown && hints < 3; i++) {
		const struct dcm_snap_directory *d = row(p, DCM_SEC_DIRECTORIES, i);
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

static int print_directories(const struct printer *p)
{
	static const struct table_column columns[] = {
		{"NEGATIVE", TABLE_RIGHT}, {"CHILDREN", TABLE_RIGHT}, {"FSTYPE", TABLE_LEFT},
		{"DIRECTORY", TABLE_CUT},  {"NAMES", TABLE_CUT},      {"CONTAINER", TABLE_CUT},
	};
	size_t count = rows(p, DCM_SEC_DIRECTORIES);
	size_t shown = DCM_MIN(count, p->limits->chains);
	_cleanup_(table_deinit) struct table t;
	bool containers = false;

	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_directory *d = row(p, DCM_SEC_DIRECTORIES, i);

		containers = containers || is_container(&d->container);
	}
	heading(p, "Directories by negative dentries", shown, count);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns) - !containers);
	for (size_t i = 0; i < shown; i++) {
		const struct dcm_snap_directory *d = row(p, DCM_SEC_DIRECTORIES, i);

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
		return print_no_table(p, DCM_SOURCE_HASH);
	if (table_print(&t, p->out))
		return -EIO;
	print_hints(p);
	return 0;
}

static uint64_t all_chains(const struct printer *p)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < rows(p, DCM_SEC_HISTOGRAM); i++) {
		const struct dcm_snap_histogram *h = row(p, DCM_SEC_HISTOGRAM, i);

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

static int print_histogram(const struct printer *p)
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
	heading(p, "Chain lengths", 0, 0);
	for (size_t i = 0; i < rows(p, DCM_SEC_HISTOGRAM); i++) {
		const struct dcm_snap_histogram *h = row(p, DCM_SEC_HISTOGRAM, i);

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

static int print_tables(const struct printer *p)
{
	return print_hash_tables(p->snapshot, p->limits->chains, p->out);
}

/* ---- lookups, alarms and sources ---- */

static int print_lookups(const struct printer *p)
{
	static const struct table_column columns[] = {
		{"TIME", TABLE_RIGHT},
		{"PATH", TABLE_LEFT},
		{"ERROR", TABLE_LEFT},
	};
	size_t count = rows(p, DCM_SEC_LOOKUPS);
	_cleanup_(table_deinit) struct table t;

	heading(p, "Lookups", 0, 0);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_lookup *l = row(p, DCM_SEC_LOOKUPS, i);

		table_row(&t);
		SECONDS_CELL(&t, l, seconds);
		NAME_CELL(&t, p->snapshot, l, path);
		NAME_CELL(&t, p->snapshot, l, error);
	}
	if (!count)
		return print_no_table(p, DCM_SOURCE_LOOKUPS);
	return table_print(&t, p->out);
}

static int print_alarms(const struct printer *p)
{
	static const struct table_column columns[] = {
		{"SEVERITY", TABLE_LEFT},
		{"RESOURCE", TABLE_LEFT},
		{"TEXT", TABLE_CUT},
	};
	size_t count = rows(p, DCM_SEC_ALARMS);
	_cleanup_(table_deinit) struct table t;

	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	if (!count)
		return 0;
	heading(p, "Alarms", 0, 0);
	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_alarm *a = row(p, DCM_SEC_ALARMS, i);

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

static int print_sources(const struct printer *p)
{
	static const struct table_column columns[] = {
		{"SOURCE", TABLE_LEFT}, {"STATE", TABLE_LEFT},
		{"AGE", TABLE_RIGHT},	{"COST", TABLE_RIGHT},
		{"CPU %", TABLE_RIGHT}, {"WHAT IS MISSING, AND WHY", TABLE_LEFT},
	};
	_cleanup_(table_deinit) struct table t;

	heading(p, "Sources", 0, 0);
	table_init(&t, columns, DCM_ARRAY_SIZE(columns));
	for (size_t i = 0; i < rows(p, DCM_SEC_SOURCES); i++) {
		const struct dcm_snap_source *s = row(p, DCM_SEC_SOURCES, i);

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
	static int (*const parts[])(const struct printer *) = {
		print_superblocks, print_chains,  print_directories, print_histogram,
		print_tables,	   print_lookups, print_alarms,	     print_sources,
	};
	const struct printer p = {.snapshot = snapshot, .limits = limits, .out = out};
	int err = 0;

	print_heading(&p);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(parts) && !err; i++)
		err = parts[i](&p);
	return err;
}
