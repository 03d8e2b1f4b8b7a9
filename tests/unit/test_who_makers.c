// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/who/who_makers.h"

#define ID "4f5bbf8e7c114f5bbf8e7c114f5bbf8e7c114f5bbf8e7c114f5bbf8e7c11aaa"

static int setup(void **state)
{
	return dcm_who_makers_create((struct dcm_who_makers **)state);
}

static int teardown(void **state)
{
	dcm_who_makers_destroy(*state);
	return 0;
}

static void add(struct dcm_who_makers *makers, uint32_t pid, const char *command,
		const char *parent, const char *grandparent, const char *cgroup)
{
	const char *const above[] = {parent, grandparent};
	const struct dcm_who_maker maker = {.pid = pid,
					    .command = command,
					    .above = above,
					    .above_count = DCM_ARRAY_SIZE(above),
					    .cgroup = cgroup};

	dcm_who_makers_add(makers, &maker);
}

static const struct dcm_who_makers_row **rank(struct dcm_who_makers *makers, size_t wanted)
{
	const struct dcm_who_makers_row **rows;
	size_t count;

	assert_int_equal(dcm_who_makers_rank(makers, 0, &rows, &count), 0);
	assert_int_equal(count, wanted);
	return rows;
}

static void test_empty(void **state)
{
	uint64_t other;

	free(rank(*state, 0));
	assert_int_equal(dcm_who_makers_total(*state, &other), 0);
	assert_int_equal(other, 0);
}

/* Eight containers, of which runc has a child each. */
static void test_runtime(void **state)
{
	const struct dcm_who_makers_row **rows;
	char cgroup[128];
	uint64_t other;

	add(*state, 9, "unshare", "bash", "sshd", "/user.slice");
	for (uint32_t i = 0; i < 8; i++) {
		snprintf(cgroup, sizeof(cgroup), "/docker/" ID "%u", i);
		add(*state, 100 + i, "runc:[1:CHILD]", i % 2 ? "runc" : "runc:[0:PARENT]",
		    "containerd-shim", cgroup);
	}
	assert_int_equal(dcm_who_makers_total(*state, &other), 9);
	rows = rank(*state, 2);
	assert_string_equal(rows[0]->command, "runc");
	assert_string_equal(rows[0]->parent, "containerd-shim");
	assert_string_equal(rows[0]->cgroup, "/docker/#");
	assert_int_equal(rows[0]->pid, 0);
	assert_true(rows[0]->namespaces.value == 8 && rows[0]->namespaces.low == 8 &&
		    rows[0]->namespaces.high == 8);
	assert_string_equal(rows[1]->command, "unshare");
	assert_string_equal(rows[1]->parent, "bash");
	assert_string_equal(rows[1]->cgroup, "/user.slice");
	assert_int_equal(rows[1]->pid, 9);
	free(rows);
}

/* One program, and what tells its rows apart. */
static void test_parents(void **state)
{
	const struct dcm_who_makers_row **rows;

	add(*state, 1, "ip", "sh", "cron", "/a");
	add(*state, 2, "ip", "sh", "sshd", "/a");
	add(*state, 3, "ip", "bash", "sshd", "/a");
	add(*state, 4, "bash", "bash", "bash", "/a"); /* none is known */
	add(*state, 5, "systemd", "", "", "/init.scope");
	add(*state, 6, "i", "psh", "", "/a");
	add(*state, 7, ":[", ":[x]", "a", "/a"); /* a name as any other */
	rows = rank(*state, 6);
	assert_true(rows[0]->namespaces.value == 2);
	assert_string_equal(rows[0]->parent, "sh");
	for (size_t i = 1; i < 6; i++) {
		assert_true(rows[i]->namespaces.value == 1);
		if (rows[i]->pid == 4 || rows[i]->pid == 5)
			assert_string_equal(rows[i]->parent, "");
		if (rows[i]->pid == 7)
			assert_string_equal(rows[i]->command, ":[");
	}
	free(rows);
}

static void test_cgroups(void **state)
{
	static const struct {
		const char *cgroup[3], *wanted;
	} cases[] = {
		{{"/a", "/a", "/a"}, "/a"},
		{{"/docker/" ID "1", "/docker/" ID "2", "/docker/" ID "3"}, "/docker/#"},
		{{"/default/web", "/default/db", "/default/x"}, "/default"},
		{{"/default/web", "/default/wet", "/default/we"}, "/default"},
		{{"/a/b/c", "/a/b", "/a/b/d"}, "/a/b"},
		{{"/a/b", "/a/b/c", "/a/b"}, "/a/b"},
		{{"/a", "/b", "/a"}, "/"},
		{{"/", "/a", "/"}, "/"},
		{{"/a", "", "/a"}, "/a"},
		{{"", "/a", "/a"}, "/a"},
		{{"", "", ""}, ""},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		char name[16];

		snprintf(name, sizeof(name), "maker %zu", i);
		for (uint32_t j = 0; j < 3; j++)
			add(*state, j + 1, name, "parent", "", cases[i].cgroup[j]);
	}
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		const struct dcm_who_makers_row **rows = rank(*state, DCM_ARRAY_SIZE(cases));

		for (size_t j = 0; j < DCM_ARRAY_SIZE(cases); j++)
			if ((size_t)atoi(rows[j]->command + 6) == i)
				assert_string_equal(rows[j]->cgroup, cases[i].wanted);
		free(rows);
	}
}

/* What got lost on the way may have been anybody's. */
static void test_lost(void **state)
{
	const struct dcm_who_makers_row **rows;
	size_t count;

	add(*state, 1, "ip", "sh", "", "/a");
	assert_int_equal(dcm_who_makers_rank(*state, 5, &rows, &count), 0);
	assert_true(rows[0]->namespaces.value == 1 && rows[0]->namespaces.low == 1);
	assert_true(rows[0]->namespaces.high == 6);
	free(rows);
}

static void test_bounds(void **state)
{
	const struct dcm_who_makers_row **rows;
	char *huge = malloc(20001), name[16];
	size_t count;
	uint64_t other;

	memset(huge, 'x', 20000);
	huge[20000] = '\0';
	add(*state, 1, huge, huge, huge, huge);
	add(*state, 2, huge, "sh", "", "/a");
	for (uint32_t i = 0; i < DCM_WHO_MAX_MAKERS + 100; i++) {
		snprintf(name, sizeof(name), "m%u", i);
		add(*state, i, name, "sh", "", "/a");
	}
	assert_int_equal(dcm_who_makers_total(*state, &other), DCM_WHO_MAX_MAKERS + 102);
	assert_int_equal(other, 102);
	assert_int_equal(dcm_who_makers_rank(*state, 0, &rows, &count), 0);
	assert_int_equal(count, DCM_WHO_MAX_MAKERS);
	assert_true(rows[0]->namespaces.value == 1 && rows[0]->namespaces.high == 103);
	free(rows);
	free(huge);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_empty),   TEST(test_runtime), TEST(test_parents),
		TEST(test_cgroups), TEST(test_lost),	TEST(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
