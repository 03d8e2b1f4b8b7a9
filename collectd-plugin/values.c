// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "collectd-plugin/values.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "collectd-plugin/series_select.h"
#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"

#define OTHER "superblock-other"

const char *dcm_values_label(const struct dcm_table *table)
{
	switch (table->section) {
	case DCM_SEC_SELF:
		return "agent";
	case DCM_SEC_ALARM_STATUS:
		return "alarms";
	case DCM_SEC_ALARM_COUNTS:
		return "alarm";
	case DCM_SEC_SUPERBLOCKS:
		return "superblock";
	case DCM_SEC_CHAINS:
		return "chain";
	case DCM_SEC_DIRECTORIES:
		return "directory";
	case DCM_SEC_LOOKUPS:
		return "lookup";
	case DCM_SEC_SOURCES:
		return "source";
	case DCM_SEC_TABLES:
		return "table";
	default:
		return table->name;
	}
}

/* Rows with a name of their own; the others, ranked ones, go by their number. */
static const char *row_name(const struct dcm_snapshot *snapshot, enum dcm_section section,
			    const void *row)
{
	switch (section) {
	case DCM_SEC_LOOKUPS:
		return dcm_snapshot_str(snapshot, ((const struct dcm_snap_lookup *)row)->path);
	case DCM_SEC_SOURCES:
		return dcm_snapshot_str(snapshot, ((const struct dcm_snap_source *)row)->name);
	case DCM_SEC_ALARM_COUNTS:
		return dcm_snapshot_str(snapshot, ((const struct dcm_snap_alarm_count *)row)->name);
	case DCM_SEC_TABLES:
		return dcm_snapshot_str(snapshot, ((const struct dcm_snap_table *)row)->name);
	default:
		return NULL;
	}
}

void dcm_values_path(const char *path, char *out, size_t size)
{
	char flat[4096];
	size_t len = strlen(path);

	/* What "_" would make ambiguous stays as it is, and gets a hash. */
	if (!len || len >= sizeof(flat) || strchr(path, '_')) {
		dcm_text_escape(DCM_TEXT_IDENTIFIER, path, out, size);
		return;
	}
	for (size_t i = 0; i <= len; i++)
		flat[i] = path[i] == '/' ? '_' : path[i];
	dcm_text_escape(DCM_TEXT_IDENTIFIER, flat + (len > 1 && *path == '/'), out, size);
}

void dcm_values_instance(const struct dcm_snapshot *snapshot,
			 const struct dcm_plugin_options *options, enum dcm_section section,
			 const void *row, char ret[DCM_INSTANCE_SIZE])
{
	const struct dcm_table *table = dcm_table_find(section);
	const char *label = dcm_values_label(table), *name = row_name(snapshot, section, row);
	size_t len;

	if (section == DCM_SEC_SUPERBLOCKS) {
		dcm_series_select_name(snapshot, options, row, ret);
		return;
	}
	len = (size_t)snprintf(ret, DCM_INSTANCE_SIZE - 16, "%s", label);
	if (!table->array)
		return;
	ret[len++] = '-';
	if (name)
		dcm_values_path(name, ret + len, DCM_INSTANCE_SIZE - len);
	else
		snprintf(ret + len, DCM_INSTANCE_SIZE - len, "%" PRIu64,
			 dcm_metric_u64(table->index, row, 1));
}

/* ---- the list ---- */

void dcm_values_deinit(struct dcm_values *values)
{
	free(values->items);
	*values = (struct dcm_values){NULL};
}

static bool is_exported(const struct dcm_metric *metric, const void *row)
{
	return metric->collectd_type && dcm_metric_present(metric, row);
}

/* Counters of collectd are signed. */
static int64_t to_counter(uint64_t value)
{
	return (int64_t)DCM_MIN(value, (uint64_t)INT64_MAX);
}

static int add_metric(struct dcm_values *values, struct dcm_value *value, const void *row)
{
	value->counter = value->metric->kind == DCM_KIND_COUNTER;
	value->number = dcm_metric_number(value->metric, row);
	value->integer = value->counter ? to_counter(dcm_metric_u64(value->metric, row, 1)) : 0;
	return isfinite(value->number) ? DCM_APPEND(values, items, value) : 0;
}

static const struct dcm_snap_container *container_of(enum dcm_section section, const void *row)
{
	switch (section) {
	case DCM_SEC_SUPERBLOCKS:
		return &((const struct dcm_snap_superblock *)row)->container;
	case DCM_SEC_CHAINS:
		return &((const struct dcm_snap_chain *)row)->container;
	case DCM_SEC_DIRECTORIES:
		return &((const struct dcm_snap_directory *)row)->container;
	case DCM_SEC_NAMESPACES:
		return &((const struct dcm_snap_namespaces *)row)->container;
	default:
		return NULL;
	}
}

