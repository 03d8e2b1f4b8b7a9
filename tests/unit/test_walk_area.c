// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The area of the walkers, from a memory file in place of a BPF array. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/kernel/walk/walk_internal.h"
#include "tests/unit/tree.h"

#if DCM_WITH_BPF

#include <errno.h>
#include <sys/mman.h>

#define SIZE ((sizeof(struct dcm_bpf_area) + 4095) & ~4095UL)

/* The kernel reads it for us, or says that it is not mapped. */
static bool is_readable(const void *at)
{
	int pipe_fd[2];
	bool readable;

	assert_return_code(pipe(pipe_fd), errno);
	readable = write(pipe_fd[1], at, 1) == 1;
	assert_true(readable || errno == EFAULT);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	return readable;
}

static int open_file(void)
{
	int fd = memfd_create("area", MFD_CLOEXEC);

	assert_return_code(fd, errno);
	assert_return_code(ftruncate(fd, SIZE), errno);
	return fd;
}

static void assert_counts(const struct dcm_walk *walk, bool readable)
{
	const struct dcm_bpf_area *area = walk->area;

	/* the page that the head ends in is there in any case */
	assert_int_equal(is_readable(&area->sb_used[DCM_SB_SLOTS - 1]), readable);
	assert_int_equal(is_readable(&area->sb[DCM_SB_SLOTS - 1]), readable);
	assert_int_equal(is_readable(&area->sketch.total), readable);
	assert_true(is_readable(&area->base));
	assert_true(is_readable(&area->pass.sb_used));
	assert_true(is_readable(&area->netns_batch[DCM_NETNS_BATCH - 1]));
	assert_true(is_readable(&area->sb_used[0]));
}

static void test_counts(void **state)
{
	_cleanup_close_ int fd = open_file();
	struct dcm_walk walk = {0};

	assert_int_equal(dcm_walk_area_map(&walk, fd, SIZE), 0);
	walk.area->base = 5;
	for (int i = 0; i < 3; i++) {
		assert_counts(&walk, false);
		assert_int_equal(dcm_walk_counts_map(&walk), 0);
		assert_counts(&walk, true);
		assert_int_equal(walk.area->sketch.total, i);
		walk.area->sketch.total++;
		dcm_walk_counts_unmap(&walk);
	}
	assert_int_equal(walk.area->base, 5);
	dcm_walk_area_unmap(&walk);
	assert_null(walk.area);
	dcm_walk_area_unmap(&walk);
}

static void test_leaves_no_descriptor(void **state)
{
	_cleanup_close_ int fd = open_file();
	size_t before = tree_count_fds();
	struct dcm_walk walk = {0};

	assert_int_equal(dcm_walk_area_map(&walk, -1, SIZE), -EBADF);
	assert_null(walk.area);
	assert_int_equal(dcm_walk_area_map(&walk, fd, SIZE), 0);
	dcm_walk_area_unmap(&walk);
	assert_int_equal(tree_count_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_leaves_no_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void test_nothing(void **state)
{
	print_message("built without BPF\n");
	skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
