// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What reclaim reads and remembers in files: distrusted types, modified data, mount points. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/kernel/reclaim/guarded_open.h"
#include "common/kernel/reclaim/reclaim_dirty.h"
#include "common/kernel/reclaim/reclaim_distrust.h"
#include "common/kernel/reclaim/reclaim_pressure.h"
#include "common/kernel/reclaim/reclaim_runs.h"

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	strcpy(folder, "/tmp/dcachemon-reclaim-state.XXXXXX");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	_cleanup_free_ char *command = NULL;

	(void)state;
	assert_true(asprintf(&command, "rm -r %s", folder) > 0);
	return system(command);
}

static void write_file(const char *name, const char *text)
{
	_cleanup_free_ char *path = NULL;
	_cleanup_fclose_ FILE *file = NULL;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	for (char *slash = strchr(path + strlen(folder) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
}

static void test_distrust(void **state)
{
	struct dcm_reason reason = {""};

	(void)state;
	assert_int_equal(dcm_reclaim_distrusted(folder, "btrfs", &reason), 0);
	assert_int_equal(dcm_reclaim_distrusted("", "btrfs", &reason), 0);
	assert_int_equal(dcm_reclaim_distrusted("/nonexistent/folder", "btrfs", &reason), 0);
	assert_int_equal(dcm_reclaim_distrust(folder, "btrfs", 1795791190, "-noacl +acl", &reason),
			 0);
	assert_int_equal(dcm_reclaim_distrust(folder, "fuse.sshfs", 0, "", &reason), 0);
	assert_int_equal(dcm_reclaim_distrusted(folder, "btrfs", &reason), -EPERM);
	assert_non_null(strstr(reason.text, "on 2026-11-27 a reclaim changed mount options of "
					    "btrfs (-noacl +acl)"));
	assert_non_null(strstr(reason.text, "--trust btrfs"));
	assert_int_equal(dcm_reclaim_distrusted(folder, "fuse", &reason), -EPERM);
	assert_int_equal(dcm_reclaim_distrusted(folder, "fuse.other", &reason), -EPERM);
	assert_non_null(strstr(reason.text, "--trust fuse"));
	assert_int_equal(dcm_reclaim_distrusted(folder, "btr", &reason), 0);
	assert_int_equal(dcm_reclaim_distrusted(folder, "btrfs2", &reason), 0);
	/* Again: still one line. */
	assert_int_equal(dcm_reclaim_distrust(folder, "btrfs", 1, "-x", &reason), 0);
	assert_int_equal(dcm_reclaim_trust(folder, "btrfs", &reason), 0);
	assert_int_equal(dcm_reclaim_distrusted(folder, "btrfs", &reason), 0);
	assert_int_equal(dcm_reclaim_distrusted(folder, "fuse", &reason), -EPERM);
	assert_int_equal(dcm_reclaim_trust(folder, "btrfs", &reason), -ENOENT);
	assert_non_null(strstr(reason.text, "not distrusted"));
}

/* A file that somebody cut or wrote by hand refuses rather than allows. */
static void test_damaged_distrust(void **state)
{
	static const char *const texts[] = {"btrfs",	   "btrfs\n",
					    "btrfs x",	   "btrfs 99999999999999999999 -y",
					    "\n\nbtrfs 1", "ext4\nbtrfs 18446744073709551615 a"};
	struct dcm_reason reason = {""};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(texts); i++) {
		write_file(DCM_RECLAIM_DISTRUST_NAME, texts[i]);
		assert_int_equal(dcm_reclaim_distrusted(folder, "btrfs", &reason), -EPERM);
		assert_int_equal(dcm_reclaim_distrusted(folder, "xfs", &reason), 0);
	}
}

static void test_runs(void **state)
{
	struct dcm_reclaim_runs runs = {7, 7};
	struct dcm_reason reason = {""};

	(void)state;
	assert_int_equal(dcm_reclaim_runs_read(folder, &reason, &runs), -ENOENT);
	assert_int_equal(dcm_reclaim_runs_end(folder, 1000, true, &reason), 0);
	assert_int_equal(dcm_reclaim_runs_read(folder, &reason, &runs), 0);
	assert_true(runs.good_s == 0 && runs.failed == 1);
	assert_int_equal(dcm_reclaim_runs_end(folder, 1060, false, &reason), 0);
	assert_int_equal(dcm_reclaim_runs_end(folder, 1120, true, &reason), 0);
	assert_int_equal(dcm_reclaim_runs_end(folder, 1180, true, &reason), 0);
	assert_int_equal(dcm_reclaim_runs_read(folder, &reason, &runs), 0);
	assert_true(runs.good_s == 1060 && runs.failed == 2);
	for (const char *const *bad = (const char *const[]){"", "x", "5", "5 x", "5 -1", NULL};
	     *bad; bad++) {
		write_file(DCM_RECLAIM_RUNS_NAME, *bad);
		assert_int_equal(dcm_reclaim_runs_read(folder, &reason, &runs), -EINVAL);
		assert_int_equal(dcm_reclaim_runs_end(folder, 1240, false, &reason), 0);
		assert_int_equal(dcm_reclaim_runs_read(folder, &reason, &runs), 0);
		assert_true(runs.good_s == 1240 && runs.failed == 0);
	}
	assert_true(dcm_reclaim_runs_end("/nonexistent/folder", 1, false, &reason) < 0);
}

static void test_dirty(void **state)
{
	struct dcm_reclaim_dirty dirty;

	(void)state;
	assert_true(dcm_reclaim_dirty(folder, 8, 1, &dirty) < 0);
	write_file("proc/meminfo", "MemTotal: 9 kB\nDirty: 5 kB\nWriteback: 2 kB\n");
	assert_int_equal(dcm_reclaim_dirty(folder, 8, 1, &dirty), 0);
	assert_false(dirty.own);
	assert_int_equal(dirty.bytes, 7 << 10);
	write_file("sys/kernel/debug/bdi/8:1/stats",
		   "BdiWriteback:                1 kB\nBdiReclaimable:           2048 kB\n"
		   "BdiDirtyThresh:           1 kB\n");
	assert_int_equal(dcm_reclaim_dirty(folder, 8, 1, &dirty), 0);
	assert_true(dirty.own);
	assert_int_equal(dirty.bytes, 2049 << 10);
	assert_int_equal(dcm_reclaim_dirty(folder, 8, 2, &dirty), 0);
	assert_false(dirty.own);
}

static void test_pressure(void **state)
{
	(void)state;
	assert_true(dcm_reclaim_shrinkers_work(folder));
	write_file("proc/sys/vm/vfs_cache_pressure", "0\n");
	assert_false(dcm_reclaim_shrinkers_work(folder));
	write_file("proc/sys/vm/vfs_cache_pressure", "100\n");
	assert_true(dcm_reclaim_shrinkers_work(folder));
	write_file("proc/sys/vm/vfs_cache_pressure", "");
	assert_true(dcm_reclaim_shrinkers_work(folder));
}

static bool is_file(int fd, const char *name)
{
	_cleanup_free_ char *path = NULL;
	struct stat a, b;

	assert_true(asprintf(&path, "%s/%s", folder, name) > 0);
	return fstat(fd, &a) == 0 && stat(path, &b) == 0 && a.st_ino == b.st_ino;
}

static void test_guarded_open(void **state)
{
	_cleanup_close_ int root = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *link = NULL;
	int fd = -1;

	(void)state;
	write_file("a/b/c d", "");
	assert_int_equal(dcm_guarded_open(root, "/a/b", 10000, &fd), 0);
	assert_true(is_file(fd, "a/b"));
	close(fd);
	assert_int_equal(dcm_guarded_open(root, "/a/b/c d", 10000, &fd), 0);
	assert_true(is_file(fd, "a/b/c d"));
	close(fd);
	assert_int_equal(dcm_guarded_open(root, "/", 10000, &fd), 0);
	assert_true(is_file(fd, "."));
	close(fd);
	fd = -7;
	/* An entry that was never looked at is not cached: this goes to the child. */
	assert_int_equal(dcm_guarded_open(root, "/a/none", 10000, &fd), -ENOENT);
	/* A symbolic link leads nowhere, not even inside. */
	assert_true(asprintf(&link, "%s/a/link", folder) > 0);
	assert_int_equal(symlink("b", link), 0);
	assert_true(dcm_guarded_open(root, "/a/link/c d", 10000, &fd) < 0);
	assert_int_equal(fd, -7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_distrust, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_damaged_distrust, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_runs, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_dirty, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_pressure, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_guarded_open, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
