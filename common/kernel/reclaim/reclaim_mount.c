// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/kernel/reclaim/guarded_open.h"

#define MOUNTINFO_MAX (256u << 20)
#define FIRST_SIZE    (64u << 10)
#define DEADLINE_MS   2000
#define PROC_PATH     64

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U
#endif

static void proc_path(pid_t process, const char *file, char out[PROC_PATH])
{
	if (process)
		snprintf(out, PROC_PATH, "/proc/%d/%s", (int)process, file);
	else
		snprintf(out, PROC_PATH, "/proc/thread-self/%s", file);
}

int dcm_reclaim_mountinfo_open(pid_t process, int *ret)
{
	char path[PROC_PATH];
	int fd;

	proc_path(process, "mountinfo", path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* From the beginning to the end in one go: the kernel numbers the mounts it has shown. */
int dcm_reclaim_mountinfo_read(int fd, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size = FIRST_SIZE, len = 0;
	ssize_t n = 1;

	if (lseek(fd, 0, SEEK_SET))
		return -errno;
	for (;; size *= 2) {
		char *grown = size <= MOUNTINFO_MAX ? realloc(text, size) : NULL;

		if (!grown)
			return -ENOMEM;
		text = grown;
		while (len < size - 1 && (n = read(fd, text + len, size - 1 - len)) > 0)
			len += (size_t)n;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (!n)
			break;
	}
	text[len] = '\0';
	*ret = dcm_take_ptr(text);
	return 0;
}

int dcm_reclaim_mount_read(const struct dcm_reclaim_mount *mount, char **ret)
{
	return dcm_reclaim_mountinfo_read(mount->mountinfo, ret);
}

int dcm_reclaim_open_at(pid_t process, const char *mountpoint, int *ret)
{
	_cleanup_close_ int root = -1;
	char path[PROC_PATH];

	proc_path(process, "root", path);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -errno : dcm_guarded_open(root, mountpoint, DEADLINE_MS, ret);
}

int dcm_reclaim_mount_number(int fd, int *ret, uint64_t *ret_unique)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PROC_PATH], line[128];
	struct statx st;

	/* Without asking the filesystem. */
	*ret_unique = statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
			    STATX_MNT_ID_UNIQUE, &st) == 0 &&
				      st.stx_mask & STATX_MNT_ID_UNIQUE
			      ? st.stx_mnt_id
			      : 0;
	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) /* proc(5) */
		if (sscanf(line, "mnt_id: %d", ret) == 1)
			return 0;
	return -ENODATA;
}

void dcm_reclaim_mount_close(struct dcm_reclaim_mount *mount)
{
	if (mount->fd >= 0)
		close(mount->fd);
	if (mount->mountinfo >= 0)
		close(mount->mountinfo);
	*mount = (struct dcm_reclaim_mount)DCM_RECLAIM_NO_MOUNT;
}

static int open_both(const struct dcm_reclaim_target *target, struct dcm_reclaim_mount *mount)
{
	uint64_t unique;
	int id, err = dcm_reclaim_mountinfo_open(target->process, &mount->mountinfo);

	if (!err)
		err = dcm_reclaim_open_at(target->process, target->mountpoint, &mount->fd);
	if (!err)
		err = dcm_reclaim_mount_number(mount->fd, &id, &unique);
	if (err)
		return err;
	return id == target->mount && unique == target->unique ? 0 : -ESTALE;
}

int dcm_reclaim_mount_open(const struct dcm_reclaim_target *target, struct dcm_reason *reason,
			   struct dcm_reclaim_mount *ret)
{
	struct dcm_reclaim_mount mount = DCM_RECLAIM_NO_MOUNT;
	int err = open_both(target, &mount);

	if (!err) {
		*ret = mount;
		return 0;
	}
	dcm_reclaim_mount_close(&mount);
	if (err == -ETIMEDOUT)
		return dcm_reason_set(reason, err, "a filesystem on the way to it does not answer");
	if (err == -ESTALE || err == -ENOENT || err == -ESRCH)
		return dcm_reason_set(reason, -ESTALE, "it is not mounted there any more");
	return dcm_reason_set(reason, err, "cannot open it: %s", strerror(-err));
}
