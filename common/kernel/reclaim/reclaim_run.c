// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_run.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/syscall.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/cached_file.h"
#include "common/kernel/reclaim/reclaim_shrinker.h"
#include "common/model/reclaim/reclaim_safety.h"
#include "common/parse/dentry_state.h"

#define STEP 100000 /* objects: some 50 ms */

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
	ret->unused = found->unused;
	ret->only = same_type == 1;
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

/* ---- reconfigure ---- */

static int explain(int err, int context, struct dcm_reason *reason)
{
	char message[128];
	ssize_t n;

	if (err == -ENOSYS)
		return dcm_reason_set(reason, err, "needs fspick(2): Linux 5.2 or later");
	if (err == -EPERM)
		return dcm_reason_set(reason, err,
				      "not permitted: needs CAP_SYS_ADMIN (root) over the "
				      "filesystem's user namespace");
	if (err == -EBUSY)
		return dcm_reason_set(reason, err,
				      "the filesystem is frozen (fsfreeze, a snapshot or a backup "
				      "under way): thaw it first (fsfreeze --unfreeze)");
	/* The filesystem's own words, "e MESSAGE" (fs/fsopen.c, fscontext_read). */
	n = context >= 0 ? read(context, message, sizeof(message) - 1) : -1;
	if (n > 2) {
		message[n] = '\0';
		message[strcspn(message, "\n")] = '\0';
		return dcm_reason_set(reason, err, "the filesystem refused: %s (%s)",
				      strerror(-err), message + 2);
	}
	return dcm_reason_set(reason, err, "the kernel refused: %s", strerror(-err));
}

static int keep_flags(int context, const char *options)
{
	for (const char *const *flag = dcm_reclaim_kept_flags; *flag; flag++)
		if (dcm_reclaim_has_option(options, *flag) &&
		    syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, *flag, NULL, 0))
			return -errno;
	return 0;
}

static int reconfigure(const struct dcm_reclaim_target *target,
		       const char *shrinker __attribute__((unused)), struct dcm_reason *reason,
		       struct dcm_reclaim_result *ret __attribute__((unused)))
{
	_cleanup_close_ int context = (int)syscall(
		SYS_fspick, target->fd, "",
		FSPICK_CLOEXEC | FSPICK_EMPTY_PATH | FSPICK_NO_AUTOMOUNT | FSPICK_SYMLINK_NOFOLLOW);
	int err;

	if (context < 0)
		return explain(-errno, -1, reason);
	err = keep_flags(context, target->options);
	if (!err && syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0))
		err = -errno;
	return err ? explain(err, context, reason) : 0;
}

/* The line of mount @id in @mountinfo; NULL. */
static const char *find_line(const char *mountinfo, int id)
{
	int line_id;

	for (const char *line = mountinfo; *line;) {
		if (sscanf(line, "%d ", &line_id) == 1 && line_id == id)
			return line;
		line = strchrnul(line, '\n');
		line += *line == '\n';
	}
	return NULL;
}

/* Whether every mount that is still there has the line it had: others may come and go. */
static bool is_same_mountinfo(const char *before, const char *after)
{
	while (*before) {
		size_t len = strcspn(before, "\n");
		const char *now = find_line(after, atoi(before));

		if (now && (strcspn(now, "\n") != len || memcmp(now, before, len) != 0))
			return false;
		before += len + (before[len] == '\n');
	}
	return true;
}

typedef int reclaim_way(const struct dcm_reclaim_target *target, const char *shrinker,
			struct dcm_reason *reason, struct dcm_reclaim_result *ret);

static int with_proof(reclaim_way *way, const struct dcm_reclaim_target *target,
		      const char *shrinker, struct dcm_reason *reason,
		      struct dcm_reclaim_result *ret)
{
	_cleanup_free_ char *before = NULL, *after = NULL;
	struct dcm_reclaim_result result = {0};
	uint64_t begin;
	int err = dcm_reclaim_mountinfo(target, &before);

	if (err)
		return dcm_reason_set(reason, err, "cannot read the mount table: %s",
				      strerror(-err));
	begin = dcm_now_ns();
	err = way(target, shrinker, reason, &result);
	if (err)
		return err;
	result.seconds = (double)(dcm_now_ns() - begin) / DCM_NSEC_PER_SEC;
	if (!shrinker)
		result.longest_step_seconds = result.seconds;
	result.mountinfo_same =
		dcm_reclaim_mountinfo(target, &after) == 0 && is_same_mountinfo(before, after);
	*ret = result;
	return 0;
}

int dcm_reclaim_reconfigure(const struct dcm_reclaim_target *target, struct dcm_reason *reason,
			    struct dcm_reclaim_result *ret)
{
	return with_proof(reconfigure, target, NULL, reason, ret);
}

static int scan(const struct dcm_reclaim_target *target __attribute__((unused)),
		const char *shrinker, struct dcm_reason *reason, struct dcm_reclaim_result *ret)
{
	struct dcm_shrinker_result result;
	int err = dcm_shrinker_run(shrinker, STEP, reason, &result);

	if (!err)
		ret->longest_step_seconds = result.longest_step_seconds;
	return err;
}

int dcm_reclaim_by_steps(const struct dcm_reclaim_target *target, const char *shrinker,
			 struct dcm_reason *reason, struct dcm_reclaim_result *ret)
{
	return with_proof(scan, target, shrinker, reason, ret);
}
