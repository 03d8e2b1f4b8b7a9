// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The cache with a directory of plain files: which descriptors it keeps and which it closes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/interfaces/sysctl_cache.h"
#include "tests/unit/tree.h"

#define BOTH (DCM_IF_IPV4 | DCM_IF_IPV6)
#define ALL  ((1u << DCM_IF_SYSCTL_COUNT) - 1)

static struct tree tree;
static struct dcm_sysctl_cache *cache;

static void put(const char *file, const char *name, const char *text)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s/%s",
		 strcmp(file, "forwarding") ? "ipv6/neigh" : "ipv6/conf", name, file);
	tree_write(&tree, path, text, strlen(text));
}

static void add_interface(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/neigh/%s/retrans_time_ms", name);
	tree_write(&tree, path, "1000\n", 5);
	put("retrans_time_ms", name, "1001\n");
	put("base_reachable_time_ms", name, "30000\n");
	put("forwarding", name, "0\n");
}

static int set_up(void **state)
{
	tree_create(&tree);
	for (char name[] = "if0"; name[2] <= '4'; name[2]++)
		add_interface(name);
	cache = NULL;
	return 0;
}

static int tear_down(void **state)
{
	dcm_sysctl_cache_destroy(cache);
	tree_destroy(&tree);
	return 0;
}

static void create(size_t max_open)
{
	assert_int_equal(dcm_sysctl_cache_create(tree.root, max_open, &cache), 0);
}

static unsigned open_fds(void)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	unsigned count = 0;

	while (readdir(dir))
		count++;
	return count;
}

static struct dcm_sysctl_cache_stats stats(void)
{
	struct dcm_sysctl_cache_stats s;

	dcm_sysctl_cache_stats(cache, &s);
	return s;
}

/* Reads, and opens what is missing; returns what was missing. */
static uint32_t poll(uint32_t netns, uint32_t index, const char *name, uint32_t families,
		     struct dcm_if_sysctls *ret)
{
	uint32_t missing;

	assert_int_equal(dcm_sysctl_cache_read(cache, netns, index, name, families, ret, &missing),
			 0);
	if (missing)
		assert_int_equal(dcm_sysctl_cache_open(cache, netns, index, missing, ret), 0);
	return missing;
}

static void test_values(void **state)
{
	struct dcm_if_sysctls s;

	create(100);
	dcm_sysctl_cache_begin(cache);
	assert_int_equal(poll(1, 5, "if0", BOTH, &s), ALL);
	assert_int_equal(s.has, ALL);
	assert_int_equal(s.value[DCM_IF_V4_RETRANS_MS], 1000);
	assert_int_equal(s.value[DCM_IF_V6_RETRANS_MS], 1001);
	assert_int_equal(s.value[DCM_IF_V6_REACHABLE_MS], 30000);
	assert_int_equal(s.value[DCM_IF_V6_FORWARDING], 0);
	put("forwarding", "if0", "1\n");
	dcm_sysctl_cache_begin(cache);
	assert_int_equal(poll(1, 5, "if0", BOTH, &s), 0);
	assert_int_equal(s.value[DCM_IF_V6_FORWARDING], 1);
	assert_int_equal(stats().opens, 4);
	/* One family less: its files are of no use. */
	poll(1, 5, "if0", DCM_IF_IPV4, &s);
	assert_int_equal(s.has, 1u << DCM_IF_V4_RETRANS_MS);
	assert_int_equal(stats().open, 1);
	poll(1, 5, "if0", 0, &s);
	assert_int_equal(s.has, 0);
	assert_int_equal(stats().open, 0);
}

static void test_absent_is_asked_once(void **state)
{
	struct dcm_if_sysctls s;
	uint32_t missing;
	char path[512];

	create(100);
	unlink(tree_path(&tree, "/proc/sys/net/ipv6/conf/if1/forwarding", path));
	dcm_sysctl_cache_begin(cache);
	poll(1, 2, "if1", BOTH, &s);
	assert_int_equal(s.has, ALL & ~(1u << DCM_IF_V6_FORWARDING));
	put("forwarding", "if1", "1\n");
	assert_int_equal(dcm_sysctl_cache_read(cache, 1, 2, "if1", BOTH, &s, &missing), 0);
	assert_int_equal(missing, 0);
	/* Another name is another interface. */
	assert_int_equal(poll(1, 2, "if2", BOTH, &s), ALL);
	assert_int_equal(s.has, ALL);
}

