// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/model/reclaim/reclaim_safety.h"
#include "common/sampling/source.h"

/* Of the budget: tens of thousands of superblocks would take all of it every ten seconds. */
#define SHARE 0.4

void dcm_superblock_fstype(const struct dcm_walk_superblock *walk, char *out, size_t size)
{
	snprintf(out, size, "%s%s%s", walk->fstype, walk->subtype[0] ? "." : "", walk->subtype);
}

static int run(struct dcm_collector *collector, void *state __attribute__((unused)),
	       struct dcm_run *run)
{
	uint64_t before = dcm_collector_charge(collector);
	const struct dcm_walk_superblock *sample;
	struct dcm_walk *walk;
	size_t count;
	int err;

	err = dcm_collector_walk(collector, &run->reason, &walk);
	if (!err)
		err = dcm_walk_superblocks(walk, &run->reason, &sample, &count);
	if (err)
		return err;
	err = dcm_superblock_index_update(dcm_collector_superblocks(collector), sample, count,
					  run->now_ns);
	if (err)
		return dcm_reason_no_memory(&run->reason);
	dcm_collector_stretch(collector, DCM_SOURCE_SUPERBLOCKS,
			      dcm_collector_charge(collector) - before, SHARE, run);
	dcm_host_mounts_refresh(collector, run->now_ns, run->complete);
	return DCM_RUN_DONE;
}

static void publish_one(struct dcm_collector *collector, const struct dcm_superblock *superblock,
			struct dcm_snapshot_builder *builder)
{
	const struct dcm_walk_superblock *walk = &superblock->walk;
	struct dcm_snap_superblock *row = dcm_snapshot_builder_add(builder, DCM_SEC_SUPERBLOCKS);
	struct dcm_mount_device device;
	uint64_t hashed, negative;
	char fstype[72];
	int err;

	if (!row)
		return;
	dcm_superblock_fstype(walk, fstype, sizeof(fstype));
	DCM_SET(row, index, superblock->index);
	DCM_SET_FROM(row, walk, dev_major, dev_minor, unused);
	DCM_SET(row, fstype, dcm_snapshot_builder_text(builder, fstype));
	DCM_SET(row, id, dcm_snapshot_builder_str(builder, walk->id, sizeof(walk->id)));
	DCM_SET(row, shrink_seconds, (double)walk->unused * DCM_SHRINK_SECONDS_PER_DENTRY);
	err = dcm_host_mounts_find(collector, walk->dev_major, walk->dev_minor, &device);
	if (!err) {
		DCM_SET(row, mounts, device.mounts);
		DCM_SET(row, mountpoint, dcm_snapshot_builder_text(builder, device.mountpoint));
	} else if (err == -ENOENT) {
		DCM_SET(row, mounts, 0);
	}
	if (dcm_hash_superblock_count(collector, superblock, &hashed, &negative)) {
		DCM_SET(row, hashed, hashed);
		DCM_SET(row, negative, negative);
	}
}

static void publish(struct dcm_collector *collector, void *state __attribute__((unused)),
		    struct dcm_snapshot_builder *builder)
{
	size_t count = dcm_superblock_index_count(dcm_collector_superblocks(collector));

	for (size_t i = 0; i < count; i++)
		publish_one(collector,
			    dcm_superblock_index_at(dcm_collector_superblocks(collector), i),
			    builder);
}

const struct dcm_source_ops dcm_source_superblocks = {
	/* Twice: the counts of a pass belong to the superblocks that were there before it. */
	.stages = DCM_BEFORE_PASS | DCM_AFTER_PASS,
	.run = run,
	.publish = publish,
};
