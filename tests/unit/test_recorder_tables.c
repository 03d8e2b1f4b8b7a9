// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Hash tables in a recording: which lines it has, in which order, and what bounds them. */
#include <json-c/json.h>

#include "tests/unit/alarm_scene.h"

#include "common/model/alarms/recorder_tables.h"

struct host {
	struct dcm_snap_table rows[120];
	struct dcm_snap_source source;
	struct dcm_alarm_input input;
	char strings[1024];
};

static struct dcm_snap_table *add(struct host *h, enum dcm_hash_table table, unsigned place,
				  uint64_t longest, double load)
{
	struct dcm_snap_table *t = &h->rows[h->input.count[DCM_SEC_TABLES]++];

	assert_true(h->input.count[DCM_SEC_TABLES] <= DCM_ARRAY_SIZE(h->rows));
	DCM_SET(t, index, ((uint32_t)table + 1) * DCM_TABLE_PLACES + place);
	DCM_SET(t, longest, longest);
	DCM_SET(t, load, load);
	return t;
}

static void host_init(struct host *h)
{
	*h = (struct host){.strings = "", .source = {.index = DCM_SOURCE_TABLES + 1}};
	h->input.rows[DCM_SEC_TABLES] = h->rows;
	h->input.rows[DCM_SEC_SOURCES] = &h->source;
	h->input.count[DCM_SEC_SOURCES] = 1;
	h->input.strings = h->strings;
	h->input.strings_size = sizeof(h->strings);
	DCM_SET(&h->source, runs, 1);
}

static struct dcm_alarm_clock at(unsigned second)
{
	return (struct dcm_alarm_clock){(5000ULL + second) * DCM_NSEC_PER_SEC,
					(1700000000LL + second) * (int64_t)DCM_NSEC_PER_SEC};
}

/* The member that the line is all of; the caller puts it. */
static struct json_object *parse(const char *line, const char *key)
{
	struct json_object *object = json_tokener_parse(line), *value = NULL;

	assert_true(line[strlen(line) - 1] == '\n');
	if (json_object_object_get_ex(object, key, &value))
		json_object_get(value);
	json_object_put(object);
	return value;
}

static double number(struct json_object *object, const char *key)
{
	return json_object_get_double(json_object_object_get(object, key));
}

static struct json_object *row_at(struct json_object *tables, size_t i)
{
	return json_object_array_get_idx(json_object_object_get(tables, "rows"), i);
}

static const struct dcm_alarm_transition raise_warning = {.index = 2,
							  .type = DCM_ALARM_TABLE_CHAIN,
							  .severity = DCM_SEVERITY_WARNING,
							  .resource = "css_sets"};

/* What one recording of @r says: lines of tables that each come right before the sample of their
 * second and are those of the last ten minutes, with the value that was true then. */
static void check_recording(struct dcm_recorder *r, unsigned now, size_t lines)
{
	char line[DCM_RECORDER_LINE_SIZE];
	double pending = 0, first = 0;
	size_t seen = 0, samples = 0;

	while (dcm_recorder_next(r, at(now), line) != DCM_RECORDER_IDLE) {
		struct json_object *tables = parse(line, "tables"), *sample = parse(line, "sample");

		if (tables) {
			pending = number(tables, "time");
			first = first ?: pending;
			seen++;
			assert_true(number(row_at(tables, 0), "longest") == pending - 1700000000);
			assert_string_equal(json_object_get_string(json_object_object_get(
						    row_at(tables, 0), "resource")),
					    "css_sets");
		} else if (sample && samples++) {
			assert_true(!pending || pending == number(sample, "time"));
			pending = 0;
		} else if (sample) {
			/* the first line is the one that was valid before the first sample */
			assert_true(first && first <= number(sample, "time"));
			pending = 0;
		}
		json_object_put(tables);
		json_object_put(sample);
		*line = '\0';
		strcpy(line, "{}\n"); /* a step without a line */
	}
	assert_int_equal(samples, DCM_RECORDER_SAMPLES);
	assert_int_equal(seen, lines);
}

/* One sample a minute, values of each second published all the time. */
static void one_line_per_sample(void **state)
{
	struct dcm_snap_table *css;
	struct dcm_recorder *r;
	struct host h;

	host_init(&h);
	css = add(&h, DCM_TABLE_CSS_SETS, 0, 0, 1.5);
	assert_int_equal(dcm_recorder_create(&r), 0);
	for (unsigned i = 0; i < 1000; i++) {
		if (i % 60 == 0) {
			css->longest = i;
			h.source.runs++;
		}
		dcm_recorder_add(r, &h.input, at(i));
	}
	dcm_recorder_event(r, &raise_warning, at(999));
	check_recording(r, 999, 11); /* 360 (before the first sample, 400), 420, .. 960 */
	(void)state;
	dcm_recorder_destroy(r);
}

