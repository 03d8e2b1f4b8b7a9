// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <string.h>

#include "common/model/alarms/alarm_engine.h"

void dcm_alarm_transition_write(const struct dcm_alarm_transition *t, enum dcm_section section,
				struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_alarm *row = dcm_snapshot_builder_add(builder, section);
	const struct dcm_alarm_type_record *record = dcm_alarm_type_record(t->type);

	if (!row)
		return;
	DCM_SET_FROM(row, t, index, type, sequence, severity);
	/* also 0: the column of a RowPointer is never absent, it says zeroDotZero */
	DCM_SET(row, resource_section, t->section);
	if (t->resource_index)
		DCM_SET(row, resource_index, t->resource_index);
	DCM_SET(row, resource, dcm_snapshot_builder_str(builder, t->resource, sizeof(t->resource)));
	DCM_SET_FROM(row, t, value, threshold, test, time_ns);
	DCM_SET(row, text, dcm_snapshot_builder_str(builder, t->text, sizeof(t->text)));
	DCM_SET(row, unit, dcm_snapshot_builder_text(builder, record ? record->unit : ""));
}

static int by_index(const void *a, const void *b)
{
	const struct dcm_alarm_track *const *x = a, *const *y = b;

	return ((*x)->last.index > (*y)->last.index) - ((*x)->last.index < (*y)->last.index);
}

static size_t collect(struct dcm_alarm_track *head, const struct dcm_alarm_track **ret)
{
	struct dcm_alarm_track *track, *next;
	size_t count = 0;

	HASH_ITER (hh, head, track, next)
		if (dcm_alarm_track_active(track))
			ret[count++] = track;
	return count;
}

static void write_active(const struct dcm_alarm_engine *engine,
			 struct dcm_snapshot_builder *builder)
{
	const struct dcm_alarm_track *all[DCM_ALARM_TYPE_END * (DCM_ALARM_MAX_ACTIVE + 1)];
	size_t count = 0;

	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++) {
		count += collect(engine->types[i].bound, all + count);
		count += collect(engine->types[i].unbound, all + count);
	}
	qsort(all, count, sizeof(*all), by_index);
	for (size_t i = 0; i < count; i++)
		dcm_alarm_transition_write(&all[i]->last, DCM_SEC_ALARMS, builder);
}

static void write_counts(const struct dcm_alarm_engine *engine,
			 struct dcm_snapshot_builder *builder)
{
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++) {
		const struct dcm_alarm_type_state *state = &engine->types[i];
		struct dcm_snap_alarm_count *row;

		if (!dcm_alarm_has_rule(i))
			continue;
		row = dcm_snapshot_builder_add(builder, DCM_SEC_ALARM_COUNTS);
		if (!row)
			return;
		DCM_SET(row, type, i);
		DCM_SET(row, name, dcm_snapshot_builder_text(builder, dcm_alarm_type_name(i)));
		DCM_SET_FROM(row, state, warnings, criticals, clears, active);
	}
}

void dcm_alarm_engine_write(const struct dcm_alarm_engine *engine,
			    struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_alarm_status *status;
	uint64_t active = 0;

	write_active(engine, builder);
	for (uint64_t s = engine->oldest; s && s <= engine->sequence; s++)
		dcm_alarm_transition_write(dcm_alarm_engine_transition(engine, s), DCM_SEC_EVENTS,
					   builder);
	write_counts(engine, builder);
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++)
		active += engine->types[i].active;
	status = dcm_snapshot_builder_add(builder, DCM_SEC_ALARM_STATUS);
	if (!status)
		return;
	DCM_SET(status, active, active);
	DCM_SET_FROM(status, engine, sequence, notifications);
	DCM_SET_FROM(status, &engine->notified, sent, suppressed, queued, handled);
}
