// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_state.h"

#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash.h"
#include "common/model/alarms/alarm_engine.h"

#define MAGIC	    0x3174736d6c616364ULL /* "dcalmst1" */
#define VERSION	    3
#define NO_TARGETS  2 /* the version before tracks had a target */
#define HEADER_SIZE 24

static uint64_t checksum(const void *bytes, size_t len)
{
	return dcm_hash64(DCM_HASH64_START, bytes, len);
}

/* ---- writing ---- */

struct writer {
	char *bytes;
	size_t size, room;
	int err;
};

static void put(struct writer *w, const void *bytes, size_t len)
{
	size_t room = w->room ? w->room : 4096;
	char *grown;

	if (w->err)
		return;
	if (w->size + len > w->room) {
		while (room < w->size + len)
			room *= 2;
		grown = realloc(w->bytes, room);
		if (!grown) {
			w->err = -ENOMEM;
			return;
		}
		w->bytes = grown;
		w->room = room;
	}
	memcpy(w->bytes + w->size, bytes, len);
	w->size += len;
}

static void put_u32(struct writer *w, uint32_t value)
{
	put(w, &value, sizeof(value));
}

static void put_u64(struct writer *w, uint64_t value)
{
	put(w, &value, sizeof(value));
}

static void put_str(struct writer *w, const char *str)
{
	uint16_t len = strlen(str);

	put(w, &len, sizeof(len));
	put(w, str, len);
}

static void put_transition(struct writer *w, const struct dcm_alarm_transition *t)
{
	put_u64(w, t->sequence);
	put_u32(w, t->index);
	put_u32(w, t->type);
	put_u32(w, t->severity);
	put_u32(w, t->section);
	put_u32(w, t->resource_index);
	put_u32(w, t->test);
	put_u64(w, (uint64_t)t->time_ns);
	put(w, &t->value, sizeof(t->value));
	put(w, &t->threshold, sizeof(t->threshold));
	put_str(w, t->resource);
	put_str(w, t->text);
}

static void put_tracks(struct writer *w, struct dcm_alarm_track *head)
{
	struct dcm_alarm_track *track, *next;

	HASH_ITER (hh, head, track, next) {
		if (!dcm_alarm_track_active(track))
			continue;
		put_u64(w, track->identity);
		put_u32(w, track->source);
		put(w, &track->value, sizeof(track->value));
		put_u64(w, track->target);
		put_transition(w, &track->last);
	}
}

static void put_engine(struct writer *w, const struct dcm_alarm_engine *engine)
{
	size_t active = 0;

	put_u64(w, engine->sequence);
	put_u64(w, engine->oldest);
	put_u64(w, engine->notified.handled);
	put_u32(w, engine->next_index);
	put_u32(w, DCM_ALARM_TYPE_END);
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++) {
		put_u64(w, engine->types[i].warnings);
		put_u64(w, engine->types[i].criticals);
		put_u64(w, engine->types[i].clears);
		active += engine->types[i].active;
	}
	put_u32(w, active);
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++) {
		put_tracks(w, engine->types[i].bound);
		put_tracks(w, engine->types[i].unbound);
	}
	for (uint64_t s = engine->oldest; s && s <= engine->sequence; s++)
		put_transition(w, &engine->ring[s % DCM_ALARM_EVENTS]);
}

int dcm_alarm_state_save(const struct dcm_alarm_engine *engine, void **ret, size_t *ret_size)
{
	struct writer w = {0};
	static const char header[HEADER_SIZE];
	const uint64_t magic = MAGIC;
	const uint32_t version = VERSION;
	uint32_t length;
	uint64_t hash;

	put(&w, header, sizeof(header));
	put_engine(&w, engine);
	if (w.err) {
		free(w.bytes);
		return w.err;
	}
	length = w.size - HEADER_SIZE;
	hash = checksum(w.bytes + HEADER_SIZE, length);
	memcpy(w.bytes, &magic, 8);
	memcpy(w.bytes + 8, &version, 4);
	memcpy(w.bytes + 12, &length, 4);
	memcpy(w.bytes + 16, &hash, 8);
	*ret = w.bytes;
	*ret_size = w.size;
	return 0;
}

