/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A simulated sampler on one side, a manager that keeps the books on the other. */
#ifndef DCM_TESTS_NOTIFY_WORLD_H
#define DCM_TESTS_NOTIFY_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/model/alarms/alarm_queue.h"

#define RESOURCES 40
#define MAX_INDEX 200000

struct world {
	/* sampler */
	struct {
		uint32_t index; /* 0: no alarm */
		uint32_t severity;
		uint64_t sequence;
	} alarm[RESOURCES];
	struct {
		uint32_t index, severity, resource;
		uint64_t sequence;
		bool test;
	} ring[DCM_ALARM_EVENTS];
	uint64_t sequence;
	uint32_t next_index;
	struct dcm_snapshot_builder *builder;
	/* queue and manager */
	struct dcm_alarm_queue *queue;
	struct dcm_notify_config config;
	uint64_t now;
	bool up, may_repeat, predecessor;
	bool keeps;			/* the sampler passes on what the queue has handled */
	uint64_t handled;		/* as the queue said last */
	unsigned char known[MAX_INDEX]; /* last severity the manager was told; 0: nothing */
	uint64_t last_of_resource[RESOURCES];
	uint64_t sent_at[100000];
	size_t sent, again, tests;
	char last_text[DCM_ALARM_TEXT_SIZE];
};

static uint64_t seed;

static inline uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static inline struct world *world_create(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	dcm_notify_config_defaults(&w->config);
	w->now = 5000 * DCM_NSEC_PER_SEC;
	assert_int_equal(dcm_snapshot_builder_create(&w->builder), 0);
	assert_int_equal(dcm_alarm_queue_create(&w->config, w->now, &w->queue), 0);
	return w;
}

static inline void world_destroy(struct world *w)
{
	dcm_snapshot_builder_destroy(w->builder);
	dcm_alarm_queue_destroy(w->queue);
	free(w);
}

/* ---- sampler ---- */

static inline void record(struct world *w, uint32_t resource, uint32_t index, uint32_t severity,
			  bool test)
{
	uint64_t s = ++w->sequence;

	w->ring[s % DCM_ALARM_EVENTS].index = index;
	w->ring[s % DCM_ALARM_EVENTS].severity = severity;
	w->ring[s % DCM_ALARM_EVENTS].resource = resource;
	w->ring[s % DCM_ALARM_EVENTS].sequence = s;
	w->ring[s % DCM_ALARM_EVENTS].test = test;
}

static inline void set_alarm(struct world *w, uint32_t resource, uint32_t severity)
{
	if (w->alarm[resource].severity == severity ||
	    (!w->alarm[resource].index && severity == DCM_SEVERITY_CLEARED))
		return;
	if (!w->alarm[resource].index)
		w->alarm[resource].index = ++w->next_index;
	assert_true(w->next_index < MAX_INDEX);
	record(w, resource, w->alarm[resource].index, severity, false);
	w->alarm[resource].severity = severity;
	w->alarm[resource].sequence = w->sequence;
	if (severity == DCM_SEVERITY_CLEARED)
		memset(&w->alarm[resource], 0, sizeof(w->alarm[resource]));
}

static inline void add_row(struct world *w, enum dcm_section section, uint32_t resource,
			   uint32_t index, uint32_t severity, uint64_t sequence, bool test)
{
	struct dcm_snap_alarm *row = dcm_snapshot_builder_add(w->builder, section);
	char name[32];

	snprintf(name, sizeof(name), "/m%u", resource);
	DCM_SET(row, index, index);
	DCM_SET(row, type, DCM_ALARM_CHAIN_LENGTH);
	DCM_SET(row, sequence, sequence);
	DCM_SET(row, severity, severity);
	DCM_SET(row, resource, dcm_snapshot_builder_str(w->builder, name, 32));
	DCM_SET(row, test, test);
	snprintf(name, sizeof(name), "transition %llu", (unsigned long long)sequence);
	DCM_SET(row, text, dcm_snapshot_builder_str(w->builder, name, 32));
}

static inline void add_status(struct world *w)
{
	struct dcm_snap_alarm_status *row =
		dcm_snapshot_builder_add(w->builder, DCM_SEC_ALARM_STATUS);

	DCM_SET(row, handled, w->handled);
}

