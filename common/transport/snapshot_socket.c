// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/transport/snapshot_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"

#define BACKLOG 16

/* The directory of @path, made if missing and locked, so that two processes that start at the same
 * time do not each take the other's new socket for a stale one. */
static int open_folder(const char *path)
{
	char folder[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;
	int fd = -1;

	strcpy(folder, path);
	slash = strrchr(folder, '/');
	if (!slash)
		strcpy(folder, ".");
	else
		slash[slash == folder] = '\0';
	if (mkdir(folder, 0755) < 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
		return -errno;
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Best effort: a process that may read the directory could hold the lock for ever. */
	flock(fd, LOCK_EX | LOCK_NB);
	return fd;
}

/* 0: the file at @address is a socket that nobody listens on, and was removed. */
static int remove_stale(const struct sockaddr_un *address)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	if (lstat(address->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0)
		return -EADDRINUSE;
	/* EAGAIN: the backlog is full; EPROTOTYPE: a stream or datagram socket listens. */
	if (errno != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int bind_quietly(int fd, const struct sockaddr_un *address)
{
	mode_t old = umask(0117);
	int err = bind(fd, (const struct sockaddr *)address, sizeof(*address)) < 0 ? -errno : 0;

	umask(old);
	return err;
}

static int bind_socket(int fd, const struct sockaddr_un *address)
{
	int err = bind_quietly(fd, address);

	if (err != -EADDRINUSE)
		return err;
	err = remove_stale(address);
	return err ? err : bind_quietly(fd, address);
}

static int set_group(const char *path, const char *name, struct dcm_reason *reason)
{
	struct group *group;

	if (!*name)
		return 0;
	group = getgrnam(name);
	if (!group)
		return dcm_reason_set(reason, -ENOENT, "no group \"%s\" for %s", name, path);
	if (lchown(path, (uid_t)-1, group->gr_gid) < 0)
		return dcm_reason_set(reason, -errno, "giving %s to group %s: %s", path, name,
				      strerror(errno));
	return 0;
}

static int explain(struct dcm_reason *reason, int err, const char *path)
{
	switch (err) {
	case -EADDRINUSE:
		return dcm_reason_set(reason, err, "%s is in use: another instance serves it",
				      path);
	case -EEXIST:
		return dcm_reason_set(reason, err, "%s exists and is no socket", path);
	default:
		return dcm_reason_set(reason, err, "%s: %s", path, strerror(-err));
	}
}

int dcm_snapshot_socket_listen(const char *path, const char *group, struct dcm_reason *reason,
			       struct dcm_snapshot_socket *ret, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int folder = -1;
	_cleanup_close_ int fd = -1;
	struct stat st;
	int err;

	if (strlen(path) >= sizeof(address.sun_path))
		return explain(reason, -ENAMETOOLONG, path);
	strcpy(address.sun_path, path);
	folder = open_folder(path);
	if (folder < 0)
		return explain(reason, folder, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return explain(reason, -errno, path);
	err = bind_socket(fd, &address);
	if (err)
		return explain(reason, err, path);
	/* Nobody can connect before listen(), so that the group is right from the start. */
	err = set_group(path, group, reason);
	if (!err && (lstat(path, &st) < 0 || listen(fd, BACKLOG) < 0))
		err = explain(reason, -errno, path);
	if (err) {
		unlink(path);
		return err;
	}
	memset(ret, 0, sizeof(*ret));
	strcpy(ret->path, path);
	ret->dev = st.st_dev;
	ret->ino = st.st_ino;
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

void dcm_snapshot_socket_remove(const struct dcm_snapshot_socket *sock)
{
	struct stat st;

	if (lstat(sock->path, &st) == 0 && st.st_dev == sock->dev && st.st_ino == sock->ino)
		unlink(sock->path);
}
