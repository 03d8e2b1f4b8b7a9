// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/alarm_scene.h"

#include <errno.h>

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm_state.h"

/* Before and after a restart. */
static int setup(void **state)
{
	struct scene **both = calloc(2, sizeof(*both));

	assert_non_null(both);
	both[0] = scene_create();
	both[1] = scene_create();
	*state = both;
	return 0;
}

static int teardown(void **state)
{
	struct scene **both = *state;

	scene_destroy(both[0]);
	scene_destroy(both[1]);
	free(both);
	return 0;
}

static void raise_some(struct scene *s)
{
	scene_superblock(s, 5, "/data", 60e6);
	scene_superblock(s, 6, "/other", 12e6);
	scene_chain(s, 99, "/proc/sys/net", "core", 1500);
	DCM_SET(&s->totals, dentries, 120000000);
	scene_run(s, 100);
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 4);
}

static void save(const struct scene *s, void **ret, size_t *ret_size)
{
	assert_int_equal(dcm_alarm_state_save(s->engine, ret, ret_size), 0);
}

static void assert_same_transitions(const struct scene *a, const struct scene *b)
{
	for (uint64_t i = 1; i <= dcm_alarm_engine_sequence(a->engine); i++) {
		const struct dcm_alarm_transition *x = dcm_alarm_engine_transition(a->engine, i);
		const struct dcm_alarm_transition *y = dcm_alarm_engine_transition(b->engine, i);

		if (!x) {
			assert_null(y);
			continue;
		}
		assert_non_null(y);
		assert_int_equal(x->sequence, y->sequence);
		assert_int_equal(x->index, y->index);
		assert_int_equal(x->type, y->type);
		assert_int_equal(x->severity, y->severity);
		assert_int_equal(x->time_ns, y->time_ns);
		assert_true(x->value == y->value && x->threshold == y->threshold);
		assert_string_equal(x->resource, y->resource);
		assert_string_equal(x->text, y->text);
	}
}

/* The row of the only active alarm; *@ret_snapshot holds it. */
static const struct dcm_snap_alarm *active_row(const struct scene *s,
					       struct dcm_snapshot **ret_snapshot)
{
	struct dcm_snapshot_builder *builder;

	assert_int_equal(dcm_snapshot_builder_create(&builder), 0);
	dcm_alarm_engine_write(s->engine, builder);
	assert_int_equal(dcm_snapshot_builder_finish(builder, 1, 2, ret_snapshot), 0);
	dcm_snapshot_builder_destroy(builder);
	assert_int_equal(dcm_snapshot_count(*ret_snapshot, DCM_SEC_ALARMS), 1);
	return dcm_snapshot_row(*ret_snapshot, DCM_SEC_ALARMS, 0);
}

/* Row that the only active alarm points at, as a reclaim by rule would read it. */
static uint32_t active_resource(const struct scene *s)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;

	return active_row(s, &snapshot)->resource_index;
}

/* Value, text and time of an alarm are those of its newest transition. */
static void value_of_the_transition(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct scene *s = scene_create();
	struct dcm_snap_superblock *sb = scene_superblock(s, 5, "/data", 20e6);

	scene_only(s, DCM_ALARM_SUPERBLOCK_UNUSED);
	scene_start(s);
	assert_int_equal(scene_run(s, 31), 1);
	sb->unused = 23000000;
	assert_int_equal(scene_run(s, 10), 0);
	assert_true(active_row(s, &snapshot)->value == 20e6);
	scene_destroy(s);
}

/* The superblock's mount is gone from the host's table before the restart, the rule for it is
 * not. */
static void rule_follows_over_a_restart(void **state)
{
	struct scene *a = scene_create(), *b = scene_create();
	_cleanup_free_ void *bytes = NULL;
	struct dcm_reason reason;
	size_t size;

	dcm_alarm_config_set(&a->config, 1, "alarm superblock_unused /m", "warning", "1000",
			     &reason);
	b->config = a->config;
	scene_start(a);
	scene_superblock(a, 5, "/m", 2000);
	assert_int_equal(scene_run(a, 31), 1);
	a->superblocks[0].mountpoint = 0;
	assert_int_equal(scene_run(a, 10), 0);
	save(a, &bytes, &size);
	scene_start(b);
	assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason), 0);
	scene_superblock(b, 1, "", 2000)->dev_minor = 45;
	assert_int_equal(scene_run(b, 1000), 0);
	scene_destroy(a);
	scene_destroy(b);
}

