// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Superblocks keep their numbers and names from one run of the daemon to the next. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/collector_scene.h"

#include "common/base/cleanup.h"
#include "common/sampling/numbers_run.h"

#define BOOT	  "6b1f5f0e-93f4-4c6c-9d5e-0d7f3f6a1c11\n"
#define NEXT_BOOT "11111111-2222-3333-4444-555555555555\n"

static struct dcm_numbers *numbers;
static struct dcm_reason reason;
static char state_file[600];

static void mount_table(const char *srv, const char *more)
{
	char text[600];

	snprintf(text, sizeof(text),
		 "20 1 0:5 / /proc rw - proc proc rw\n21 1 0:40 / %s rw - overlay none rw\n%s", srv,
		 more);
	write_text("/proc/1/mountinfo", text);
}

static void script(size_t i, const char *type, uint32_t minor, uint64_t fingerprint)
{
	fake.superblocks[i] = (struct dcm_walk_superblock){.address = fingerprint * 0x1000,
							   .dev_minor = minor,
							   .fingerprint = fingerprint,
							   .oldest_mount = 10,
							   .newest_mount = 20};
	strcpy(fake.superblocks[i].fstype, type);
}

static int start_scene(void **state)
{
	int err = set_up(state);

	snprintf(config.state.folder, sizeof(config.state.folder), "%s/state", tree.root);
	snprintf(state_file, sizeof(state_file), "%s/%s", config.state.folder,
		 DCM_NUMBERS_STATE_FILE);
	write_text("/state/.keep", "");
	write_text("/proc/sys/kernel/random/boot_id", BOOT);
	mount_table("/srv", "");
	script(0, "proc", 5, 101);
	script(1, "overlay", 40, 102);
	script(2, "proc", 54, 103); /* of a container */
	script(3, "overlay", 60, 104);
	fake.superblock_count = 4;
	numbers = NULL;
	return err;
}

static int end_scene(void **state)
{
	dcm_numbers_destroy(numbers);
	return tear_down(state);
}

static void start(void)
{
	create();
	assert_int_equal(
		dcm_numbers_create(&config, dcm_collector_roster(collector), &reason, &numbers), 0);
}

static void finish(void)
{
	dcm_numbers_destroy(dcm_take_ptr(numbers));
	dcm_collector_destroy(dcm_take_ptr(collector));
}

/* Waits for the thread that writes. */
static int flush(void)
{
	int result = 1;

	for (unsigned i = 0; i < 10000 && result == 1; i++) {
		now_ns += SEC;
		result = dcm_numbers_flush(numbers, now_ns, &reason);
		if (result == 1)
			usleep(1000);
	}
	return result;
}

/* "1 proc:/proc, 2 overlay:/srv" */
static void expect_rows(const char *expected)
{
	SNAPSHOT *s = publish();
	char text[1000] = "";
	size_t len = 0;

	for (size_t i = 0; i < dcm_snapshot_count(s, DCM_SEC_SUPERBLOCKS); i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%u %s", i ? ", " : "",
					superblock_row(s, i)->index,
					dcm_snapshot_str(s, superblock_row(s, i)->name));
	assert_string_equal(text, expected);
}

/* One superblock vanishes and another appears while the daemon is away. */
static void change_meanwhile(void)
{
	script(3, "overlay", 61, 105);
	mount_table("/srv", "22 1 0:61 / /new rw - overlay none rw\n");
}

static void test_restart(void **state)
{
	start();
	assert_string_equal(reason.text, "");
	run_for(1);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 4 overlay:0:60");
	finish();
	change_meanwhile();
	start();
	assert_string_equal(reason.text, "");
	run_for(1);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 5 overlay:/new");
}

/* Killed: the file is of the last flush. */
static void test_kill(void **state)
{
	char copy[700], command[1400];

	start();
	run_for(1);
	assert_int_equal(flush(), 0);
	snprintf(copy, sizeof(copy), "%s.copy", state_file);
	snprintf(command, sizeof(command), "cp %s %s", state_file, copy);
	assert_int_equal(system(command), 0);
	finish();
	assert_int_equal(rename(copy, state_file), 0);
	change_meanwhile();
	start();
	run_for(1);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 1029 overlay:/new");
}

