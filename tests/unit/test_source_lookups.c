// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The collector's side of lookup probes, against a scripted worker that may never come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/clock.h"
#include "common/kernel/lookup/lookup.h"
#include "common/sampling/collector_private.h"
#include "tests/lib/walk_fake.h"
#include "tests/unit/tree.h"

#define SEC DCM_NSEC_PER_SEC

static struct {
	unsigned created, destroyed, requested;
	size_t count;
	int create_err;
	bool hangs;
	bool busy;
	uint64_t rounds;
	struct dcm_lookup_result result[4];
} worker;

int dcm_lookup_create(const char *const *paths, size_t count, struct dcm_lookup **ret)
{
	if (worker.create_err)
		return worker.create_err;
	worker.created++;
	worker.count = count;
	*ret = (struct dcm_lookup *)&worker;
	return 0;
}

void dcm_lookup_destroy(struct dcm_lookup *lookup)
{
	worker.destroyed += lookup != NULL;
	worker.busy = false;
	worker.rounds = 0;
}

int dcm_lookup_request(struct dcm_lookup *lookup)
{
	if (worker.busy)
		return -EBUSY;
	worker.requested++;
	worker.busy = true;
	return 0;
}

void dcm_lookup_poll(struct dcm_lookup *lookup, struct dcm_lookup_state *ret)
{
	if (worker.busy && !worker.hangs) {
		worker.busy = false;
		worker.rounds++;
	}
	*ret = (struct dcm_lookup_state){
		.busy = worker.busy, .busy_index = 1, .rounds = worker.rounds, .cost_ns = 3000000};
}

int dcm_lookup_result(struct dcm_lookup *lookup, size_t index, struct dcm_lookup_result *ret)
{
	if (!worker.rounds)
		return -ENODATA;
	*ret = worker.result[index];
	return 0;
}

static struct tree tree;
static struct dcm_config config;
static struct dcm_collector *collector;
static uint64_t now_ns;

static uint64_t fake_now(void)
{
	return now_ns;
}

static uint64_t fake_cpu(void)
{
	return 0;
}

static int set_up(void **state)
{
	static const char totals[] = "1 2 3 4 5 6\n";

	tree_create(&tree);
	tree_write(&tree, "/proc/sys/fs/dentry-state", totals, sizeof(totals) - 1);
	memset(&fake, 0, sizeof(fake));
	memset(&worker, 0, sizeof(worker));
	fake.open_err = -EPERM;
	worker.result[0] = (struct dcm_lookup_result){.has_time = true, .time_ns = 2000};
	worker.result[1] =
		(struct dcm_lookup_result){.error = -ENOENT, .error_text = "No such file"};
	memset(&config, 0, sizeof(config));
	config.sampling.interval[DCM_SOURCE_DENTRY_STATE] = 1;
	config.sampling.interval[DCM_SOURCE_LOOKUPS] = 10;
	config.sampling.budget_percent = 0.5;
	config.sampling.lookups = 2;
	strcpy(config.sampling.lookup[0], "/proc/sys/net/ipv6");
	strcpy(config.sampling.lookup[1], "/mnt/dead");
	strcpy(config.sampling.root, tree.root);
	return 0;
}

static int tear_down(void **state)
{
	dcm_collector_destroy(collector);
	collector = NULL;
	tree_destroy(&tree);
	return 0;
}

static void create(void)
{
	struct dcm_reason reason;

	assert_int_equal(dcm_collector_create(&config, &reason, &collector), 0);
	now_ns = dcm_now_ns();
	collector->now_clock = fake_now;
	collector->cpu_clock = fake_cpu;
	collector->charged_ns = 0;
}

static unsigned run_for(double seconds)
{
	uint64_t end = now_ns + (uint64_t)(seconds * 1e9), next;
	unsigned calls = 0;

	while (now_ns < end) {
		dcm_collector_run(collector, now_ns, &next);
		assert_true(next >= now_ns);
		now_ns = next < end ? next : end;
		assert_in_range(++calls, 1, 10000);
	}
	return calls;
}

