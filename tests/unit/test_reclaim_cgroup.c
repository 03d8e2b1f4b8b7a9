// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Which control group is chosen, on trees laid out as the kernel does. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/reclaim/reclaim_cgroup.h"

#define MIB (1 << 20)

static char root[] = "/tmp/dcachemon-cgroup.XXXXXX";

static void put(const char *folder, const char *file, const char *text)
{
	char path[512], command[600];
	FILE *f;

	snprintf(command, sizeof(command), "mkdir -p %s%s", root, folder);
	assert_int_equal(system(command), 0);
	snprintf(path, sizeof(path), "%s%s/%s", root, folder, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void remove_tree(const char *folder)
{
	char command[600];

	snprintf(command, sizeof(command), "rm -rf %s%s", root, folder);
	assert_int_equal(system(command), 0);
}

static void group_v2(const char *folder, unsigned slab_mib, unsigned file_mib)
{
	char text[200], path[400];

	snprintf(path, sizeof(path), "/sys/fs/cgroup%s", folder);
	snprintf(text, sizeof(text), "slab_reclaimable %u\ninactive_file %u\nactive_file 0\n",
		 slab_mib * MIB, file_mib * MIB);
	put(path, "memory.stat", text);
	put(path, "memory.reclaim", "");
}

static void group_v1(const char *folder, unsigned kernel_mib, unsigned file_mib)
{
	char text[200], path[400];

	snprintf(path, sizeof(path), "/sys/fs/cgroup/memory%s", folder);
	snprintf(text, sizeof(text), "total_inactive_file %u\ntotal_active_file 0\n",
		 file_mib * MIB);
	put(path, "memory.stat", text);
	snprintf(text, sizeof(text), "%u\n", kernel_mib * MIB);
	put(path, "memory.kmem.usage_in_bytes", text);
	put(path, "memory.force_empty", "");
	put(path, "memory.swappiness", "60\n");
}

static int setup(void **state)
{
	return mkdtemp(root) ? 0 : -1;
}

static int teardown(void **state)
{
	remove_tree("");
	return 0;
}

#define NAMES 500000 /* 95 MiB */

static void check(const char *named, int err, const char *text)
{
	struct dcm_reason reason = {""};
	struct dcm_cgroup cgroup;

	assert_int_equal(dcm_cgroup_find(root, named, NAMES, &reason, &cgroup), err);
	print_message("%s\n", err ? reason.text : cgroup.folder);
	if (err)
		assert_non_null(strstr(reason.text, text));
	else
		assert_string_equal(strstr(cgroup.folder, "/sys/fs/cgroup"), text);
}

static void test_none(void **state)
{
	check(NULL, -EOPNOTSUPP, "no memory controller");
	put("/sys/fs/cgroup", "cgroup.controllers", "cpu io pids\n");
	check(NULL, -EOPNOTSUPP, "no memory controller");
}

static void test_v2(void **state)
{
	put("/sys/fs/cgroup", "cgroup.controllers", "cpu io memory\n");
	group_v2("", 900, 5000);
	check(NULL, -ENOENT, "no control group is charged");
	group_v2("/system.slice", 300, 4000);
	group_v2("/system.slice/small.service", 50, 1);
	check(NULL, -ENOENT, "no control group is charged"); /* too much else in the slice */
	group_v2("/system.slice/a.service", 110, 3);
	check(NULL, 0, "/sys/fs/cgroup/system.slice/a.service");
	group_v2("/system.slice/a.service/inner", 100, 2);
	check(NULL, 0, "/sys/fs/cgroup/system.slice/a.service/inner");
	group_v2("/kubepods/b", 100, 2);
	group_v2("/kubepods", 100, 2);
	check(NULL, -ENOTUNIQ, "2 control groups could hold them: --cgroup names one");
	remove_tree("/sys/fs/cgroup/kubepods");
	/* Of several together, the one above them. */
	group_v2("/system.slice/a.service", 110, 3);
	group_v2("/system.slice/a.service/inner", 60, 2);
	group_v2("/system.slice/a.service/outer", 50, 2);
	check(NULL, 0, "/sys/fs/cgroup/system.slice/a.service");
}

static void test_named(void **state)
{
	check("/system.slice/small.service", 0, "/sys/fs/cgroup/system.slice/small.service");
	check("/system.slice/none", -EINVAL, "no memory control group of this name");
	check("/", -EINVAL, "the one of the whole host");
	check("system.slice", -EINVAL, "not a control group");
	check("/system.slice/../system.slice", -EINVAL, "not a control group");
}

static void test_old(void **state)
{
	remove_tree("/sys/fs/cgroup/system.slice/a.service/memory.reclaim");
	check(NULL, -EOPNOTSUPP, "memory.reclaim: Linux 5.19 or later");
	group_v2("/system.slice/a.service", 110, 3);
}

static void test_v1(void **state)
{
	remove_tree("/sys/fs/cgroup");
	group_v1("", 900, 5000);
	group_v1("/docker", 120, 10);
	group_v1("/docker/c", 105, 10);
	check(NULL, 0, "/sys/fs/cgroup/memory/docker/c");
	put("/proc", "swaps", "Filename Type Size Used Priority\n");
	check(NULL, 0, "/sys/fs/cgroup/memory/docker/c");
	put("/proc", "swaps", "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n");
	check(NULL, -EOPNOTSUPP, "would be swapped out");
	put("/sys/fs/cgroup/memory/docker/c", "memory.swappiness", "0\n");
	check(NULL, 0, "/sys/fs/cgroup/memory/docker/c");
}

static void test_no_shrinkers(void **state)
{
	put("/proc/sys/vm", "vfs_cache_pressure", "0\n");
	check(NULL, -EOPNOTSUPP, "vm.vfs_cache_pressure is 0: only page cache would go");
	put("/proc/sys/vm", "vfs_cache_pressure", "100\n");
	check(NULL, 0, "/sys/fs/cgroup/memory/docker/c");
}

/* Nothing is charged, also to the one that is named: the reason is not that none fits. */
static void test_nokmem(void **state)
{
	static const struct {
		const char *options;
		bool off;
	} cases[] = {
		{"BOOT_IMAGE=/vmlinuz root=/dev/vda1 cgroup.memory=nokmem quiet\n", true},
		{"quiet cgroup.memory=nosocket,nokmem\n", true},
		{"cgroup.memory=nosocket cgroup.memory=nokmem", true},
		{"cgroup.memory=nosocket\n", false},
		{"cgroup.memory=nokmem2,xnokmem cgroup.memory.nokmem nokmem\n", false},
		{"xcgroup.memory=nokmem\n", false},
		{"quiet -- cgroup.memory=nokmem\n", false},
		{"", false},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		put("/proc", "cmdline", cases[i].options);
		check(NULL, cases[i].off ? -EOPNOTSUPP : 0,
		      cases[i].off ? "cgroup.memory=nokmem on the kernel's command line"
				   : "/sys/fs/cgroup/memory/docker/c");
		check("/docker/c", cases[i].off ? -EOPNOTSUPP : 0,
		      cases[i].off ? "no control group is charged for dentries"
				   : "/sys/fs/cgroup/memory/docker/c");
	}
}

static void test_few(void **state)
{
	struct dcm_reason reason = {""};
	struct dcm_cgroup cgroup;

	assert_int_equal(dcm_cgroup_find(root, NULL, 5000, &reason, &cgroup), -ENOENT);
	assert_non_null(strstr(reason.text, "fewer than 50000"));
	assert_int_equal(dcm_cgroup_find(root, "/docker/c", 5000, &reason, &cgroup), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),   cmocka_unit_test(test_v2),
		cmocka_unit_test(test_named),  cmocka_unit_test(test_old),
		cmocka_unit_test(test_v1),     cmocka_unit_test(test_no_shrinkers),
		cmocka_unit_test(test_nokmem), cmocka_unit_test(test_few),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
