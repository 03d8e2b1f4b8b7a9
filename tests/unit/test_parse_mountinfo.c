// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "tests/unit/parse_text.h"

#include <errno.h>

#include "common/parse/mountinfo.h"

static const struct {
	const char *line, *fstype, *options, *superblock; /* fstype NULL: no such line */
	int id;
	uint32_t dev_major, dev_minor;
} cases[] = {
	{"36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue", "ext3",
	 "rw,errors=continue", "ext3 /dev/root rw,errors=continue", 36, 98, 0},
	{"1 1 0:4294967295 / / ro - overlay none rw,lowerdir=/a\\040b:/c", "overlay",
	 "rw,lowerdir=/a\\040b:/c", "overlay none rw,lowerdir=/a\\040b:/c", 1, 0, 4294967295u},
	{"36 35 98:0 / /m rw shared:1 master:2 propagate_from:3 unbindable - tmpfs  rw,size=1k",
	 "tmpfs", "rw,size=1k", "tmpfs  rw,size=1k", 36, 98, 0},
	{"36 35 0:5 / /m rw - fuse.sshfs host: ", "fuse.sshfs", "", "fuse.sshfs host: ", 36, 0, 5},
	/* A mount point that looks like the rest of a line: the kernel escapes blanks alone. */
	{"36 35 0:5 / /m\r-\rext4\rx\rro rw - tmpfs x rw", "tmpfs", "rw", "tmpfs x rw", 36, 0, 5},
	{"36 35 0:5 / /m\\040-\\040ext4\\040x\\040ro rw - tmpfs x rw", "tmpfs", "rw", "tmpfs x rw",
	 36, 0, 5},
	{"36 35 0:5 / /m rw - tmpfs", NULL, NULL, NULL, 0, 0, 0},
	{"36 35 0:5 / /m rw tmpfs x rw", NULL, NULL, NULL, 0, 0, 0},
	{"36 35 0 / /m rw - tmpfs x rw", NULL, NULL, NULL, 0, 0, 0},
	{"36 35 0:4294967296 / /m rw - tmpfs x rw", NULL, NULL, NULL, 0, 0, 0},
	{"x 35 0:5 / /m rw - tmpfs x rw", NULL, NULL, NULL, 0, 0, 0},
	{"-1 35 0:5 / /m rw - tmpfs x rw", NULL, NULL, NULL, 0, 0, 0},
	{"4294967296 35 0:5 / /m rw - tmpfs x rw", NULL, NULL, NULL, 0, 0, 0},
	{"36", NULL, NULL, NULL, 0, 0, 0},
	{"", NULL, NULL, NULL, 0, 0, 0},
};

static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].line);
		/* without its end, so that a sanitizer sees a read beyond it */
		_cleanup_free_ char *copy = malloc(len ? len : 1);
		struct dcm_mountinfo info = {.id = -7};
		int err;

		memcpy(copy, cases[i].line, len);
		err = dcm_mountinfo_parse((struct dcm_span){copy, len}, &info);
		if (!cases[i].fstype) {
			assert_int_equal(err, -EINVAL);
			assert_int_equal(info.id, -7);
			continue;
		}
		assert_int_equal(err, 0);
		assert_int_equal(info.id, cases[i].id);
		assert_int_equal(info.dev_major, cases[i].dev_major);
		assert_int_equal(info.dev_minor, cases[i].dev_minor);
		assert_true(dcm_span_equals(info.fstype, cases[i].fstype));
		assert_true(dcm_span_equals(info.options, cases[i].options));
		assert_true(dcm_span_equals(info.superblock, cases[i].superblock));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
