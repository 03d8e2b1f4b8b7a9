// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/alarms/alarm_engine.h"
#include "common/model/metrics/text.h"

/* Cap on the time credited between two evaluations: a stopped process observed nothing. */
#define MAX_CREDIT_NS (60 * DCM_NSEC_PER_SEC)

struct candidate {
	struct dcm_alarm_sample sample;
	enum dcm_severity severity;
};

/* One type in one evaluation. */
struct pass {
	struct dcm_alarm_engine *engine;
	struct dcm_alarm_view *view;
	enum dcm_alarm_type type;
	struct dcm_alarm_type_state *state;
	const struct dcm_alarm_type_record *record;
	struct dcm_alarm_now now;
	/* the worst resources that are not tracked yet: a heap, the mildest on top */
	struct candidate candidates[DCM_ALARM_MAX_PENDING];
	size_t candidate_count;
	size_t above; /* resources at or above a level */
};

/* ---- life ---- */

int dcm_alarm_engine_create(const struct dcm_alarm_config *config, struct dcm_alarm_engine **ret)
{
	struct dcm_alarm_engine *engine = calloc(1, sizeof(*engine));

	if (!engine)
		return -ENOMEM;
	dcm_alarm_engine_configure(engine, config);
	*ret = engine;
	return 0;
}

void dcm_alarm_engine_destroy(struct dcm_alarm_engine *engine)
{
	if (!engine)
		return;
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++)
		dcm_alarm_tracks_clear(&engine->types[i]);
	dcm_alarm_targets_clear(engine);
	free(engine);
}

static double lowest_level(const struct dcm_alarm_rule *rule)
{
	if (!rule->enabled || (!rule->has_warning && !rule->has_critical))
		return INFINITY;
	return rule->has_warning ? rule->warning : rule->critical;
}

void dcm_alarm_engine_configure(struct dcm_alarm_engine *engine,
				const struct dcm_alarm_config *config)
{
	if (config != &engine->config)
		engine->config = *config;
	for (unsigned i = 0; i < DCM_ALARM_TYPE_END; i++) {
		engine->lowest[i] = lowest_level(&config->types[i].rule);
		engine->overridden[i] = false;
	}
	for (size_t i = 0; i < config->override_count; i++) {
		const struct dcm_alarm_override *o = &config->overrides[i];
		const char *names[] = {o->target, NULL};
		struct dcm_alarm_rule rule;

		dcm_alarm_config_resolve(config, o->type, names, &rule);
		engine->lowest[o->type] = fmin(engine->lowest[o->type], lowest_level(&rule));
		engine->overridden[o->type] = true;
	}
}

void dcm_alarm_input_from_snapshot(const struct dcm_snapshot *snapshot, struct dcm_alarm_input *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned i = DCM_SEC_STRINGS + 1; i < DCM_SEC_COUNT; i++) {
		ret->rows[i] = dcm_snapshot_row(snapshot, i, 0);
		ret->count[i] = dcm_snapshot_count(snapshot, i);
	}
	ret->strings = dcm_snapshot_str(snapshot, 0);
	ret->strings_size = dcm_snapshot_count(snapshot, DCM_SEC_STRINGS);
}

void dcm_alarm_input_from_builder(const struct dcm_snapshot_builder *builder,
				  struct dcm_alarm_input *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (unsigned i = DCM_SEC_STRINGS + 1; i < DCM_SEC_COUNT; i++)
		ret->rows[i] = dcm_snapshot_builder_rows(builder, i, &ret->count[i]);
	ret->strings = dcm_snapshot_builder_rows(builder, DCM_SEC_STRINGS, &ret->strings_size);
}

/* ---- one value ---- */

static void raw_name(const struct pass *p, const struct dcm_alarm_sample *sample, char *buf,
		     size_t size)
{
	if (p->record->resource)
		p->record->resource(p->view, sample, buf, size);
	else
		snprintf(buf, size, "host");
}