static void test_failing_read_closes(void **state)
{
	unsigned before = open_fds();
	struct dcm_if_sysctls s;
	uint32_t missing;

	create(100);
	dcm_sysctl_cache_begin(cache);
	poll(1, 2, "if1", BOTH, &s);
	assert_int_equal(open_fds(), before + 4);
	put("forwarding", "if1", "");
	put("retrans_time_ms", "if1", "junk\n");
	assert_int_equal(dcm_sysctl_cache_read(cache, 1, 2, "if1", BOTH, &s, &missing), 0);
	assert_int_equal(missing, 1u << DCM_IF_V6_FORWARDING | 1u << DCM_IF_V6_RETRANS_MS);
	assert_int_equal(s.has, ALL & ~missing);
	assert_int_equal(open_fds(), before + 2);
	assert_int_equal(stats().failed_reads, 2);
}

static void test_bad_names(void **state)
{
	static const char *const names[] = {".", "..", "if0/../if1", "all", "default", "", "a%d"};
	struct dcm_if_sysctls s;

	create(100);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(names); i++) {
		assert_int_equal(poll(1, 2, names[i], BOTH, &s), 0);
		assert_int_equal(s.has, 0);
	}
	assert_int_equal(stats().opens, 0);
}

/* Two interfaces fit. The third is read without being kept; in the next round all stays so. */
static void test_limit(void **state)
{
	unsigned before = open_fds();
	struct dcm_if_sysctls s;
	char name[] = "if0";

	create(8);
	for (int round = 0; round < 5; round++) {
		dcm_sysctl_cache_begin(cache);
		for (uint32_t i = 0; i < 3; i++) {
			name[2] = (char)('0' + i);
			poll(1, i + 1, name, BOTH, &s);
			assert_int_equal(s.has, ALL);
		}
		assert_int_equal(open_fds(), before + 8);
	}
	assert_int_equal(stats().evictions, 0);
	assert_int_equal(stats().uncached, 5 * 4);
	/* The first rests for a round: its room goes to the third. */
	dcm_sysctl_cache_begin(cache);
	poll(1, 2, "if1", BOTH, &s);
	poll(1, 3, "if2", BOTH, &s);
	assert_int_equal(stats().evictions, 1);
	assert_int_equal(stats().uncached, 5 * 4);
	assert_int_equal(poll(1, 3, "if2", BOTH, &s), 0);
	assert_int_equal(open_fds(), before + 8);
}

static void test_sweep_and_forget(void **state)
{
	unsigned before = open_fds();
	struct dcm_if_sysctls s;

	create(100);
	dcm_sysctl_cache_begin(cache);
	poll(1, 1, "if0", BOTH, &s);
	poll(1, 2, "if1", BOTH, &s);
	poll(2, 1, "if2", BOTH, &s);
	dcm_sysctl_cache_sweep(cache, 1);
	assert_int_equal(stats().interfaces, 3);
	dcm_sysctl_cache_begin(cache);
	poll(1, 2, "if1", BOTH, &s);
	dcm_sysctl_cache_sweep(cache, 1);
	dcm_sysctl_cache_sweep(cache, 99);
	assert_int_equal(stats().interfaces, 2); /* the other namespace is not swept */
	assert_int_equal(open_fds(), before + 8);
	dcm_sysctl_cache_forget(cache, 2);
	dcm_sysctl_cache_forget(cache, 2);
	assert_int_equal(open_fds(), before + 4);
	dcm_sysctl_cache_shrink(cache, 0);
	assert_int_equal(open_fds(), before);
	poll(1, 2, "if1", BOTH, &s);
	assert_int_equal(s.has, ALL);
}

static void test_emfile(void **state)
{
	struct rlimit old, low;
	struct dcm_if_sysctls s;
	uint32_t missing;
	int err;

	create(100);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	dcm_sysctl_cache_begin(cache);
	poll(1, 1, "if0", BOTH, &s);
	poll(1, 2, "if1", BOTH, &s);
	low = old;
	low.rlim_cur = open_fds() - 3; /* the folder of the count, "." and ".." */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	dcm_sysctl_cache_begin(cache);
	dcm_sysctl_cache_read(cache, 1, 3, "if2", BOTH, &s, &missing);
	err = dcm_sysctl_cache_open(cache, 1, 3, missing, &s);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(err, 0);
	assert_int_equal(s.has, ALL);
	assert_true(stats().emfile >= 1);
	assert_true(stats().open <= 6);
	for (int round = 0; round < 100; round++)
		dcm_sysctl_cache_begin(cache);
	assert_int_equal(stats().limit, 100); /* comes back */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_values),
		TEST(test_absent_is_asked_once),
		TEST(test_failing_read_closes),
		TEST(test_bad_names),
		TEST(test_limit),
		TEST(test_sweep_and_forget),
		TEST(test_emfile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
