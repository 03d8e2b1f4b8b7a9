// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/reclaim/reclaim_log.h"
#include "tests/lib/rounds.h"

#define SECOND INT64_C(1000000000)

struct folder {
	char path[64], log[96];
};

static int make_folder(void **state)
{
	struct folder *folder = calloc(1, sizeof(*folder));

	strcpy(folder->path, "/tmp/dcachemon-reclaim-log.XXXXXX");
	assert_non_null(mkdtemp(folder->path));
	snprintf(folder->log, sizeof(folder->log), "%s/" DCM_RECLAIM_LOG_NAME, folder->path);
	*state = folder;
	return 0;
}

static int remove_folder(void **state)
{
	struct folder *folder = *state;

	unlink(folder->log);
	rmdir(folder->path);
	free(folder);
	return 0;
}

static struct dcm_span span(const char *text)
{
	return (struct dcm_span){text, strcspn(text, "\n")};
}

static struct dcm_reclaim_entry entry(int64_t seconds, enum dcm_reclaim_outcome outcome)
{
	return (struct dcm_reclaim_entry){
		.time_ns = seconds * SECOND,
		.dev_minor = 42,
		.outcome = outcome,
		.has_before = true,
		.before = 5000,
		.has_after = dcm_reclaim_has_acted(outcome),
		.after = 12,
		.has_seconds = dcm_reclaim_has_acted(outcome),
		.seconds = 0.25,
		.fstype = "overlay",
		.target = "/a b",
	};
}

static void must_append(const struct folder *folder, struct dcm_reclaim_entry e)
{
	assert_int_equal(dcm_reclaim_log_append(folder->path, &e, 60 * SECOND), 0);
}

static void write_text(const struct folder *folder, const char *text)
{
	_cleanup_fclose_ FILE *file = fopen(folder->log, "a");

	assert_non_null(file);
	fputs(text, file);
}

/* ---- lines ---- */

static void test_line(void **state)
{
	struct dcm_reclaim_entry e = entry(1700000000, DCM_RECLAIM_DONE), back;
	char line[DCM_RECLAIM_LINE_SIZE], again[DCM_RECLAIM_LINE_SIZE];
	size_t len;

	strcpy(e.rule, "alarm superblock_unused is raised");
	e.counts = (struct dcm_reclaim_counts){1, 2, 3, 4988};
	len = dcm_reclaim_entry_format(&e, line);
	assert_int_equal(len, strlen(line));
	assert_string_equal(line,
			    "1700000000.000 0:42 overlay 5000 12 0.250000 done /a\\040b "
			    "alarm\\040superblock_unused\\040is\\040raised - 1 2 3 4988 - 0:0:0\n");
	memset(&back, 0xff, sizeof(back));
	assert_int_equal(dcm_reclaim_entry_parse(span(line), &back), 0);
	assert_int_equal(dcm_reclaim_entry_format(&back, again), len);
	assert_string_equal(again, line);
	assert_true(back.time_ns == e.time_ns && back.outcome == e.outcome);
	assert_string_equal(back.target, "/a b");
	assert_string_equal(back.error, "");
	assert_false(back.has_cpu_seconds);
	e.has_cpu_seconds = true;
	e.cpu_seconds = 0.2;
	e.identity = (struct dcm_reclaim_identity){2, 18446744073709551615u, 7};
	len = dcm_reclaim_entry_format(&e, line);
	assert_non_null(strstr(line, " 4988 0.200000 2:18446744073709551615:7\n"));
	assert_int_equal(dcm_reclaim_entry_parse(span(line), &back), 0);
	assert_true(back.has_cpu_seconds && back.cpu_seconds == 0.2);
	assert_memory_equal(&back.identity, &e.identity, sizeof(e.identity));
	assert_int_equal(dcm_reclaim_entry_format(&back, again), len);
	assert_string_equal(again, line);
	e.time_ns += 987 * (SECOND / 1000);
	dcm_reclaim_entry_format(&e, line);
	assert_memory_equal(line, "1700000000.987 ", 15);
	assert_int_equal(dcm_reclaim_entry_parse(span(line), &back), 0);
	assert_true(back.time_ns == e.time_ns);
}

