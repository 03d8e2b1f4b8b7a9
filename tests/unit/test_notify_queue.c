// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A simulated sampler on one side, a manager that keeps the books on the other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/notify_queue.h"

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
	struct dcm_notify_queue *queue;
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

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (seed >> 33) % below;
}

static struct world *world_create(void)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	dcm_notify_config_defaults(&w->config);
	w->now = 5000 * DCM_NSEC_PER_SEC;
	assert_int_equal(dcm_snapshot_builder_create(&w->builder), 0);
	assert_int_equal(dcm_notify_queue_create(&w->config, w->now, &w->queue), 0);
	return w;
}

static void world_destroy(struct world *w)
{
	dcm_snapshot_builder_destroy(w->builder);
	dcm_notify_queue_destroy(w->queue);
	free(w);
}

/* ---- sampler ---- */

static void record(struct world *w, uint32_t resource, uint32_t index, uint32_t severity, bool test)
{
	uint64_t s = ++w->sequence;

	w->ring[s % DCM_ALARM_EVENTS].index = index;
	w->ring[s % DCM_ALARM_EVENTS].severity = severity;
	w->ring[s % DCM_ALARM_EVENTS].resource = resource;
	w->ring[s % DCM_ALARM_EVENTS].sequence = s;
	w->ring[s % DCM_ALARM_EVENTS].test = test;
}

static void set_alarm(struct world *w, uint32_t resource, uint32_t severity)
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

static void add_row(struct world *w, enum dcm_section section, uint32_t resource, uint32_t index,
		    uint32_t severity, uint64_t sequence, bool test)
{
	struct dcm_snap_alarm *row = dcm_snapshot_builder_add(w->builder, section);
	char name[32];

	snprintf(name, sizeof(name), "/m%u", resource);
	DCM_SET(row, dcm_snap_alarm, index, index);
	DCM_SET(row, dcm_snap_alarm, type, DCM_ALARM_CHAIN_LENGTH);
	DCM_SET(row, dcm_snap_alarm, sequence, sequence);
	DCM_SET(row, dcm_snap_alarm, severity, severity);
	DCM_SET(row, dcm_snap_alarm, resource, dcm_snapshot_builder_str(w->builder, name, 32));
	DCM_SET(row, dcm_snap_alarm, test, test);
	snprintf(name, sizeof(name), "transition %llu", (unsigned long long)sequence);
	DCM_SET(row, dcm_snap_alarm, text, dcm_snapshot_builder_str(w->builder, name, 32));
}

static void add_status(struct world *w)
{
	struct dcm_snap_alarm_status *row =
		dcm_snapshot_builder_add(w->builder, DCM_SEC_ALARM_STATUS);

	DCM_SET(row, dcm_snap_alarm_status, handled, w->handled);
}

static void publish(struct world *w)
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
	dcm_notify_queue_update(w->queue, snapshot, w->now);
	dcm_notify_queue_counts(w->queue, &counts);
	assert_in_range(counts.handled, 0, w->sequence);
	w->handled = counts.handled;
	dcm_snapshot_destroy(snapshot);
}

/* ---- manager ---- */

static uint32_t resource_of(const struct dcm_alarm_transition *t)
{
	return strtoul(t->resource + 2, NULL, 10);
}

static void receive(struct world *w, const struct dcm_notify *n)
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
static uint64_t drain(struct world *w)
{
	struct dcm_notify n;
	uint64_t due;

	while (dcm_notify_queue_next(w->queue, w->now, &n, &due))
		receive(w, &n);
	assert_true(due > w->now);
	return due;
}

static void connect_master(struct world *w, bool up)
{
	w->up = up;
	w->may_repeat |= up;
	dcm_notify_queue_connection(w->queue, up, w->now);
}

static void run(struct world *w, unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		w->now += DCM_NSEC_PER_SEC;
		publish(w);
		drain(w);
	}
}

static void expect_final_state(struct world *w)
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
static void expect_bucket(const struct world *w)
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