/* The target whose name the resource bore when it had one; NULL: none of this type. */
static const char *former_name(const struct pass *p, const struct dcm_alarm_sample *sample)
{
	const struct dcm_alarm_config *config = &p->engine->config;
	uint64_t hash = sample->section == DCM_SEC_SUPERBLOCKS
				? dcm_alarm_target_of(p->engine, sample->key)
				: 0;

	for (size_t i = 0; hash && i < config->override_count; i++)
		if (config->overrides[i].type == p->type &&
		    dcm_alarm_target_hash(config->overrides[i].target) == hash)
			return config->overrides[i].target;
	return NULL;
}

/* A rule for today's name comes before one for a former name. */
static void rule_of(const struct pass *p, const struct dcm_alarm_sample *sample,
		    struct dcm_alarm_rule *ret)
{
	const char *former[] = {NULL, NULL};
	struct dcm_alarm_names names = {.count = 2};

	if (!p->engine->overridden[p->type]) {
		*ret = p->engine->config.types[p->type].rule;
		return;
	}
	raw_name(p, sample, names.text[0], sizeof(names.text[0]));
	dcm_alarm_second_name(sample, names.text[1], sizeof(names.text[1]));
	names.name[0] = names.text[0];
	names.name[1] = names.text[1];
	dcm_alarm_container_names(p->view, sample, &names);
	if (dcm_alarm_config_resolve(&p->engine->config, p->type, names.name, ret))
		return;
	former[0] = former_name(p, sample);
	dcm_alarm_config_resolve(&p->engine->config, p->type, former, ret);
}

/* Time in which the condition was watched: none when the previous evaluation did not see it. */
static uint64_t credit_of(const struct pass *p, const struct dcm_alarm_track *track)
{
	return track->touched + 1 == p->engine->evaluation ? p->now.credit_ns : 0;
}

static void describe(const struct pass *p, const struct dcm_alarm_sample *sample,
		     struct dcm_alarm_track *track)
{
	char name[DCM_ALARM_TARGET_SIZE];

	raw_name(p, sample, name, sizeof(name));
	dcm_text_escape(DCM_TEXT_SAFE, name, track->last.resource, sizeof(track->last.resource));
	track->identity = dcm_alarm_identity(p->view, sample);
}

static void emit(struct pass *p, struct dcm_alarm_track *track, enum dcm_severity severity,
		 enum dcm_alarm_cause cause)
{
	char note[DCM_ALARM_TEXT_SIZE] = "";

	if (p->record->note && (track->last.resource_index || !p->record->resource))
		p->record->note(p->view, track->last.resource_index, note, sizeof(note));
	dcm_alarm_emit(p->engine, p->type, track, severity, cause, note, p->now.clock);
}

/* Takes a value into a track; emits what follows for one that is active. */
static void update(struct pass *p, struct dcm_alarm_track *track,
		   const struct dcm_alarm_sample *sample)
{
	rule_of(p, sample, &track->rule);
	track->value = sample->value;
	track->ahead = sample->ahead;
	track->source = sample->source;
	track->last.section = sample->section;
	track->last.resource_index = sample->index;
	if (sample->section == DCM_SEC_SUPERBLOCKS)
		track->target = dcm_alarm_target_of(p->engine, sample->key);
	track->level = dcm_alarm_rule_severity(&track->rule, sample->value);
	track->due = dcm_alarm_holds_update(&track->holds, &track->rule, sample->value,
					    credit_of(p, track), track->last.severity);
	track->gone = (struct dcm_alarm_timer){0};
	track->touched = p->engine->evaluation;
	if (track->level > DCM_SEVERITY_CLEARED)
		p->above++;
	if (!dcm_alarm_track_active(track)) {
		if (track->level == DCM_SEVERITY_CLEARED)
			dcm_alarm_track_remove(p->state, track);
		return;
	}
	if (track->due == track->last.severity)
		return;
	emit(p, track, track->due, track->rule.enabled ? DCM_ALARM_BY_VALUE : DCM_ALARM_BY_RULE);
	if (!dcm_alarm_track_active(track))
		dcm_alarm_track_remove(p->state, track);
}

/* ---- resources that are not tracked yet ---- */

static bool candidate_worse(const struct candidate *a, const struct candidate *b)
{
	return dcm_alarm_worse(a->severity, a->sample.value, b->severity, b->sample.value);
}

