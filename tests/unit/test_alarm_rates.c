// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Alarms of what grows, and of namespaces that come and go: rates, over a minute or at once. */
#include "tests/unit/alarm_scene.h"

static void growth_of_host_and_superblock(void **state)
{
	struct scene *s = *state;
	uint64_t used = 1000000;

	scene_only(s, DCM_ALARM_GROWTH);
	scene_start(s);
	scene_superblock(s, 9, "/data", 0);
	for (unsigned i = 0; i < 900; i++) {
		used += 2000;
		/* every tenth reading is wild, and drop_caches strikes once */
		s->superblocks[0].unused = i % 10 == 3 ? 400000 : used;
		DCM_SET(&s->totals, dentries, used);
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 2);
	assert_string_equal(dcm_alarm_engine_transition(s->engine, 1)->resource, "host");
	assert_string_equal(scene_last(s)->resource, "/data");
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	assert_true(scene_last(s)->value > 1900 && scene_last(s)->value < 2100);
	assert_non_null(strstr(scene_last(s)->text, ", critical level in "));
	assert_safe(scene_last(s)->text);
	/* level again: clears after the window has forgotten and the hold is over */
	assert_int_equal(scene_run(s, 1800), 2);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
}

/* 200,000 a second: who wants to know at once, does within 15 s, and a spike is none. */
static void growth_in_seconds(void **state)
{
	struct scene *s = *state;
	uint64_t used = 16000000;
	unsigned i;

	scene_only(s, DCM_ALARM_GROWTH);
	s->config.types[DCM_ALARM_GROWTH].rule.raise_after = 0;
	scene_start(s);
	for (i = 0; i < 600; i++) {
		DCM_SET(&s->totals, dentries, used + (i == 300) * 5000000);
		assert_int_equal(scene_run(s, 1), 0);
	}
	for (i = 0; i < 15 && !dcm_alarm_engine_sequence(s->engine); i++) {
		used += 200000;
		DCM_SET(&s->totals, dentries, used);
		scene_run(s, 1);
	}
	assert_in_range(i, 4, 12);
	assert_string_equal(scene_last(s)->resource, "host");
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	assert_non_null(strstr(scene_last(s)->text, ", critical level in "));
}

/* The same of one superblock, which is sampled each second from the first sample on that shows it;
 * one that jumps grows no more. */
static void growth_of_a_superblock_in_seconds(void **state)
{
	struct scene *s = *state;
	struct dcm_snap_source *source = &s->sources[DCM_SOURCE_SUPERBLOCKS];
	uint64_t used = 2000000;
	unsigned i;

	scene_only(s, DCM_ALARM_GROWTH);
	s->config.types[DCM_ALARM_GROWTH].rule.raise_after = 0;
	scene_start(s);
	scene_superblock(s, 9, "/data", used);
	for (i = 0; i <= 600; i++) {
		DCM_SET(source, runs, i / 10);
		s->superblocks[0].unused = used + (i / 10 == 30) * 1000000;
		assert_int_equal(scene_run(s, 1), 0);
	}
	for (i = 0; i < 20 && !dcm_alarm_engine_sequence(s->engine); i++) {
		used += 200000;
		if (i >= 9) {
			source->runs++;
			s->superblocks[0].unused = used;
		}
		scene_run(s, 1);
	}
	assert_in_range(i, 10, 15);
	assert_string_equal(scene_last(s)->resource, "/data");
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CRITICAL);
	assert_non_null(strstr(scene_last(s)->text, ", critical level in "));
}

/* By default it has to last for five minutes. */
static void growth_of_a_minute_is_calm(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_GROWTH);
	scene_start(s);
	for (unsigned i = 0; i < 900; i++) {
		DCM_SET(&s->totals, dentries, 1000000 + (i < 60 ? i : 60) * 200000);
		assert_int_equal(scene_run(s, 1), 0);
	}
}

/* Fast growth far below the level is somebody's build. */
static void growth_without_end_in_sight_is_calm(void **state)
{
	struct scene *s = *state;

	scene_only(s, DCM_ALARM_GROWTH);
	s->config.types[DCM_ALARM_GROWTH].rule.extra = 3600;
	scene_start(s);
	for (unsigned i = 0; i < 2000; i++) {
		DCM_SET(&s->totals, dentries, 1000000 + i * 1500);
		assert_int_equal(scene_run(s, 1), 0);
	}
}

