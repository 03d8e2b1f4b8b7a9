// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_reconfigure.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/model/reclaim/reclaim_filesystems.h"

#define SYNC_ROUNDS   4
#define SYNC_SHORT_NS (50 * DCM_NSEC_PER_MSEC) /* less is not worth another round */

/* ---- writing out first ---- */

/* syncfs(2) takes no O_PATH. Opening anything but a directory or a file could do something. */
static int open_to_sync(const struct dcm_reclaim_mount *mount, int *ret)
{
	char path[64];
	struct statx st;
	int fd;

	if (statx(mount->fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_TYPE, &st))
		return -errno;
	if (!S_ISDIR(st.stx_mode) && !S_ISREG(st.stx_mode))
		return -EOPNOTSUPP;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", mount->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

int dcm_reclaim_sync(const struct dcm_reclaim_mount *mount, double max_seconds,
		     struct dcm_reason *reason)
{
	_cleanup_close_ int fd = -1;
	uint64_t ns = UINT64_MAX, begin;
	int err = open_to_sync(mount, &fd);

	for (unsigned round = 0; !err && round < SYNC_ROUNDS && ns > SYNC_SHORT_NS; round++) {
		begin = dcm_now_ns();
		err = syncfs(fd) ? -errno : 0;
		ns = dcm_now_ns() - begin;
	}
	if (err)
		return dcm_reason_set(reason, err, "cannot write out its modified data: %s",
				      strerror(-err));
	if ((double)ns / DCM_NSEC_PER_SEC > max_seconds)
		return dcm_reason_set(reason, -ETIME,
				      "others write to it so fast that writing out its modified "
				      "data takes %.3g s, more than --max-seconds %.3g",
				      (double)ns / DCM_NSEC_PER_SEC, max_seconds);
	return 0;
}

/* ---- reconfigure ---- */

static int pick(const struct dcm_reclaim_mount *mount)
{
	return (int)syscall(SYS_fspick, mount->fd, "",
			    FSPICK_CLOEXEC | FSPICK_EMPTY_PATH | FSPICK_NO_AUTOMOUNT |
				    FSPICK_SYMLINK_NOFOLLOW);
}

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

/* "name" or "name=value", as in mountinfo but without octal escapes. */
static int set_option(int context, struct dcm_span option)
{
	_cleanup_free_ char *name = strndup(option.at, option.len);
	char *value = name ? strchr(name, '=') : NULL;

	if (!name)
		return -ENOMEM;
	if (strchr(name, '\\'))
		return -EINVAL;
	if (value)
		*value++ = '\0';
	return syscall(SYS_fsconfig, context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, name,
		       value, 0)
		       ? -errno
		       : 0;
}

/* What the filesystem would take for off, because it is not given. */
static int repeat_options(int context, const struct dcm_reclaim_target *target, unsigned kernel)
{
	const struct dcm_reclaim_filesystem *filesystem =
		dcm_reclaim_filesystem(target->fstype, kernel);
	struct dcm_span options = {target->options, strlen(target->options)}, option;
	int err = 0;

	while (!err && dcm_reclaim_next_option(&options, &option))
		if (dcm_span_equals(option, "ro") ||
		    dcm_reclaim_forgotten(filesystem, kernel, option.at, option.len))
			err = set_option(context, option);
	return err;
}

int dcm_reclaim_read_planned(const struct dcm_reclaim_mount *mount,
			     const struct dcm_reclaim_target *target, struct dcm_reason *reason,
			     char **ret)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_mountinfo line;
	int err = dcm_reclaim_mount_read(mount, &text);

	if (err)
		return dcm_reason_set(reason, err, "cannot read the mount table: %s",
				      strerror(-err));
	if (!dcm_reclaim_find_line(text, target->mount, &line) ||
	    line.dev_major != target->dev_major || line.dev_minor != target->dev_minor)
		return dcm_reason_set(reason, -ESTALE, "it is not mounted there any more");
	if (!dcm_span_equals(line.options, target->options))
		return dcm_reason_set(
			reason, -ESTALE,
			"its mount options have changed since it was found, from %.60s to "
			"%.*s: look again",
			target->options, (int)(line.options.len > 60 ? 60 : line.options.len),
			line.options.at);
	*ret = dcm_take_ptr(text);
	return 0;
}

int dcm_reclaim_reconfigure_mount(const struct dcm_reclaim_mount *mount,
				  const struct dcm_reclaim_target *target, unsigned kernel,
				  struct dcm_reason *reason, char **ret_before)
{
	_cleanup_close_ int context = pick(mount);
	int err;

	if (context < 0)
		return explain(-errno, -1, reason);
	err = dcm_reclaim_read_planned(mount, target, reason, ret_before);
	if (err)
		return err;
	err = repeat_options(context, target, kernel);
	if (!err && syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0))
		err = -errno;
	return err ? explain(err, context, reason) : 0;
}

int dcm_reclaim_put_back(const struct dcm_reclaim_mount *mount, struct dcm_span before,
			 struct dcm_span after)
{
	_cleanup_close_ int context = pick(mount);
	struct dcm_span options = before, option;
	int err = 0;

	if (context < 0)
		return -errno;
	while (dcm_reclaim_next_option(&options, &option))
		if (!dcm_span_equals(option, "rw") && !dcm_span_equals(option, "ro") &&
		    !dcm_reclaim_is_option(after, option))
			set_option(context, option); /* the comparison afterwards tells */
	if (dcm_reclaim_is_option(after, (struct dcm_span){"ro", 2}))
		err = set_option(context, (struct dcm_span){"ro", 2});
	if (!err && syscall(SYS_fsconfig, context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0))
		err = -errno;
	return err;
}
