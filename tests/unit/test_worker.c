// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/kernel/worker/worker.h"

#define PATIENCE_MS 200

/* A run enters, waits until it may return (as in the kernel), and returns @result. */
struct scene {
	struct dcm_worker *worker;
	sem_t entered, may_return, released;
	atomic_int runs;
	int result;
	bool saw_stop;
	sigset_t mask;
};

static int run(const struct dcm_worker *worker, void *ctx)
{
	struct scene *s = ctx;

	s->runs++;
	pthread_sigmask(SIG_SETMASK, NULL, &s->mask);
	sem_post(&s->entered);
	sem_wait(&s->may_return);
	s->saw_stop = dcm_worker_stopping(worker);
	return s->result;
}

static void release(void *ctx)
{
	sem_post(&((struct scene *)ctx)->released);
}

static int setup(void **state)
{
	static const struct dcm_worker_job job = {.run = run, .release = release};
	static struct scene scene;

	scene = (struct scene){.result = 0};
	sem_init(&scene.entered, 0, 0);
	sem_init(&scene.may_return, 0, 0);
	sem_init(&scene.released, 0, 0);
	*state = &scene;
	return dcm_worker_create(&job, &scene, &scene.worker);
}

static void wait_for(sem_t *sem)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 10;
	assert_int_equal(sem_timedwait(sem, &limit), 0);
}

static void wait_result(struct scene *s)
{
	struct pollfd p = {.fd = dcm_worker_fd(s->worker), .events = POLLIN};
	eventfd_t value;

	assert_int_equal(poll(&p, 1, 10000), 1);
	assert_int_equal(eventfd_read(p.fd, &value), 0);
}

static bool is_released(struct scene *s)
{
	int value;

	sem_getvalue(&s->released, &value);
	return value != 0;
}

static void test_rounds(void **state)
{
	struct scene *s = *state;

	assert_int_equal(dcm_worker_take(s->worker), -EAGAIN);
	for (int i = 1; i <= 3; i++) {
		s->result = i - 2; /* an error, 0, a number */
		assert_int_equal(dcm_worker_start(s->worker), 0);
		wait_for(&s->entered);
		assert_true(dcm_worker_busy(s->worker));
		assert_int_equal(dcm_worker_take(s->worker), -EAGAIN);
		assert_int_equal(dcm_worker_start(s->worker), -EBUSY);
		sem_post(&s->may_return);
		wait_result(s);
		/* over, but not taken */
		assert_int_equal(dcm_worker_start(s->worker), -EBUSY);
		assert_int_equal(dcm_worker_take(s->worker), i - 2);
		assert_int_equal(dcm_worker_take(s->worker), -EAGAIN);
		assert_false(dcm_worker_busy(s->worker));
		assert_int_equal(s->runs, i);
	}
	assert_true(sigismember(&s->mask, SIGTERM) && sigismember(&s->mask, SIGCHLD));
	dcm_worker_destroy(s->worker, PATIENCE_MS);
	assert_true(is_released(s));
	assert_false(s->saw_stop);
}

static void test_never_started(void **state)
{
	struct scene *s = *state;

	dcm_worker_destroy(s->worker, PATIENCE_MS);
	assert_true(is_released(s));
	assert_int_equal(s->runs, 0);
	dcm_worker_destroy(NULL, PATIENCE_MS);
}

static void *let_return(void *ctx)
{
	sem_post(&((struct scene *)ctx)->may_return);
	return NULL;
}

/* A run that returns while destroy waits is waited for, and has seen that it should hurry. */
static void test_destroy_waits(void **state)
{
	struct scene *s = *state;
	struct dcm_worker *worker = s->worker;
	pthread_t other;

	assert_int_equal(dcm_worker_start(worker), 0);
	wait_for(&s->entered);
	assert_int_equal(pthread_create(&other, NULL, let_return, s), 0);
	dcm_worker_destroy(worker, 10000);
	assert_true(is_released(s));
	pthread_join(other, NULL);
}

/* The kernel keeps the thread: destroy returns all the same, and the thread cleans up later. */
static void test_abandoned(void **state)
{
	struct scene *s = *state;
	uint64_t begin = dcm_now_ns(), took;

	assert_int_equal(dcm_worker_start(s->worker), 0);
	wait_for(&s->entered);
	dcm_worker_destroy(s->worker, PATIENCE_MS);
	took = dcm_now_ns() - begin;
	assert_in_range(took, PATIENCE_MS * DCM_NSEC_PER_MSEC, 5 * DCM_NSEC_PER_SEC);
	assert_false(is_released(s));
	sem_post(&s->may_return);
	wait_for(&s->released);
	assert_true(s->saw_stop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_rounds, setup),
		cmocka_unit_test_setup(test_never_started, setup),
		cmocka_unit_test_setup(test_destroy_waits, setup),
		cmocka_unit_test_setup(test_abandoned, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