static void churn_is_a_rate(void **state)
{
	struct scene *s = *state;
	uint64_t created = 50000; /* what was there before does not count */

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	for (unsigned i = 0; i < 300; i++) {
		DCM_SET(&s->namespaces, created, created);
		assert_int_equal(scene_run(s, 1), 0);
	}
	for (unsigned i = 0; i < 300; i++) {
		DCM_SET(&s->namespaces, created, created += 10);
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_WARNING);
	/* the sampler's count starts afresh: no rate of minus thousands, nor a huge one */
	DCM_SET(&s->namespaces, created, 3);
	assert_int_equal(scene_run(s, 29), 0);
	assert_int_equal(scene_run(s, 600), 1);
	assert_int_equal(scene_last(s)->severity, DCM_SEVERITY_CLEARED);
}

/* Names of programs are data from strangers, and come last, so that the level is never cut off. */
static void churn_names_the_makers(void **state)
{
	struct scene *s = *state;
	uint64_t created = 0;

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	DCM_SET(&s->namespaces, makers, scene_str(s, "runc:$(id) of shim, ip of bash"));
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_int_equal(dcm_alarm_engine_sequence(s->engine), 1);
	assert_string_equal(scene_last(s)->text,
			    "network namespaces of the host are created at 20 per second, at or "
			    "above 5, most by runc:__id_ of shim, ip of bash");
	assert_safe(scene_last(s)->text);
}

/* The last container that got one is named, too. */
static void churn_names_a_container(void **state)
{
	struct scene *s = *state;
	uint64_t created = 0;

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	DCM_SET(&s->namespaces, makers, scene_str(s, "runc:[1:CHILD] of runc for docker"));
	DCM_SET(&s->namespaces, container.runtime, scene_str(s, "docker"));
	DCM_SET(&s->namespaces, container.id, scene_str(s, "3f2a9c01b77e"));
	DCM_SET(&s->namespaces, container.name, scene_str(s, "web-1"));
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_string_equal(scene_last(s)->text,
			    "network namespaces of the host are created at 20 per second, at or "
			    "above 5, most by runc for docker, last for web-1, "
			    "docker 3f2a9c01b77e");
	DCM_SET(&s->namespaces, containers, scene_str(s, "web-1, web-$(id) and 6 more"));
	for (unsigned i = 0; i < 400; i++)
		scene_run(s, 1);
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_non_null(strstr(scene_last(s)->text,
			       "most by runc for docker, last for web-1, web-__id_ and 6 more"));
}

/* containerd makes the namespace before there is a container, so only pods that wait are known. */
static void churn_names_waiting_pods(void **state)
{
	struct scene *s = *state;
	uint64_t created = 0;

	scene_only(s, DCM_ALARM_NETNS_CHURN);
	scene_start(s);
	DCM_SET(&s->namespaces, makers, scene_str(s, "containerd of systemd"));
	DCM_SET(&s->namespaces, container.runtime, scene_str(s, "containerd"));
	DCM_SET(&s->namespaces, waiting_pods, 8);
	DCM_SET(&s->namespaces, waiting_pod_names,
		scene_str(s, "shop/cart-1, shop/cart$(id) and 6 more"));
	for (unsigned i = 0; i < 200; i++) {
		DCM_SET(&s->namespaces, created, created += 20);
		scene_run(s, 1);
	}
	assert_string_equal(scene_last(s)->text,
			    "network namespaces of the host are created at 20 per second, at or "
			    "above 5, most by containerd of systemd; no container yet in "
			    "shop/cart-1, shop/cart__id_ and 6 more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(growth_of_host_and_superblock, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(growth_in_seconds, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(growth_of_a_superblock_in_seconds, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(growth_of_a_minute_is_calm, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(growth_without_end_in_sight_is_calm, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_is_a_rate, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(churn_names_a_container, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_names_waiting_pods, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(churn_names_the_makers, scene_setup,
						scene_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
