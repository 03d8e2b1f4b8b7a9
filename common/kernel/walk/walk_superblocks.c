// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* All superblocks (fs/super.c, super_blocks). */
#include <string.h>

#include "common/kernel/walk/walk_internal.h"

#define MAX_SUPERBLOCKS (1u << 20)

static void take_superblock(const struct dcm_bpf_superblock *from, bool has_unused,
			    struct dcm_walk_superblock *to)
{
	to->has_unused = has_unused;
	to->address = from->address;
	to->root_dentry = from->root_dentry;
	to->fingerprint = from->fingerprint;
	to->bdi_id = from->bdi_id;
	to->oldest_mount = from->oldest_mount;
	to->newest_mount = from->newest_mount;
	to->unused = from->unused;
	to->magic = from->magic;
	to->dev_major = from->dev >> 20; /* include/linux/kdev_t.h, MINORBITS */
	to->dev_minor = from->dev & ((1u << 20) - 1);
	memcpy(to->fstype, from->fstype, sizeof(to->fstype));
	memcpy(to->subtype, from->subtype, sizeof(to->subtype));
	memcpy(to->id, from->id, sizeof(to->id));
}

static int take_batch(struct dcm_walk *walk, size_t before, size_t count)
{
	int err = dcm_walk_room((void **)&walk->superblocks, &walk->superblock_room, before + count,
				sizeof(*walk->superblocks));

	for (size_t i = 0; !err && i < count; i++)
		take_superblock(&walk->out->sb_batch[i], walk->has_nodes,
				&walk->superblocks[before + i]);
	return err;
}

int dcm_walk_superblocks(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_superblock **ret, size_t *ret_count)
{
	const struct dcm_walk_list kind = {.list = &walk->out->superblocks,
					   .program = DCM_PROG_SUPERBLOCKS,
					   .members = "superblocks",
					   .verb = "list",
					   .max = MAX_SUPERBLOCKS,
					   .take = take_batch};
	int err = dcm_walk_list(walk, &kind, reason, ret_count);

	if (err)
		return err;
	if (!walk->has_unused)
		dcm_reason_set(reason, 0, "unused entries are not known: %s",
			       walk->why_unused.text);
	else if (!walk->has_nodes)
		dcm_reason_set(reason, 0,
			       "unused entries are not known: %s" DCM_NODES_FILE " cannot be read",
			       walk->root);
	*ret = walk->superblocks;
	return 0;
}
