// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/reclaim/reclaim_filesystems.h"
#include "common/model/reclaim/reclaim_safety.h"

#define NEWEST DCM_KERNEL(255, 0)

static void test_judge(void **state)
{
	static const struct {
		const char *fstype, *options, *words;
		enum dcm_reclaim_safety safety;
		unsigned kernel; /* 0: the newest */
	} cases[] = {
		{"ext4", "rw,errors=remount-ro", "", DCM_RECLAIM_SAFE, 0},
		{"ext4", "ro", "read-only", DCM_RECLAIM_FORCE, 0},
		{"xfs", "ro,inode64", "read-only", DCM_RECLAIM_FORCE, 0},
		{"btrfs", "ro,noacl", "read-only", DCM_RECLAIM_FORCE, 0},
		{"ext4", "rw,i_version", "", DCM_RECLAIM_SAFE, DCM_KERNEL(6, 1)},
		{"ext4", "rw,i_version", "i_version", DCM_RECLAIM_REFUSE, DCM_KERNEL(5, 10)},
		{"ext4", "rw,i_version2", "", DCM_RECLAIM_SAFE, DCM_KERNEL(5, 10)},
		{"overlay", "", "", DCM_RECLAIM_SAFE, 0},
		{"overlay", "ro", "", DCM_RECLAIM_SAFE, 0},
		{"proc", "rw", "", DCM_RECLAIM_SAFE, 0},
		{"btrfs", "rw,noacl", "", DCM_RECLAIM_SAFE, 0},
		{"xfs", "rw,inode32,noquota", "", DCM_RECLAIM_SAFE, 0},
		{"vfat", "rw,uid=5", "", DCM_RECLAIM_SAFE, 0},
		{"iso9660", "ro", "", DCM_RECLAIM_SAFE, 0},
		{"hugetlbfs", "rw", "", DCM_RECLAIM_SAFE, 0},
		{"exfat", "rw,errors=continue", "", DCM_RECLAIM_SAFE, DCM_KERNEL(6, 12)},
		{"exfat", "rw,errors=continue", "default mount", DCM_RECLAIM_REFUSE,
		 DCM_KERNEL(7, 2)},
		{"nilfs2", "rw,order=strict", "", DCM_RECLAIM_SAFE, DCM_KERNEL(6, 1)},
		{"nilfs2", "rw,order=strict", "default mount", DCM_RECLAIM_REFUSE,
		 DCM_KERNEL(6, 12)},
		{"ntfs", "rw", "not known", DCM_RECLAIM_FORCE, DCM_KERNEL(6, 1)},
		{"ntfs", "rw", "default mount", DCM_RECLAIM_REFUSE, DCM_KERNEL(6, 12)},
		{"ntfs", "rw", "", DCM_RECLAIM_SAFE, DCM_KERNEL(7, 2)},
		{"cgroup2", "rw,nsdelegate", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"cgroup", "rw,cpu", "about its name", DCM_RECLAIM_REFUSE, 0},
		{"devpts", "rw,gid=5,mode=620", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"cifs", "rw,uid=5", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"cifs", "rw,uid=5", "server", DCM_RECLAIM_FORCE, DCM_KERNEL(5, 10)},
		{"smb3", "rw", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"ntfs3", "rw,uid=5", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"erofs", "ro", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"f2fs", "rw", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"debugfs", "rw", "default mount options", DCM_RECLAIM_REFUSE, 0},
		{"ocfs2", "rw", "an error", DCM_RECLAIM_FORCE, 0},
		{"nfs4", "rw,vers=4.2", "server", DCM_RECLAIM_FORCE, 0},
		{"nfs", "rw", "server", DCM_RECLAIM_FORCE, 0},
		{"fuse", "rw", "server", DCM_RECLAIM_FORCE, 0},
		{"fuse.sshfs", "rw", "server", DCM_RECLAIM_FORCE, 0},
		{"ext44", "rw", "not known", DCM_RECLAIM_FORCE, 0},
		{"ext", "rw", "not known", DCM_RECLAIM_FORCE, 0},
		{"", "", "not known", DCM_RECLAIM_FORCE, 0},
		{".x", "", "not known", DCM_RECLAIM_FORCE, 0},
	};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		unsigned kernel = cases[i].kernel ? cases[i].kernel : NEWEST;
		struct dcm_reason reason = {""};

		assert_int_equal(
			dcm_reclaim_judge(cases[i].fstype, cases[i].options, kernel, &reason),
			cases[i].safety);
		assert_non_null(strstr(reason.text, cases[i].words));
	}
}

static bool forgets(const char *fstype, unsigned kernel, const char *option)
{
	return dcm_reclaim_forgotten(dcm_reclaim_filesystem(fstype, kernel), kernel, option,
				     strlen(option));
}

static void test_forgotten(void **state)
{
	(void)state;
	assert_true(forgets("btrfs", DCM_KERNEL(6, 8), "noacl"));
	assert_false(forgets("btrfs", DCM_KERNEL(6, 7), "noacl"));
	assert_false(forgets("btrfs", NEWEST, "noacls"));
	assert_false(forgets("btrfs", NEWEST, "noac"));
	assert_false(forgets("btrfs", NEWEST, ""));
	assert_true(forgets("ext4", DCM_KERNEL(5, 10), "lazytime"));
	assert_false(forgets("ext4", DCM_KERNEL(6, 1), "lazytime"));
	assert_true(forgets("xfs", DCM_KERNEL(5, 10), "inode32"));
	assert_true(forgets("xfs", DCM_KERNEL(6, 16), "max_atomic_write=16k"));
	assert_false(forgets("xfs", DCM_KERNEL(6, 15), "max_atomic_write=16k"));
	assert_false(forgets("xfs", NEWEST, "max_atomic_write"));
	assert_true(forgets("squashfs", NEWEST, "errors=panic"));
	assert_false(forgets("squashfs", NEWEST, "errors=continue"));
	assert_false(forgets("nosuchfs", NEWEST, "noacl"));
}

static void test_kernel(void **state)
{
	(void)state;
	assert_int_equal(dcm_reclaim_kernel("6.1.0-56-amd64"), DCM_KERNEL(6, 1));
	assert_int_equal(dcm_reclaim_kernel("6.12"), DCM_KERNEL(6, 12));
	assert_int_equal(dcm_reclaim_kernel("7.2.13+deb14"), DCM_KERNEL(7, 2));
	assert_true(dcm_reclaim_kernel("6.12") > dcm_reclaim_kernel("6.8"));
	/* What cannot be read is taken for the newest. */
	for (const char *const *bad = (const char *const[]){"", "6", "x.1", "6.", "6.1000", NULL};
	     *bad; bad++)
		assert_true(dcm_reclaim_kernel(*bad) > NEWEST);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_has_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
