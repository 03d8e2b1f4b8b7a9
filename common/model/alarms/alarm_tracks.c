// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_engine.h"

struct dcm_alarm_track *dcm_alarm_track_find(struct dcm_alarm_type_state *type, uint64_t key)
{
	return DCM_HASH_FIND(type->bound, &key, sizeof(key));
}

static bool bind(struct dcm_alarm_type_state *type, struct dcm_alarm_track *track)
{
	HASH_ADD(hh, type->bound, key, sizeof(track->key), track);
	return DCM_HASH_TAKEN(track);
}

struct dcm_alarm_track *dcm_alarm_track_add(struct dcm_alarm_type_state *type, uint64_t key)
{
	struct dcm_alarm_track *track = calloc(1, sizeof(*track));

	if (!track)
		return NULL;
	track->key = key;
	track->last.severity = track->level = track->due = DCM_SEVERITY_CLEARED;
	if (!bind(type, track)) {
		free(track);
		return NULL;
	}
	type->pending++;
	return track;
}

struct dcm_alarm_track *dcm_alarm_track_bind(struct dcm_alarm_type_state *type, uint64_t identity,
					     uint64_t key)
{
	struct dcm_alarm_track *track = DCM_HASH_FIND(type->unbound, &identity, sizeof(identity));

	if (!track)
		return NULL;
	HASH_DELETE(hh, type->unbound, track);
	track->key = key;
	if (bind(type, track))
		return track;
	type->active--;
	free(track);
	return NULL;
}

static bool is_bound(const struct dcm_alarm_type_state *type, const struct dcm_alarm_track *track)
{
	return type->bound && track->hh.tbl == type->bound->hh.tbl;
}

void dcm_alarm_track_remove(struct dcm_alarm_type_state *type, struct dcm_alarm_track *track)
{
	if (is_bound(type, track))
		HASH_DELETE(hh, type->bound, track);
	else
		HASH_DELETE(hh, type->unbound, track);
	if (dcm_alarm_track_active(track))
		type->active--;
	else
		type->pending--;
	free(track);
}

void dcm_alarm_tracks_clear(struct dcm_alarm_type_state *type)
{
	struct dcm_alarm_track *track, *next;

	HASH_ITER (hh, type->bound, track, next)
		dcm_alarm_track_remove(type, track);
	HASH_ITER (hh, type->unbound, track, next)
		dcm_alarm_track_remove(type, track);
}

bool dcm_alarm_worse(enum dcm_severity a, double a_value, enum dcm_severity b, double b_value)
{
	return a != b ? a > b : a_value > b_value;
}

/* Active ones are compared by what they are, pending ones by what they would become. */
static enum dcm_severity weight(const struct dcm_alarm_track *track)
{
	return dcm_alarm_track_active(track) ? track->last.severity : track->level;
}

struct dcm_alarm_track *dcm_alarm_track_mildest(const struct dcm_alarm_type_state *type,
						bool active)
{
	struct dcm_alarm_track *track, *next, *mildest = NULL;

	HASH_ITER (hh, type->bound, track, next) {
		if (track->key == DCM_ALARM_MORE_KEY || dcm_alarm_track_active(track) != active)
			continue;
		if (!mildest ||
		    dcm_alarm_worse(weight(mildest), mildest->value, weight(track), track->value))
			mildest = track;
	}
	return mildest;
}
