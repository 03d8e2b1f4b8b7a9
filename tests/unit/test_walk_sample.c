// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The sample of dentries when every run of its BPF program is answered by this file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/kernel/walk/walk_internal.h"

#if DCM_WITH_BPF

#include <errno.h>

#define BUCKETS (1u << 20)

static struct dcm_walk walk;
static struct dcm_bpf_out *out;
static struct dcm_bpf_sample answer;
static unsigned runs;
static int run_err;

int dcm_walk_run(struct dcm_walk *w, enum dcm_walk_program program, enum dcm_bpf_op op, uint64_t a,
		 uint64_t b, struct dcm_reason *reason)
{
	(void)w, (void)op, (void)a, (void)b;
	assert_int_equal(program, DCM_PROG_SAMPLE);
	runs++;
	if (run_err)
		return dcm_reason_set(reason, run_err, "the run failed");
	out->sample = answer;
	return 0;
}

int dcm_walk_hash_discover(struct dcm_walk *w, struct dcm_reason *reason,
			   struct dcm_walk_table *ret)
{
	(void)reason;
	*ret = w->table;
	return 0;
}

double dcm_walk_expected_entries(const struct dcm_walk *w)
{
	(void)w;
	return 1600000;
}

static int set_up(void **state)
{
	(void)state;
	memset(&walk, 0, sizeof(walk));
	memset(&answer, 0, sizeof(answer));
	walk.table.buckets = BUCKETS;
	walk.has[DCM_PROG_SAMPLE] = true;
	out = calloc(1, sizeof(*out));
	walk.out = out;
	answer.known = 1;
	runs = 0;
	run_err = 0;
	return out ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	free(out);
	return 0;
}

/* The result of the last step; how many were met in all in @met. */
static int sample(struct dcm_reason *reason, size_t *met, double *each)
{
	struct dcm_walk_buckets now;
	int err = dcm_walk_sample_begin(&walk, reason);

	*met = 0;
	while (!err) {
		err = dcm_walk_sample_step(&walk, reason, &now);
		*met += now.count;
		*each = now.each;
		assert_true(runs < 10000);
	}
	return err;
}

static void test_enough(void **state)
{
	struct dcm_reason reason = {""};
	double each;
	size_t met;

	(void)state;
	answer.found = 100;
	answer.places = 300;
	assert_int_equal(sample(&reason, &met, &each), 1);
	assert_int_equal(met, 12300);
	assert_true(each > 130 && each < 131);
	assert_int_equal(dcm_walk_sample_step(&walk, &reason, &(struct dcm_walk_buckets){0}),
			 -EINVAL);
}

/* Few entries in much memory: it ends with fewer. */
static void test_places(void **state)
{
	struct dcm_reason reason = {""};
	double each;
	size_t met;

	(void)state;
	answer.found = 1;
	answer.places = 5000;
	assert_int_equal(sample(&reason, &met, &each), 1);
	assert_in_range(met, 200, 220);
	answer.found = 0;
	assert_int_equal(sample(&reason, &met, &each), -ENOENT);
	assert_non_null(strstr(reason.text, "no dentry met"));
}

/* Runs that never get anywhere end as well; more than there is room for is never believed. */
static void test_bounds(void **state)
{
	struct dcm_reason reason = {""};
	double each;
	size_t met;

	(void)state;
	assert_int_equal(sample(&reason, &met, &each), -ENOENT);
	assert_in_range(runs, 1000, 5000);
	answer.found = UINT32_MAX;
	assert_int_equal(sample(&reason, &met, &each), 1);
	assert_int_equal(met, 12288);
}

static void test_why_not(void **state)
{
	struct dcm_reason reason = {""};
	double each;
	size_t met;

	(void)state;
	run_err = -EIO;
	assert_int_equal(sample(&reason, &met, &each), -EIO);
	assert_string_equal(reason.text, "the run failed");
	run_err = 0;
	answer.known = 0;
	assert_int_equal(sample(&reason, &met, &each), -EOPNOTSUPP);
	assert_string_equal(reason.text, "the kernel lays dentries out in an unknown way");
	walk.has[DCM_PROG_SAMPLE] = false;
	strcpy(walk.why[DCM_PROG_SAMPLE].text, "too old");
	assert_int_equal(dcm_walk_sample_begin(&walk, &reason), -EOPNOTSUPP);
	assert_string_equal(reason.text, "too old");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_enough, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bounds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_why_not, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else
#include "tests/unit/without_bpf.h"
#endif
