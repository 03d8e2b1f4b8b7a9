// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/tree.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

#include "common/base/clock.h"
#include "common/kernel/lookup/lookup_internal.h"

/* A kernel that counts lookups, takes as long as it is told and can be made to block. */
struct fake {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	uint64_t now_ns, took_ns[16];
	size_t lookups;
	int error;
	bool blocked, entered;
	sem_t returned;
};

static uint64_t fake_now(void *ctx)
{
	struct fake *fake = ctx;
	uint64_t now;

	pthread_mutex_lock(&fake->mutex);
	now = fake->now_ns;
	pthread_mutex_unlock(&fake->mutex);
	return now;
}

static int fake_look_up(const char *path, void *ctx)
{
	struct fake *fake = ctx;
	int error;

	pthread_mutex_lock(&fake->mutex);
	fake->now_ns += fake->took_ns[fake->lookups % DCM_ARRAY_SIZE(fake->took_ns)];
	fake->lookups++;
	fake->entered = true;
	pthread_cond_broadcast(&fake->cond);
	while (fake->blocked)
		pthread_cond_wait(&fake->cond, &fake->mutex);
	error = fake->error;
	pthread_mutex_unlock(&fake->mutex);
	sem_post(&fake->returned);
	return error;
}

static void fake_init(struct fake *fake)
{
	memset(fake, 0, sizeof(*fake));
	pthread_mutex_init(&fake->mutex, NULL);
	pthread_cond_init(&fake->cond, NULL);
	sem_init(&fake->returned, 0, 0);
	fake->now_ns = 1000000000;
}

static void fake_deinit(struct fake *fake)
{
	sem_destroy(&fake->returned);
	pthread_cond_destroy(&fake->cond);
	pthread_mutex_destroy(&fake->mutex);
}

static int setup(void **test)
{
	struct fake *fake = malloc(sizeof(*fake));

	assert_non_null(fake);
	fake_init(fake);
	*test = fake;
	return 0;
}

static int teardown(void **test)
{
	fake_deinit(*test);
	free(*test);
	return 0;
}

static struct dcm_lookup *create(struct fake *fake, const char *const *paths, size_t count)
{
	const struct dcm_lookup_calls calls = {fake_look_up, fake_now, fake};
	struct dcm_lookup *lookup;

	assert_int_equal(dcm_lookup_create_with(paths, count, &calls, &lookup), 0);
	return lookup;
}