static void skip_grace(struct world *w)
{
	connect_master(w, true);
	w->may_repeat = false;
	run(w, 11);
}

/* ---- tests ---- */

static void one_alarm(void **state)
{
	struct world *w = world_create();

	(void)state;
	skip_grace(w);
	set_alarm(w, 3, DCM_SEVERITY_WARNING);
	run(w, 1);
	assert_int_equal(w->sent, 1);
	assert_string_equal(w->last_text, "transition 1");
	run(w, 100);
	assert_int_equal(w->sent, 1);
	set_alarm(w, 3, DCM_SEVERITY_CRITICAL);
	run(w, 100);
	assert_int_equal(w->sent, 2);
	set_alarm(w, 3, DCM_SEVERITY_CLEARED);
	run(w, 100);
	assert_int_equal(w->sent, 3);
	assert_string_equal(w->last_text, "transition 3");
	run(w, 1000);
	assert_int_equal(w->sent, 3);
	world_destroy(w);
}

static void grace_at_the_start(void **state)
{
	struct world *w = world_create();

	(void)state;
	connect_master(w, true);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	run(w, 9);
	assert_int_equal(w->sent, 0);
	assert_int_equal(drain(w), 5010 * DCM_NSEC_PER_SEC);
	run(w, 1);
	assert_int_equal(w->sent, 1);
	world_destroy(w);
}

/* An alarm that a predecessor may have sent and that ends within the grace: its clear is sent. */
static void inherited_alarm_clears(void **state)
{
	struct world *w = world_create();

	(void)state;
	w->predecessor = true;
	connect_master(w, true);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	run(w, 2);
	set_alarm(w, 0, DCM_SEVERITY_CLEARED);
	run(w, 20);
	assert_int_equal(w->sent, 1);
	assert_int_equal(w->known[1], DCM_SEVERITY_CLEARED);
	world_destroy(w);
}

/* Raised and over within the interval: neither is sent, both are counted. */
static void flapping_is_suppressed(void **state)
{
	struct world *w = world_create();
	struct dcm_notify_counts counts;

	(void)state;
	skip_grace(w);
	for (unsigned i = 0; i < 600; i++) {
		set_alarm(w, 0, DCM_SEVERITY_WARNING + i % 2);
		run(w, 1);
		if (i % 3 == 2)
			set_alarm(w, 0, DCM_SEVERITY_CLEARED);
		run(w, 1);
	}
	run(w, 30);
	expect_final_state(w);
	/* once per interval at most */
	assert_in_range(w->sent, 60, 125);
	dcm_notify_queue_counts(w->queue, &counts);
	assert_int_equal(counts.sent, w->sent);
	assert_true(counts.suppressed > 300);
	assert_int_equal(counts.queued, 0);
	world_destroy(w);
}

static void burst_of_ten_thousand(void **state)
{
	struct world *w = world_create();
	struct dcm_notify_counts counts;

	(void)state;
	seed = 7;
	skip_grace(w);
	while (w->sequence < 10000) {
		for (unsigned i = 0; i < 100; i++)
			set_alarm(w, rnd(RESOURCES), 1 + rnd(3));
		publish(w);
		drain(w);
		w->now += DCM_NSEC_PER_MSEC;
	}
	assert_in_range(w->sent, w->config.burst, w->config.burst + 1);
	run(w, 300);
	expect_bucket(w);
	expect_final_state(w);
	assert_int_equal(w->again, 0);
	dcm_notify_queue_counts(w->queue, &counts);
	assert_int_equal(counts.queued, 0);
	world_destroy(w);
}

