// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_run.h"

#include <errno.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/cached_file.h"
#include "common/kernel/reclaim/reclaim_mount.h"
#include "common/kernel/reclaim/reclaim_reconfigure.h"
#include "common/parse/dentry_state.h"

/* "fuse.sshfs": mountinfo has type and subtype in one. */
static bool is_type(const struct dcm_walk_superblock *superblock, const char *fstype)
{
	size_t len = strlen(superblock->fstype);

	return !strncmp(superblock->fstype, fstype, len) && (!fstype[len] || fstype[len] == '.');
}

int dcm_reclaim_count(struct dcm_walk *walk, const struct dcm_reclaim_target *target,
		      struct dcm_reason *reason, struct dcm_reclaim_count *ret)
{
	const struct dcm_walk_superblock *superblock, *found = NULL;
	size_t count, same_type = 0;
	int err = dcm_walk_superblocks(walk, reason, &superblock, &count);

	if (err)
		return err;
	for (size_t i = 0; i < count; i++) {
		if (!is_type(&superblock[i], target->fstype))
			continue;
		same_type++;
		if (superblock[i].dev_major == target->dev_major &&
		    superblock[i].dev_minor == target->dev_minor)
			found = &superblock[i];
	}
	if (!found)
		return dcm_reason_set(reason, -ENOENT, "the superblock is gone");
	if (!found->has_unused)
		return -ENODATA; /* the walk has said why */
	ret->unused = found->unused;
	ret->only = same_type == 1;
	ret->identity = (struct dcm_reclaim_identity){found->fingerprint, found->oldest_mount,
						      found->newest_mount};
	memcpy(ret->id, found->id, sizeof(ret->id));
	return 0;
}

int dcm_reclaim_unused_at_most(struct dcm_reason *reason, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_cached_file file;
	struct dcm_dentry_state state;
	size_t size = 0, len;
	int err = dcm_cached_file_init(&file, "", "/proc/sys/fs/dentry-state");

	if (err)
		return dcm_reason_no_memory(reason);
	err = dcm_cached_file_read(&file, &text, &size, 4096, &len);
	dcm_cached_file_deinit(&file);
	if (!err)
		err = dcm_dentry_state_parse(text, len, false, &state);
	if (!err && state.unused < 0)
		err = -ERANGE;
	if (err)
		return dcm_reason_set(reason, err, "/proc/sys/fs/dentry-state: %s", strerror(-err));
	*ret = (uint64_t)state.unused;
	return 0;
}

/* ---- with a proof that nothing else happened ---- */

/* What it works on, and with. */
struct act {
	const struct dcm_reclaim_target *target;
	struct dcm_reclaim_mount mount;
	char *before; /* mountinfo; NULL: nothing was begun */
};

/* What @target has lost comes back, unless that is gone as well. */
static bool put_back(const struct act *act, const char *after)
{
	_cleanup_free_ char *now = NULL;
	struct dcm_mountinfo before_line, after_line;

	return dcm_reclaim_find_line(act->before, act->target->mount, &before_line) &&
	       dcm_reclaim_find_line(after, act->target->mount, &after_line) &&
	       dcm_reclaim_put_back(&act->mount, before_line.options, after_line.options) == 0 &&
	       dcm_reclaim_mount_read(&act->mount, &now) == 0 &&
	       dcm_reclaim_compare(act->before, now, act->target->dev_major, act->target->dev_minor,
				   NULL) == DCM_RECLAIM_SAME;
}

/* Also after an error: the kernel shrinks before the filesystem says no. */
static void prove(const struct act *act, struct dcm_reclaim_result *ret)
{
	_cleanup_free_ char *after = NULL;

	if (!act->before || dcm_reclaim_mount_read(&act->mount, &after))
		return;
	ret->options = dcm_reclaim_compare(act->before, after, act->target->dev_major,
					   act->target->dev_minor, &ret->change);
	if (ret->options == DCM_RECLAIM_CHANGED)
		ret->put_back = put_back(act, after);
}

int dcm_reclaim_reconfigure(const struct dcm_reclaim_target *target,
			    const struct dcm_reclaim_limits *limits, struct dcm_reason *reason,
			    struct dcm_reclaim_result *ret)
{
	struct act act = {.target = target,
			  .mount = (struct dcm_reclaim_mount)DCM_RECLAIM_NO_MOUNT};
	uint64_t begin;
	int err;

	*ret = (struct dcm_reclaim_result){0};
	err = dcm_reclaim_mount_open(target, reason, &act.mount);
	if (err)
		return err;
	if (limits->syncs)
		err = dcm_reclaim_sync(&act.mount, limits->max_seconds, reason);
	begin = dcm_now_ns();
	if (!err)
		err = dcm_reclaim_reconfigure_mount(&act.mount, target, limits->kernel, reason,
						    &act.before);
	ret->seconds = (double)(dcm_now_ns() - begin) / DCM_NSEC_PER_SEC;
	prove(&act, ret);
	free(act.before);
	dcm_reclaim_mount_close(&act.mount);
	return err;
}
