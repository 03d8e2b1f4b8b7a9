/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/netns/netns_open.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "common/base/cleanup.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71 /* e8b9eab99232 ("net: retrieve netns cookie via getsocketopt") */
#endif
#ifndef NS_GET_ID
#define NS_GET_ID _IOR(NSIO, 13, uint64_t) /* linux/nsfs.h of 6.18 */
#endif
#ifndef NSFS_MAGIC
#define NSFS_MAGIC 0x6e736673
#endif

bool dcm_netns_id_equal(const struct dcm_netns_id *a, const struct dcm_netns_id *b)
{
	if (a->has_cookie && b->has_cookie)
		return a->cookie == b->cookie;
	return a->inode == b->inode;
}

/* @path_fd (O_PATH) is on nsfs: opening that for reading has no side effects. */
static int reopen_nsfs(int path_fd, struct dcm_reason *reason, int *ret_fd)
{
	char path[sizeof("/proc/thread-self/fd/") + 12];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d", path_fd);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return dcm_reason_set(reason, -errno, "cannot open the namespace: %m");
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		return dcm_reason_set(reason, -EINVAL, "a namespace of another kind");
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

static const char *kind_name(mode_t mode)
{
	return S_ISFIFO(mode)	? "a FIFO"
	       : S_ISREG(mode)	? "a plain file, no namespace is mounted on it"
	       : S_ISDIR(mode)	? "a directory"
	       : S_ISSOCK(mode) ? "a socket"
	       : S_ISLNK(mode)	? "a symbolic link"
				: "a device";
}

/* Takes any O_PATH descriptor; refuses what is not on nsfs without opening it. */
static int open_path_fd(int path_fd, struct dcm_reason *reason, int *ret_fd)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(path_fd, &fs) || fstat(path_fd, &st))
		return dcm_reason_set(reason, -errno, "cannot examine it: %m");
	if (fs.f_type != NSFS_MAGIC)
		return dcm_reason_set(reason, -EINVAL, "%s", kind_name(st.st_mode));
	return reopen_nsfs(path_fd, reason, ret_fd);
}

/* Container engines link an entry to a process: that one form is safe to follow. */
static int open_link(int link_fd, struct dcm_reason *reason, int *ret_fd)
{
	char target[64];
	ssize_t len = readlinkat(link_fd, "", target, sizeof(target));
	int pid = 0, end = 0;

	if (len > 0 && len < (ssize_t)sizeof(target)) {
		target[len] = '\0';
		/* At most 9 digits: no overflow. */
		if (sscanf(target, "/proc/%9d/ns/net%n", &pid, &end) == 1 && end == len && pid > 0)
			return dcm_netns_open_pid("", pid, reason, ret_fd);
	}
	return dcm_reason_set(reason, -EINVAL, "a symbolic link to other than /proc/PID/ns/net");
}

int dcm_netns_open_entry(int dir_fd, const char *name, struct dcm_reason *reason, int *ret_fd)
{
	_cleanup_close_ int path_fd = -1;
	struct stat st;

	if (!name[0] || !strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return dcm_reason_set(reason, -EINVAL, "not the name of an entry");
	path_fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (path_fd < 0)
		return dcm_reason_set(reason, -errno, "cannot open it: %m");
	if (!fstat(path_fd, &st) && S_ISLNK(st.st_mode))
		return open_link(path_fd, reason, ret_fd);
	return open_path_fd(path_fd, reason, ret_fd);
}

int dcm_netns_open_pid(const char *root, pid_t pid, struct dcm_reason *reason, int *ret_fd)
{
	_cleanup_close_ int proc_fd = -1, path_fd = -1;
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/proc/%d", root, (int)pid) >= (int)sizeof(path))
		return dcm_reason_set(reason, -ENAMETOOLONG, "root path too long");
	proc_fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc_fd < 0)
		return dcm_reason_set(reason, errno == ENOENT ? -ESRCH : -errno, "process %d: %m",
				      (int)pid);
	path_fd = openat(proc_fd, "ns/net", O_PATH | O_CLOEXEC);
	if (path_fd < 0)
		return dcm_reason_set(reason, errno == ENOENT ? -ESRCH : -errno,
				      "namespace of process %d: %m", (int)pid);
	return open_path_fd(path_fd, reason, ret_fd);
}

int dcm_netns_open_own(const char *root, struct dcm_reason *reason, int *ret_fd)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/proc/thread-self/ns/net", root) >= (int)sizeof(path))
		return dcm_reason_set(reason, -ENAMETOOLONG, "root path too long");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return dcm_reason_set(reason, -errno, "%s: %m", path);
	*ret_fd = fd;
	return 0;
}

int dcm_netns_current_cookie(uint64_t *ret)
{
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*ret);
	uint64_t cookie;

	if (fd < 0)
		return -errno;
	if (getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len))
		return errno == ENOPROTOOPT ? -EOPNOTSUPP : -errno;
	*ret = cookie;
	return 0;
}

/* NS_GET_ID is of use only where it gives the very number that SO_NETNS_COOKIE gives. */
static bool fd_tells_cookie(void)
{
	static int known; /* 0: not asked, 1: yes, -1: no; the answer never changes */
	int answer = __atomic_load_n(&known, __ATOMIC_RELAXED);
	uint64_t by_fd, by_socket;

	if (!answer) {
		_cleanup_close_ int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

		answer = fd >= 0 && !ioctl(fd, NS_GET_ID, &by_fd) &&
					 !dcm_netns_current_cookie(&by_socket) && by_fd == by_socket
				 ? 1
				 : -1;
		if (fd >= 0)
			__atomic_store_n(&known, answer, __ATOMIC_RELAXED);
	}
	return answer > 0;
}

int dcm_netns_identify(int ns_fd, struct dcm_netns_id *ret)
{
	struct dcm_netns_id id = {0};
	struct stat st;

	if (fstat(ns_fd, &st))
		return -errno;
	id.inode = st.st_ino;
	id.has_cookie = fd_tells_cookie() && !ioctl(ns_fd, NS_GET_ID, &id.cookie);
	*ret = id;
	return 0;
}
