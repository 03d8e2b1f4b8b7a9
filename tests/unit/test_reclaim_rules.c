// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/config/config.h"
#include "common/model/reclaim/reclaim_rules.h"

#define SECOND INT64_C(1000000000)
#define NOW    (1000000 * SECOND)

static void add_superblock(struct dcm_snapshot_builder *b, uint32_t index, const char *fstype,
			   const char *mountpoint, uint64_t unused)
{
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(b, DCM_SEC_SUPERBLOCKS);

	DCM_SET(row, index, index);
	DCM_SET(row, dev_major, 0);
	DCM_SET(row, dev_minor, 40 + index);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(b, fstype));
	DCM_SET(row, mountpoint, dcm_snapshot_builder_text(b, mountpoint));
	DCM_SET(row, unused, unused);
	DCM_SET(row, shrink_low_seconds, (double)unused * 0.3e-6);
	DCM_SET(row, shrink_high_seconds, (double)unused * 0.45e-6);
}

static void add_alarm(struct dcm_snapshot_builder *b, uint32_t index, enum dcm_alarm_type type,
		      uint32_t section, uint32_t resource)
{
	struct dcm_snap_alarm *row = dcm_snapshot_builder_add(b, DCM_SEC_ALARMS);

	DCM_SET(row, index, index);
	DCM_SET(row, type, type);
	DCM_SET(row, severity, DCM_SEVERITY_WARNING);
	DCM_SET(row, resource_section, section);
	DCM_SET(row, resource_index, resource);
}

/* Superblocks 1 ext4 /, 2 overlay /a, 3 overlay /b; the host alarm on dentries is raised, and that
 * of superblock 2. */
static struct dcm_snapshot *scene(void)
{
	struct dcm_snapshot_builder *b;
	struct dcm_snapshot *snapshot;

	assert_int_equal(dcm_snapshot_builder_create(&b), 0);
	add_superblock(b, 1, "ext4", "/", 9000000);
	add_superblock(b, 2, "overlay", "/a", 50000);
	add_superblock(b, 3, "overlay", "/b", 5000);
	add_alarm(b, 1, DCM_ALARM_SUPERBLOCK_UNUSED, DCM_SEC_SUPERBLOCKS, 2);
	add_alarm(b, 2, DCM_ALARM_DENTRIES_TOTAL, DCM_SEC_TOTALS, 0);
	assert_int_equal(dcm_snapshot_builder_finish(b, 1, 1, &snapshot), 0);
	dcm_snapshot_builder_destroy(b);
	return snapshot;
}

static void parse(const char *text, struct dcm_config *ret)
{
	assert_int_equal(dcm_config_parse(text, strlen(text), NULL, NULL, ret), 0);
}

static void test_decide(void **state)
{
	static const struct {
		const char *keys, *due; /* "2 -3": index, "-" before one that is held back */
		const char *words;	/* in the first one's reason */
	} cases[] = {
		{"", "", ""},
		{"enabled=no\nmax_unused=overlay 1000", "", ""},
		{"enabled=yes", "", ""},
		{"enabled=yes\nmax_unused=overlay 1000", "2 3", "more than max_unused 1000"},
		{"enabled=yes\nmax_unused=overlay 50000", "", ""},
		{"enabled=yes\nmax_unused=overlay 49999", "2", "50000 unused"},
		{"enabled=yes\nmax_unused=/b 1000", "3", ""},
		{"enabled=yes\nmax_unused=/ 1000", "1", ""},
		{"enabled=yes\nmax_unused=/b 1000\nmax_unused=ext4 1000", "1 3", ""},
		{"enabled=yes\nmax_unused=over 1000", "", ""},
		{"enabled=yes\nalarm=superblock_unused", "2", "alarm superblock_unused"},
		{"enabled=yes\nalarm=dentries_total", "1", "alarm dentries_total"},
		{"enabled=yes\nalarm=slab_share", "", ""},
		/* What it would take depends on the way, which is not known here. */
		{"enabled=yes\nmax_seconds=1\nmax_unused=ext4 1000", "1", ""},
	};
	struct dcm_snapshot *snapshot = scene();
	struct dcm_config *config = malloc(sizeof(*config));

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reclaim_decision due[8];
		char text[512], got[64] = "";
		size_t count;

		snprintf(text, sizeof(text), "[reclaim]\n%s\n", cases[i].keys);
		parse(text, config);
		count = dcm_reclaim_decide(&config->reclaim, snapshot, NULL, 0, NOW, due, 8);
		for (size_t j = 0; j < count; j++)
			sprintf(got + strlen(got), "%s%s%u", j ? " " : "", due[j].act ? "" : "-",
				due[j].row->index);
		assert_string_equal(got, cases[i].due);
		if (count)
			assert_non_null(strstr(due[0].act ? due[0].why.text : due[0].held.text,
					       cases[i].words));
		for (size_t j = 0; j < count; j++)
			assert_true(due[j].act || *due[j].held.text);
	}
	free(config);
	dcm_snapshot_destroy(snapshot);
}