/* Gives up the processor until the request is done; ten seconds at most. */
static void wait_idle(struct dcm_lookup *lookup, struct dcm_lookup_state *state)
{
	for (int i = 0; i < 10000; i++) {
		dcm_lookup_poll(lookup, state);
		if (!state->busy)
			return;
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	fail_msg("the worker did not finish");
}

static void request_and_wait(struct dcm_lookup *lookup, struct dcm_lookup_state *state)
{
	assert_int_equal(dcm_lookup_request(lookup), 0);
	wait_idle(lookup, state);
}

static const char *const one_path[] = {"/a"};

static void test_short_lookup_is_repeated(void **test)
{
	struct fake *fake = *test;
	static const uint64_t took[] = {150000, 90000, 199999, 70000, 80000, 1, 1, 1};
	struct dcm_lookup_result result;
	struct dcm_lookup_state state;
	struct dcm_lookup *lookup;

	memcpy(fake->took_ns, took, sizeof(took));
	lookup = create(fake, one_path, 1);
	assert_int_equal(dcm_lookup_result(lookup, 0, &result), -ENODATA);
	assert_int_equal(dcm_lookup_result(lookup, 1, &result), -EINVAL);
	dcm_lookup_poll(lookup, &state);
	assert_false(state.busy);
	assert_int_equal(state.rounds, 0);

	request_and_wait(lookup, &state);
	assert_int_equal(state.rounds, 1);
	assert_int_equal(state.finished_ns, fake->now_ns);
	assert_int_equal(fake->lookups, 5);
	assert_int_equal(dcm_lookup_result(lookup, 0, &result), 0);
	assert_true(result.has_time);
	assert_int_equal(result.time_ns, 70000);
	assert_int_equal(result.measured_ns, fake->now_ns);
	assert_int_equal(result.error, 0);
	assert_string_equal(result.error_text, "");
	dcm_lookup_destroy(lookup);
}

/* What a round of lookups that take @took (nanoseconds, 0 ends) after a round of @before says. */
static const struct {
	const char *name;
	uint64_t before[5], took[6];
	size_t lookups;
	uint64_t time_ns;
} rounds[] = {
	{"long, and the first of all: confirmed", {0}, {90000000, 80000000}, 2, 80000000},
	{"longer than any interruption: once",
	 {2000, 2000, 2000, 2000, 2000},
	 {240000000},
	 1,
	 240000000},
	{"interrupted, and the first of all", {0}, {6000000, 2000}, 2, 2000},
	{"interrupted once", {2000, 2000, 2000, 2000, 2000}, {6000000, 2100}, 2, 2100},
	{"shortly interrupted",
	 {2000, 2000, 2000, 2000, 2000},
	 {300000, 2100, 2200, 2300, 2400},
	 5,
	 2100},
	{"grown", {2000, 2000, 2000, 2000, 2000}, {6000000, 5000000}, 2, 5000000},
	{"as long as before: once", {5000000, 5000000}, {6000000}, 1, 6000000},
	{"shorter than before: once", {240000000}, {6000000}, 1, 6000000},
	{"of middle length: until enough is spent",
	 {900000, 900000, 900000},
	 {1100000, 950000},
	 2,
	 950000},
};

static void test_interruptions_do_not_count(void **test)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(rounds); i++) {
		struct dcm_lookup_result result;
		struct dcm_lookup_state state;
		struct dcm_lookup *lookup;
		size_t before = 0;
		struct fake fake;

		fake_init(&fake);
		while (before < DCM_ARRAY_SIZE(rounds[i].before) && rounds[i].before[before]) {
			fake.took_ns[before] = rounds[i].before[before];
			before++;
		}
		memcpy(&fake.took_ns[before], rounds[i].took, sizeof(rounds[i].took));
		lookup = create(&fake, one_path, 1);
		if (before)
			request_and_wait(lookup, &state);
		assert_int_equal(fake.lookups, before);
		request_and_wait(lookup, &state);
		assert_int_equal(dcm_lookup_result(lookup, 0, &result), 0);
		if (fake.lookups - before != rounds[i].lookups ||
		    result.time_ns != rounds[i].time_ns)
			fail_msg("%s: %zu lookups, %llu ns", rounds[i].name, fake.lookups - before,
				 (unsigned long long)result.time_ns);
		dcm_lookup_destroy(lookup);
		fake_deinit(&fake);
	}
}

static void advance(struct fake *fake, uint64_t ns)
{
	pthread_mutex_lock(&fake->mutex);
	fake->now_ns += ns;
	pthread_mutex_unlock(&fake->mutex);
}

static void test_missing_is_held(void **test)
{
	struct fake *fake = *test;
	struct dcm_lookup_result result;
	struct dcm_lookup_state state;
	struct dcm_lookup *lookup;

	fake->error = -ENOENT;
	lookup = create(fake, one_path, 1);
	for (int i = 0; i < 3; i++) {
		request_and_wait(lookup, &state);
		assert_int_equal(fake->lookups, 1);
		assert_int_equal(dcm_lookup_result(lookup, 0, &result), 0);
		assert_false(result.has_time);
		assert_int_equal(result.error, -ENOENT);
		assert_non_null(strstr(result.error_text, "No such file or directory"));
	}
	advance(fake, DCM_LOOKUP_MISSING_HOLD_NS - 1);
	request_and_wait(lookup, &state);
	assert_int_equal(fake->lookups, 1);
	advance(fake, 1);
	request_and_wait(lookup, &state);
	assert_int_equal(fake->lookups, 2);
	/* It came into being: after the hold it is measured, and then every time. */
	advance(fake, DCM_LOOKUP_MISSING_HOLD_NS);
	fake->error = 0;
	fake->took_ns[2] = fake->took_ns[3] = fake->took_ns[4] = 3000000;
	request_and_wait(lookup, &state);
	assert_int_equal(fake->lookups, 4);
	assert_int_equal(dcm_lookup_result(lookup, 0, &result), 0);
	assert_true(result.has_time);
	assert_int_equal(result.error, 0);
	assert_string_equal(result.error_text, "");
	request_and_wait(lookup, &state);
	assert_int_equal(fake->lookups, 5);
	dcm_lookup_destroy(lookup);
}