/* Lines of older versions end earlier; what is cut or too long is none. */
static void test_ends(void **state)
{
	static const struct {
		const char *end;
		int err;
	} cases[] = {
		{" 4988", 0},
		{" 4988 0.2", 0},
		{" 4988 -", 0},
		{" 4988 - 2:5:7", 0},
		{" 4988 0.2 2:5:7", 0},
		{" 4988 0.2 2:5:7 8", -EINVAL},
		{" 4988 0.2 2:5", -EINVAL},
		{" 4988 0.2 2:5:7:8", -EINVAL},
		{" 4988 0.2 2:5:", -EINVAL},
		{" 4988 0.2 -", -EINVAL},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reclaim_entry e;
		char line[200];

		snprintf(line, sizeof(line), "1.000 0:42 overlay 5 1 0.25 done /a - - 1 2 3%s",
			 cases[i].end);
		assert_int_equal(dcm_reclaim_entry_parse(span(line), &e), cases[i].err);
	}
}

/* Every byte comes back, and nothing makes a second line or field. */
static void test_bytes(void **state)
{
	struct dcm_reclaim_entry e = entry(1, DCM_RECLAIM_FAILED), back;
	char line[DCM_RECLAIM_LINE_SIZE];

	for (int i = 0; i < 255; i++)
		e.target[i] = (char)(i + 1);
	memset(e.rule, '\n', sizeof(e.rule) - 1);
	memset(e.error, '\\', sizeof(e.error) - 1);
	memset(e.fstype, ' ', sizeof(e.fstype) - 1);
	assert_true(dcm_reclaim_entry_format(&e, line) < DCM_RECLAIM_LINE_SIZE);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	memset(&back, 0, sizeof(back));
	assert_int_equal(dcm_reclaim_entry_parse(span(line), &back), 0);
	assert_string_equal(back.target, e.target);
	assert_string_equal(back.rule, e.rule);
	assert_string_equal(back.error, e.error);
	assert_string_equal(back.fstype, e.fstype);
	strcpy(e.target, "-");
	dcm_reclaim_entry_format(&e, line);
	assert_int_equal(dcm_reclaim_entry_parse(span(line), &back), 0);
	assert_string_equal(back.target, "-");
}

static void test_damage(void **state)
{
	static const char *const bad[] = {
		"",
		"junk",
		"1 0:42 overlay 1 0 0.1",
		"1 0:42 overlay 1 0 0.1 done /a - - 1 0 0",
		"1 0:42 overlay 1 0 0.1 done /a - - 1 0 0 1 x",
		"1 0:42 overlay 1 0 0.1 done /a - - 1 0 0 1 0.1 2",
		"1 0:42 overlay 1 0 0.1 maybe /a - - 1 0 0 1",
		"1 0:42 overlay 1 0 0.1 done /a - - 1 0 - 1",
		"1 0:42 overlay -1 0 0.1 done /a - - 1 0 0 1",
		"1 0:42 overlay 1 0 nan done /a - - 1 0 0 1",
		"1 42 overlay 1 0 0.1 done /a - - 1 0 0 1",
		"1 0:4294967296 overlay 1 0 0.1 done /a - - 1 0 0 1",
		"-1 0:42 overlay 1 0 0.1 done /a - - 1 0 0 1",
		"99999999999 0:42 overlay 1 0 0.1 done /a - - 1 0 0 1",
	};
	struct dcm_reclaim_entry e;
	char long_line[2048];

	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad); i++)
		assert_int_equal(dcm_reclaim_entry_parse(span(bad[i]), &e), -22);
	snprintf(long_line, sizeof(long_line), "1 0:42 %0*d - - - done \\777\\0 \\ - 0 0 0 0", 1000,
		 7);
	assert_int_equal(dcm_reclaim_entry_parse(span(long_line), &e), 0);
	assert_int_equal(strlen(e.fstype), sizeof(e.fstype) - 1);
	assert_string_equal(e.target, "\\777\\0");
	assert_false(e.has_before || e.has_after || e.has_seconds);
}

static void test_words(void **state)
{
	struct dcm_reclaim_entry done = entry(1, DCM_RECLAIM_DONE),
				 refused = entry(1, DCM_RECLAIM_REFUSED),
				 stopped = entry(1, DCM_RECLAIM_STOPPED);
	char text[400];

	dcm_reclaim_entry_text(&done, text, sizeof(text));
	assert_string_equal(text, "overlay on /a b (device 0:42): 5000 -> 12 unused dentries in "
				  "0.25 s (by hand)");
	strcpy(refused.rule, "5000 unused");
	strcpy(refused.error, "would take 9 s");
	dcm_reclaim_entry_text(&refused, text, sizeof(text));
	assert_string_equal(text, "overlay on /a b (device 0:42): refused, 5000 unused dentries: "
				  "would take 9 s (5000 unused)");
	strcpy(stopped.error, "interrupted");
	stopped.after = 3000;
	dcm_reclaim_entry_text(&stopped, text, sizeof(text));
	assert_string_equal(text, "overlay on /a b (device 0:42): stopped, 5000 -> 3000 unused "
				  "dentries in 0.25 s: interrupted (by hand)");
}

