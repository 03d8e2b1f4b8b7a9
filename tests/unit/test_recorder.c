// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <unistd.h>

#include <json-c/json.h>

#include "tests/unit/alarm_scene.h"

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/recorder_files.h"
#include "common/model/alarms/recorder.h"

struct tape {
	struct json_object *line[4000];
	size_t count, begins, ends, states;
};

static void tape_clear(struct tape *tape)
{
	for (size_t i = 0; i < tape->count; i++)
		json_object_put(tape->line[i]);
	*tape = (struct tape){0};
}

/* Printed again, it is the same line: no member came twice. */
static struct json_object *parse_line(const char *line)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;
	const char *again;

	assert_non_null(tokener);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, line, (int)strlen(line) + 1);
	assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
	assert_true(json_object_is_type(object, json_type_object));
	json_tokener_free(tokener);
	again = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN |
							       JSON_C_TO_STRING_NOSLASHESCAPE);
	assert_int_equal(strlen(again), strlen(line) - 1);
	assert_memory_equal(again, line, strlen(again));
	return object;
}

/* Takes all that is there to write; every line must be one JSON object. */
static void take(struct dcm_recorder *r, struct dcm_alarm_clock now, struct tape *tape)
{
	char line[DCM_RECORDER_LINE_SIZE];
	enum dcm_recorder_step step;

	while ((step = dcm_recorder_next(r, now, line)) != DCM_RECORDER_IDLE) {
		tape->begins += step == DCM_RECORDER_BEGIN;
		tape->ends += step == DCM_RECORDER_END;
		tape->states += step == DCM_RECORDER_STATE;
		if (step == DCM_RECORDER_END || step == DCM_RECORDER_STATE)
			continue;
		assert_true(strlen(line) < sizeof(line) - 1);
		assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
		tape->line[tape->count++] = parse_line(line);
	}
}

/* The value of @key, which must be there: NULL stands for null. */
static struct json_object *member(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_true(json_object_object_get_ex(object, key, &value));
	return value;
}

static struct json_object *sample_at(const struct tape *tape, size_t i)
{
	return member(tape->line[i], "sample");
}

static void second(struct scene *s, struct dcm_recorder *r, struct tape *tape)
{
	struct dcm_alarm_input input;

	scene_pass_time(s, 1);
	scene_input(s, &input);
	dcm_recorder_add(r, &input, s->now);
	take(r, s->now, tape);
}

static const struct dcm_alarm_transition raise_warning = {
	.sequence = 5,
	.index = 2,
	.type = DCM_ALARM_CHAIN_LENGTH,
	.severity = DCM_SEVERITY_WARNING,
	.time_ns = 1700000000123456789,
	.value = 1500,
	.threshold = 1000,
	.resource = "/proc/sys/net/ipv6",
	.text = "quote \" and backslash \\ would break JSON"};

/* Ten minutes before, the event in its place, two minutes after. */
static void before_and_after(void **state)
{
	struct scene *s = *state;
	struct tape *tape = calloc(1, sizeof(*tape));
	struct json_object *lookups;
	struct dcm_recorder *r;
	size_t event = 0;

	assert_int_equal(dcm_recorder_create(&r), 0);
	scene_lookup(s, "/proc/sys/net/ipv6", 2e-6);
	scene_lookup(s, "/with \"quote\n", 3e-6);
	for (unsigned i = 0; i < 1000; i++) {
		DCM_SET(&s->totals, dentries, i);
		second(s, r, tape);
	}
	assert_int_equal(tape->count, 0);
	dcm_recorder_event(r, &raise_warning, s->now);
	take(r, s->now, tape);
	for (unsigned i = 1000; i < 1500; i++) {
		DCM_SET(&s->totals, dentries, i);
		second(s, r, tape);
	}
	assert_int_equal(tape->begins, 1);
	assert_int_equal(tape->ends, 1);
	assert_int_equal(tape->states, 1);
	assert_int_equal(tape->count, 1 + 600 + 1 + 120);
	assert_int_equal(json_object_get_int64(member(tape->line[0], "schema_version")), 1);
	for (size_t i = 1; i < tape->count; i++) {
		if (json_object_object_get_ex(tape->line[i], "event", NULL))
			event = i;
		else
			assert_int_equal(
				json_object_get_int64(member(sample_at(tape, i), "dentries")),
				400 + i - 1 - (event ? 1 : 0));
	}
	assert_int_equal(event, 601);
	/* absent values are null */
	assert_null(member(sample_at(tape, 1), "negative"));
	lookups = member(sample_at(tape, 1), "lookups");
	assert_null(json_object_array_get_idx(lookups, 2));
	assert_true(json_object_get_double(json_object_array_get_idx(lookups, 0)) == 2e-6);
	tape_clear(tape);
	free(tape);
	dcm_recorder_destroy(r);
}

