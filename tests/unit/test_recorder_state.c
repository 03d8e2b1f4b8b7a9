// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The state at a raise: what is in it, read by json-c, and what bounds it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <json-c/json.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/model/alarms/recorder_state.h"
#include "common/model/metrics/metrics.h"
#include "tests/lib/full_rows.h"

#define HOSTILE "a\nb\033[2J\"\\</script>\xff\xc3("

static struct dcm_snapshot_builder *builder(void)
{
	struct dcm_snapshot_builder *b;

	assert_int_equal(dcm_snapshot_builder_create(&b), 0);
	return b;
}

static struct json_object *parse(const char *line, int flags)
{
	struct json_tokener *tokener = json_tokener_new();
	struct json_object *object;

	json_tokener_set_flags(tokener, flags);
	object = json_tokener_parse_ex(tokener, line, (int)strlen(line) + 1);
	assert_int_equal(json_tokener_get_error(tokener), json_tokener_success);
	json_tokener_free(tokener);
	return object;
}

/* Its syntax, apart from what is beyond ASCII, which json-c 0.18 refuses to read strictly. */
static void assert_strict(const char *line)
{
	_cleanup_free_ char *ascii = strdup(line);

	assert_non_null(ascii);
	for (char *c = ascii; *c; c++)
		*c = (unsigned char)*c < 0x80 ? *c : '?';
	json_object_put(parse(ascii, JSON_TOKENER_STRICT));
}

