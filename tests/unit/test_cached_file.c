// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/tree.h"

#include <errno.h>

#include "common/kernel/files/cached_file.h"

#define MAX (1u << 20)

struct fixture {
	struct tree tree;
	struct dcm_cached_file file;
	char *buf;
	size_t size, len, fds;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->fds = tree_count_fds();
	tree_create(&f->tree);
	assert_int_equal(dcm_cached_file_init(&f->file, f->tree.root, "/proc/file"), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dcm_cached_file_deinit(&f->file);
	assert_int_equal(tree_count_fds(), f->fds);
	tree_destroy(&f->tree);
	free(f->buf);
	free(f);
	return 0;
}

static int read_file(struct fixture *f, size_t max)
{
	return dcm_cached_file_read(&f->file, &f->buf, &f->size, max, &f->len);
}

static void assert_content(struct fixture *f, const char *bytes, size_t len)
{
	assert_int_equal(f->len, len);
	assert_memory_equal(f->buf, bytes, len);
	assert_int_equal(f->buf[len], '\0');
	assert_true(f->size > len);
}

/* Puts a descriptor whose reads fail (EISDIR) in the place of the kept one. */
static void break_descriptor(struct fixture *f)
{
	_cleanup_close_ int dir = open(f->tree.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(dir >= 0);
	assert_int_equal(dup3(dir, f->file.fd, O_CLOEXEC), f->file.fd);
}

static void test_missing_then_there(void **state)
{
	struct fixture *f = *state;

	f->len = 77;
	assert_int_equal(read_file(f, MAX), -ENOENT);
	assert_int_equal(f->len, 77);
	tree_write(&f->tree, "/proc/file", "one", 3);
	assert_int_equal(read_file(f, MAX), 0);
	assert_content(f, "one", 3);
}

static void test_opened_once(void **state)
{
	struct fixture *f = *state;
	char path[512];
	int fd;

	tree_write(&f->tree, "/proc/file", "long content", 12);
	assert_int_equal(read_file(f, MAX), 0);
	fd = f->file.fd;
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	tree_write(&f->tree, "/proc/file", "new", 3);
	assert_int_equal(read_file(f, MAX), 0);
	assert_content(f, "new", 3);
	/* Without a name the open file is still read: no path was looked up. */
	unlink(tree_path(&f->tree, "/proc/file", path));
	assert_int_equal(read_file(f, MAX), 0);
	assert_content(f, "new", 3);
	assert_int_equal(f->file.fd, fd);
}

static void test_reopened_after_error(void **state)
{
	struct fixture *f = *state;
	char path[512];

	tree_write(&f->tree, "/proc/file", "old", 3);
	assert_int_equal(read_file(f, MAX), 0);
	tree_write(&f->tree, "/proc/file", "newer", 5);
	break_descriptor(f);
	assert_int_equal(read_file(f, MAX), 0);
	assert_content(f, "newer", 5);

	unlink(tree_path(&f->tree, "/proc/file", path));
	break_descriptor(f);
	assert_int_equal(read_file(f, MAX), -ENOENT);
	assert_int_equal(f->file.fd, -1);
	assert_int_equal(tree_count_fds(), f->fds);
	tree_write(&f->tree, "/proc/file", "back", 4);
	assert_int_equal(read_file(f, MAX), 0);
	assert_content(f, "back", 4);
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 4094, 4095, 4096, 4097, 8191, 8192, 100000};
	struct fixture *f = *state;
	_cleanup_free_ char *bytes = malloc(100001);

	for (size_t i = 0; i < 100001; i++)
		bytes[i] = (char)(i * 31 % 251);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(sizes); i++) {
		tree_write(&f->tree, "/proc/file", bytes, sizes[i]);
		/* Once with a buffer from scratch, once with one that is already there. */
		free(f->buf);
		f->buf = NULL;
		f->size = 0;
		for (int again = 0; again < 2; again++) {
			assert_int_equal(read_file(f, MAX), 0);
			assert_content(f, bytes, sizes[i]);
			assert_int_equal(read_file(f, sizes[i]), 0);
			assert_content(f, bytes, sizes[i]);
			if (sizes[i] > 0)
				assert_int_equal(read_file(f, sizes[i] - 1), -EFBIG);
		}
	}
	assert_true(f->size <= 2 * 100001);
}

static void test_not_a_file(void **state)
{
	struct fixture *f = *state;
	char path[512];

	/* Nobody writes: a blocking open would hang here. */
	assert_int_equal(mkfifo(tree_path(&f->tree, "/proc/file", path), 0600), 0);
	alarm(10);
	assert_int_equal(read_file(f, MAX), -ESPIPE);
	unlink(path);
	mkdir(path, 0700);
	assert_int_equal(read_file(f, MAX), -EISDIR);
	alarm(0);
	assert_int_equal(f->file.fd, -1);
}

static void test_live(void **state)
{
	struct fixture *f = *state;
	long dentries = 0;

	dcm_cached_file_deinit(&f->file);
	assert_int_equal(dcm_cached_file_init(&f->file, "", "proc/sys/fs/dentry-state"), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(read_file(f, MAX), 0);
		assert_int_equal(sscanf(f->buf, "%ld", &dentries), 1);
		assert_true(dentries > 0);
		assert_int_equal(f->buf[f->len - 1], '\n');
	}
}

/* Descriptor 0 is somebody else's. */
static void test_never_initialised(void **state __attribute__((unused)))
{
	struct dcm_cached_file file = {0};
	int own = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(own >= 0);
	assert_true(own == 0 || fcntl(0, F_GETFD) >= 0);
	dcm_cached_file_deinit(&file);
	assert_true(fcntl(0, F_GETFD) >= 0);
	close(own);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_missing_then_there),
		TEST(test_opened_once),
		TEST(test_reopened_after_error),
		TEST(test_sizes),
		TEST(test_not_a_file),
		TEST(test_live),
		cmocka_unit_test(test_never_initialised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