static void swap_candidates(struct candidate *a, struct candidate *b)
{
	struct candidate c = *a;

	*a = *b;
	*b = c;
}

static void sift_down(struct candidate *heap, size_t count)
{
	for (size_t i = 0;;) {
		size_t child = 2 * i + 1;

		if (child >= count)
			return;
		if (child + 1 < count && candidate_worse(&heap[child], &heap[child + 1]))
			child++;
		if (!candidate_worse(&heap[i], &heap[child]))
			return;
		swap_candidates(&heap[i], &heap[child]);
		i = child;
	}
}

static void offer(struct pass *p, const struct dcm_alarm_sample *sample, enum dcm_severity severity)
{
	struct candidate c = {*sample, severity}, *heap = p->candidates;
	size_t i = p->candidate_count;

	if (i == DCM_ALARM_MAX_PENDING) {
		if (!candidate_worse(&c, &heap[0]))
			return;
		heap[0] = c;
		sift_down(heap, i);
		return;
	}
	heap[i] = c;
	p->candidate_count++;
	for (; i && candidate_worse(&heap[(i - 1) / 2], &heap[i]); i = (i - 1) / 2)
		swap_candidates(&heap[i], &heap[(i - 1) / 2]);
}

/* There is room for @remaining and one more, or @c takes the place of a milder severity. */
static bool has_room(struct pass *p, const struct candidate *c, size_t remaining)
{
	struct dcm_alarm_track *mildest;

	if (p->state->pending + remaining < DCM_ALARM_MAX_PENDING)
		return true;
	mildest = dcm_alarm_track_mildest(p->state, false);
	if (!mildest || mildest->level >= c->severity)
		return false;
	dcm_alarm_track_remove(p->state, mildest);
	return true;
}

static void admit(struct pass *p)
{
	while (p->candidate_count) {
		/* mildest first, so that the worst are left when there is room for some only */
		struct candidate c = p->candidates[0];
		struct dcm_alarm_track *track;

		p->candidates[0] = p->candidates[--p->candidate_count];
		sift_down(p->candidates, p->candidate_count);
		if (!has_room(p, &c, p->candidate_count))
			continue;
		track = dcm_alarm_track_add(p->state, c.sample.key);
		if (!track)
			return;
		track->visited = p->engine->evaluation;
		describe(p, &c.sample, track);
		p->above--; /* counted by update again */
		update(p, track, &c.sample);
	}
}

/* ---- visiting ---- */

static struct dcm_alarm_track *tracked(struct pass *p, const struct dcm_alarm_sample *sample)
{
	struct dcm_alarm_track *track = NULL;

	if (p->state->bound)
		track = dcm_alarm_track_find(p->state, sample->key);
	if (track || !p->state->unbound)
		return track;
	track = dcm_alarm_track_bind(p->state, dcm_alarm_identity(p->view, sample), sample->key);
	if (track && !dcm_alarm_target_of(p->engine, sample->key))
		dcm_alarm_target_set(p->engine, sample->key, track->target);
	return track;
}

static bool source_works(const struct pass *p, enum dcm_source source)
{
	return source >= DCM_SOURCE_COUNT || p->view->state[source] == DCM_STATE_OK;
}

static void visit(void *ctx, const struct dcm_alarm_sample *sample)
{
	struct pass *p = ctx;
	struct dcm_alarm_track *track = tracked(p, sample);
	bool known = !sample->absent && isfinite(sample->value) && source_works(p, sample->source);
	struct dcm_alarm_rule rule;
	enum dcm_severity severity;

	if (track) {
		/* without a value the track is found but not touched: its timers stop */
		if (!known && !source_works(p, sample->source))
			return;
		track->visited = p->engine->evaluation;
		if (known)
			update(p, track, sample);
		return;
	}
	if (!known || sample->value < p->engine->lowest[p->type])
		return;
	rule_of(p, sample, &rule);
	severity = dcm_alarm_rule_severity(&rule, sample->value);
	if (severity == DCM_SEVERITY_CLEARED)
		return;
	p->above++;
	offer(p, sample, severity);
}

/* ---- resources that were not met ---- */