static void reconnect(void **state)
{
	struct world *w = world_create();
	size_t before;

	(void)state;
	skip_grace(w);
	for (unsigned i = 0; i < 5; i++)
		set_alarm(w, i, DCM_SEVERITY_WARNING);
	run(w, 200);
	assert_int_equal(w->sent, 5);
	connect_master(w, false);
	set_alarm(w, 0, DCM_SEVERITY_CRITICAL); /* worse while nobody hears it */
	set_alarm(w, 1, DCM_SEVERITY_CLEARED);	/* over */
	set_alarm(w, 7, DCM_SEVERITY_WARNING);	/* new */
	set_alarm(w, 8, DCM_SEVERITY_WARNING);	/* new and over */
	run(w, 5);
	set_alarm(w, 8, DCM_SEVERITY_CLEARED);
	run(w, 500);
	assert_int_equal(w->sent, 5);
	connect_master(w, true);
	run(w, 1);
	/* 0, 2, 3, 4 again, the clear of 1, and 7 for the first time */
	assert_int_equal(w->sent, 5 + 6);
	expect_final_state(w);
	w->may_repeat = false;
	before = w->sent;
	run(w, 1000);
	assert_int_equal(w->sent, before);
	world_destroy(w);
}

/* A clear that was handed to a connection that broke at once is repeated; an old one is not. */
static void clear_in_doubt(void **state)
{
	struct world *w = world_create();

	(void)state;
	skip_grace(w);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	set_alarm(w, 1, DCM_SEVERITY_WARNING);
	run(w, 100);
	set_alarm(w, 0, DCM_SEVERITY_CLEARED);
	run(w, 100);
	set_alarm(w, 1, DCM_SEVERITY_CLEARED);
	run(w, 5);
	assert_int_equal(w->sent, 4);
	connect_master(w, false);
	run(w, 500);
	connect_master(w, true);
	run(w, 10);
	assert_int_equal(w->sent, 5);
	assert_int_equal(w->again, 1);
	assert_string_equal(w->last_text, "transition 4");
	w->may_repeat = false;
	run(w, 500);
	assert_int_equal(w->sent, 5);
	world_destroy(w);
}

static void switched_off(void **state)
{
	struct world *w = world_create();

	(void)state;
	w->config.enabled = false;
	dcm_notify_queue_configure(w->queue, &w->config);
	skip_grace(w);
	set_alarm(w, 0, DCM_SEVERITY_CRITICAL);
	run(w, 100);
	assert_int_equal(w->sent, 0);
	w->config.enabled = true;
	dcm_notify_queue_configure(w->queue, &w->config);
	run(w, 1);
	assert_int_equal(w->sent, 1);
	world_destroy(w);
}

static void test_transitions(void **state)
{
	struct world *w = world_create();

	(void)state;
	record(w, 0, ++w->next_index, DCM_SEVERITY_WARNING, true); /* before this queue's time */
	skip_grace(w);
	assert_int_equal(w->sent, 0);
	record(w, 0, ++w->next_index, DCM_SEVERITY_WARNING, true);
	record(w, 0, w->next_index, DCM_SEVERITY_CLEARED, true);
	run(w, 1);
	assert_int_equal(w->tests, 2);
	run(w, 100);
	assert_int_equal(w->sent, 2);
	for (unsigned i = 0; i < 1000; i++)
		record(w, 0, ++w->next_index, DCM_SEVERITY_WARNING, true);
	run(w, 200);
	assert_int_equal(w->tests, 2 + 16);
	world_destroy(w);
}

/* The sampler came back without its state: old alarms clear, new ones with old indexes raise. */
static void indexes_start_afresh(void **state)
{
	struct world *w = world_create();

	(void)state;
	skip_grace(w);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	set_alarm(w, 1, DCM_SEVERITY_WARNING);
	run(w, 50);
	assert_int_equal(w->sent, 2);
	w->sequence = w->next_index = 0;
	memset(w->alarm, 0, sizeof(w->alarm));
	memset(w->known, 0, sizeof(w->known));
	w->predecessor = true;
	set_alarm(w, 5, DCM_SEVERITY_CRITICAL);
	run(w, 50);
	assert_int_equal(w->sent, 5);
	world_destroy(w);
}