/* After a restart: nothing is raised again, resources are met under their new keys. */
static void round_trip(void **state)
{
	const struct dcm_notify_counts counts = {.handled = 3, .sent = 9};
	struct scene **both = *state, *a = both[0], *b = both[1];
	_cleanup_free_ void *bytes = NULL, *again = NULL;
	struct dcm_reason reason;
	size_t size, again_size;

	scene_start(a);
	raise_some(a);
	dcm_alarm_engine_set_notified(a->engine, &counts, true);
	save(a, &bytes, &size);
	scene_start(b);
	assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason), 0);
	assert_same_transitions(a, b);
	assert_int_equal(dcm_alarm_engine_notified(b->engine)->handled, 3);
	save(b, &again, &again_size);
	assert_int_equal(again_size, size);
	/* the old numbers of superblocks and chains are those of others now */
	for (uint64_t i = 1; i <= 4; i++)
		assert_int_equal(dcm_alarm_engine_transition(b->engine, i)->resource_index, 0);

	b->now.monotonic_ns = 5 * DCM_NSEC_PER_SEC; /* another boot */
	scene_chain(b, 1234, "/proc/sys/net", "core", 1500);
	DCM_SET(&b->totals, dentries, 120000000);
	/* superblock indexes start afresh, the devices are the same */
	scene_superblock(b, 1, "/other", 12e6)->dev_minor = 46;
	scene_superblock(b, 2, "/data", 60e6)->dev_minor = 45;
	assert_int_equal(scene_run(b, 1000), 0);
	b->superblocks[1].unused = 0;
	assert_int_equal(scene_run(b, 121), 1);
	assert_string_equal(scene_last(b)->resource, "/data");
	assert_int_equal(scene_last(b)->sequence, 5);
	assert_int_equal(scene_last(b)->resource_index, 2);
	for (uint64_t i = 1; i <= 4; i++)
		if (!strcmp(dcm_alarm_engine_transition(a->engine, i)->resource, "/data"))
			assert_int_equal(dcm_alarm_engine_transition(a->engine, i)->index,
					 scene_last(b)->index);
}

/* What is not there any more after the restart clears; while its source starts, it is kept. */
static void lost_during_the_restart(void **state)
{
	struct scene **both = *state, *a = both[0], *b = both[1];
	_cleanup_free_ void *bytes = NULL;
	struct dcm_reason reason;
	size_t size;

	scene_start(a);
	scene_superblock(a, 5, "/data", 60e6);
	scene_run(a, 40);
	save(a, &bytes, &size);
	scene_start(b);
	assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason), 0);
	scene_source(b, DCM_SOURCE_SUPERBLOCKS, DCM_STATE_STARTING);
	assert_int_equal(scene_run(b, 1000), 0);
	scene_source(b, DCM_SOURCE_SUPERBLOCKS, DCM_STATE_OK);
	scene_superblock(b, 5, "/", 5)->dev_minor = 7; /* the number that /data had */
	assert_int_equal(scene_run(b, 120), 0);
	assert_int_equal(active_resource(b), 0);
	assert_int_equal(scene_run(b, 1), 1);
	assert_string_equal(scene_last(b)->text, "superblock /data is unmounted");
}