static void test_other_errors_are_tried_again(void **test)
{
	struct fake *fake = *test;
	struct dcm_lookup_result result;
	struct dcm_lookup_state state;
	struct dcm_lookup *lookup;

	fake->error = -EACCES;
	lookup = create(fake, one_path, 1);
	request_and_wait(lookup, &state);
	request_and_wait(lookup, &state);
	assert_int_equal(fake->lookups, 2);
	assert_int_equal(dcm_lookup_result(lookup, 0, &result), 0);
	assert_int_equal(result.error, -EACCES);
	assert_string_equal(result.error_text, "Permission denied");
	dcm_lookup_destroy(lookup);
}

static void wait_entered(struct fake *fake)
{
	pthread_mutex_lock(&fake->mutex);
	while (!fake->entered)
		pthread_cond_wait(&fake->cond, &fake->mutex);
	pthread_mutex_unlock(&fake->mutex);
}

static void unblock(struct fake *fake)
{
	pthread_mutex_lock(&fake->mutex);
	fake->blocked = false;
	pthread_cond_broadcast(&fake->cond);
	pthread_mutex_unlock(&fake->mutex);
}

static void test_stuck_is_seen_and_passes(void **test)
{
	struct fake *fake = *test;
	static const char *const paths[] = {"/a", "/b"};
	struct dcm_lookup_result result;
	struct dcm_lookup_state state;
	struct dcm_lookup *lookup;

	fake->blocked = true;
	lookup = create(fake, paths, 2);
	assert_int_equal(dcm_lookup_request(lookup), 0);
	wait_entered(fake);
	assert_int_equal(dcm_lookup_request(lookup), -EBUSY);
	dcm_lookup_poll(lookup, &state);
	assert_true(state.busy);
	assert_int_equal(state.busy_since_ns, 1000000000);
	assert_int_equal(state.busy_index, 0);
	assert_int_equal(dcm_lookup_result(lookup, 0, &result), -ENODATA);
	unblock(fake);
	wait_idle(lookup, &state);
	assert_int_equal(dcm_lookup_result(lookup, 1, &result), 0);
	request_and_wait(lookup, &state);
	assert_int_equal(state.rounds, 2);
	dcm_lookup_destroy(lookup);
}

static size_t count_threads(void)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/task");
	size_t count = 0;

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	return count;
}