/* Each result comes back from its line, and counts as one thing. */
static void test_outcomes(void **state)
{
	static const struct {
		enum dcm_reclaim_outcome outcome;
		const char *word;
		struct dcm_reclaim_counts counts;
	} cases[] = {
		{DCM_RECLAIM_DONE, " done ", {1, 0, 0, 4988}},
		{DCM_RECLAIM_REFUSED, " refused ", {0, 1, 0, 0}},
		{DCM_RECLAIM_FAILED, " failed ", {0, 0, 1, 0}},
		{DCM_RECLAIM_STOPPED, " stopped ", {1, 0, 0, 4988}},
		{DCM_RECLAIM_OPTIONS_CHANGED, " changed ", {1, 0, 0, 4988}},
		{DCM_RECLAIM_GONE, " gone ", {0, 0, 0, 0}},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reclaim_entry e = entry(1, cases[i].outcome), back;
		char line[DCM_RECLAIM_LINE_SIZE];

		dcm_reclaim_counts_add(&e.counts, &e);
		assert_memory_equal(&e.counts, &cases[i].counts, sizeof(e.counts));
		dcm_reclaim_entry_format(&e, line);
		assert_non_null(strstr(line, cases[i].word));
		assert_int_equal(dcm_reclaim_entry_parse(span(line), &back), 0);
		assert_int_equal(back.outcome, cases[i].outcome);
	}
	/* One more result needs its case here. */
	assert_string_equal(dcm_reclaim_outcome_name(DCM_ARRAY_SIZE(cases) + 1), "unknown");
}

/* ---- the file ---- */

static void test_sums(void **state)
{
	const struct folder *folder = *state;
	struct dcm_reclaim_entry *all;
	size_t count;

	assert_int_equal(dcm_reclaim_log_read(folder->path, &all, &count), 0);
	assert_int_equal(count, 0);
	free(all);
	must_append(folder, entry(100, DCM_RECLAIM_DONE));
	write_text(folder, "junk\n\n");
	must_append(folder, entry(200, DCM_RECLAIM_REFUSED));
	must_append(folder, entry(210, DCM_RECLAIM_REFUSED)); /* said already */
	must_append(folder, entry(260, DCM_RECLAIM_REFUSED));
	must_append(folder, entry(300, DCM_RECLAIM_FAILED));
	must_append(folder, entry(400, DCM_RECLAIM_DONE));
	write_text(folder, "500 0:1 half a li");
	assert_int_equal(dcm_reclaim_log_read(folder->path, &all, &count), 0);
	assert_int_equal(count, 5);
	assert_true(all[4].time_ns == 400 * SECOND);
	assert_int_equal(all[4].counts.actions, 2);
	assert_int_equal(all[4].counts.refusals, 2);
	assert_int_equal(all[4].counts.failures, 1);
	assert_int_equal(all[4].counts.freed, 2 * 4988);
	free(all);
}

static void test_bounded(void **state)
{
	const struct folder *folder = *state;
	struct dcm_reclaim_entry *all;
	size_t count;
	struct stat st;

	for (int i = 0; i < 3000; i++)
		must_append(folder, entry(1000 + i, DCM_RECLAIM_DONE));
	assert_int_equal(stat(folder->log, &st), 0);
	assert_in_range(st.st_size, DCM_RECLAIM_LOG_MAX / 3, DCM_RECLAIM_LOG_MAX + 200);
	assert_int_equal(dcm_reclaim_log_read(folder->path, &all, &count), 0);
	assert_in_range(count, 300, 1500);
	assert_true(all[count - 1].time_ns == 3999 * SECOND);
	assert_int_equal(all[count - 1].counts.actions, 3000); /* the sums stay whole */
	free(all);
}

/* On a busy machine the others may have the lock for longer than an append waits. */
static int append_in_the_end(const char *folder)
{
	int err = -EBUSY;

	for (int i = 0; i < 60 && err == -EBUSY; i++) {
		struct dcm_reclaim_entry e = entry(1000, DCM_RECLAIM_DONE);

		err = dcm_reclaim_log_append(folder, &e, 0);
	}
	return err;
}

