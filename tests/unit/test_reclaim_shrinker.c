// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Against files laid out as Documentation/admin-guide/mm/shrinker_debugfs.rst describes them. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/reclaim/reclaim_shrinker.h"

static char folder[] = "/tmp/dcachemon-shrinker.XXXXXX";

static void write_file(const char *name, const char *file, const char *text)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", folder, name, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int setup(void **state)
{
	if (!mkdtemp(folder))
		return -1;
	write_file("sb-ext4:vda1-5", "count", "1 10 0\n7 0 3\n");
	write_file("sb-ext4:vda1-5", "scan", "");
	write_file("sb-ext4:vda12-6", "count", "");
	write_file("sb-overlay-30", "count", "");
	write_file("sb-overlay-31", "count", "");
	write_file("sb-proc-2", "count", "1 5\n");
	write_file("sb-proc-2", "scan", "");
	write_file("sb-tmpfs-x", "count", "");
	write_file("mm-zspool-1", "count", "");
	return 0;
}

static int teardown(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void test_find(void **state)
{
	static const struct {
		const char *fstype, *id;
		bool only;
		int err;
		const char *name;
	} cases[] = {
		{"ext4", "vda1", false, 0, "sb-ext4:vda1-5"},
		{"ext4", "vda12", true, 0, "sb-ext4:vda12-6"},
		{"ext4", "vda", false, -EOPNOTSUPP, NULL},
		{"ext4", "vda1-5", false, -EOPNOTSUPP, NULL},
		{"overlay", "overlay", false, -EOPNOTSUPP, NULL},
		{"overlay", "overlay", true, -ENOTUNIQ, NULL},
		{"proc", "proc", true, 0, "sb-proc-2"},
		{"proc", "proc", false, -EOPNOTSUPP, NULL},
		{"tmpfs", "tmpfs", true, -EOPNOTSUPP, NULL},
		{"", "", true, -EOPNOTSUPP, NULL},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		char path[512] = "";

		assert_int_equal(dcm_shrinker_find(folder, cases[i].fstype, cases[i].id,
						   cases[i].only, path, sizeof(path)),
				 cases[i].err);
		if (cases[i].name)
			assert_string_equal(path + strlen(folder) + 1, cases[i].name);
	}
	assert_int_equal(dcm_shrinker_find("/nowhere", "ext4", "vda1", true, (char[64]){0}, 64),
			 -EOPNOTSUPP);
}

/* Nothing moves: it gives up after a few steps of one scan per count that is not 0. */
static void test_stuck(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_shrinker_run run;
	char path[512], text[64] = "";
	bool more = true;
	int steps = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/sb-ext4:vda1-5", folder);
	dcm_shrinker_run_init(&run, path, 4);
	while (more && steps++ < 100)
		assert_int_equal(dcm_shrinker_run_step(&run, &reason, &more), 0);
	assert_int_equal(steps, 4);
	assert_int_equal(run.scans, 2 * 4);
	assert_int_equal(run.least, 13);
	strcat(path, "/scan");
	f = fopen(path, "r");
	assert_non_null(fgets(text, sizeof(text), f));
	fclose(f);
	assert_string_equal(text, "7 1 3\n");
}

static void test_empty(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_shrinker_run run;
	char path[512];
	bool more = true;

	write_file("sb-proc-2", "count", "1 0\n");
	snprintf(path, sizeof(path), "%s/sb-proc-2", folder);
	dcm_shrinker_run_init(&run, path, 4);
	assert_int_equal(dcm_shrinker_run_step(&run, &reason, &more), 0);
	assert_false(more);
	assert_int_equal(run.scans, 0);
}

static void test_missing(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_shrinker_run run;
	bool more = true;

	dcm_shrinker_run_init(&run, "/nowhere", 4);
	assert_int_equal(dcm_shrinker_run_step(&run, &reason, &more), -ENOENT);
	assert_non_null(strstr(reason.text, "/nowhere"));
	assert_true(more);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
