// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/lib/rounds.h"
#include "tests/unit/notify_world.h"

/* A test of one world, which is its state. */
#define WORLD(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static int set_up(void **state)
{
	*state = world_create();
	return 0;
}

static int tear_down(void **state)
{
	world_destroy(*state);
	return 0;
}

/* A queue that follows another one, with a sampler that keeps what was handled; the grace is over.
 */
static void begin_with_predecessor(struct world *w)
{
	w->keeps = true;
	w->predecessor = true;
	skip_grace(w);
}

static void one_alarm(void **state)
{
	struct world *w = *state;

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
}

static void grace_at_the_start(void **state)
{
	struct world *w = *state;

	connect_master(w, true);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	run(w, 9);
	assert_int_equal(w->sent, 0);
	assert_int_equal(drain(w), 5010 * DCM_NSEC_PER_SEC);
	run(w, 1);
	assert_int_equal(w->sent, 1);
}

/* An alarm that a predecessor may have sent and that ends within the grace: its clear is sent. */
static void inherited_alarm_clears(void **state)
{
	struct world *w = *state;

	w->predecessor = true;
	connect_master(w, true);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	run(w, 2);
	set_alarm(w, 0, DCM_SEVERITY_CLEARED);
	run(w, 20);
	assert_int_equal(w->sent, 1);
	assert_int_equal(w->known[1], DCM_SEVERITY_CLEARED);
}

/* Raised and over within the interval: neither is sent, both are counted. */
static void flapping_is_suppressed(void **state)
{
	struct world *w = *state;
	struct dcm_notify_counts counts;

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
	dcm_alarm_queue_counts(w->queue, &counts);
	assert_int_equal(counts.sent, w->sent);
	assert_true(counts.suppressed > 300);
	assert_int_equal(counts.queued, 0);
}

static void burst_of_ten_thousand(void **state)
{
	struct world *w = *state;
	struct dcm_notify_counts counts;

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
	dcm_alarm_queue_counts(w->queue, &counts);
	assert_int_equal(counts.queued, 0);
}

static void reconnect(void **state)
{
	struct world *w = *state;
	size_t before;

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
}

/* A master that comes and goes is sent an active alarm once per interval, not each time. */
static void flapping_master(void **state)
{
	struct world *w = *state;

	skip_grace(w);
	set_alarm(w, 0, DCM_SEVERITY_WARNING);
	run(w, 100);
	assert_int_equal(w->sent, 1);
	for (unsigned i = 0; i < 300; i++) {
		connect_master(w, false);
		run(w, 1);
		connect_master(w, true);
		run(w, 1);
	}
	/* once per min_interval in ten minutes */
	assert_in_range(w->sent, 2, 1 + 600 / (size_t)w->config.min_interval + 1);
	run(w, 100);
	expect_final_state(w);
}

/* A clear that was handed to a connection that broke at once is repeated; an old one is not. */
static void clear_in_doubt(void **state)
{
	struct world *w = *state;

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
}

static void switched_off(void **state)
{
	struct world *w = *state;

	w->config.enabled = false;
	dcm_alarm_queue_configure(w->queue, &w->config);
	skip_grace(w);
	set_alarm(w, 0, DCM_SEVERITY_CRITICAL);
	run(w, 100);
	assert_int_equal(w->sent, 0);
	w->config.enabled = true;
	dcm_alarm_queue_configure(w->queue, &w->config);
	run(w, 1);
	assert_int_equal(w->sent, 1);
}

static void test_transitions(void **state)
{
	struct world *w = *state;

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
}

/* The sampler came back without its state: old alarms clear, new ones with old indexes raise. */
static void indexes_start_afresh(void **state)
{
	struct world *w = *state;

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
}

static void random_life(void **state)
{
	for (unsigned life = 0; life < DCM_ROUNDS(60); life++) {
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
	dcm_alarm_queue_destroy(w->queue);
	w->now += seconds * DCM_NSEC_PER_SEC;
	w->predecessor = true;
	assert_int_equal(dcm_alarm_queue_create(&w->config, w->now, &w->queue), 0);
	dcm_alarm_queue_connection(w->queue, w->up, w->now);
}

static void clear_after_the_end_of_the_process(void **state)
{
	struct world *w = *state;

	begin_with_predecessor(w);
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
}

/* An active alarm is sent again, and the clear of the last minute, that may be lost as well. */
static void in_doubt_after_the_end_of_the_process(void **state)
{
	struct world *w = *state;

	begin_with_predecessor(w);
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
}

static void random_life_with_ends(void **state)
{
	for (unsigned life = 0; life < DCM_ROUNDS(60); life++) {
		struct world *w = world_create();

		seed = life + 1;
		begin_with_predecessor(w);
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
		WORLD(one_alarm),
		WORLD(grace_at_the_start),
		WORLD(inherited_alarm_clears),
		WORLD(flapping_is_suppressed),
		WORLD(burst_of_ten_thousand),
		WORLD(reconnect),
		WORLD(flapping_master),
		WORLD(clear_in_doubt),
		WORLD(switched_off),
		WORLD(test_transitions),
		WORLD(indexes_start_afresh),
		cmocka_unit_test(random_life),
		WORLD(clear_after_the_end_of_the_process),
		WORLD(in_doubt_after_the_end_of_the_process),
		cmocka_unit_test(random_life_with_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
