// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>

#include "common/sampling/collector_private.h"

#define MOUNTS_SHARE 0.5 /* of the budget */

void dcm_host_mounts_refresh(struct dcm_collector *collector, uint64_t now_ns, bool force)
{
	struct dcm_mounts *mounts = &collector->mounts;
	struct dcm_reason reason;
	uint64_t before, cost;
	bool changed = false;

	if (!force && mounts->read &&
	    (now_ns < mounts->due_ns ||
	     dcm_budget_ready_ns(&collector->budget, now_ns, 0) > now_ns))
		return;
	before = dcm_collector_charge(collector);
	/* On failure the old table stays; mount points are then missing or old. */
	if (dcm_mount_points_refresh(mounts->table, &reason, &changed) == 0)
		mounts->read = true;
	cost = dcm_collector_charge(collector) - before;
	mounts->due_ns = now_ns + dcm_budget_earn_ns(&collector->budget, cost, MOUNTS_SHARE);
}

int dcm_host_mounts_find(const struct dcm_collector *collector, uint32_t major, uint32_t minor,
			 struct dcm_mount_device *ret)
{
	if (dcm_mount_points_find(collector->mounts.table, major, minor, ret) == 0)
		return 0;
	return collector->mounts.read ? -ENOENT : -EAGAIN;
}

const char *dcm_host_mountpoint(const void *ctx, uint32_t major, uint32_t minor)
{
	struct dcm_mount_device device;

	if (dcm_host_mounts_find(ctx, major, minor, &device) || device.part)
		return NULL;
	return device.mountpoint;
}

void dcm_host_path(const struct dcm_collector *collector, const struct dcm_superblock *superblock,
		   const char *path, bool complete, char *out, size_t size)
{
	if (!complete) {
		snprintf(out, size, "...%s", path);
		return;
	}
	if (superblock &&
	    dcm_mount_points_resolve(collector->mounts.table, superblock->walk.dev_major,
				     superblock->walk.dev_minor, path, out, size) == 0)
		return;
	if (superblock)
		snprintf(out, size, "%u:%u:%s", superblock->walk.dev_major,
			 superblock->walk.dev_minor, path);
	else
		snprintf(out, size, "%s", path);
}
