// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Mount tables that are large, deep, or change while they are read: this host's own. */
#include <sched.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

#include "tests/unit/mount_scene.h"

#define MANY 10000

static void test_ten_thousand(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *text = malloc(MANY * 160 + 100);
	uint64_t begin;
	size_t len;
	char out[256], wanted[256];

	len = (size_t)sprintf(text, "1 0 0:1 / / rw - ext4 /dev/vda rw\n");
	for (int i = 2; i <= MANY; i++)
		len += (size_t)sprintf(text + len,
				       "%d 1 0:%d / /var/lib/containers/storage/overlay/"
				       "%08x%08x/merged rw,relatime shared:%d - overlay overlay "
				       "rw,lowerdir=/l\n",
				       i, i, i * 2654435761u, i, i);
	put_bytes(f, INIT, text, len);
	begin = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	assert_int_equal(refresh(f), 0);
	print_message("refresh of %d mounts, %zu bytes: %.1f ms of CPU\n", MANY, len,
		      (double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin) / 1e6);
	begin = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	for (unsigned i = 2; i <= MANY; i++) {
		snprintf(wanted, sizeof(wanted),
			 "/var/lib/containers/storage/overlay/%08x%08x/merged/x", i * 2654435761u,
			 i);
		assert_int_equal(dcm_mount_points_resolve(f->table, 0, i, "/x", out, sizeof(out)),
				 0);
		assert_string_equal(out, wanted);
	}
	print_message("%d look-ups: %.1f ms of CPU\n", MANY,
		      (double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin) / 1e6);
	begin = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	assert_int_equal(refresh(f), 0);
	assert_false(f->changed);
	print_message("unchanged: %.3f ms of CPU\n",
		      (double)(dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin) / 1e6);
}

/* One mount on top of the other, 10,000 deep: the worst for what follows parents. */
static void test_deep(void **state)
{
	struct fixture *f = *state;
	_cleanup_free_ char *text = malloc(MANY * 80);
	size_t len = 0;

	for (int i = MANY; i >= 1; i--)
		len += (size_t)sprintf(text + len, "%d %d 0:%d / /a rw - t t rw\n", i, i - 1, i);
	put_bytes(f, INIT, text, len);
	alarm(60);
	assert_int_equal(refresh(f), 0);
	alarm(0);
	assert_found(f, 1, 1, "/a", "/");
	assert_found(f, MANY, 1, "/a", "/");
}

/* The live table against stat(2) on two mounts that cannot block. */
static void test_live(void **state)
{
	static const char *const paths[] = {"/proc", "/proc/sys", "/"};
	struct fixture *f = *state;

	dcm_mount_points_destroy(f->table);
	assert_int_equal(dcm_mount_points_create("", &f->table), 0);
	assert_int_equal(refresh(f), 0);
	assert_true(f->changed);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(paths); i++) {
		struct dcm_mount_device device;
		struct stat st;

		assert_int_equal(stat(paths[i], &st), 0);
		/* btrfs gives files a device of their own. */
		if (dcm_mount_points_find(f->table, major(st.st_dev), minor(st.st_dev), &device) !=
		    0) {
			print_message("# SKIP %s is on a device that mountinfo lacks\n", paths[i]);
			continue;
		}
		assert_true(device.mounts >= 1);
		if (i == 0)
			assert_string_equal(device.mountpoint, "/proc");
	}
}

/* Child: mounts in a mount namespace of its own, where /proc/self/mountinfo signals. Returns the
 * line that failed, 0 without failure, 77 where mounting is not allowed. */
static int live_changes(const char *folder)
{
#define CHECK(condition)                 \
	do {                             \
		if (!(condition))        \
			return __LINE__; \
	} while (0)
	struct dcm_mount_device device;
	struct dcm_mount_points *table;
	char link[600];
	bool changed;
	struct stat st;

	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return 77;
	/* A root without /proc/1, so that the process's own table is read. */
	snprintf(link, sizeof(link), "%s/proc", folder);
	CHECK(mkdir(link, 0700) == 0);
	snprintf(link, sizeof(link), "%s/proc/self", folder);
	CHECK(symlink("/proc/self", link) == 0);
	CHECK(dcm_mount_points_create(folder, &table) == 0);
	CHECK(dcm_mount_points_refresh(table, NULL, &changed) == 0 && changed);
	CHECK(dcm_mount_points_refresh(table, NULL, &changed) == 0 && !changed);
	snprintf(link, sizeof(link), "%s/new\nline\\", folder);
	CHECK(mkdir(link, 0700) == 0);
	CHECK(mount("dcachemon-test", link, "tmpfs", 0, NULL) == 0);
	CHECK(stat(link, &st) == 0);
	CHECK(dcm_mount_points_refresh(table, NULL, &changed) == 0 && changed);
	CHECK(dcm_mount_points_find(table, major(st.st_dev), minor(st.st_dev), &device) == 0);
	CHECK(strcmp(device.mountpoint, link) == 0 && strcmp(device.fstype, "tmpfs") == 0);
	CHECK(dcm_mount_points_refresh(table, NULL, &changed) == 0 && !changed);
	CHECK(umount(link) == 0);
	CHECK(dcm_mount_points_refresh(table, NULL, &changed) == 0 && changed);
	CHECK(dcm_mount_points_find(table, major(st.st_dev), minor(st.st_dev), &device) == -ENOENT);
	CHECK(dcm_mount_points_refresh(table, NULL, &changed) == 0 && !changed);
	dcm_mount_points_destroy(table);
	return 0;
#undef CHECK
}

static void test_live_changes(void **state)
{
	struct fixture *f = *state;
	int fds[2], line = -1, status;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		line = live_changes(f->tree.root);
		_exit(write(fds[1], &line, sizeof(line)) == sizeof(line) ? 0 : 1);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &line, sizeof(line)), sizeof(line));
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (line == 77) {
		print_message("# SKIP mounting is not allowed here\n");
		skip();
	}
	assert_int_equal(line, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_ten_thousand),
		TEST(test_deep),
		TEST(test_live),
		TEST(test_live_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
