// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/reclaim/reclaim_safety.h"

static void test_judge(void **state)
{
	static const struct {
		const char *fstype, *options, *words;
		enum dcm_reclaim_safety safety;
	} cases[] = {
		{"ext4", "rw,errors=remount-ro", "", DCM_RECLAIM_SAFE},
		{"overlay", "", "", DCM_RECLAIM_SAFE},
		{"proc", "rw", "", DCM_RECLAIM_SAFE},
		{"xfs", "rw,inode64", "", DCM_RECLAIM_SAFE},
		{"xfs", "rw,inode32,noquota", "inode32", DCM_RECLAIM_REFUSE},
		{"cgroup2", "rw,nsdelegate", "default mount options", DCM_RECLAIM_REFUSE},
		{"cgroup", "rw,cpu", "default mount options", DCM_RECLAIM_REFUSE},
		{"devpts", "rw,gid=5,mode=620", "default mount options", DCM_RECLAIM_REFUSE},
		{"nfs4", "rw,vers=4.2", "server", DCM_RECLAIM_FORCE},
		{"nfs", "rw", "server", DCM_RECLAIM_FORCE},
		{"cifs", "rw", "server", DCM_RECLAIM_FORCE},
		{"fuse", "rw", "server", DCM_RECLAIM_FORCE},
		{"fuse.sshfs", "rw", "server", DCM_RECLAIM_FORCE},
		{"ext44", "rw", "not known", DCM_RECLAIM_FORCE},
		{"ext", "rw", "not known", DCM_RECLAIM_FORCE},
		{"", "", "not known", DCM_RECLAIM_FORCE},
		{".x", "", "not known", DCM_RECLAIM_FORCE},
	};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		struct dcm_reason reason = {""};

		assert_int_equal(dcm_reclaim_judge(cases[i].fstype, cases[i].options, &reason),
				 cases[i].safety);
		assert_non_null(strstr(reason.text, cases[i].words));
	}
}

static void test_has_option(void **state)
{
	(void)state;
	assert_true(dcm_reclaim_has_option("ro", "ro"));
	assert_true(dcm_reclaim_has_option("rw,sync,lazytime", "sync"));
	assert_true(dcm_reclaim_has_option("rw,sync,lazytime", "lazytime"));
	assert_false(dcm_reclaim_has_option("rw,errors=remount-ro", "ro"));
	assert_false(dcm_reclaim_has_option("rw,async", "sync"));
	assert_false(dcm_reclaim_has_option("rw,dirsync", "sync"));
	assert_false(dcm_reclaim_has_option("", "ro"));
	assert_false(dcm_reclaim_has_option(",,", "ro"));
}

static void test_predict(void **state)
{
	(void)state;
	assert_true(dcm_reclaim_predict("ext4", 0) == 0);
	/* The field case: 200 million entries took 40 to 90 s. */
	assert_in_range((uint64_t)dcm_reclaim_predict("overlay", 200000000), 40, 90);
	assert_true(dcm_reclaim_predict("proc", 1000) > dcm_reclaim_predict("ext4", 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_has_option),
		cmocka_unit_test(test_predict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