static int add_row(struct dcm_values *values, const struct dcm_table *table, const void *row,
		   const char *instance)
{
	struct dcm_value value = {.section = table->section,
				  .container = container_of(table->section, row)};
	int err = 0;

	if (table->index)
		value.row = (uint32_t)dcm_metric_u64(table->index, row, 1);
	memcpy(value.instance, instance, strlen(instance) + 1);
	for (size_t i = 0; i < table->count && !err; i++) {
		value.metric = &table->metrics[i];
		if (is_exported(value.metric, row))
			err = add_metric(values, &value, row);
	}
	return err;
}

static bool is_known_of_any(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_SUPERBLOCKS);

	for (size_t i = 0; i < count; i++)
		if (dcm_metric_present(metric, dcm_snapshot_row(snapshot, DCM_SEC_SUPERBLOCKS, i)))
			return true;
	return false;
}

/* False: the sum is unknown. Where there are no others it is 0, if the metric is measured at all.
 */
static bool sum_others(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
		       const struct dcm_superblock_picks *picks, double *ret)
{
	bool known = !picks->other_count && is_known_of_any(snapshot, metric);

	*ret = 0;
	for (size_t i = 0; i < picks->other_count; i++) {
		if (!dcm_metric_present(metric, picks->others[i]))
			continue;
		*ret += dcm_metric_number(metric, picks->others[i]);
		known = true;
	}
	return known;
}

/* One sum per known metric over the superblocks that are not listed one by one, 0 without any, so
 * that the series never ends. */
static int add_others(struct dcm_values *values, const struct dcm_table *table,
		      const struct dcm_snapshot *snapshot, const struct dcm_superblock_picks *picks)
{
	struct dcm_value value = {.section = table->section, .instance = OTHER};
	int err = 0;

	for (size_t i = 0; i < table->count && !err; i++) {
		value.metric = &table->metrics[i];
		if (value.metric->collectd_type &&
		    sum_others(snapshot, value.metric, picks, &value.number))
			err = DCM_APPEND(values, items, &value);
	}
	return err;
}

static int add_superblocks(struct dcm_values *values, const struct dcm_table *table,
			   const struct dcm_snapshot *snapshot,
			   const struct dcm_plugin_options *options)
{
	_cleanup_(dcm_series_select_deinit) struct dcm_superblock_picks picks = {NULL};
	int err;

	if (!dcm_snapshot_count(snapshot, DCM_SEC_SUPERBLOCKS))
		return 0;
	err = dcm_series_select_pick(snapshot, options, &picks);
	for (size_t i = 0; i < picks.single_count && !err; i++)
		err = add_row(values, table, picks.singles[i].row, picks.singles[i].instance);
	return err ?: add_others(values, table, snapshot, &picks);
}

static size_t row_limit(const struct dcm_plugin_options *options, enum dcm_section section)
{
	switch (section) {
	case DCM_SEC_CHAINS:
		return options->max_chains;
	case DCM_SEC_DIRECTORIES:
		return options->max_directories;
	default:
		return SIZE_MAX;
	}
}

static int add_table(struct dcm_values *values, const struct dcm_table *table,
		     const struct dcm_snapshot *snapshot, const struct dcm_plugin_options *options)
{
	size_t rows = dcm_snapshot_count(snapshot, table->section);
	size_t limit = row_limit(options, table->section);
	char instance[DCM_INSTANCE_SIZE];
	int err = 0;

	if (table->section == DCM_SEC_SUPERBLOCKS)
		return add_superblocks(values, table, snapshot, options);
	for (size_t i = 0; i < rows && i < limit && !err; i++) {
		const void *row = dcm_snapshot_row(snapshot, table->section, i);

		dcm_values_instance(snapshot, options, table->section, row, instance);
		err = add_row(values, table, row, instance);
	}
	return err;
}

int dcm_values_from_snapshot(const struct dcm_snapshot *snapshot,
			     const struct dcm_plugin_options *options, struct dcm_values *ret)
{
	struct dcm_values values = {NULL};
	int err = 0;

	for (size_t i = 0; i < dcm_table_count && !err; i++)
		err = add_table(&values, &dcm_tables[i], snapshot, options);
	if (err)
		dcm_values_deinit(&values);
	else
		*ret = values;
	return err;
}
