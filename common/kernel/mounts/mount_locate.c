// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <string.h>

#include "common/kernel/mounts/mount_points_private.h"

/* Of several at one place the others are hidden, but at "/": there the first is what processes
 * have. */
static bool is_nearer(const struct mount *mount, const struct mount *best)
{
	size_t len = strlen(mount->mountpoint), best_len = strlen(best->mountpoint);

	return len != best_len ? len > best_len : mount->id < best->id;
}

int dcm_mount_points_locate(const struct dcm_mount_points *table, const char *path,
			    uint32_t *ret_major, uint32_t *ret_minor, char *out, size_t size)
{
	const struct mount *best = NULL;
	int err;

	if (path[0] != '/')
		return -EINVAL;
	for (size_t i = 0; i < table->count; i++) {
		const struct mount *mount = &table->mounts[i];

		if (!dcm_mount_is_hidden(mount) && mount->fs_root[0] == '/' &&
		    dcm_mount_path_below(mount->mountpoint, path) &&
		    (!best || is_nearer(mount, best)))
			best = mount;
	}
	if (!best)
		return -ENOENT;
	err = dcm_mount_path_join(best->fs_root, dcm_mount_path_below(best->mountpoint, path), out,
				  size);
	if (err)
		return err;
	*ret_major = best->dev_major;
	*ret_minor = best->dev_minor;
	return 0;
}
