// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/kernel/files/state_file.h"

struct place {
	char folder[64], path[96], temporary[112];
};

static int setup(void **state)
{
	static struct place p;

	strcpy(p.folder, "/tmp/dcm-state-XXXXXX");
	if (!mkdtemp(p.folder))
		return -1;
	snprintf(p.path, sizeof(p.path), "%s/alarms", p.folder);
	snprintf(p.temporary, sizeof(p.temporary), "%s.tmp", p.path);
	*state = &p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	unlink(p->path);
	rmdir(p->path);
	unlink(p->temporary);
	return rmdir(p->folder);
}

static void expect_content(const struct place *p, const char *content, size_t size)
{
	_cleanup_free_ void *bytes = NULL;
	struct dcm_reason reason;
	size_t len;

	assert_int_equal(dcm_state_file_read(p->path, 4096, &reason, &bytes, &len), 0);
	assert_int_equal(len, size);
	assert_memory_equal(bytes, content, size);
}

static void write_and_read(void **state)
{
	struct place *p = *state;
	struct dcm_reason reason;
	struct stat st;

	assert_int_equal(dcm_state_file_write(p->path, "one", 3, &reason), 0);
	expect_content(p, "one", 3);
	assert_int_equal(dcm_state_file_write(p->path, "", 0, &reason), 0);
	expect_content(p, "", 0);
	assert_int_equal(dcm_state_file_write(p->path, "a\0b", 3, &reason), 0);
	expect_content(p, "a\0b", 3);
	assert_int_equal(stat(p->path, &st), 0);
	assert_int_equal(st.st_mode & 07777 & ~0640, 0);
	assert_int_equal(access(p->temporary, F_OK), -1);
}

static void nothing_there(void **state)
{
	struct place *p = *state;
	struct dcm_reason reason;
	void *bytes;
	size_t len;

	assert_int_equal(dcm_state_file_read(p->path, 4096, &reason, &bytes, &len), -ENOENT);
	assert_non_null(strstr(reason.text, p->path));
}

static void too_big(void **state)
{
	struct place *p = *state;
	char content[100] = "";
	struct dcm_reason reason;
	void *bytes;
	size_t len;

	assert_int_equal(dcm_state_file_write(p->path, content, 100, &reason), 0);
	assert_int_equal(dcm_state_file_read(p->path, 99, &reason, &bytes, &len), -EFBIG);
}

/* Neither waits for the writer of a FIFO nor follows a link. */
static void odd_files(void **state)
{
	struct place *p = *state;
	struct dcm_reason reason;
	void *bytes;
	size_t len;

	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_int_equal(dcm_state_file_read(p->path, 99, &reason, &bytes, &len), -EINVAL);
	unlink(p->path);
	assert_int_equal(symlink("/etc/passwd", p->path), 0);
	assert_int_equal(dcm_state_file_read(p->path, 1 << 20, &reason, &bytes, &len), -ELOOP);
	unlink(p->path);
	assert_int_equal(mkdir(p->path, 0700), 0);
	assert_int_equal(dcm_state_file_read(p->path, 99, &reason, &bytes, &len), -EINVAL);
}

/* What an interrupted attempt, or somebody else, left in the way of the temporary file. */
static void left_overs(void **state)
{
	struct place *p = *state;
	char victim[128];
	struct dcm_reason reason;
	struct stat st;

	snprintf(victim, sizeof(victim), "%s/victim", p->folder);
	close(open(victim, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(symlink(victim, p->temporary), 0);
	assert_int_equal(dcm_state_file_write(p->path, "new", 3, &reason), 0);
	expect_content(p, "new", 3);
	assert_int_equal(stat(victim, &st), 0);
	assert_int_equal(st.st_size, 0);
	unlink(victim);
}

/* A write that cannot succeed leaves the old content and nothing else. */
static void failed_write(void **state)
{
	struct place *p = *state;
	struct dcm_reason reason;
	char beside[128];

	snprintf(beside, sizeof(beside), "%s/missing/alarms", p->folder);
	assert_int_equal(dcm_state_file_write(beside, "x", 1, &reason), -ENOENT);
	assert_non_null(strstr(reason.text, beside));
	assert_int_equal(mkdir(p->path, 0700), 0); /* rename over a folder fails */
	assert_int_equal(dcm_state_file_write(p->path, "x", 1, &reason), -EISDIR);
	assert_int_equal(access(p->temporary, F_OK), -1);
}

static void folder(void **state)
{
	struct place *p = *state;
	struct dcm_reason reason;

	assert_int_equal(dcm_state_folder_make(p->path, &reason), 0);
	assert_int_equal(dcm_state_folder_make(p->path, &reason), 0);
	rmdir(p->path);
	close(open(p->path, O_WRONLY | O_CREAT, 0600));
	assert_int_equal(dcm_state_folder_make(p->path, &reason), -ENOTDIR);
}

static void pace(void **state)
{
	struct dcm_state_pace pace = {0};
	uint64_t now = 7 * DCM_NSEC_PER_SEC;
	unsigned writes = 0;

	assert_false(dcm_state_pace_due(&pace, now));
	for (unsigned i = 0; i < 10000; i++, now += DCM_NSEC_PER_MSEC) {
		dcm_state_pace_change(&pace);
		writes += dcm_state_pace_due(&pace, now);
	}
	assert_int_equal(writes, 10);
	/* the last change is written too */
	assert_true(dcm_state_pace_due(&pace, now + DCM_NSEC_PER_SEC));
	assert_false(dcm_state_pace_due(&pace, now + 100 * DCM_NSEC_PER_SEC));
	dcm_state_pace_change(&pace);
	assert_true(dcm_state_pace_due(&pace, 1)); /* a clock that went back does not block */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(write_and_read, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_there, setup, teardown),
		cmocka_unit_test_setup_teardown(too_big, setup, teardown),
		cmocka_unit_test_setup_teardown(odd_files, setup, teardown),
		cmocka_unit_test_setup_teardown(left_overs, setup, teardown),
		cmocka_unit_test_setup_teardown(failed_write, setup, teardown),
		cmocka_unit_test_setup_teardown(folder, setup, teardown),
		cmocka_unit_test(pace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
