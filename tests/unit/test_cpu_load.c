// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* /proc/stat and /proc/pressure/cpu of a captured tree, as they change. */
#include "tests/unit/tree.h"

#include "common/kernel/files/cpu_load.h"

static struct tree tree;
static struct dcm_cpu_load *load;
static struct dcm_forecast_cpus cpus;

static int set_up(void **state)
{
	tree_create(&tree);
	return dcm_cpu_load_create(tree.root, &load);
}

static int tear_down(void **state)
{
	dcm_cpu_load_destroy(load);
	tree_destroy(&tree);
	return 0;
}

static void write_stat(unsigned user, unsigned idle, unsigned steal, unsigned running)
{
	char text[200];

	snprintf(text, sizeof(text),
		 "cpu  %u 0 0 %u 0 0 0 %u 0 0\ncpu0 1 1 1 1\ncpu1 1 1 1 1\nprocs_running %u\n",
		 user, idle, steal, running);
	tree_write(&tree, "/proc/stat", text, strlen(text));
}

static void assert_near(double value, double wanted)
{
	if (value < wanted - 1e-9 || value > wanted + 1e-9)
		fail_msg("%g instead of %g", value, wanted);
}

static void test_averages(void **state)
{
	static const char pressure[] = "some avg10=25.00 avg60=0.00 avg300=0.00 total=1\n";

	tree_write(&tree, "/proc/pressure/cpu", pressure, strlen(pressure));
	write_stat(100000, 900000, 0, 4);
	dcm_cpu_load_read(load, &cpus);
	assert_near(cpus.cpus, 2);
	assert_near(cpus.running, 3); /* without this process */
	assert_near(cpus.busy, 2);    /* nothing to compare with yet */
	assert_near(cpus.steal, 0);
	assert_near(cpus.waiting, 0.25);
	write_stat(100120, 900060, 20, 1);
	dcm_cpu_load_read(load, &cpus);
	assert_near(cpus.running, 0);
	assert_near(cpus.busy, 2 * 0.6);
	assert_near(cpus.steal, 0.1);
}

static void test_idle_goes_back(void **state)
{
	write_stat(100, 1000, 5, 1);
	dcm_cpu_load_read(load, &cpus);
	write_stat(300, 999, 4, 1);
	dcm_cpu_load_read(load, &cpus);
	assert_near(cpus.busy, 2);
	assert_near(cpus.steal, 0);
	assert_near(cpus.waiting, 0);	/* no such file */
	dcm_cpu_load_read(load, &cpus); /* no time has passed */
	assert_near(cpus.busy, 0);
}

static void test_nothing(void **state)
{
	dcm_cpu_load_read(load, &cpus);
	assert_near(cpus.cpus, 0);
	tree_write(&tree, "/proc/stat", "junk", 4);
	dcm_cpu_load_read(load, &cpus);
	assert_near(cpus.cpus, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_averages, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_idle_goes_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
