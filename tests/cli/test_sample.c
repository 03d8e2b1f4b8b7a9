// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Where show gets its snapshots from; the collector is replaced by one of chosen slowness. */
#include <errno.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/lib/snapshot_source.h"
#include "common/base/cleanup.h"
#include "tests/cli/hostile_snapshot.h"

static unsigned slices; /* of 10 ms, after each of which progress is reported */
static int created;

int dcm_collector_create(const struct dcm_config *config, struct dcm_reason *reason,
			 struct dcm_collector **ret)
{
	if (config->sampling.budget_percent > 100)
		return dcm_reason_set(reason, -EACCES, "no \033[31mproc");
	*ret = (struct dcm_collector *)&created;
	created++;
	return 0;
}

void dcm_collector_destroy(struct dcm_collector *collector)
{
	assert_ptr_equal(collector, &created);
	created--;
}

int dcm_collector_sample(struct dcm_collector *collector, dcm_collector_progress *progress,
			 void *ctx)
{
	const struct timespec slice = {.tv_nsec = 10000000};

	assert_ptr_equal(collector, &created);
	for (unsigned i = 0; i < slices; i++) {
		if (!progress(ctx, "hash", (double)i / slices))
			return -ECANCELED;
		nanosleep(&slice, NULL);
	}
	return 0;
}

int dcm_collector_publish(struct dcm_collector *collector, uint32_t clients,
			  struct dcm_snapshot **ret)
{
	assert_ptr_equal(collector, &created);
	assert_int_equal(clients, 0);
	*ret = synthetic_snapshot(false);
	return 0;
}

/* What "top" uses beside: the objects of the command line are linked as a whole. */
void dcm_collector_run(struct dcm_collector *collector, uint64_t now_ns, uint64_t *ret_next_ns)
{
	fail();
}

bool dcm_collector_wants_publish(const struct dcm_collector *collector, uint64_t now_ns)
{
	return false;
}

void dcm_collector_set_hook(struct dcm_collector *collector, dcm_collector_hook *hook, void *ctx)
{
	fail();
}

int dcm_collector_fd(const struct dcm_collector *collector)
{
	return -1;
}

/* Takes one sample with standard error going to @fd. */
static int take(int fd, const volatile sig_atomic_t *stop)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	_cleanup_(sample_closep) struct sample *sample = NULL;
	struct dcm_config config = {0};
	int saved = dup(STDERR_FILENO), err;

	dup2(fd, STDERR_FILENO);
	err = sample_open(&config, false, stop, &sample);
	if (!err)
		err = sample_take(sample, &snapshot);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(err || snapshot);
	return err;
}

/* Everything up to the end of @fd, whose other side is closed (a terminal then fails with EIO). */
static void drain(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, buf + len, size - 1 - len)) > 0)
		len += (size_t)n;
	buf[len] = '\0';
	close(fd);
}

static void on_terminal(unsigned slice_count, char *buf, size_t size)
{
	static const volatile sig_atomic_t stop;
	int main_fd, terminal;

	slices = slice_count;
	assert_int_equal(openpty(&main_fd, &terminal, NULL, NULL, NULL), 0);
	assert_int_equal(take(terminal, &stop), 0);
	close(terminal);
	drain(main_fd, buf, size);
}

static void test_quick_is_silent(void **state)
{
	char buf[4096];

	on_terminal(3, buf, sizeof(buf));
	assert_string_equal(buf, "");
}

static void test_slow_shows_progress(void **state)
{
	char buf[4096];

	on_terminal(130, buf, sizeof(buf));
	assert_non_null(strstr(buf, "\r\033[Kdcachemon: reading hash, "));
	assert_non_null(strstr(buf, " %"));
	/* The line is wiped at the end. */
	assert_string_equal(buf + strlen(buf) - 4, "\r\033[K");
	assert_int_equal(created, 0);
}

static void test_no_terminal_no_progress(void **state)
{
	static const volatile sig_atomic_t stop;
	char buf[4096];
	int ends[2];

	slices = 130;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(take(ends[1], &stop), 0);
	close(ends[1]);
	drain(ends[0], buf, sizeof(buf));
	assert_string_equal(buf, "");
}

static void test_stop(void **state)
{
	static const volatile sig_atomic_t stop = 1;
	char buf[4096];
	int ends[2];

	slices = 1000;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(take(ends[1], &stop), -ECANCELED);
	close(ends[1]);
	drain(ends[0], buf, sizeof(buf));
	assert_string_equal(buf, "");
	assert_int_equal(created, 0);
}

static void test_nothing_works(void **state)
{
	static const volatile sig_atomic_t stop;
	struct dcm_config config = {.sampling.budget_percent = 101};
	struct sample *sample = NULL;
	int ends[2], saved = dup(STDERR_FILENO);
	char buf[4096];

	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	assert_int_equal(sample_open(&config, false, &stop, &sample), -EACCES);
	dup2(saved, STDERR_FILENO);
	assert_null(sample);
	close(ends[1]);
	drain(ends[0], buf, sizeof(buf));
	assert_string_equal(buf, "dcachemon: cannot sample: no \\x1b[31mproc\n");
	close(saved);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quick_is_silent),
		cmocka_unit_test(test_slow_shows_progress),
		cmocka_unit_test(test_no_terminal_no_progress),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_nothing_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