/* A full ring, more alarms than are kept, and test alarms survive too. */
static void full(void **state)
{
	struct scene **both = *state, *a = both[0], *b = both[1];
	_cleanup_free_ void *bytes = NULL;
	struct dcm_reason reason;
	size_t size;
	char path[300];

	scene_start(a);
	for (unsigned i = 0; i < 200; i++) {
		memset(path, 'x', sizeof(path));
		snprintf(path + 250, 50, "%u", i);
		scene_superblock(a, i + 1, path, 60e6);
		DCM_SET(&a->superblocks[i], shrink_seconds, 90.0);
	}
	scene_run(a, 200);
	for (unsigned i = 0; i < 100; i++)
		dcm_alarm_engine_test(a->engine, a->now);
	assert_int_equal(dcm_alarm_engine_sequence(a->engine), 2 * 65 + 200);
	save(a, &bytes, &size);
	assert_true(size <= DCM_ALARM_STATE_MAX_SIZE);
	scene_start(b);
	assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason), 0);
	assert_same_transitions(a, b);
	b->superblock_count = a->superblock_count;
	memcpy(b->superblocks, a->superblocks, sizeof(a->superblocks));
	memcpy(b->strings, a->strings, sizeof(a->strings));
	b->strings_size = a->strings_size;
	assert_int_equal(scene_run(b, 1000), 0);
}

static void every_damaged_byte_is_noticed(void **state)
{
	struct scene **both = *state, *a = both[0], *b = both[1];
	_cleanup_free_ unsigned char *bytes = NULL;
	struct dcm_reason reason;
	void *saved;
	size_t size;

	scene_start(a);
	raise_some(a);
	save(a, &saved, &size);
	bytes = saved;
	scene_start(b);
	for (size_t i = 0; i < size; i++) {
		static const unsigned char flips[] = {0x01, 0x80, 0xff};

		for (size_t f = 0; f < DCM_ARRAY_SIZE(flips); f++) {
			bytes[i] ^= flips[f];
			*reason.text = '\0';
			assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason),
					 -EINVAL);
			assert_true(*reason.text);
			bytes[i] ^= flips[f];
		}
	}
	for (size_t len = 0; len < size; len++)
		assert_int_equal(dcm_alarm_state_load(b->engine, bytes, len, &reason), -EINVAL);
	assert_int_equal(dcm_alarm_engine_sequence(b->engine), 0);
	assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason), 0);
}

static uint64_t checksum(const unsigned char *bytes, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325ULL;

	for (; len; len--, bytes++)
		hash = (hash ^ *bytes) * 0x100000001b3ULL;
	return hash;
}

/* Bytes that somebody made up and sealed with a right checksum must not harm either. */
static void forged(void **state)
{
	struct scene **both = *state, *a = both[0], *b = both[1];
	_cleanup_free_ unsigned char *bytes = NULL, *copy = NULL;
	struct dcm_reason reason;
	void *saved;
	size_t size;

	scene_start(a);
	raise_some(a);
	save(a, &saved, &size);
	bytes = saved;
	copy = malloc(size);
	assert_non_null(copy);
	for (size_t i = 24; i < size; i++) {
		static const unsigned char values[] = {0, 1, 0x7f, 0xff};

		for (size_t v = 0; v < DCM_ARRAY_SIZE(values); v++) {
			uint64_t hash;

			memcpy(copy, bytes, size);
			copy[i] = values[v];
			hash = checksum(copy + 24, size - 24);
			memcpy(copy + 16, &hash, sizeof(hash));
			scene_start(b);
			if (!dcm_alarm_state_load(b->engine, copy, size, &reason))
				scene_run(b, 2);
		}
	}
}

static void empty_state(void **state)
{
	struct scene **both = *state, *a = both[0], *b = both[1];
	_cleanup_free_ void *bytes = NULL;
	struct dcm_reason reason;
	size_t size;

	scene_start(a);
	save(a, &bytes, &size);
	scene_start(b);
	assert_int_equal(dcm_alarm_state_load(b->engine, bytes, size, &reason), 0);
	assert_int_equal(dcm_alarm_engine_sequence(b->engine), 0);
	raise_some(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_of_the_transition),
		cmocka_unit_test(rule_follows_over_a_restart),
		cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
		cmocka_unit_test_setup_teardown(lost_during_the_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(full, setup, teardown),
		cmocka_unit_test_setup_teardown(every_damaged_byte_is_noticed, setup, teardown),
		cmocka_unit_test_setup_teardown(forged, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_state, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