static void further_alarms_extend_it(void **state)
{
	struct scene *s = *state;
	struct tape *tape = calloc(1, sizeof(*tape));
	struct dcm_alarm_transition t = raise_warning;
	struct dcm_recorder *r;
	unsigned seconds = 0;

	assert_int_equal(dcm_recorder_create(&r), 0);
	second(s, r, tape);
	dcm_recorder_event(r, &raise_warning, s->now);
	take(r, s->now, tape);
	for (; !tape->ends; seconds++) {
		/* a storm of alarms does not make it endless */
		dcm_recorder_event(r, &t, s->now);
		second(s, r, tape);
		assert_in_range(seconds, 0, DCM_RECORDER_MAX_S);
	}
	assert_int_equal(seconds, DCM_RECORDER_MAX_S);
	assert_int_equal(tape->begins, 1);
	tape_clear(tape);
	/* clears and tests start nothing */
	t.severity = DCM_SEVERITY_CLEARED;
	dcm_recorder_event(r, &t, s->now);
	t.severity = DCM_SEVERITY_WARNING;
	t.test = true;
	dcm_recorder_event(r, &t, s->now);
	take(r, s->now, tape);
	assert_int_equal(tape->begins, 0);
	dcm_recorder_event(r, &raise_warning, s->now);
	take(r, s->now, tape);
	assert_int_equal(tape->begins, 1);
	tape_clear(tape);
	free(tape);
	dcm_recorder_destroy(r);
}

/* A state with the first raise of each type and with the first that is critical, in each recording.
 */
static void states(void **state)
{
	static const struct {
		enum dcm_severity severity;
		enum dcm_alarm_type type;
		size_t states; /* after it */
	} raises[] = {{DCM_SEVERITY_WARNING, DCM_ALARM_CHAIN_LENGTH, 1},
		      {DCM_SEVERITY_CLEARED, DCM_ALARM_CHAIN_LENGTH, 1},
		      {DCM_SEVERITY_WARNING, DCM_ALARM_CHAIN_LENGTH, 1},
		      {DCM_SEVERITY_WARNING, DCM_ALARM_TABLE_CHAIN, 2},
		      {DCM_SEVERITY_WARNING, DCM_ALARM_LOOKUP_LATENCY, 3},
		      {DCM_SEVERITY_CLEARED, DCM_ALARM_GROWTH, 3},
		      /* the last one is for this */
		      {DCM_SEVERITY_WARNING, DCM_ALARM_GROWTH, 3},
		      {DCM_SEVERITY_CRITICAL, DCM_ALARM_CHAIN_LENGTH, 4},
		      {DCM_SEVERITY_CRITICAL, DCM_ALARM_GROWTH, 4},
		      {DCM_SEVERITY_WARNING, DCM_ALARM_SLAB_SHARE, 4}};
	struct scene *s = *state;
	struct tape *tape = calloc(1, sizeof(*tape));
	struct dcm_alarm_transition t = raise_warning;
	struct dcm_recorder *r;

	assert_int_equal(dcm_recorder_create(&r), 0);
	for (size_t round = 1; round <= 2; round++) {
		for (size_t i = 0; i < DCM_ARRAY_SIZE(raises); i++) {
			t.severity = raises[i].severity;
			t.type = raises[i].type;
			dcm_recorder_event(r, &t, s->now);
			second(s, r, tape);
			assert_int_equal(tape->states, raises[i].states);
		}
		assert_true(tape->states <= DCM_RECORDER_STATES);
		for (unsigned i = 0; !tape->ends && i < 2 * DCM_RECORDER_AFTER_S; i++)
			second(s, r, tape);
		assert_int_equal(tape->ends, 1);
		tape_clear(tape);
	}
	/* one that begins critical keeps none for that, and what is raised at once has one */
	t.severity = DCM_SEVERITY_CRITICAL;
	for (unsigned i = 1; i <= 10; i++) {
		t.type = i;
		dcm_recorder_event(r, &t, s->now);
	}
	take(r, s->now, tape);
	assert_int_equal(tape->states, 1);
	t.severity = DCM_SEVERITY_WARNING;
	for (t.type = 1; t.type < DCM_ALARM_TYPE_END; t.type++) {
		dcm_recorder_event(r, &t, s->now);
		second(s, r, tape);
	}
	assert_int_equal(tape->states, DCM_RECORDER_STATES);
	tape_clear(tape);
	free(tape);
	dcm_recorder_destroy(r);
}

