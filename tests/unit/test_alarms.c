// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The engine at work: rows in the same snapshot, state over a restart, recordings. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/alarm_scene.h"

#include "common/base/cleanup.h"
#include "common/kernel/files/recorder_files.h"
#include "common/sampling/alarms_run.h"

struct run {
	char folder[64];
	struct dcm_config config;
	struct dcm_alarms *alarms;
	struct dcm_snapshot_builder *builder;
	struct dcm_reason reason;
	uint64_t now_ns;
};

static void start(struct run *r)
{
	assert_int_equal(dcm_alarms_create(&r->config, &r->reason, &r->alarms), 0);
}

static int setup(void **state)
{
	struct run *r = calloc(1, sizeof(*r));

	assert_non_null(r);
	strcpy(r->folder, "/tmp/dcm-alarms-XXXXXX");
	assert_non_null(mkdtemp(r->folder));
	dcm_config_defaults(&r->config);
	strcpy(r->config.state.folder, r->folder);
	r->now_ns = 100 * DCM_NSEC_PER_SEC;
	assert_int_equal(dcm_snapshot_builder_create(&r->builder), 0);
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct run *r = *state;
	char command[128];

	dcm_alarms_destroy(r->alarms);
	dcm_snapshot_builder_destroy(r->builder);
	snprintf(command, sizeof(command), "rm -rf %s", r->folder);
	assert_int_equal(system(command), 0);
	free(r);
	return 0;
}

/* One second with so many entries; the snapshot that comes out. */
static struct dcm_snapshot *second(struct run *r, int64_t dentries)
{
	struct dcm_snap_source *source = dcm_snapshot_builder_add(r->builder, DCM_SEC_SOURCES);
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(r->builder, DCM_SEC_TOTALS);
	struct dcm_snapshot *snapshot;
	struct dcm_reason reason;

	DCM_SET(source, index, DCM_SOURCE_DENTRY_STATE + 1);
	DCM_SET(source, state, DCM_STATE_OK);
	DCM_SET(totals, dentries, dentries);
	r->now_ns += DCM_NSEC_PER_SEC;
	dcm_alarms_hook(r->alarms, r->builder, r->now_ns, 1700000000 * 1000000000LL + r->now_ns);
	assert_int_equal(dcm_snapshot_builder_finish(r->builder, 1, r->now_ns, &snapshot), 0);
	assert_int_equal(dcm_snapshot_validate(snapshot->header, snapshot->size, &reason), 0);
	return snapshot;
}

static size_t seconds(struct run *r, unsigned count, int64_t dentries)
{
	size_t active = 0;

	for (unsigned i = 0; i < count; i++) {
		_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *s = second(r, dentries);
		struct dcm_reason reason;

		active = dcm_snapshot_count(s, DCM_SEC_ALARMS);
		assert_in_range(dcm_alarms_flush(r->alarms, s, r->now_ns, &reason), 0, 1);
	}
	return active;
}

static void alarm_in_the_same_snapshot(void **state)
{
	struct run *r = *state;
	struct dcm_alarm_transition t;

	start(r);
	assert_string_equal(r->reason.text, "");
	assert_int_equal(seconds(r, 60, 60000000), 0);
	assert_false(dcm_alarms_next_transition(r->alarms, &t));
	assert_int_equal(seconds(r, 1, 60000000), 1);
	assert_true(dcm_alarms_next_transition(r->alarms, &t));
	assert_int_equal(t.type, DCM_ALARM_DENTRIES_TOTAL);
	assert_false(dcm_alarms_next_transition(r->alarms, &t));
}

static void restart_keeps_alarms(void **state)
{
	struct run *r = *state;
	struct dcm_alarm_transition t;

	start(r);
	seconds(r, 70, 60000000);
	dcm_alarms_destroy(r->alarms);
	start(r);
	assert_string_equal(r->reason.text, "");
	/* nothing is logged or raised again, the clear has the old index */
	assert_int_equal(seconds(r, 100, 60000000), 1);
	assert_false(dcm_alarms_next_transition(r->alarms, &t));
	assert_int_equal(seconds(r, 301, 5), 0);
	assert_true(dcm_alarms_next_transition(r->alarms, &t));
	assert_int_equal(t.severity, DCM_SEVERITY_CLEARED);
	assert_int_equal(t.index, 1);
	assert_int_equal(t.sequence, 2);
}

static void damaged_state_is_ignored(void **state)
{
	struct run *r = *state;
	char path[128];
	FILE *file;

	start(r);
	seconds(r, 70, 60000000);
	dcm_alarms_destroy(r->alarms);
	snprintf(path, sizeof(path), "%s/%s", r->folder, DCM_ALARMS_STATE_FILE);
	file = fopen(path, "r+");
	assert_non_null(file);
	fseek(file, 100, SEEK_SET);
	fputc('!', file);
	fputc('!', file);
	fclose(file);
	start(r);
	assert_string_equal(r->reason.text, "alarm state is damaged");
	assert_int_equal(seconds(r, 61, 60000000), 1);
	/* and replaced by a good one */
	dcm_alarms_destroy(r->alarms);
	start(r);
	assert_string_equal(r->reason.text, "");
	assert_int_equal(seconds(r, 1, 60000000), 1);
}

