// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/transport/snapshot_memfd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/fd_io.h"
#include "common/transport/snapshot_wire.h"

/* Not executable, and the only way to keep 6.3 and later from warning in the kernel log
 * (105ff5339f49); older kernels answer EINVAL. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

#define SEALS	     (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)
#define NEEDED_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static int create_memfd(void)
{
	const char *name = "dcachemon-snapshot";
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

int dcm_snapshot_memfd_create(const struct dcm_snapshot *snapshot, int *ret_fd)
{
	_cleanup_close_ int fd = create_memfd();
	int err;

	if (fd < 0)
		return fd;
	err = dcm_fd_write_all(fd, snapshot->header, snapshot->size);
	if (err)
		return err;
	if (fcntl(fd, F_ADD_SEALS, SEALS) < 0)
		return -errno;
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

/*
 * After this check nobody can change, shrink or punch the bytes, and every page is there: touching
 * a hole could fail and end us with SIGBUS. Huge pages (another filesystem) could too.
 */
static int check_memfd(int fd, struct dcm_reason *reason, size_t *ret_size)
{
	struct statfs fs;
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	if (seals < 0 || (seals & NEEDED_SEALS) != NEEDED_SEALS)
		return dcm_reason_set(reason, -EPERM, "snapshot is not a sealed memory file");
	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return dcm_reason_set(reason, -errno, "snapshot: %s", strerror(errno));
	if (!S_ISREG(st.st_mode) || fs.f_type != TMPFS_MAGIC)
		return dcm_reason_set(reason, -EPERM, "snapshot is not an ordinary memory file");
	if (st.st_size < (off_t)sizeof(struct dcm_snap_header))
		return dcm_reason_set(reason, -EINVAL, "snapshot is too short");
	if (st.st_size > (off_t)DCM_SNAPSHOT_MAX_SIZE)
		return dcm_reason_set(reason, -EFBIG, "snapshot is too large");
	if (st.st_blocks * 512 < st.st_size)
		return dcm_reason_set(reason, -EINVAL, "snapshot has holes");
	*ret_size = (size_t)st.st_size;
	return 0;
}

static void unmap(struct dcm_snapshot *snapshot)
{
	munmap((void *)(uintptr_t)snapshot->header, snapshot->size);
}

int dcm_snapshot_memfd_open(int fd, struct dcm_reason *reason, struct dcm_snapshot **ret)
{
	struct dcm_snapshot *snapshot;
	size_t size = 0;
	void *data;
	int err;

	err = check_memfd(fd, reason, &size);
	if (err)
		return err;
	/* Private: kernels before 6.7 refuse shared mappings of a write-sealed file. */
	data = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return dcm_reason_set(reason, -errno, "mapping a snapshot: %s", strerror(errno));
	err = dcm_snapshot_validate(data, size, reason);
	snapshot = err ? NULL : malloc(sizeof(*snapshot));
	if (!snapshot) {
		munmap(data, size);
		return err ? err : -ENOMEM;
	}
	*snapshot = (struct dcm_snapshot){.header = data, .size = size, .release = unmap};
	*ret = snapshot;
	return 0;
}

/* ---- reader ---- */

int dcm_snapshot_client_connect(const char *path, int *ret_fd)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