static void lose(struct pass *p, struct dcm_alarm_track *track, enum dcm_alarm_cause cause)
{
	if (!dcm_alarm_track_active(track)) {
		dcm_alarm_track_remove(p->state, track);
		return;
	}
	if (!dcm_alarm_timer_update(&track->gone, true, credit_of(p, track),
				    track->rule.clear_after)) {
		track->touched = p->engine->evaluation;
		track->holds = (struct dcm_alarm_holds){0};
		return;
	}
	track->last.resource_index = 0;
	emit(p, track, DCM_SEVERITY_CLEARED, cause);
	dcm_alarm_track_remove(p->state, track);
}

static void judge_missing(struct pass *p, struct dcm_alarm_track *track)
{
	enum dcm_source_state state;

	if (track->visited == p->engine->evaluation || track->key == DCM_ALARM_MORE_KEY)
		return;
	if (track->source >= DCM_SOURCE_COUNT) {
		lose(p, track, DCM_ALARM_BY_LOSS);
		return;
	}
	state = p->view->state[track->source];
	if (state == DCM_STATE_OFF || state == DCM_STATE_UNSUPPORTED)
		lose(p, track, DCM_ALARM_BY_RULE);
	else if (state == DCM_STATE_OK &&
		 !dcm_alarm_may_be_hidden(
			 p->view, p->type,
			 dcm_alarm_rule_threshold(&track->rule, DCM_SEVERITY_CLEARED)))
		lose(p, track, DCM_ALARM_BY_LOSS);
}

static void judge_all_missing(struct pass *p)
{
	struct dcm_alarm_track *track, *next;

	HASH_ITER (hh, p->state->bound, track, next)
		judge_missing(p, track);
	HASH_ITER (hh, p->state->unbound, track, next)
		judge_missing(p, track);
}

/* ---- raising, within bounds ---- */

static struct dcm_alarm_track *worst_due(const struct pass *p)
{
	struct dcm_alarm_track *track, *next, *worst = NULL;

	HASH_ITER (hh, p->state->bound, track, next) {
		if (dcm_alarm_track_active(track) || track->due == DCM_SEVERITY_CLEARED ||
		    track->key == DCM_ALARM_MORE_KEY)
			continue;
		if (!worst || dcm_alarm_worse(track->due, track->value, worst->due, worst->value))
			worst = track;
	}
	return worst;
}

static size_t active_without_more(const struct pass *p)
{
	const struct dcm_alarm_track *more = dcm_alarm_track_find(p->state, DCM_ALARM_MORE_KEY);

	return p->state->active - (more && dcm_alarm_track_active(more));
}

/* Ends the mildest alarm when @track is of a worse severity. */
static bool displace(struct pass *p, const struct dcm_alarm_track *track)
{
	struct dcm_alarm_track *mildest = dcm_alarm_track_mildest(p->state, true);

	if (!mildest || mildest->last.severity >= track->due)
		return false;
	emit(p, mildest, DCM_SEVERITY_CLEARED, DCM_ALARM_BY_WORSE_ONES);
	dcm_alarm_track_remove(p->state, mildest);
	return true;
}

static void raise_due(struct pass *p)
{
	struct dcm_alarm_track *track;

	while ((track = worst_due(p))) {
		if (active_without_more(p) >= DCM_ALARM_MAX_ACTIVE && !displace(p, track))
			return;
		emit(p, track, track->due, DCM_ALARM_BY_VALUE);
	}
}

/* One more alarm says how many resources found no room. */
static void judge_more(struct pass *p)
{
	struct dcm_alarm_track *more = dcm_alarm_track_find(p->state, DCM_ALARM_MORE_KEY);
	const struct dcm_alarm_rule *rule = &p->engine->config.types[p->type].rule;
	size_t active = active_without_more(p);
	size_t rest = active >= DCM_ALARM_MAX_ACTIVE ? DCM_EXCESS(p->above, active) : 0;

	if (!more && !rest)
		return;
	if (!more)
		more = dcm_alarm_track_add(p->state, DCM_ALARM_MORE_KEY);
	if (!more)
		return;
	strcpy(more->last.resource, "more");
	more->value = rest;
	more->source = DCM_SOURCE_COUNT;
	more->identity = DCM_ALARM_MORE_KEY;
	more->rule = (struct dcm_alarm_rule){.enabled = true,
					     .has_warning = true,
					     .warning = 1,
					     .clear_ratio = 1,
					     .raise_after = rule->raise_after,
					     .clear_after = rule->clear_after};
	more->due = dcm_alarm_holds_update(&more->holds, &more->rule, rest, credit_of(p, more),
					   more->last.severity);
	more->touched = p->engine->evaluation;
	if (more->due != more->last.severity)
		emit(p, more, more->due, DCM_ALARM_BY_VALUE);
	if (!rest && !dcm_alarm_track_active(more))
		dcm_alarm_track_remove(p->state, more);
}