static void random_life(void **state)
{
	(void)state;
	for (unsigned life = 0; life < 60; life++) {
		struct world *w = world_create();

		seed = life + 1;
		skip_grace(w);
		for (unsigned step = 0; step < 2000; step++) {
			for (unsigned i = rnd(4); i; i--)
				set_alarm(w, rnd(RESOURCES), 1 + rnd(3));
			if (!rnd(200))
				connect_master(w, !w->up);
			run(w, 1);
		}
		connect_master(w, true);
		run(w, 200);
		expect_final_state(w);
		expect_bucket(w);
		world_destroy(w);
	}
}

/* The process of the queue ends; another one begins after @seconds with what the sampler kept. */
static void lose_queue(struct world *w, unsigned seconds)
{
	dcm_notify_queue_destroy(w->queue);
	w->now += seconds * DCM_NSEC_PER_SEC;
	w->predecessor = true;
	assert_int_equal(dcm_notify_queue_create(&w->config, w->now, &w->queue), 0);
	dcm_notify_queue_connection(w->queue, w->up, w->now);
}

static void clear_after_the_end_of_the_process(void **state)
{
	struct world *w = world_create();

	(void)state;
	w->keeps = true;
	w->predecessor = true;
	skip_grace(w);
	set_alarm(w, 1, DCM_SEVERITY_WARNING);
	set_alarm(w, 2, DCM_SEVERITY_WARNING);
	run(w, 20);
	set_alarm(w, 2, DCM_SEVERITY_CLEARED);
	run(w, 100);
	assert_int_equal(w->sent, 3);
	assert_int_equal(w->handled, 3);
	set_alarm(w, 1, DCM_SEVERITY_CLEARED); /* while nobody looks */
	lose_queue(w, 5);
	run(w, 5);
	assert_int_equal(w->handled, 3);
	run(w, 100);
	assert_int_equal(w->sent, 4); /* and not the clear that was sent long ago */
	assert_int_equal(w->known[1], DCM_SEVERITY_CLEARED);
	assert_int_equal(w->handled, 4);
	world_destroy(w);
}

/* An active alarm is sent again, and the clear of the last minute, that may be lost as well. */
static void in_doubt_after_the_end_of_the_process(void **state)
{
	struct world *w = world_create();

	(void)state;
	w->keeps = true;
	w->predecessor = true;
	skip_grace(w);
	set_alarm(w, 1, DCM_SEVERITY_WARNING);
	set_alarm(w, 2, DCM_SEVERITY_CRITICAL);
	run(w, 20);
	set_alarm(w, 1, DCM_SEVERITY_CLEARED);
	run(w, 20);
	assert_int_equal(w->sent, 3);
	lose_queue(w, 1);
	run(w, 20);
	assert_int_equal(w->sent, 5);
	expect_final_state(w);
	world_destroy(w);
}

static void random_life_with_ends(void **state)
{
	(void)state;
	for (unsigned life = 0; life < 60; life++) {
		struct world *w = world_create();

		seed = life + 1;
		w->keeps = true;
		w->predecessor = true;
		skip_grace(w);
		for (unsigned step = 0; step < 2000; step++) {
			for (unsigned i = rnd(3); i; i--)
				set_alarm(w, rnd(RESOURCES), 1 + rnd(3));
			if (rnd(100))
				run(w, 1);
			else
				lose_queue(w, rnd(6));
		}
		run(w, 200);
		expect_final_state(w);
		assert_int_equal(w->handled, w->sequence);
		world_destroy(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_alarm),
		cmocka_unit_test(grace_at_the_start),
		cmocka_unit_test(inherited_alarm_clears),
		cmocka_unit_test(flapping_is_suppressed),
		cmocka_unit_test(burst_of_ten_thousand),
		cmocka_unit_test(reconnect),
		cmocka_unit_test(clear_in_doubt),
		cmocka_unit_test(switched_off),
		cmocka_unit_test(test_transitions),
		cmocka_unit_test(indexes_start_afresh),
		cmocka_unit_test(random_life),
		cmocka_unit_test(clear_after_the_end_of_the_process),
		cmocka_unit_test(in_doubt_after_the_end_of_the_process),
		cmocka_unit_test(random_life_with_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