/* ---- reading ---- */

struct reader {
	const unsigned char *at, *end;
	uint32_t version;
	bool bad;
};

static void get(struct reader *r, void *ret, size_t len)
{
	if (r->bad || (size_t)(r->end - r->at) < len) {
		r->bad = true;
		memset(ret, 0, len);
		return;
	}
	memcpy(ret, r->at, len);
	r->at += len;
}

static uint32_t get_u32(struct reader *r)
{
	uint32_t value;

	get(r, &value, sizeof(value));
	return value;
}

static uint64_t get_u64(struct reader *r)
{
	uint64_t value;

	get(r, &value, sizeof(value));
	return value;
}

static void get_str(struct reader *r, char ret[DCM_ALARM_TEXT_SIZE])
{
	uint16_t len;

	get(r, &len, sizeof(len));
	if (len >= DCM_ALARM_TEXT_SIZE) {
		r->bad = true;
		len = 0;
	}
	get(r, ret, len);
	ret[len] = '\0';
	for (size_t i = 0; i < len; i++)
		if (ret[i] < ' ' || ret[i] > '~')
			r->bad = true;
}

static void get_transition(struct reader *r, struct dcm_alarm_transition *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->sequence = get_u64(r);
	ret->index = get_u32(r);
	ret->type = get_u32(r);
	ret->severity = get_u32(r);
	ret->section = get_u32(r);
	ret->resource_index = get_u32(r);
	ret->test = get_u32(r);
	ret->time_ns = (int64_t)get_u64(r);
	get(r, &ret->value, sizeof(ret->value));
	get(r, &ret->threshold, sizeof(ret->threshold));
	get_str(r, ret->resource);
	get_str(r, ret->text);
	if (ret->type < 1 || ret->type >= DCM_ALARM_TYPE_END ||
	    ret->severity < DCM_SEVERITY_CLEARED || ret->severity > DCM_SEVERITY_CRITICAL ||
	    ret->section >= DCM_SEC_COUNT || !ret->index || !ret->sequence)
		r->bad = true;
	/* chains are numbered afresh by every sampler, lookups by what is configured, superblocks
	 * too if their numbers were lost: the old number may be another's now */
	if (ret->section != DCM_SEC_SOURCES)
		ret->resource_index = 0;
}

/* A track without a resource: it is bound when its resource is met again. */
static void add_unbound(struct dcm_alarm_engine *engine, const struct dcm_alarm_track *from,
			struct reader *r)
{
	struct dcm_alarm_type_state *type = &engine->types[from->last.type];
	bool more = from->identity == DCM_ALARM_MORE_KEY;
	struct dcm_alarm_track *track = malloc(sizeof(*track));

	if (track) {
		*track = *from;
		track->key = DCM_ALARM_MORE_KEY;
		if (more)
			HASH_ADD(hh, type->bound, key, sizeof(track->key), track);
		else
			HASH_ADD(hh, type->unbound, identity, sizeof(track->identity), track);
	}
	if (!track || !track->hh.tbl) {
		free(track);
		r->bad = true;
		return;
	}
	track->key = more ? DCM_ALARM_MORE_KEY : 0;
	type->active++;
}

static void get_track(struct reader *r, struct dcm_alarm_engine *engine)
{
	struct dcm_alarm_track track = {0};

	track.identity = get_u64(r);
	track.source = get_u32(r);
	get(r, &track.value, sizeof(track.value));
	track.target = r->version == NO_TARGETS ? 0 : get_u64(r);
	get_transition(r, &track.last);
	track.level = track.due = track.last.severity;
	if (r->bad || !dcm_alarm_has_rule(track.last.type) || !dcm_alarm_track_active(&track) ||
	    track.source > DCM_SOURCE_COUNT ||
	    engine->types[track.last.type].active > DCM_ALARM_MAX_ACTIVE) {
		r->bad = true;
		return;
	}
	track.rule = engine->config.types[track.last.type].rule;
	add_unbound(engine, &track, r);
}