/* Clock jumps end a recording rather than let it run for ever; a burst of calls adds nothing. */
static void clocks(void **state)
{
	struct scene *s = *state;
	struct tape *tape = calloc(1, sizeof(*tape));
	struct dcm_alarm_input input;
	struct dcm_recorder *r;

	assert_int_equal(dcm_recorder_create(&r), 0);
	scene_input(s, &input);
	for (unsigned i = 0; i < 1000; i++) {
		s->now.monotonic_ns += DCM_NSEC_PER_MSEC;
		dcm_recorder_add(r, &input, s->now);
	}
	dcm_recorder_event(r, &raise_warning, s->now);
	take(r, s->now, tape);
	assert_int_equal(tape->count, 1 + 2 + 1);
	s->now.monotonic_ns = 5;
	s->now.realtime_ns = -1500000000;
	second(s, r, tape);
	assert_int_equal(tape->ends, 1);
	tape_clear(tape);
	free(tape);
	dcm_recorder_destroy(r);
}

static void small(void **state)
{
	struct scene *s = *state;
	struct tape *tape = calloc(1, sizeof(*tape));
	struct dcm_recorder *r;
	uint64_t start;
	double share;

	assert_int_equal(dcm_recorder_create(&r), 0);
	scene_lookup(s, "/proc/sys/net/ipv6", 2e-6);
	scene_lookup(s, "/proc/sys/net/core", 2e-6);
	start = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (unsigned i = 0; i < 10000; i++)
		second(s, r, tape);
	share = (double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - start) / 10000 / DCM_NSEC_PER_SEC;
	print_message("%.5f %% of a core\n", 100 * share);
	free(tape);
	dcm_recorder_destroy(r);
}

/* ---- files ---- */

static size_t file_size(const char *folder, const char *name)
{
	char path[512];
	FILE *file;
	long size;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "r");
	assert_non_null(file);
	fseek(file, 0, SEEK_END);
	size = ftell(file);
	fclose(file);
	return size;
}

static size_t list(const char *folder, char first[128], size_t *ret_bytes, bool remove)
{
	struct dcm_reason reason;
	char **names, path[512];
	size_t count;

	assert_int_equal(dcm_recorder_files_list(folder, &reason, &names, &count), 0);
	*first = '\0';
	*ret_bytes = 0;
	for (size_t i = 0; i < count; i++) {
		if (!i)
			snprintf(first, 128, "%s", names[i]);
		*ret_bytes += file_size(folder, names[i]);
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		if (remove)
			unlink(path);
		free(names[i]);
	}
	free(names);
	return count;
}

static void files_are_bounded(void **state)
{
	char folder[] = "/tmp/dcm-recorder-XXXXXX", inner[64], first[128], line[1000];
	struct dcm_recorder_files *files;
	struct dcm_reason reason;
	size_t bytes;

	assert_non_null(mkdtemp(folder));
	snprintf(inner, sizeof(inner), "%s/recordings", folder);
	assert_int_equal(dcm_recorder_files_open(inner, &reason, &files), 0);
	memset(line, 'x', sizeof(line) - 2);
	memcpy(line + sizeof(line) - 2, "\n", 2);
	/* dropped without a file under way */
	assert_int_equal(dcm_recorder_files_append(files, line, &reason), 0);
	for (int64_t i = 0; i < 40; i++) {
		/* two within one second, and once a clock that went back */
		int64_t at = (1700000000 + (i == 30 ? 0 : i / 2)) * (int64_t)DCM_NSEC_PER_SEC;

		assert_int_equal(dcm_recorder_files_begin(files, at, &reason), 0);
		for (unsigned n = 0; n < 1500; n++)
			assert_int_equal(dcm_recorder_files_append(files, line, &reason), 0);
		assert_int_equal(dcm_recorder_files_flush(files, &reason), 0);
		assert_in_range(list(inner, first, &bytes, false), 1, DCM_RECORDER_MAX_FILES);
		assert_true(bytes <= DCM_RECORDER_MAX_FILES * (size_t)DCM_RECORDER_FILE_BYTES);
	}
	dcm_recorder_files_close(files);
	assert_int_equal(list(inner, first, &bytes, false), DCM_RECORDER_MAX_FILES);
	/* the one of the clock that went back counted as the oldest */
	assert_string_equal(first, "recording-20231114T221331Z-01.jsonl");
	list(inner, first, &bytes, true);
	rmdir(inner);
	assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(before_and_after, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(further_alarms_extend_it, scene_setup,
						scene_teardown),
		cmocka_unit_test_setup_teardown(states, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(clocks, scene_setup, scene_teardown),
		cmocka_unit_test_setup_teardown(small, scene_setup, scene_teardown),
		cmocka_unit_test(files_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
