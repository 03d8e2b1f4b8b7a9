// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lists of CPUs, and staying away from the isolated ones. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/housekeeping.h"
#include "common/parse/cpu_list.h"
#include "tests/unit/tree.h"

static void test_lists(void **state)
{
	static const struct {
		const char *text;
		int err, count, last;
	} cases[] = {
		{"", 0, 0, -1},		 {"\n", 0, 0, -1},	   {"0\n", 0, 1, 0},
		{"0-3,8\n", 0, 5, 8},	 {"1023", 0, 1, 1023},	   {"1020-2000\n", 0, 4, 1023},
		{"3-1", -EINVAL, 0, -1}, {"1,,2", -EINVAL, 0, -1}, {"(null)\n", -EINVAL, 0, -1},
		{"1-", -EINVAL, 0, -1},	 {"1 2", -EINVAL, 0, -1},
	};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		cpu_set_t set;

		CPU_ZERO(&set);
		if (dcm_cpu_list_add(cases[i].text, &set) != cases[i].err ||
		    CPU_COUNT(&set) != cases[i].count ||
		    (cases[i].last >= 0 && !CPU_ISSET(cases[i].last, &set)))
			fail_msg("\"%s\": %d CPUs", cases[i].text, CPU_COUNT(&set));
	}
}

/* The number of CPUs that a process has left when those of @isolated and @nohz_full are set apart.
 */
static int left(const char *isolated, const char *nohz_full, int *ret_has_first)
{
	struct tree tree;
	int status;
	pid_t pid;

	tree_create(&tree);
	tree_write(&tree, "/sys/devices/system/cpu/isolated", isolated, strlen(isolated));
	tree_write(&tree, "/sys/devices/system/cpu/nohz_full", nohz_full, strlen(nohz_full));
	pid = fork();
	if (pid == 0) {
		cpu_set_t set;

		if (dcm_housekeeping_enter(tree.root) || sched_getaffinity(0, sizeof(set), &set))
			_exit(255);
		_exit(CPU_COUNT(&set) * 2 + !!CPU_ISSET(0, &set));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	tree_destroy(&tree);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 255);
	*ret_has_first = WEXITSTATUS(status) & 1;
	return WEXITSTATUS(status) / 2;
}

static void test_isolated(void **state)
{
	cpu_set_t set;
	int all, first;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(set), &set), 0);
	all = CPU_COUNT(&set);
	if (all < 2 || all > 100 || !CPU_ISSET(0, &set) || !CPU_ISSET(1, &set))
		skip(); /* needs the CPUs 0 and 1, and their number in an exit status */
	assert_int_equal(left("\n", "(null)\n", &first), all);
	assert_int_equal(left("0\n", "\n", &first), all - 1);
	assert_false(first);
	assert_int_equal(left("\n", "1\n", &first), all - 1);
	assert_true(first);
	/* all of them: the process was put there on purpose */
	assert_int_equal(left("0-1023\n", "\n", &first), all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_isolated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