static void get_ring(struct reader *r, struct dcm_alarm_engine *engine)
{
	uint64_t count = engine->oldest ? engine->sequence - engine->oldest + 1 : 0;

	if (engine->oldest > engine->sequence || count > DCM_ALARM_EVENTS ||
	    (engine->sequence && !engine->oldest)) {
		r->bad = true;
		return;
	}
	for (uint64_t i = 0; i < count && !r->bad; i++) {
		uint64_t sequence = engine->oldest + i;
		struct dcm_alarm_transition *t = &engine->ring[sequence % DCM_ALARM_EVENTS];

		get_transition(r, t);
		if (t->sequence != sequence)
			r->bad = true;
	}
}

static void get_engine(struct reader *r, struct dcm_alarm_engine *engine)
{
	uint32_t types, active;

	engine->sequence = get_u64(r);
	engine->oldest = get_u64(r);
	engine->notified.handled = get_u64(r);
	engine->next_index = get_u32(r);
	types = get_u32(r);
	if (engine->notified.handled > engine->sequence)
		r->bad = true;
	/* a build with more types reads the state of one with fewer */
	if (types > DCM_ALARM_TYPE_END)
		r->bad = true;
	for (unsigned i = 0; i < types && !r->bad; i++) {
		engine->types[i].warnings = get_u64(r);
		engine->types[i].criticals = get_u64(r);
		engine->types[i].clears = get_u64(r);
	}
	active = get_u32(r);
	for (uint32_t i = 0; i < active && !r->bad; i++)
		get_track(r, engine);
	get_ring(r, engine);
	if (r->at != r->end)
		r->bad = true;
}

static int check_header(const unsigned char *data, size_t size, struct dcm_reason *reason,
			uint32_t *ret_version)
{
	uint64_t magic, hash;
	uint32_t version, length;

	if (size < HEADER_SIZE)
		return dcm_reason_set(reason, -EINVAL, "alarm state is too short");
	memcpy(&magic, data, 8);
	memcpy(&version, data + 8, 4);
	memcpy(&length, data + 12, 4);
	memcpy(&hash, data + 16, 8);
	if (magic != MAGIC)
		return dcm_reason_set(reason, -EINVAL, "not an alarm state of this machine type");
	if (version != VERSION && version != NO_TARGETS)
		return dcm_reason_set(reason, -EINVAL, "alarm state of another version");
	if (length != size - HEADER_SIZE || hash != checksum(data + HEADER_SIZE, length))
		return dcm_reason_set(reason, -EINVAL, "alarm state is damaged");
	*ret_version = version;
	return 0;
}

int dcm_alarm_state_load(struct dcm_alarm_engine *engine, const void *data, size_t size,
			 struct dcm_reason *reason)
{
	_cleanup_(dcm_alarm_engine_destroyp) struct dcm_alarm_engine *fresh = NULL;
	struct dcm_alarm_engine swap;
	struct reader r = {0};
	int err = check_header(data, size, reason, &r.version);

	if (err)
		return err;
	err = dcm_alarm_engine_create(&engine->config, &fresh);
	if (err)
		return dcm_reason_no_memory(reason);
	r.at = (const unsigned char *)data + HEADER_SIZE;
	r.end = (const unsigned char *)data + size;
	get_engine(&r, fresh);
	if (r.bad)
		return dcm_reason_set(reason, -EINVAL, "alarm state makes no sense");
	swap = *engine;
	*engine = *fresh;
	*fresh = swap;
	return 0;
}
