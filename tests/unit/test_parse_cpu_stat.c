// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/cpu_stat.h"

static const struct test_case {
	const char *name, *text;
	int err;
	struct dcm_cpu_stat want;
} cases[] = {
	{"good",
	 "cpu  100 20 30 4000 50 6 7 80 9 1\n"
	 "cpu0 50 10 15 2000 25 3 3 40 4 0\n"
	 "cpu1 50 10 15 2000 25 3 4 40 5 1\n"
	 "intr 12345 0 0\nctxt 99\nbtime 1\nprocesses 7\nprocs_running 3\nprocs_blocked 0\n",
	 0,
	 {4293, 4050, 80, 2, true, 3}},
	{"a CPU that is offline has no line",
	 "cpu  1 1 1 1 1 1 1 1\ncpu3 1 1 1 1\n",
	 0,
	 {8, 2, 1, 1, false, 0}},
	{"old kernel", "cpu 1 2 3 4\ncpu0 1 2 3 4\n", 0, {10, 4, 0, 1, false, 0}},
	{"the first line of all CPUs counts",
	 "cpu 1 2 3 4\ncpu 5 6 7 8\ncpu0 1\n",
	 0,
	 {10, 4, 0, 1, false, 0}},
	{"damaged count of tasks",
	 "cpu 1 2 3 4\ncpu0 1\nprocs_running -1\n",
	 0,
	 {10, 4, 0, 1, false, 0}},
	{"too few times", "cpu 1 2 3\ncpu0 1 2 3 4\n", -ENOENT, {0}},
	{"damaged time", "cpu 1 2 x 4\ncpu0 1 2 3 4\n", -ENOENT, {0}},
	{"sum too large", "cpu 18446744073709551615 1 2 3\ncpu0 1\n", -ENOENT, {0}},
	{"no CPU", "cpu 1 2 3 4 5\n", -ENOENT, {0}},
	{"not of all CPUs", "cpu0 1 2 3 4 5\n", -ENOENT, {0}},
	{"empty", "", -ENOENT, {0}},
	{"junk", "cpufreq\n\ncpu\n", -ENOENT, {0}},
};

static void check(const struct test_case *c, const struct dcm_cpu_stat *got)
{
	assert_int_equal(got->total, c->want.total);
	assert_int_equal(got->idle, c->want.idle);
	assert_int_equal(got->steal, c->want.steal);
	assert_int_equal(got->cpus, c->want.cpus);
	assert_int_equal(got->has_running, c->want.has_running);
	if (got->has_running)
		assert_int_equal(got->running, c->want.running);
}

TEST_TEXTS(struct dcm_cpu_stat, dcm_cpu_stat_parse(text, len, &got), check(c, &got))

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