static void test_interval(void **state)
{
	static const struct {
		uint32_t minor;
		int64_t time;
		bool act;
	} cases[] = {
		{42, NOW - 3599 * SECOND, false}, {42, NOW, false},
		{42, NOW - 3600 * SECOND, true},  {43, NOW - SECOND, true},
		{42, NOW + SECOND, true}, /* the clock was set back */
	};
	struct dcm_snapshot *snapshot = scene();
	struct dcm_config *config = malloc(sizeof(*config));

	parse("[reclaim]\nenabled=yes\ninterval=3600\nmax_unused=/a 1000\n", config);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const struct dcm_reclaim_past past = {.dev_minor = cases[i].minor,
						      .time_ns = cases[i].time};
		struct dcm_reclaim_decision due[8];

		assert_int_equal(
			dcm_reclaim_decide(&config->reclaim, snapshot, &past, 1, NOW, due, 8), 1);
		assert_int_equal(due[0].act, cases[i].act);
		assert_non_null(strstr(due[0].why.text, "max_unused 1000"));
	}
	free(config);
	dcm_snapshot_destroy(snapshot);
}

/* A device number is used again: what was done to the one before holds nothing back. */
static void test_identity(void **state)
{
	static const struct {
		struct dcm_reclaim_identity then, now;
		bool same;
	} cases[] = {
		{{0, 0, 0}, {0, 0, 0}, true},
		{{2, 0, 0}, {2, 0, 0}, true},
		{{2, 0, 0}, {3, 0, 0}, false},
		{{2, 0, 0}, {0, 0, 0}, true},
		{{2, 100, 105}, {2, 100, 105}, true},
		/* Its first mounts have gone, new ones have come; one of then is still there. */
		{{2, 100, 105}, {2, 105, 200}, true},
		{{2, 100, 105}, {2, 106, 106}, false},
		{{2, 100, 105}, {2, 0, 0}, true},
		{{2, 0, 0}, {2, 106, 106}, true},
	};
	struct dcm_snapshot *snapshot = scene();
	struct dcm_config *config = malloc(sizeof(*config));

	parse("[reclaim]\nenabled=yes\ninterval=3600\nmax_unused=/a 1000\n", config);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const struct dcm_reclaim_past past = {0, 42, NOW - SECOND, cases[i].then};
		struct dcm_reclaim_decision due[8];

		assert_int_equal(dcm_reclaim_may_be_same(&cases[i].then, &cases[i].now),
				 cases[i].same);
		for (size_t j = 0; j < dcm_snapshot_count(snapshot, DCM_SEC_SUPERBLOCKS); j++) {
			struct dcm_snap_superblock *row =
				(struct dcm_snap_superblock *)dcm_snapshot_row(
					snapshot, DCM_SEC_SUPERBLOCKS, j);

			row->fingerprint = cases[i].now.fingerprint;
			row->oldest_mount = cases[i].now.oldest_mount;
			row->newest_mount = cases[i].now.newest_mount;
		}
		assert_int_equal(
			dcm_reclaim_decide(&config->reclaim, snapshot, &past, 1, NOW, due, 8), 1);
		assert_int_equal(due[0].act, !cases[i].same);
		assert_true(due[0].capped);
		assert_int_equal(due[0].max_unused, 1000);
	}
	free(config);
	dcm_snapshot_destroy(snapshot);
}

static void test_room(void **state)
{
	struct dcm_snapshot *snapshot = scene();
	struct dcm_config *config = malloc(sizeof(*config));
	struct dcm_reclaim_decision due[1];

	parse("[reclaim]\nenabled=yes\nmax_unused=overlay 1000\n", config);
	assert_int_equal(dcm_reclaim_decide(&config->reclaim, snapshot, NULL, 0, NOW, due, 1), 1);
	free(config);
	dcm_snapshot_destroy(snapshot);
}

static void test_config_mistakes(void **state)
{
	static const char *const bad[] = {
		"max_unused=overlay",
		"max_unused=",
		"max_unused=overlay many",
		"max_unused= 5000",
		"max_unused=overlay 999",
		"max_unused=overlay -5000",
		"alarm=bogus",
		"alarm=",
		"alarm=test",
		"interval=1",
		"max_seconds=0",
		"enabled=maybe",
		"bogus=1",
		"max_unused=a 2000\nmax_unused=a 3000",
		"max_unused=overlay 5000000000000000000",
	};
	struct dcm_config *config = malloc(sizeof(*config));

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++) {
		char text[512];

		snprintf(text, sizeof(text), "[reclaim]\n%s\n", bad[i]);
		assert_int_equal(dcm_config_parse(text, strlen(text), NULL, NULL, config), -22);
	}
	free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decide),		cmocka_unit_test(test_interval),
		cmocka_unit_test(test_identity),	cmocka_unit_test(test_room),
		cmocka_unit_test(test_config_mistakes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
