// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "collectd-plugin/notices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/alarms/alarm_types.h"

/* An alarm that was sent as raised. */
struct raised {
	struct raised *next;
	bool seen; /* in the snapshot at hand */
	struct dcm_notice notice;
};

struct dcm_notices {
	const struct dcm_plugin_options *options;
	struct raised *raised;
	bool begun;
	uint64_t sequence; /* of the newest transition that was looked at */
};

/* One call of dcm_notices_update(). */
struct update {
	struct dcm_notices *notices;
	const struct dcm_snapshot *snapshot;
	const struct dcm_values *values;
	void (*tell)(void *ctx, const struct dcm_notice *notice);
	void *ctx;
};

int dcm_notices_create(const struct dcm_plugin_options *options, struct dcm_notices **ret)
{
	struct dcm_notices *notices = calloc(1, sizeof(*notices));

	if (!notices)
		return -ENOMEM;
	notices->options = options;
	*ret = notices;
	return 0;
}

void dcm_notices_destroy(struct dcm_notices *notices)
{
	while (notices && notices->raised) {
		struct raised *next = notices->raised->next;

		free(notices->raised);
		notices->raised = next;
	}
	free(notices);
}

/* ---- identifiers ---- */

static const struct dcm_metric *find_metric(enum dcm_section section, const char *name)
{
	const struct dcm_table *table = dcm_table_find(section);

	for (size_t i = 0; table && i < table->count; i++)
		if (!strcmp(table->metrics[i].name, name))
			return &table->metrics[i];
	return NULL;
}

static const void *find_row(const struct dcm_snapshot *snapshot, const struct dcm_table *table,
			    uint32_t index)
{
	size_t rows = dcm_snapshot_count(snapshot, table->section);

	for (size_t i = 0; i < rows; i++) {
		const void *row = dcm_snapshot_row(snapshot, table->section, i);

		if (!table->index || dcm_metric_u64(table->index, row, 1) == index)
			return row;
	}
	return NULL;
}

/* The label that the row has among the values; one that is not among them gets its own. */
static void name_instance(const struct update *u, enum dcm_section section, uint32_t index,
			  char ret[DCM_INSTANCE_SIZE])
{
	const struct dcm_table *table = dcm_table_find(section);
	const void *row;

	for (size_t i = 0; i < u->values->count; i++) {
		const struct dcm_value *value = &u->values->items[i];

		if (value->section == section && (!table->array || value->row == index) &&
		    (!table->array || index)) {
			memcpy(ret, value->instance, DCM_INSTANCE_SIZE);
			return;
		}
	}
	row = find_row(u->snapshot, table, index);
	if (row)
		dcm_values_instance(u->snapshot, u->notices->options, section, row, ret);
	else
		snprintf(ret, DCM_INSTANCE_SIZE, "%s", table->name);
}

static void identify(const struct update *u, const struct dcm_snap_alarm *row,
		     struct dcm_notice *notice)
{
	const struct dcm_alarm_metric *watched = &dcm_alarm_type_record(row->type)->metric;
	enum dcm_section section = watched->section;
	const struct dcm_metric *metric = find_metric(section, watched->name);

	/* Growth is of the host or of one superblock. */
	if (row->resource_section == DCM_SEC_SUPERBLOCKS && section != DCM_SEC_SUPERBLOCKS) {
		section = DCM_SEC_SUPERBLOCKS;
		metric = find_metric(section, "unused");
	}
	notice->type = metric->collectd_type;
	notice->type_instance = metric->collectd_type_instance;
	name_instance(u, section, row->resource_index, notice->instance);
}

/* ---- what was sent ---- */

static void copy_text(char *to, const char *from)
{
	snprintf(to, DCM_ALARM_TEXT_SIZE, "%.*s", DCM_ALARM_TEXT_SIZE - 1, from);
}

static struct raised **find_raised(struct dcm_notices *notices, enum dcm_alarm_type type,
				   const char *resource)
{
	struct raised **at = &notices->raised;

	while (*at && ((*at)->notice.alarm != type || strcmp((*at)->notice.resource, resource)))
		at = &(*at)->next;
	return at;
}