/* However often the source runs, and however long the recording is. */
static void lines_are_bounded(void **state)
{
	char line[DCM_RECORDER_LINE_SIZE];
	enum dcm_recorder_step step;
	struct dcm_recorder *r;
	size_t lines = 0, ends = 0;
	struct host h;

	host_init(&h);
	add(&h, DCM_TABLE_CSS_SETS, 0, 7, 1.5);
	assert_int_equal(dcm_recorder_create(&r), 0);
	for (unsigned i = 0; i < 2000 && !ends; i++) {
		h.source.runs++;
		dcm_recorder_add(r, &h.input, at(i));
		if (i >= 1000)
			dcm_recorder_event(r, &raise_warning, at(i));
		while ((step = dcm_recorder_next(r, at(i), line)) != DCM_RECORDER_IDLE) {
			ends += step == DCM_RECORDER_END;
			lines += step == DCM_RECORDER_MORE && !strncmp(line, "{\"tables\"", 9);
		}
	}
	assert_int_equal(ends, 1);
	assert_in_range(lines, 59, DCM_RECORDER_TABLES);
	(void)state;
	dcm_recorder_destroy(r);
}

/* The source has no rows, no numbers, or is off: there is no line. */
static void nothing_to_say(void **state)
{
	struct dcm_recorder_tables *tables = calloc(1, sizeof(*tables));
	struct dcm_snap_table *css;
	struct host h;

	host_init(&h);
	dcm_recorder_tables_add(tables, &h.input, at(0), 0);
	css = add(&h, DCM_TABLE_CSS_SETS, 0, 7, 1.5);
	css->has &= ~(DCM_HAS(css, longest) | DCM_HAS(css, load));
	dcm_recorder_tables_add(tables, &h.input, at(1), 1);
	dcm_recorder_tables_begin(tables, 0);
	assert_null(dcm_recorder_tables_next(tables, 5));
	DCM_SET(css, load, 1.5);
	dcm_recorder_tables_add(tables, &h.input, at(2), 2);
	assert_null(dcm_recorder_tables_next(tables, 1));
	assert_non_null(
		strstr(dcm_recorder_tables_next(tables, 2), "\"longest\":null,\"load\":1.5}"));
	/* the clock went back */
	h.source.runs++;
	dcm_recorder_tables_add(tables, &h.input, at(0), 3);
	assert_non_null(dcm_recorder_tables_next(tables, 3));
	(void)state;
	free(tables);
}

/* Rows for long chains and for full tables, the longest first. */
static void both_kinds_are_kept(void **state)
{
	const void *rows[40];
	size_t longest = 0, full = 0;
	struct host h;

	host_init(&h);
	for (unsigned i = 0; i < 20; i++) {
		add(&h, DCM_TABLE_TCP_LISTENING, i, 1000 - i, 0.01);
		add(&h, DCM_TABLE_DEVICE_NAMES, i, 60, 20 - 0.1 * i);
	}
	for (size_t i = 0; i < 40; i++)
		rows[i] = &h.rows[i];
	dcm_recorder_tables_order(rows, 40, 20);
	for (size_t i = 0; i < 20; i++) {
		const struct dcm_snap_table *t = rows[i];

		assert_true(!i ||
			    t->longest <= ((const struct dcm_snap_table *)rows[i - 1])->longest);
		longest += t->longest > 990;
		full += t->load > 19;
	}
	assert_int_equal(longest, 10);
	assert_int_equal(full, 10);
	dcm_recorder_tables_order(rows, 0, 20);
	dcm_recorder_tables_order(rows, 1, 20);
	(void)state;
}

/* Names that are as long as can be: rows are left out, the line is whole. */
static void long_names(void **state)
{
	struct dcm_recorder_tables *tables = calloc(1, sizeof(*tables));
	struct json_object *object;
	const char *line;
	struct host h;

	host_init(&h);
	memset(h.strings + 1, '"', sizeof(h.strings) - 2);
	for (unsigned i = 1; i < 100; i++) {
		struct dcm_snap_table *t = add(&h, DCM_TABLE_DEVICE_NAMES, i, i, 1.23456789);

		DCM_SET(t, namespace, 1);
	}
	dcm_recorder_tables_add(tables, &h.input, at(0), 0);
	line = dcm_recorder_tables_next(tables, 0);
	assert_non_null(line);
	assert_in_range(strlen(line), 1, DCM_RECORDER_TABLES_SIZE - 1);
	object = parse(line, "tables");
	assert_in_range(json_object_array_length(json_object_object_get(object, "rows")), 5,
			DCM_RECORDER_TABLE_ROWS - 1);
	assert_true(number(row_at(object, 0), "longest") == 99);
	(void)state;
	json_object_put(object);
	free(tables);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_per_sample), cmocka_unit_test(lines_are_bounded),
		cmocka_unit_test(nothing_to_say),      cmocka_unit_test(both_kinds_are_kept),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