/* A file where the recordings should go: the alarms are kept all the same. */
static void state_without_recordings(void **state)
{
	struct run *r = *state;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", r->folder, DCM_ALARMS_RECORDINGS);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
	start(r);
	assert_non_null(strstr(r->reason.text, "nothing is recorded: "));
	seconds(r, 70, 60000000);
	dcm_alarms_destroy(r->alarms);
	start(r);
	assert_int_equal(seconds(r, 1, 60000000), 1);
}

static void works_without_a_folder(void **state)
{
	struct run *r = *state;

	strcpy(r->config.state.folder, "/nonexistent/dcachemon");
	start(r);
	assert_string_equal(r->reason.text, "alarms will not survive a restart: "
					    "/nonexistent/dcachemon: No such file or directory");
	assert_int_equal(seconds(r, 61, 60000000), 1);
	dcm_alarms_destroy(r->alarms);
	r->config.state.folder[0] = '\0';
	start(r);
	assert_string_equal(r->reason.text, "");
	assert_int_equal(seconds(r, 61, 60000000), 1);
}

/* Whether a flush within these seconds fails, or else works; a thread of its own writes. */
static bool outcome(struct run *r, unsigned seconds, bool fails, struct dcm_reason *reason)
{
	for (unsigned i = 0; i < seconds; i++) {
		int err;

		if (i % 100 == 0)
			dcm_alarms_test(r->alarms);
		dcm_snapshot_destroy(second(r, 5));
		err = dcm_alarms_flush(r->alarms, NULL, r->now_ns, reason);
		if (fails ? err < 0 : err == 0)
			return true;
		usleep(i % 100 < 10 ? 1000 : 0);
	}
	return false;
}

/* A folder that vanishes under it: that never looks like success until it is back. */
static void failing_disk(void **state)
{
	struct run *r = *state;
	struct dcm_reason reason = {""};
	char moved[80];

	r->config.state.recorder = false;
	start(r);
	snprintf(moved, sizeof(moved), "%s.gone", r->folder);
	assert_int_equal(rename(r->folder, moved), 0);
	assert_true(outcome(r, 100000, true, &reason));
	assert_non_null(strstr(reason.text, "No such file"));
	assert_false(outcome(r, 1500, false, &reason));

	assert_int_equal(rename(moved, r->folder), 0);
	assert_true(outcome(r, 100000, false, &reason));
	assert_false(outcome(r, 1500, true, &reason));
}

static void alarm_leaves_a_recording(void **state)
{
	struct run *r = *state;
	char folder[96], path[512], line[2048];
	unsigned samples = 0, events = 0, states = 0;
	struct dcm_reason reason;
	char **names;
	size_t count;
	FILE *file;

	start(r);
	seconds(r, 700, 7);
	seconds(r, 500, 60000000);
	snprintf(folder, sizeof(folder), "%s/%s", r->folder, DCM_ALARMS_RECORDINGS);
	assert_int_equal(dcm_recorder_files_list(folder, &reason, &names, &count), 0);
	assert_int_equal(count, 1);
	snprintf(path, sizeof(path), "%s/%s", folder, names[0]);
	free(names[0]);
	free(names);
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		samples += !strncmp(line, "{\"sample\":", 10);
		events += !strncmp(line, "{\"event\":", 9);
		/* of the snapshot that has the raise */
		states += !strncmp(line, "{\"state\":", 9) &&
			  strstr(line, "\"dentries\":60000000") &&
			  strstr(line, "\"alarms\":{\"total\":1,");
	}
	fclose(file);
	assert_int_equal(samples, 720);
	assert_int_equal(events, 1);
	assert_int_equal(states, 1);
}

static void test_alarm_with_the_next_snapshot(void **state)
{
	struct run *r = *state;
	struct dcm_snapshot *s;
	const struct dcm_snap_alarm *row;

	start(r);
	dcm_alarms_test(r->alarms);
	s = second(r, 5);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_ALARMS), 0);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_EVENTS), 2);
	row = dcm_snapshot_row(s, DCM_SEC_EVENTS, 1);
	assert_int_equal(row->test, 1);
	dcm_snapshot_destroy(s);
	assert_int_equal(seconds(r, 3, 5), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(alarm_in_the_same_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(restart_keeps_alarms, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_state_is_ignored, setup, teardown),
		cmocka_unit_test_setup_teardown(state_without_recordings, setup, teardown),
		cmocka_unit_test_setup_teardown(works_without_a_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(failing_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(alarm_leaves_a_recording, setup, teardown),
		cmocka_unit_test_setup_teardown(test_alarm_with_the_next_snapshot, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
