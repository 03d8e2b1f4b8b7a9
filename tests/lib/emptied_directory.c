// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * emptied_directory DIR: looks up missing names in a directory of a filesystem that keeps them, has
 * a pass count them and the superblock shrunk: the directory must not be described by that count.
 * Exits 1 when it is, 77 without BPF.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/kernel/walk/walk.h"

#define NAMES 30000

static struct dcm_walk_directory directory;

static int plant(int fd)
{
	struct stat st;
	char name[32];

	for (int i = 0; i < NAMES; i++) {
		snprintf(name, sizeof(name), "missing-%d", i);
		if (fstatat(fd, name, &st, 0) == 0 || errno != ENOENT)
			return -EIO;
	}
	return 0;
}

static int pass(struct dcm_walk *walk, struct dcm_reason *reason)
{
	double fraction;
	int err = dcm_walk_pass_begin(walk, reason);

	while (!err)
		err = dcm_walk_pass_step(walk, reason, &fraction);
	return err < 0 ? err : 0;
}

/* The parent whose path ends in @name. */
static int find(struct dcm_walk *walk, const char *name, struct dcm_reason *reason, uint64_t *ret)
{
	struct dcm_walk_parent top[DCM_WALK_TOP_PARENTS];
	size_t n = dcm_walk_top_parents(walk, top);

	for (size_t i = 0; i < n; i++) {
		if (dcm_walk_directory(walk, top[i].dentry, true, reason, &directory) ||
		    strcmp(basename(directory.path), name) != 0)
			continue;
		*ret = top[i].dentry;
		return 0;
	}
	return dcm_reason_set(reason, -ENOENT, "the directory is not among the biggest");
}

static int shrink(int fd)
{
	_cleanup_close_ int context = (int)syscall(SYS_fspick, fd, "..", FSPICK_CLOEXEC);

	if (context < 0 || syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0))
		return -errno;
	return 0;
}

int main(int argc, char **argv)
{
	_cleanup_close_ int fd = open(argc > 1 ? argv[1] : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct dcm_reason reason = {0};
	struct dcm_walk *walk;
	uint64_t dentry = 0;
	int err;

	if (argc != 2 || fd < 0)
		return 2;
	if (dcm_walk_open("", DCM_WALK_AUTO, &reason, &walk)) {
		fprintf(stderr, "emptied_directory: %s\n", reason.text);
		return 77;
	}
	err = plant(fd);
	if (!err)
		err = pass(walk, &reason);
	if (!err)
		err = find(walk, basename(argv[1]), &reason, &dentry);
	if (!err)
		err = shrink(fd);
	if (err)
		fprintf(stderr, "emptied_directory: %s %s\n", strerror(-err), reason.text);
	else if (dcm_walk_directory(walk, dentry, true, &reason, &directory) == 0)
		err = fprintf(stderr, "still described, as %s with %zu names (%s)\n",
			      directory.path, directory.names, directory.name[0]);
	dcm_walk_close(walk);
	return err != 0;
}