static int send_message(int fd, char message)
{
	if (send(fd, &message, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
		return 0;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

int dcm_snapshot_client_request(int fd)
{
	return send_message(fd, DCM_SNAPSHOT_REQUEST);
}

int dcm_snapshot_client_subscribe(int fd)
{
	return send_message(fd, DCM_SNAPSHOT_SUBSCRIBE);
}

int dcm_snapshot_client_want_interfaces(int fd)
{
	return send_message(fd, DCM_SNAPSHOT_INTERFACES);
}

/* @message and @size bytes of what it says, at most a struct dcm_notify_counts. */
static int send_value(int fd, char message, const void *value, size_t size)
{
	char bytes[1 + sizeof(struct dcm_notify_counts)] = {message};

	memcpy(bytes + 1, value, size);
	if (send(fd, bytes, 1 + size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)(1 + size))
		return 0;
	return errno == ECONNRESET ? -EPIPE : -errno;
}

int dcm_snapshot_client_want_contexts(int fd, uint64_t contexts)
{
	return send_value(fd, DCM_SNAPSHOT_INTERFACES, &contexts, sizeof(contexts));
}

int dcm_snapshot_client_report(int fd, const struct dcm_notify_counts *counts)
{
	return send_value(fd, DCM_SNAPSHOT_REPORT, counts, sizeof(*counts));
}

int dcm_snapshot_client_reload_every(int fd, uint32_t seconds)
{
	return send_value(fd, DCM_SNAPSHOT_RELOAD, &seconds, sizeof(seconds));
}

int dcm_snapshot_client_module_mib(int fd, bool served)
{
	uint32_t value = served;

	return send_value(fd, DCM_SNAPSHOT_MODULE, &value, sizeof(value));
}

/* Keeps the first descriptor, closes any further one: *@ret_count is how many there were. */
static int take_descriptors(struct msghdr *msg, size_t *ret_count)
{
	struct cmsghdr *c;
	size_t count = 0;
	int first = -1;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		const unsigned char *p = CMSG_DATA(c);
		const unsigned char *end = (const unsigned char *)c + c->cmsg_len;
		int fd;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (; p + sizeof(fd) <= end; p += sizeof(fd), count++) {
			memcpy(&fd, p, sizeof(fd));
			if (count == 0)
				first = fd;
			else
				close(fd);
		}
	}
	*ret_count = count;
	return first;
}

static int receive_descriptor(int sock, struct dcm_reason *reason, int *ret_fd)
{
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte = 0;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.bytes,
			     .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	_cleanup_close_ int fd = -1;
	size_t count;

	if (n < 0)
		return errno == ECONNRESET ? -EPIPE : -errno;
	fd = take_descriptors(&msg, &count);
	if (n == 0)
		return -EPIPE;
	if (byte != DCM_SNAPSHOT_ANSWER || count != 1 || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return dcm_reason_set(reason, -EPROTO, "not a snapshot message");
	*ret_fd = dcm_take_fd(fd);
	return 0;
}

int dcm_snapshot_client_receive(int fd, struct dcm_reason *reason, struct dcm_snapshot **ret)
{
	_cleanup_close_ int memfd = -1;
	int err = receive_descriptor(fd, reason, &memfd);

	return err ? err : dcm_snapshot_memfd_open(memfd, reason, ret);
}

/* Waits until @fd is readable or @deadline_ns (CLOCK_MONOTONIC) has passed. */
static int wait_readable(int fd, uint64_t deadline_ns)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		struct timespec ts = dcm_timespec_until(deadline_ns);
		int n = ppoll(&p, 1, &ts, NULL);

		if (n > 0)
			return 0;
		if (n == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

int dcm_snapshot_client_wait(int fd, int timeout_ms, struct dcm_reason *reason,
			     struct dcm_snapshot **ret)
{
	uint64_t deadline = dcm_now_ns() + (uint64_t)timeout_ms * DCM_NSEC_PER_MSEC;
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *late = NULL;
	int err;

	/* The answer to an earlier request that timed out may lie here: old, but better than
	 * nothing when no newer one comes in time. */
	err = dcm_snapshot_client_receive(fd, reason, &late);
	if (err && err != -EAGAIN)
		return err;
	err = dcm_snapshot_client_request(fd);
	while (!err) {
		err = wait_readable(fd, deadline);
		if (err == -ETIMEDOUT && late) {
			*ret = dcm_take_ptr(late);
			return 0;
		}
		if (err)
			break;
		err = dcm_snapshot_client_receive(fd, reason, ret);
		if (err != -EAGAIN)
			return err;
		err = 0;
	}
	return err;
}
