/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A snapshot as a list of single values with identifiers, free of any collectd header: the metric
 * table says which values there are, the options which rows. Pure.
 */
#ifndef DCM_COLLECTD_VALUES_H
#define DCM_COLLECTD_VALUES_H

#include "collectd-plugin/plugin_options.h"
#include "common/model/metrics/metrics.h"

#define DCM_INSTANCE_SIZE 96

struct dcm_value {
	enum dcm_section section;
	uint32_t row;			 /* index of the row in its table; 0: a group, or a sum */
	const struct dcm_metric *metric; /* name, unit, help */
	/* Whose the row is, of the snapshot; NULL: its table has none. */
	const struct dcm_snap_container *container;
	bool counter; /* integer is valid, otherwise number */
	double number;
	int64_t integer;
	/* Label of the row, such as "superblock-overlay-_var_lib-0a1b2c3d": [A-Za-z0-9_-] only,
	 * never empty, different for every row. */
	char instance[DCM_INSTANCE_SIZE];
};

struct dcm_values {
	struct dcm_value *items;
	size_t count, room;
};

/*
 * Everything in @snapshot that has a collectd type, @options applied: the largest selected
 * superblocks and the sum of the other selected ones, the first chains and directories. Absent
 * values and values that are not numbers are left out. The list refers to @snapshot. -ENOMEM.
 */
int dcm_values_from_snapshot(const struct dcm_snapshot *snapshot,
			     const struct dcm_plugin_options *options, struct dcm_values *ret);
void dcm_values_deinit(struct dcm_values *values);

/* Label of one row as in the list, as far as the row alone tells; a group has its own name. */
void dcm_values_instance(const struct dcm_snapshot *snapshot,
			 const struct dcm_plugin_options *options, enum dcm_section section,
			 const void *row, char ret[DCM_INSTANCE_SIZE]);

/* What a table is called in an instance: of a group all of it, of a row what comes first. */
const char *dcm_values_label(const struct dcm_table *table);

/*
 * A path or name as an identifier part: "/proc/sys/net" is "proc_sys_net", "/" is "_"; where "_"
 * would be ambiguous, or anything was replaced or cut, a hash follows (DCM_TEXT_IDENTIFIER).
 */
void dcm_values_path(const char *path, char *out, size_t size);

#endif
