// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/mounts/host_proc.h"

#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "common/base/cleanup.h"
#include "common/kernel/mounts/mount_table.h"

#define PROC		  "/proc"
#define PROC_LEN	  (sizeof(PROC) - 1)
#define HOST_PID_NS_INODE 0xeffffffcU /* PROC_PID_INIT_INO of include/linux/proc_ns.h */

static const char *place(const char *proc)
{
	return *proc ? proc : PROC;
}

bool dcm_host_proc_covers(const char *path)
{
	return !strncmp(path, PROC, PROC_LEN) && (!path[PROC_LEN] || path[PROC_LEN] == '/');
}

int dcm_host_proc_path(const char *proc, const char *path, char *out, size_t size)
{
	bool covers = dcm_host_proc_covers(path);
	int len = snprintf(out, size, "%s%s", covers ? place(proc) : "",
			   covers ? path + PROC_LEN : path);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static FILE *open_below(const char *proc, const char *path)
{
	char name[PATH_MAX];

	return dcm_host_proc_path(proc, path, name, sizeof(name)) ? NULL : fopen(name, "re");
}

/* Numbers of "NSpid:", one per PID namespace from that of the mount to that of this process; 0:
 * unknown (before Linux 4.1; fs/proc/array.c, task_state()). */
static unsigned pid_levels(const char *proc)
{
	_cleanup_fclose_ FILE *status = open_below(proc, "/proc/self/status");
	char line[512];

	while (status && fgets(line, sizeof(line), status)) {
		unsigned levels = 0;

		if (strncmp(line, "NSpid:", 6) != 0)
			continue;
		for (const char *at = line; (at = strchr(at, '\t')); at++)
			levels++;
		return levels;
	}
	return 0;
}

bool dcm_host_proc_in_container(void)
{
	struct stat st;

	return !stat("/proc/self/ns/pid", &st) && st.st_ino != HOST_PID_NS_INODE;
}

/* The device that process 1 of @proc has at /proc. */
static bool device_of_first(const char *proc, dev_t *ret)
{
	_cleanup_(dcm_mount_table_unrefp) struct libmnt_table *table = NULL;
	_cleanup_fclose_ FILE *mountinfo = open_below(proc, "/proc/1/mountinfo");
	struct libmnt_fs *fs;

	if (!mountinfo || dcm_mount_table_read(mountinfo, &table))
		return false;
	/* The newest of several, which lies above the others. */
	fs = mnt_table_find_target(table, PROC, MNT_ITER_BACKWARD);
	if (!fs || !mnt_fs_get_fstype(fs) || strcmp(mnt_fs_get_fstype(fs), "proc"))
		return false;
	*ret = mnt_fs_get_devno(fs);
	return true;
}

bool dcm_host_proc_is_foreign(const char *proc, struct dcm_reason *ret_reason)
{
	struct statfs fs;
	struct stat st;
	dev_t host;

	if (statfs(place(proc), &fs) || stat(place(proc), &st)) {
		dcm_reason_set(ret_reason, 0, "%s: %s", place(proc), strerror(errno));
		return true;
	}
	if (fs.f_type != PROC_SUPER_MAGIC) {
		dcm_reason_set(ret_reason, 0, "%s is no procfs: mount the host's /proc there",
			       place(proc));
		return true;
	}
	if (dcm_host_proc_in_container() && pid_levels(proc) == 1) {
		dcm_reason_set(ret_reason, 0,
			       "%s is the container's, with other hash chains than the host's "
			       "/proc: mount that and set [sampling] proc",
			       place(proc));
		return true;
	}
	if (!device_of_first(proc, &host) || host == st.st_dev)
		return false;
	dcm_reason_set(ret_reason, 0,
		       "%s is device %u:%u, with other hash chains than the host's /proc, which is "
		       "%u:%u: mount that and set [sampling] proc",
		       place(proc), major(st.st_dev), minor(st.st_dev), major(host), minor(host));
	return true;
}
