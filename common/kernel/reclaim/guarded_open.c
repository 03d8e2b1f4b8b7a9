// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/guarded_open.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"

#define FLAGS (O_PATH | O_CLOEXEC)

#ifndef RESOLVE_CACHED
#define RESOLVE_CACHED 0x20
#endif

static int open_cached(int root, const char *path, int *ret)
{
	struct open_how how = {
		.flags = FLAGS,
		.resolve = RESOLVE_CACHED | RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (fd < 0)
		return -errno;
	*ret = fd;
	return 0;
}

/* One directory after the other, so that no symbolic link is followed, on any kernel. */
static int open_stepwise(int root, const char *path, int *ret)
{
	_cleanup_close_ int at = openat(root, ".", FLAGS);
	_cleanup_free_ char *copy = strdup(path);
	char *rest = NULL;

	if (!copy)
		return -ENOMEM;
	for (char *name = strtok_r(copy, "/", &rest); at >= 0 && name;
	     name = strtok_r(NULL, "/", &rest)) {
		int next = openat(at, name, FLAGS | O_NOFOLLOW);
		int err = errno;

		close(at);
		at = next;
		errno = err;
	}
	if (at < 0)
		return -errno;
	*ret = dcm_take_fd(at);
	return 0;
}

/* ---- the descriptor's way from the child ---- */

union control {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

/* @err, and the descriptor when it is 0. */
static void send_result(int socket, int err, int fd)
{
	union control control = {.space = ""};
	struct iovec part = {&err, sizeof(err)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (!err) {
		message.msg_control = control.space;
		message.msg_controllen = sizeof(control.space);
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	}
	sendmsg(socket, &message, MSG_NOSIGNAL);
}

static int take_result(int socket, int *ret)
{
	union control control;
	int err = 0, fd;
	struct iovec part = {&err, sizeof(err)};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof(control.space),
	};
	struct cmsghdr *header;

	if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != sizeof(err))
		return -EIO; /* it died */
	if (err)
		return err;
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_type != SCM_RIGHTS)
		return -EIO;
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	*ret = fd;
	return 0;
}

static void close_all(unsigned first, unsigned last)
{
	if (first <= last)
		syscall(SYS_close_range, first, last, 0); /* Linux 5.9; before, they stay */
}

/* Keeps nothing open that somebody may wait to see closed: it may be left behind. */
static void child(int socket, int root, const char *path)
{
	unsigned low = (unsigned)DCM_MIN(socket, root), high = (unsigned)DCM_MAX(socket, root);
	int fd = -1, err;

	if (low)
		close_all(0, low - 1);
	close_all(low + 1, high - 1);
	close_all(high + 1, UINT_MAX);
	err = open_stepwise(root, path, &fd);
	send_result(socket, err, fd);
	_exit(0);
}

static int open_in_child(int root, const char *path, int deadline_ms, int *ret)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	struct pollfd wait;
	int pair[2], err;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	ours = pair[0];
	theirs = pair[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		child(theirs, root, path);
	close(dcm_take_fd(theirs));
	wait = (struct pollfd){.fd = ours, .events = POLLIN};
	err = poll(&wait, 1, deadline_ms) == 1 ? take_result(ours, ret) : -ETIMEDOUT;
	/* One that hangs in the kernel dies when that lets it go; nobody waits for it. */
	kill(pid, SIGKILL);
	waitpid(pid, NULL, err == -ETIMEDOUT ? WNOHANG : 0);
	return err;
}

int dcm_guarded_open(int root, const char *path, int deadline_ms, int *ret)
{
	int err = open_cached(root, path, ret);

	/* Not cached; Linux before 5.12; before 5.6. */
	return err == -EAGAIN || err == -EINVAL || err == -ENOSYS
		       ? open_in_child(root, path, deadline_ms, ret)
		       : err;
}