/* Eight processes, a file that is replaced many times: no action gets lost. */
static void test_together(void **state)
{
	const struct folder *folder = *state;
	struct dcm_reclaim_entry *all;
	size_t count;

	for (int child = 0; child < 8; child++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid)
			continue;
		for (int i = 0; i < DCM_ROUNDS(150); i++)
			if (append_in_the_end(folder->path))
				_exit(1);
		_exit(0);
	}
	for (int child = 0; child < 8; child++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	assert_int_equal(dcm_reclaim_log_read(folder->path, &all, &count), 0);
	assert_int_equal(all[count - 1].counts.actions, 8 * DCM_ROUNDS(150));
	free(all);
}

static void test_refused_files(void **state)
{
	const struct folder *folder = *state;
	struct dcm_reclaim_entry e = entry(1, DCM_RECLAIM_DONE);

	assert_int_equal(dcm_reclaim_log_append("/nonexistent/folder", &e, 0), -2);
	assert_int_equal(symlink("/dev/null", folder->log), 0);
	assert_int_not_equal(dcm_reclaim_log_append(folder->path, &e, 0), 0);
	unlink(folder->log);
	assert_int_equal(mkfifo(folder->log, 0600), 0);
	assert_int_not_equal(dcm_reclaim_log_append(folder->path, &e, 0), 0);
}

/* A reader needs no permission to write for that. */
static void test_lock_held(void **state)
{
	const struct folder *folder = *state;
	struct dcm_reclaim_entry e = entry(1, DCM_RECLAIM_DONE);
	int fd;

	assert_int_equal(dcm_reclaim_log_append(folder->path, &e, 0), 0);
	fd = open(folder->log, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(dcm_reclaim_log_append(folder->path, &e, 0), -EBUSY);
	close(fd);
	assert_int_equal(dcm_reclaim_log_append(folder->path, &e, 0), 0);
}

/* ---- following ---- */

static int64_t followed(struct dcm_reclaim_watch *watch)
{
	struct dcm_reclaim_entry e;
	struct dcm_reason reason;

	assert_int_equal(dcm_reclaim_watch_read(watch, &e, &reason), 0);
	return e.outcome ? e.time_ns / SECOND : -1;
}

static void test_watch(void **state)
{
	const struct folder *folder = *state;
	struct dcm_reclaim_watch *watch;
	struct dcm_reclaim_entry e;
	struct dcm_reason reason;

	assert_int_equal(dcm_reclaim_watch_create(folder->path, &watch), 0);
	assert_int_equal(followed(watch), -1);
	must_append(folder, entry(100, DCM_RECLAIM_DONE));
	assert_int_equal(followed(watch), 100);
	assert_int_equal(followed(watch), 100);
	write_text(folder, "200 0:1 half");
	assert_int_equal(followed(watch), 100);
	write_text(folder, " a line\n");
	for (int i = 0; i < 2000; i++) { /* through several new files */
		must_append(folder, entry(1000 + i, DCM_RECLAIM_DONE));
		if (i % 97 == 0)
			assert_int_equal(followed(watch), 1000 + i);
	}
	assert_int_equal(followed(watch), 2999);
	unlink(folder->log);
	assert_int_equal(followed(watch), -1);
	must_append(folder, entry(7, DCM_RECLAIM_FAILED));
	assert_int_equal(followed(watch), 7);
	unlink(folder->log);
	assert_int_equal(symlink("/dev/zero", folder->log), 0);
	assert_int_equal(dcm_reclaim_watch_read(watch, &e, &reason), -22);
	assert_non_null(strstr(reason.text, DCM_RECLAIM_LOG_NAME));
	unlink(folder->log);
	assert_int_equal(followed(watch), -1);
	dcm_reclaim_watch_destroy(watch);
	dcm_reclaim_watch_destroy(NULL);
}

#define ON_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),	 cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_ends),	 cmocka_unit_test(test_damage),
		cmocka_unit_test(test_words),	 ON_FOLDER(test_sums),
		cmocka_unit_test(test_outcomes), ON_FOLDER(test_bounded),
		ON_FOLDER(test_together),	 ON_FOLDER(test_refused_files),
		ON_FOLDER(test_lock_held),	 ON_FOLDER(test_watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