static const struct dcm_source_slot *slot(void)
{
	return &collector->slot[DCM_SOURCE_LOOKUPS];
}

static void test_rows(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *s = NULL;
	const struct dcm_snap_lookup *row;

	create();
	run_for(35);
	assert_int_equal(worker.created, 1);
	assert_int_equal(worker.requested, 4);
	assert_int_equal(slot()->status, DCM_STATE_OK);
	assert_int_equal(slot()->cost_ns, 3000000); /* the worker's time counts */
	assert_int_equal(dcm_collector_publish(collector, 0, &s), 0);
	assert_int_equal(dcm_snapshot_count(s, DCM_SEC_LOOKUPS), 2);
	row = dcm_snapshot_row(s, DCM_SEC_LOOKUPS, 0);
	assert_string_equal(dcm_snapshot_str(s, row->path), "/proc/sys/net/ipv6");
	assert_true(row->seconds == 2e-6);
	assert_false(DCM_ROW_HAS(row, error));
	row = dcm_snapshot_row(s, DCM_SEC_LOOKUPS, 1);
	assert_false(DCM_ROW_HAS(row, seconds));
	assert_string_equal(dcm_snapshot_str(s, row->error), "No such file");
}

/* A dead filesystem: said once, with the path; everything else goes on; recovery is seen. */
static void test_stuck(void **state)
{
	struct dcm_collector_change change;
	unsigned stuck = 0;

	create();
	run_for(5);
	worker.hangs = true;
	run_for(100);
	assert_int_equal(slot()->status, DCM_STATE_STUCK);
	assert_non_null(strstr(slot()->reason.text, "/mnt/dead"));
	assert_int_equal(worker.requested, 2);
	assert_in_range(collector->slot[DCM_SOURCE_DENTRY_STATE].runs, 100, 110);
	while (dcm_collector_next_change(collector, &change))
		stuck += change.source == DCM_SOURCE_LOOKUPS && change.after == DCM_STATE_STUCK;
	assert_int_equal(stuck, 1);
	assert_in_range(run_for(60), 60, 200); /* no busy waiting */
	worker.hangs = false;
	run_for(2);
	assert_int_equal(slot()->status, DCM_STATE_OK);
	assert_true(dcm_collector_next_change(collector, &change));
	assert_int_equal(change.before, DCM_STATE_STUCK);
	assert_int_equal(change.after, DCM_STATE_OK);
}

/* A complete sample does not wait for ever either. */
static void test_sample_while_stuck(void **state)
{
	uint64_t begin;

	create();
	collector->now_clock = dcm_now_ns;
	worker.hangs = true;
	begin = dcm_now_ns();
	assert_int_equal(dcm_collector_sample(collector, NULL, NULL), 0);
	assert_in_range(dcm_now_ns() - begin, SEC, 4 * SEC);
	assert_int_equal(slot()->status, DCM_STATE_STUCK);
}

static void test_no_thread(void **state)
{
	worker.create_err = -EAGAIN;
	create();
	run_for(25);
	assert_int_equal(slot()->status, DCM_STATE_FAILED);
	assert_non_null(strstr(slot()->reason.text, "lookup worker"));
	worker.create_err = 0;
	run_for(60);
	assert_int_equal(slot()->status, DCM_STATE_OK);
}

static void test_no_paths(void **state)
{
	config.sampling.lookups = 0;
	create();
	run_for(5);
	assert_int_equal(slot()->status, DCM_STATE_UNSUPPORTED);
	assert_int_equal(worker.created, 0);
}

static void test_new_paths(void **state)
{
	create();
	run_for(5);
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(5);
	assert_int_equal(worker.destroyed, 0); /* the same paths */
	strcpy(config.sampling.lookup[1], "/srv");
	assert_int_equal(dcm_collector_reconfigure(collector, &config), 0);
	run_for(5);
	assert_int_equal(worker.destroyed, 1);
	assert_int_equal(worker.created, 2);
	assert_int_equal(slot()->status, DCM_STATE_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rows),      TEST(test_stuck),	   TEST(test_sample_while_stuck),
		TEST(test_no_thread), TEST(test_no_paths), TEST(test_new_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
