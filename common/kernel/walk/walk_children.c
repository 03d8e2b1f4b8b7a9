// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The buckets of a directory's children, see walk.h and bpf/children_steps.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

#define ENOUGH_CHILDREN (1u << 18)
#define ENOUGH_RUNS	4096

/* Below /proc/sys, where no open waits for anything. */
static int open_directory(const struct dcm_walk *walk, const char *path)
{
	char full[4096];
	int fd;

	if ((size_t)snprintf(full, sizeof(full), "%s%s", walk->root, path) >= sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int dcm_walk_children_begin(struct dcm_walk *walk, const char *path, struct dcm_reason *reason)
{
	struct dcm_walk_table table;
	int err = dcm_walk_hash_discover(walk, reason, &table), fd;

	if (err)
		return err;
	dcm_walk_children_end(walk);
	fd = open_directory(walk, path);
	if (fd < 0)
		return dcm_reason_set(reason, fd, "%s: %s", path, strerror(-fd));
	walk->visit = (struct dcm_walk_visit){.fd = fd};
	return 0;
}

void dcm_walk_children_end(struct dcm_walk *walk)
{
	if (walk->visit.fd >= 0)
		close(walk->visit.fd);
	walk->visit.fd = -1;
}

int dcm_walk_children_step(struct dcm_walk *walk, struct dcm_reason *reason,
			   struct dcm_walk_buckets *ret)
{
	const struct dcm_bpf_children *children = &walk->out->children;
	struct dcm_walk_visit *visit = &walk->visit;
	int err;

	*ret = (struct dcm_walk_buckets){0};
	if (visit->fd < 0)
		return dcm_reason_set(reason, -EINVAL, "no directory under way");
	err = dcm_walk_run(walk, DCM_PROG_CHILDREN, visit->begun ? DCM_OP_GO_ON : DCM_OP_BEGIN,
			   (uint64_t)visit->fd, 0, reason);
	if (!err) {
		visit->begun = true;
		ret->bucket = children->bucket;
		ret->count = DCM_MIN(children->found, (uint32_t)DCM_CHILDREN_ROOM);
		visit->found += ret->count;
		visit->runs++;
	}
	if (!err && children->end == DCM_END_BUDGET && visit->found < ENOUGH_CHILDREN &&
	    visit->runs < ENOUGH_RUNS)
		return 0;
	dcm_walk_children_end(walk);
	return err ? err : 1;
}