static void test_destroy_while_stuck(void **test)
{
	size_t threads = count_threads();
	struct dcm_lookup *lookup;
	static struct fake fake; /* outlives the abandoned worker */
	uint64_t begin, took;

	fake_init(&fake);
	fake.took_ns[0] = 300000000;
	fake.blocked = true;
	lookup = create(&fake, one_path, 1);
	assert_int_equal(dcm_lookup_request(lookup), 0);
	wait_entered(&fake);
	begin = dcm_now_ns();
	dcm_lookup_destroy(lookup);
	took = dcm_now_ns() - begin;
	assert_in_range(took, 900 * DCM_NSEC_PER_MSEC, 5 * DCM_NSEC_PER_SEC);
	assert_int_equal(count_threads(), threads + 1);
	/* The kernel returns after all: the worker ends and frees what it shares (the leak checker
	 * and valgrind watch). */
	unblock(&fake);
	sem_wait(&fake.returned);
	for (int i = 0; i < 10000 && count_threads() > threads; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	assert_int_equal(count_threads(), threads);
	assert_int_equal(fake.lookups, 1);
}

static void test_create_and_destroy(void **test)
{
	static const char *const relative[] = {"/a", "b"};
	static const char *const empty[] = {""};
	size_t threads = count_threads();
	struct dcm_lookup *lookup = NULL;
	struct dcm_lookup_state state;

	assert_int_equal(dcm_lookup_create(relative, 2, &lookup), -EINVAL);
	assert_int_equal(dcm_lookup_create(empty, 1, &lookup), -EINVAL);
	assert_null(lookup);
	dcm_lookup_destroy(NULL);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(dcm_lookup_create(NULL, 0, &lookup), 0);
		if (i % 2)
			assert_int_equal(dcm_lookup_request(lookup), 0);
		if (i % 4 == 1)
			wait_idle(lookup, &state);
		dcm_lookup_destroy(lookup);
	}
	for (int i = 0; i < 10000 && count_threads() > threads; i++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	assert_int_equal(count_threads(), threads);
}

static int mask_look_up(const char *path, void *ctx)
{
	pthread_sigmask(SIG_SETMASK, NULL, ctx);
	return -EIO;
}

static uint64_t real_now(void *ctx)
{
	return dcm_now_ns();
}

static void test_signals_are_blocked(void **test)
{
	struct dcm_lookup_state state;
	struct dcm_lookup *lookup;
	sigset_t worker, here;
	const struct dcm_lookup_calls calls = {mask_look_up, real_now, &worker};

	assert_int_equal(dcm_lookup_create_with(one_path, 1, &calls, &lookup), 0);
	request_and_wait(lookup, &state);
	dcm_lookup_destroy(lookup);
	pthread_sigmask(SIG_SETMASK, NULL, &here);
	assert_true(sigismember(&worker, SIGTERM) && sigismember(&worker, SIGHUP) &&
		    sigismember(&worker, SIGCHLD));
	assert_false(sigismember(&here, SIGTERM));
}

static void test_real_files(void **test)
{
	struct dcm_lookup_result result;
	struct dcm_lookup_state state;
	struct dcm_lookup *lookup;
	char there[512], missing[512], dangling[512];
	const char *paths[] = {there, missing, dangling};
	struct tree tree;

	tree_create(&tree);
	tree_write(&tree, "/there", "", 0);
	tree_path(&tree, "/there", there);
	tree_path(&tree, "/missing", missing);
	/* A link that leads nowhere is a name that exists. */
	assert_int_equal(symlink("/nowhere/at/all", tree_path(&tree, "/dangling", dangling)), 0);
	assert_int_equal(dcm_lookup_create(paths, 3, &lookup), 0);
	request_and_wait(lookup, &state);
	assert_int_equal(dcm_lookup_result(lookup, 0, &result), 0);
	assert_true(result.has_time);
	assert_in_range(result.time_ns, 1, DCM_NSEC_PER_SEC);
	assert_int_equal(dcm_lookup_result(lookup, 1, &result), 0);
	assert_int_equal(result.error, -ENOENT);
	assert_int_equal(dcm_lookup_result(lookup, 2, &result), 0);
	assert_true(result.has_time);
	assert_true(state.cost_ns > 0);
	dcm_lookup_destroy(lookup);
	tree_destroy(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_short_lookup_is_repeated, setup, teardown),
		cmocka_unit_test(test_interruptions_do_not_count),
		cmocka_unit_test_setup_teardown(test_missing_is_held, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_errors_are_tried_again, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stuck_is_seen_and_passes, setup, teardown),
		cmocka_unit_test(test_destroy_while_stuck),
		cmocka_unit_test(test_create_and_destroy),
		cmocka_unit_test(test_signals_are_blocked),
		cmocka_unit_test(test_real_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