static void test_reboot(void **state)
{
	start();
	run_for(1);
	finish();
	write_text("/proc/sys/kernel/random/boot_id", NEXT_BOOT);
	mount_table("/srv", "22 1 0:5 / /new rw - overlay none rw\n");
	script(0, "overlay", 40, 101); /* the numbers and memory of others */
	script(1, "proc", 54, 102);
	script(2, "overlay", 60, 104);
	fake.superblock_count = 3;
	start();
	run_for(1);
	expect_rows("2 overlay:/srv, 5 proc:0:54, 6 overlay:0:60");
}

static void test_mounted_later(void **state)
{
	start();
	run_for(1);
	mount_table("/srv", "22 1 0:60 / /late rw - overlay none rw\n");
	run_for(20);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 4 overlay:/late");
	mount_table("/moved", "");
	run_for(20);
	finish();
	start();
	run_for(1);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 4 overlay:/late");
}

/* Nothing that history may know is given again. */
static void test_damage(void **state)
{
	char expected[128];
	uint32_t first;

	start();
	run_for(1);
	finish();
	write_text("/state/" DCM_NUMBERS_STATE_FILE, "something else");
	start();
	assert_int_equal(
		sscanf(reason.text, "superblocks get new numbers, above %u: superblocks: ", &first),
		1);
	assert_true(first > 20 * 365 * 24 * 60);
	run_for(1);
	snprintf(expected, sizeof(expected),
		 "%u proc:/proc, %u overlay:/srv, %u proc:0:54, %u overlay:0:60", first + 1,
		 first + 2, first + 3, first + 4);
	expect_rows(expected);
	finish();
	start();
	assert_string_equal(reason.text, "");
	run_for(1);
	expect_rows(expected);
}

/* Written after a change only. */
static void test_writes(void **state)
{
	struct stat before, after;

	start();
	run_for(1);
	assert_int_equal(flush(), 0);
	assert_int_equal(stat(state_file, &before), 0);
	assert_int_equal(before.st_mode & 0777, 0640);
	fake.superblocks[1].unused = 5;
	run_for(60);
	assert_int_equal(flush(), 0);
	assert_int_equal(stat(state_file, &after), 0);
	assert_int_equal(after.st_ino, before.st_ino);
	fake.superblock_count = 3;
	run_for(60);
	assert_int_equal(flush(), 0);
	assert_int_equal(stat(state_file, &after), 0);
	assert_int_not_equal(after.st_ino, before.st_ino);
}

static void test_failing_disk(void **state)
{
	char away[600];

	start();
	run_for(1);
	snprintf(away, sizeof(away), "%s/away", tree.root);
	assert_int_equal(rename(config.state.folder, away), 0);
	assert_int_equal(flush(), -ENOENT);
	assert_non_null(strstr(reason.text, "No such file"));
	assert_int_equal(rename(away, config.state.folder), 0);
	for (unsigned i = 0; i < 10 && flush() < 0; i++)
		;
	assert_int_equal(flush(), 0);
	finish();
	start();
	run_for(1);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 4 overlay:0:60");
}

static void test_no_folder(void **state)
{
	strcpy(config.state.folder, "/nonexistent/dcachemon");
	start();
	assert_string_equal(reason.text, "superblocks will not keep their numbers over a restart: "
					 "/nonexistent/dcachemon: No such file or directory");
	assert_int_equal(flush(), 0);
	finish();
	config.state.folder[0] = '\0';
	start();
	assert_string_equal(reason.text, "");
	run_for(1);
	assert_int_equal(flush(), 0);
	expect_rows("1 proc:/proc, 2 overlay:/srv, 3 proc:0:54, 4 overlay:0:60");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, start_scene, end_scene)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_restart),   CASE(test_kill),		CASE(test_reboot),
		CASE(test_writes),    CASE(test_mounted_later), CASE(test_damage),
		CASE(test_no_folder), CASE(test_failing_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
