/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A tree with a mount table of its own, and what is found in it. */
#ifndef TESTS_UNIT_MOUNT_SCENE_H
#define TESTS_UNIT_MOUNT_SCENE_H

#include "tests/unit/tree.h"

#include <errno.h>

#include "common/base/clock.h"
#include "common/kernel/mounts/mount_points.h"

#define INIT "/proc/1/mountinfo"
#define SELF "/proc/self/mountinfo"

struct fixture {
	struct tree tree;
	struct dcm_mount_points *table;
	struct dcm_reason reason;
	size_t fds;
	bool changed;
};

static inline int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->fds = tree_count_fds();
	tree_create(&f->tree);
	assert_int_equal(dcm_mount_points_create(f->tree.root, &f->table), 0);
	*state = f;
	return 0;
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	dcm_mount_points_destroy(f->table);
	assert_int_equal(tree_count_fds(), f->fds);
	tree_destroy(&f->tree);
	free(f);
	return 0;
}

/* A new file under the name, as an identity that differs even within one tick of the clock. */
static inline void put_bytes(struct fixture *f, const char *path, const char *bytes, size_t len)
{
	char from[512], to[512];

	tree_write(&f->tree, "/new", bytes, len);
	assert_int_equal(rename(tree_path(&f->tree, "/new", from), tree_path(&f->tree, path, to)),
			 0);
}

static inline int refresh(struct fixture *f)
{
	f->reason.text[0] = '\0';
	return dcm_mount_points_refresh(f->table, &f->reason, &f->changed);
}

static inline void assert_found(struct fixture *f, uint32_t dev_minor, uint32_t mounts,
				const char *mountpoint, const char *fs_root)
{
	struct dcm_mount_device device;

	assert_int_equal(dcm_mount_points_find(f->table, 0, dev_minor, &device), 0);
	assert_int_equal(device.mounts, mounts);
	assert_string_equal(device.mountpoint, mountpoint);
	assert_string_equal(device.fs_root, fs_root);
}

#endif