/* ---- evaluation ---- */

static void evaluate_type(struct pass *p)
{
	p->record->extract(p->view, visit, p);
	judge_all_missing(p);
	admit(p);
	raise_due(p);
	judge_more(p);
}

static uint64_t credit(const struct dcm_alarm_engine *engine, uint64_t now_ns)
{
	uint64_t passed;

	if (!engine->evaluation || now_ns < engine->last_ns)
		return 0;
	passed = now_ns - engine->last_ns;
	return DCM_MIN(passed, MAX_CREDIT_NS);
}

size_t dcm_alarm_engine_evaluate(struct dcm_alarm_engine *engine,
				 const struct dcm_alarm_input *input, struct dcm_alarm_clock now)
{
	struct dcm_alarm_view view = {.input = input,
				      .config = &engine->config,
				      .rates = &engine->rates,
				      .now_ns = now.monotonic_ns};
	struct dcm_alarm_now at = {now, credit(engine, now.monotonic_ns)};
	uint64_t before = engine->sequence;

	/* a clock that went back must not make anything look old */
	if (!engine->evaluation || now.monotonic_ns < engine->started_ns)
		engine->started_ns = now.monotonic_ns;
	view.started_ns = engine->started_ns;
	engine->evaluation++;
	dcm_alarm_view_states(&view);
	dcm_alarm_rates_update(&engine->rates, &view);
	dcm_alarm_targets_update(engine, &view);
	for (unsigned i = 1; i < DCM_ALARM_TYPE_END; i++) {
		struct pass p = {.engine = engine,
				 .view = &view,
				 .type = i,
				 .state = &engine->types[i],
				 .record = dcm_alarm_type_record(i),
				 .now = at};

		if (p.record->extract)
			evaluate_type(&p);
	}
	engine->last_ns = now.monotonic_ns;
	return engine->sequence - before;
}

void dcm_alarm_engine_test(struct dcm_alarm_engine *engine, struct dcm_alarm_clock now)
{
	struct dcm_alarm_transition t = {.index = ++engine->next_index,
					 .type = DCM_ALARM_TEST,
					 .severity = DCM_SEVERITY_WARNING,
					 .section = DCM_SEC_TOTALS,
					 .test = true,
					 .time_ns = now.realtime_ns,
					 .value = 1,
					 .threshold = 1,
					 .resource = "test",
					 .text = "test alarm raised by request"};

	dcm_alarm_record(engine, &t);
	t.severity = DCM_SEVERITY_CLEARED;
	t.value = 0;
	strcpy(t.text, "test alarm cleared by request");
	dcm_alarm_record(engine, &t);
}

void dcm_alarm_engine_set_notified(struct dcm_alarm_engine *engine,
				   const struct dcm_notify_counts *counts, bool enabled)
{
	engine->notified = *counts;
	engine->notifications = enabled;
}

const struct dcm_notify_counts *dcm_alarm_engine_notified(const struct dcm_alarm_engine *engine)
{
	return &engine->notified;
}

uint64_t dcm_alarm_engine_sequence(const struct dcm_alarm_engine *engine)
{
	return engine->sequence;
}

const struct dcm_alarm_transition *
dcm_alarm_engine_transition(const struct dcm_alarm_engine *engine, uint64_t sequence)
{
	if (!sequence || sequence < engine->oldest || sequence > engine->sequence)
		return NULL;
	return &engine->ring[sequence % DCM_ALARM_EVENTS];
}