/* The state of what @b has, whose line must be one JSON object of bounded size; @b ends here. */
static struct json_object *state_of(struct dcm_snapshot_builder *b)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	_cleanup_free_ char *line = NULL;
	struct json_object *object, *state;

	assert_int_equal(dcm_snapshot_builder_finish(b, 1700000000123456789, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(b);
	assert_int_equal(dcm_recorder_state(snapshot, &line), 0);
	assert_true(strlen(line) < DCM_RECORDER_STATE_BYTES);
	assert_int_equal(strcspn(line, "\n"), strlen(line) - 1);
	assert_strict(line);
	object = parse(line, JSON_TOKENER_VALIDATE_UTF8);
	assert_true(json_object_object_get_ex(object, "state", &state));
	assert_true(json_object_get_double(json_object_object_get(state, "time")) ==
		    1700000000.123);
	json_object_get(state);
	json_object_put(object);
	return state;
}

static struct json_object *rows(struct json_object *state, const char *table, uint64_t total)
{
	struct json_object *object =
		json_object_object_get(json_object_object_get(state, "tables"), table);

	assert_non_null(object);
	assert_int_equal(json_object_get_uint64(json_object_object_get(object, "total")), total);
	return json_object_object_get(object, "rows");
}

static struct json_object *value(struct json_object *array, size_t row, const char *key)
{
	return json_object_object_get(json_object_array_get_idx(array, row), key);
}

/* Every key of the metric table that has a value, in every table, and no key twice. */
static void every_value(void **state)
{
	struct dcm_snapshot_builder *b = builder();
	struct json_object *object;
	enum dcm_section section;

	for (size_t i = 0; (section = dcm_recorder_state_section(i)) != DCM_SEC_COUNT; i++)
		full_rows_add(b, dcm_table_find(section));
	object = state_of(b);
	for (size_t i = 0; (section = dcm_recorder_state_section(i)) != DCM_SEC_COUNT; i++) {
		const struct dcm_table *table = dcm_table_find(section);
		struct json_object *array = rows(object, table->name, 1);
		size_t keys = 0;

		for (size_t m = 0; m < table->count; m++) {
			if (!table->metrics[m].json)
				continue;
			assert_non_null(value(array, 0, table->metrics[m].name));
			keys++;
		}
		assert_int_equal(json_object_object_length(json_object_array_get_idx(array, 0)),
				 keys);
	}
	json_object_put(object);
}

static void largest_first(void **state)
{
	struct dcm_snapshot_builder *b = builder();
	struct json_object *object, *array;
	struct dcm_snap_superblock *s;

	for (uint32_t i = 1; i <= 812; i++) {
		s = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
		DCM_SET(s, index, i);
		DCM_SET(s, unused, i * 7 % 813); /* a permutation */
		DCM_SET(s, shrink_seconds, 184e-9);
		DCM_SET(s, dev_major, 259);
		DCM_SET(s, dev_minor, i);
		DCM_SET(s, mountpoint, dcm_snapshot_builder_text(b, HOSTILE));
	}
	object = state_of(b);
	array = rows(object, "superblocks", 812);
	assert_int_equal(json_object_array_length(array), DCM_RECORDER_STATE_ROWS);
	for (size_t i = 0; i < DCM_RECORDER_STATE_ROWS; i++)
		assert_int_equal(json_object_get_uint64(value(array, i, "unused")), 812 - i);
	assert_true(json_object_get_double(value(array, 0, "shrink_seconds")) == 184e-9);
	assert_string_equal(json_object_get_string(value(array, 0, "mountpoint")),
			    "a\nb\033[2J\"\\\\</script>\\xff\\xc3(");
	assert_int_equal(strncmp(json_object_get_string(value(array, 0, "device")), "259:", 4), 0);
	/* absent values have no key, absent tables no rows */
	assert_null(value(array, 0, "hashed"));
	assert_int_equal(json_object_array_length(rows(object, "chains", 0)), 0);
	assert_int_equal(json_object_get_int(json_object_object_get(object, "cut")), 0);
	json_object_put(object);
}

/* The alarm that was just raised is there, however many there were before. */
static void newest_alarms(void **state)
{
	struct dcm_snapshot_builder *b = builder();
	struct json_object *object, *array;

	for (uint32_t i = 1; i <= 30; i++) {
		struct dcm_snap_alarm *a = dcm_snapshot_builder_add(b, DCM_SEC_ALARMS);

		DCM_SET(a, index, i);
		DCM_SET(a, sequence, i == 3 ? 100 : i); /* an old one that became critical */
	}
	object = state_of(b);
	array = rows(object, "alarms", 30);
	assert_int_equal(json_object_array_length(array), DCM_RECORDER_STATE_ROWS);
	assert_int_equal(json_object_get_int(value(array, 0, "index")), 3);
	for (int i = 1; i < DCM_RECORDER_STATE_ROWS; i++)
		assert_int_equal(json_object_get_int(value(array, (size_t)i, "index")), 31 - i);
	json_object_put(object);
}

/* The longest texts that JSON makes longest: rows are left out, but no table's. */
static void bounded(void **state)
{
	struct dcm_snapshot_builder *b = builder();
	struct json_object *object, *array;
	char worst[4096], just[DCM_RECORDER_STATE_TEXT + 1];
	enum dcm_section section;

	memset(worst, '\001', sizeof(worst) - 1);
	worst[sizeof(worst) - 1] = '\0';
	memset(just, 'x', sizeof(just) - 1);
	just[sizeof(just) - 1] = '\0';
	for (uint32_t i = 1; i <= 30; i++) {
		struct dcm_snap_superblock *s = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);
		struct dcm_snap_directory *d = dcm_snapshot_builder_add(b, DCM_SEC_DIRECTORIES);
		struct dcm_snap_chain *c = dcm_snapshot_builder_add(b, DCM_SEC_CHAINS);
		dcm_str text = dcm_snapshot_builder_text(b, worst);

		DCM_SET(s, index, i);
		DCM_SET(d, rank, i);
		DCM_SET(c, rank, i);
		DCM_SET(s, mountpoint, text);
		DCM_SET(s, name, text);
		DCM_SET(s, id, text);
		DCM_SET(s, process_command, text);
		DCM_SET(d, path, text);
		DCM_SET(d, hint, text);
		for (size_t n = 0; n < DCM_DIRECTORY_SAMPLES; n++)
			d->sample_names[n] = text;
		d->has |= DCM_HAS(d, sample_names);
		DCM_SET(c, parent, text);
		DCM_SET(c, name, i == 1 ? dcm_snapshot_builder_text(b, just) : text);
	}
	object = state_of(b);
	for (size_t i = 0; (section = dcm_recorder_state_section(i)) != DCM_SEC_COUNT; i++) {
		const char *name = dcm_table_find(section)->name;
		bool has = section == DCM_SEC_SUPERBLOCKS || section == DCM_SEC_CHAINS ||
			   section == DCM_SEC_DIRECTORIES;

		array = rows(object, name, has ? 30 : 0);
		assert_in_range(json_object_array_length(array), has, has ? 19 : 0);
	}
	array = rows(object, "chains", 30);
	/* one that just fits is whole */
	assert_string_equal(json_object_get_string(value(array, 0, "name")), just);
	assert_int_equal(json_object_get_string_len(value(array, 0, "parent")),
			 DCM_RECORDER_STATE_TEXT);
	assert_int_equal(
		json_object_get_string(value(array, 0, "parent"))[DCM_RECORDER_STATE_TEXT - 1],
		'~');
	assert_true(json_object_get_int(json_object_object_get(object, "cut")) > 10);
	json_object_put(object);
}

/* A cut does not split a character. */
static void cut_between_characters(void **state)
{
	struct dcm_snapshot_builder *b = builder();
	struct dcm_snap_chain *c;
	struct json_object *object;
	const char *text;
	char name[600];

	for (size_t i = 0; i < sizeof(name) / 3; i++)
		memcpy(name + 3 * i, "\xe2\x82\xac", 3); /* U+20AC */
	for (uint32_t i = 1; i <= 3; i++) {
		name[sizeof(name) - 1] = '\0';
		c = dcm_snapshot_builder_add(b, DCM_SEC_CHAINS);
		DCM_SET(c, rank, i);
		DCM_SET(c, name, dcm_snapshot_builder_text(b, name + 3 - i));
	}
	object = state_of(b);
	for (size_t i = 0; i < 3; i++) {
		text = json_object_get_string(value(rows(object, "chains", 3), i, "name"));
		text += strspn(text, "\\x0123456789abcdef"); /* what the name begins with */
		while (!strncmp(text, "\xe2\x82\xac", 3))
			text += 3;
		assert_string_equal(text, "~");
	}
	json_object_put(object);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value),
		cmocka_unit_test(largest_first),
		cmocka_unit_test(newest_alarms),
		cmocka_unit_test(bounded),
		cmocka_unit_test(cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