static inline void publish(struct world *w)
{
	struct dcm_notify_counts counts;
	uint64_t first = w->sequence > DCM_ALARM_EVENTS ? w->sequence - DCM_ALARM_EVENTS + 1 : 1;
	struct dcm_snapshot *snapshot;

	for (unsigned i = 0; i < RESOURCES; i++)
		if (w->alarm[i].index)
			add_row(w, DCM_SEC_ALARMS, i, w->alarm[i].index, w->alarm[i].severity,
				w->alarm[i].sequence, false);
	for (uint64_t s = first; s <= w->sequence; s++) {
		size_t k = s % DCM_ALARM_EVENTS;

		add_row(w, DCM_SEC_EVENTS, w->ring[k].resource, w->ring[k].index,
			w->ring[k].severity, s, w->ring[k].test);
	}
	if (w->keeps)
		add_status(w);
	assert_int_equal(dcm_snapshot_builder_finish(w->builder, 1, w->now, &snapshot), 0);
	dcm_alarm_queue_update(w->queue, snapshot, w->now);
	dcm_alarm_queue_counts(w->queue, &counts);
	assert_in_range(counts.handled, 0, w->sequence);
	w->handled = counts.handled;
	dcm_snapshot_destroy(snapshot);
}

/* ---- manager ---- */

static inline uint32_t resource_of(const struct dcm_alarm_transition *t)
{
	return strtoul(t->resource + 2, NULL, 10);
}

static inline void receive(struct world *w, const struct dcm_alarm_sender *n)
{
	const struct dcm_alarm_transition *t = &n->transition;
	uint32_t resource = resource_of(t);

	assert_true(w->up);
	w->sent_at[w->sent++] = w->now;
	w->again += n->again;
	snprintf(w->last_text, sizeof(w->last_text), "%s", t->text);
	if (t->test) {
		w->tests++;
		return;
	}
	if (n->again) {
		assert_true(w->may_repeat);
	} else if (w->keeps) {
		assert_true(w->predecessor); /* it may have sent the same */
	} else {
		assert_int_not_equal(w->known[t->index], t->severity);
		if (t->severity == DCM_SEVERITY_CLEARED && !w->predecessor)
			assert_true(w->known[t->index] > DCM_SEVERITY_CLEARED);
		if (w->last_of_resource[resource])
			assert_true(w->now - w->last_of_resource[resource] >=
				    w->config.min_interval * DCM_NSEC_PER_SEC);
	}
	w->last_of_resource[resource] = w->now;
	w->known[t->index] = t->severity;
}

/* Lets the queue send all that it wants now; returns when it wants to be asked again. */
static inline uint64_t drain(struct world *w)
{
	struct dcm_alarm_sender n;
	uint64_t due;

	while (dcm_alarm_queue_next(w->queue, w->now, &n, &due))
		receive(w, &n);
	assert_true(due > w->now);
	return due;
}

static inline void connect_master(struct world *w, bool up)
{
	w->up = up;
	w->may_repeat |= up;
	dcm_alarm_queue_connection(w->queue, up, w->now);
}

static inline void run(struct world *w, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		w->now += DCM_NSEC_PER_SEC;
		publish(w);
		drain(w);
	}
}

static inline void expect_final_state(struct world *w)
{
	static unsigned char truth[MAX_INDEX];

	memset(truth, 0, sizeof(truth));
	for (unsigned i = 0; i < RESOURCES; i++)
		if (w->alarm[i].index)
			truth[w->alarm[i].index] = w->alarm[i].severity;
	for (uint32_t i = 1; i <= w->next_index; i++) {
		if (truth[i])
			assert_int_equal(w->known[i], truth[i]);
		else
			assert_in_range(w->known[i], 0, DCM_SEVERITY_CLEARED);
	}
}

/* No window holds more than the bucket gives. */
static inline void expect_bucket(const struct world *w)
{
	for (size_t first = 0; first < w->sent; first++) {
		size_t last = first + (size_t)w->config.burst;
		double span;

		if (last >= w->sent)
			break;
		/* burst + 1 notifications need one refilled token, and so on */
		for (; last < w->sent && last < first + 400; last++) {
			span = (double)(w->sent_at[last] - w->sent_at[first]) / DCM_NSEC_PER_SEC;
			assert_true(last - first + 1 <=
				    w->config.burst + span * w->config.rate + 1e-6);
		}
	}
}

static inline void skip_grace(struct world *w)
{
	connect_master(w, true);
	w->may_repeat = false;
	run(w, 11);
}

#endif
