// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "collectd-plugin/series_select.h"

#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/containers/container_text.h"
#include "common/model/roster/roster.h"

#define DEVICE_SIZE 32
#define FSTYPE_SIZE 24 /* longer ones are cut, with a hash */

static void format_device(const struct dcm_snap_superblock *row, char separator,
			  char ret[DEVICE_SIZE])
{
	snprintf(ret, DEVICE_SIZE, "%u%c%u", row->dev_major, separator, row->dev_minor);
}

#define CONTAINER "container_"

/* The name of the container that has it; false: it has none, or none is wanted. */
static bool container_name(const struct dcm_snapshot *snapshot,
			   const struct dcm_plugin_options *options,
			   const struct dcm_snap_superblock *row, char ret[DCM_CONTAINER_TEXT_SIZE])
{
	const struct dcm_container_words words = dcm_container_words(snapshot, &row->container);

	return options->container_instances &&
	       dcm_container_name(&words, ret, DCM_CONTAINER_TEXT_SIZE);
}

void dcm_series_select_name(const struct dcm_snapshot *snapshot,
			    const struct dcm_plugin_options *options,
			    const struct dcm_snap_superblock *row, char ret[DCM_INSTANCE_SIZE])
{
	char chosen[DCM_CONTAINER_TEXT_SIZE];
	const char *fstype = dcm_snapshot_str(snapshot, row->fstype);
	const char *mountpoint = dcm_snapshot_str(snapshot, row->mountpoint);
	const char *container =
		dcm_superblock_name_container(dcm_snapshot_str(snapshot, row->name));
	char device[DEVICE_SIZE], type[FSTYPE_SIZE];
	int len;

	dcm_values_path(fstype, type, sizeof(type));
	len = snprintf(ret, DCM_INSTANCE_SIZE, "superblock-%s-", type);
	format_device(row, '_', device);
	/* A device has an underscore of its own, and no second meaning. */
	if (container_name(snapshot, options, row, chosen)) {
		len += snprintf(ret + len, DCM_INSTANCE_SIZE - (size_t)len, "%s", CONTAINER);
		dcm_values_path(chosen, ret + len, DCM_INSTANCE_SIZE - (size_t)len);
	} else if (container)
		dcm_values_path(container, ret + len, DCM_INSTANCE_SIZE - (size_t)len);
	else if (*mountpoint)
		dcm_values_path(mountpoint, ret + len, DCM_INSTANCE_SIZE - (size_t)len);
	else
		snprintf(ret + len, DCM_INSTANCE_SIZE - (size_t)len, "%s", device);
}

static bool is_selected(const struct dcm_snapshot *snapshot,
			const struct dcm_plugin_options *options,
			const struct dcm_snap_superblock *row)
{
	char device[DEVICE_SIZE];
	const char *names[] = {dcm_snapshot_str(snapshot, row->fstype),
			       dcm_snapshot_str(snapshot, row->mountpoint),
			       dcm_snapshot_str(snapshot, row->id), device, NULL};

	format_device(row, ':', device);
	return dcm_plugin_options_selects(options, names);
}

/* By name, then the older one: among equal names it is the first. */
static int compare_name(const void *a, const void *b)
{
	const struct dcm_superblock_pick *x = *(struct dcm_superblock_pick *const *)a;
	const struct dcm_superblock_pick *y = *(struct dcm_superblock_pick *const *)b;
	int order = strcmp(x->instance, y->instance);

	if (order)
		return order;
	return DCM_COMPARE(x->row->index, y->row->index);
}

/* Appends the device number, which no other living superblock has. */
static void add_device(struct dcm_superblock_pick *pick)
{
	size_t len = strnlen(pick->instance, DCM_INSTANCE_SIZE - DEVICE_SIZE - 1);

	pick->instance[len++] = '-';
	format_device(pick->row, '_', pick->instance + len);
}

/* Of several with one name the oldest keeps it. */
static int make_unique(struct dcm_superblock_picks *picks)
{
	_cleanup_free_ struct dcm_superblock_pick **order =
		calloc(picks->single_count + 1, sizeof(*order));
	size_t first = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < picks->single_count; i++)
		order[i] = &picks->singles[i];
	qsort(order, picks->single_count, sizeof(*order), compare_name);
	for (size_t i = 1; i < picks->single_count; i++) {
		if (!strcmp(order[i]->instance, order[first]->instance))
			add_device(order[i]);
		else
			first = i;
	}
	return 0;
}

int dcm_series_select_pick(const struct dcm_snapshot *snapshot,
			   const struct dcm_plugin_options *options,
			   struct dcm_superblock_picks *ret)
{
	size_t rows = dcm_snapshot_count(snapshot, DCM_SEC_SUPERBLOCKS), count = 0;
	_cleanup_free_ const struct dcm_snap_superblock **selected =
		calloc(rows + 1, sizeof(*selected));
	_cleanup_free_ struct dcm_superblock_pick *singles = NULL;
	struct dcm_superblock_picks picks = {NULL};
	int err;

	if (!selected)
		return -ENOMEM;
	for (size_t i = 0; i < rows; i++) {
		selected[count] = dcm_snapshot_row(snapshot, DCM_SEC_SUPERBLOCKS, i);
		if (is_selected(snapshot, options, selected[count]))
			count++;
	}
	qsort(selected, count, sizeof(*selected), dcm_snap_superblock_compare);
	picks.single_count = DCM_MIN(count, options->max_superblocks);
	picks.singles = singles = calloc(picks.single_count + 1, sizeof(*singles));
	if (!singles)
		return -ENOMEM;
	for (size_t i = 0; i < picks.single_count; i++) {
		singles[i].row = selected[i];
		dcm_series_select_name(snapshot, options, selected[i], singles[i].instance);
	}
	err = make_unique(&picks);
	if (err)
		return err;
	picks.other_count = count - picks.single_count;
	memmove(selected, selected + picks.single_count, picks.other_count * sizeof(*selected));
	picks.others = dcm_take_ptr(selected);
	singles = NULL;
	*ret = picks;
	return 0;
}

void dcm_series_select_deinit(struct dcm_superblock_picks *picks)
{
	free(picks->singles);
	free(picks->others);
}