static void tell_raised(const struct update *u, struct raised *raised,
			const struct dcm_snap_alarm *row)
{
	struct dcm_notice *notice = &raised->notice;

	notice->severity = row->severity;
	notice->test = row->test != 0;
	notice->time_ns = row->time_ns;
	notice->value = row->value;
	notice->threshold = row->threshold;
	copy_text(notice->text, dcm_snapshot_str(u->snapshot, row->text));
	u->tell(u->ctx, notice);
}

static void raise_alarm(const struct update *u, const struct dcm_snap_alarm *row)
{
	const char *resource = dcm_snapshot_str(u->snapshot, row->resource);
	struct raised **at = find_raised(u->notices, row->type, resource), *raised = *at;

	if (!raised) {
		raised = calloc(1, sizeof(*raised));
		if (!raised)
			return; /* the next snapshot still has it */
		raised->notice.alarm = row->type;
		copy_text(raised->notice.resource, resource);
		identify(u, row, &raised->notice);
		*at = raised;
	}
	raised->seen = true;
	if (raised->notice.severity != row->severity)
		tell_raised(u, raised, row);
}

static void remove_raised(struct raised **at)
{
	struct raised *raised = *at;

	*at = raised->next;
	free(raised);
}

static void clear_alarm(const struct update *u, const struct dcm_snap_alarm *row)
{
	struct raised **at =
		find_raised(u->notices, row->type, dcm_snapshot_str(u->snapshot, row->resource));

	if (!*at)
		return;
	tell_raised(u, *at, row);
	remove_raised(at);
}

/* An alarm that ended without a transition that we saw. */
static void tell_vanished(const struct update *u, struct raised **at)
{
	struct dcm_notice *notice = &(*at)->notice;

	notice->severity = DCM_SEVERITY_CLEARED;
	notice->time_ns = 0;
	snprintf(notice->text, sizeof(notice->text), "%s %.120s is over",
		 dcm_alarm_type_name(notice->alarm), notice->resource);
	u->tell(u->ctx, notice);
	remove_raised(at);
}

/* ---- a snapshot ---- */

static bool is_usable(const struct dcm_snap_alarm *row)
{
	return dcm_alarm_type_record(row->type) != NULL;
}

static void take_events(const struct update *u)
{
	struct dcm_notices *notices = u->notices;
	size_t rows = dcm_snapshot_count(u->snapshot, DCM_SEC_EVENTS);
	const struct dcm_snap_alarm *last = dcm_snapshot_row(u->snapshot, DCM_SEC_EVENTS, rows - 1);
	uint64_t newest = rows ? last->sequence : 0;

	/* What happened before we came, or to another sampler, is history. */
	if (!notices->begun || newest < notices->sequence)
		notices->sequence = newest;
	notices->begun = true;
	for (size_t i = 0; i < rows; i++) {
		const struct dcm_snap_alarm *row = dcm_snapshot_row(u->snapshot, DCM_SEC_EVENTS, i);

		if (row->sequence <= notices->sequence || !is_usable(row))
			continue;
		if (row->severity == DCM_SEVERITY_CLEARED)
			clear_alarm(u, row);
		else
			raise_alarm(u, row);
	}
	notices->sequence = newest;
}

static void compare_active(const struct update *u)
{
	size_t rows = dcm_snapshot_count(u->snapshot, DCM_SEC_ALARMS);
	struct raised **at;

	for (struct raised *r = u->notices->raised; r; r = r->next)
		r->seen = false;
	for (size_t i = 0; i < rows; i++) {
		const struct dcm_snap_alarm *row = dcm_snapshot_row(u->snapshot, DCM_SEC_ALARMS, i);

		if (is_usable(row))
			raise_alarm(u, row);
	}
	at = &u->notices->raised;
	while (*at) {
		if ((*at)->seen)
			at = &(*at)->next;
		else
			tell_vanished(u, at);
	}
}

void dcm_notices_update(struct dcm_notices *notices, const struct dcm_snapshot *snapshot,
			const struct dcm_values *values,
			void (*tell)(void *ctx, const struct dcm_notice *notice), void *ctx)
{
	struct update update = {.notices = notices,
				.snapshot = snapshot,
				.values = values,
				.tell = tell,
				.ctx = ctx};

	take_events(&update);
	compare_active(&update);
}
