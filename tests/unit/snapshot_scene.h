/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A snapshot server in a folder of its own, and readers of it. */
#ifndef DCM_TESTS_SNAPSHOT_SCENE_H
#define DCM_TESTS_SNAPSHOT_SCENE_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/transport/snapshot_memfd.h"
#include "common/transport/snapshot_server.h"

struct fixture {
	struct dcm_snapshot_server *server;
	struct dcm_snapshot_builder *builder;
	char folder[64];
	char path[96];
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	strcpy(f->folder, "/tmp/dcm-test-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	snprintf(f->path, sizeof(f->path), "%s/snapshot.sock", f->folder);
	assert_int_equal(dcm_snapshot_builder_create(&f->builder), 0);
	assert_int_equal(dcm_snapshot_server_create(&f->server), 0);
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	dcm_snapshot_server_destroy(f->server);
	dcm_snapshot_builder_destroy(f->builder);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static inline struct dcm_snapshot *make(struct fixture *f, int64_t dentries)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(f->builder, DCM_SEC_TOTALS);
	struct dcm_snapshot *snapshot = NULL;

	assert_non_null(totals);
	DCM_SET(totals, dentries, dentries);
	assert_int_equal(dcm_snapshot_builder_finish(f->builder, 1, 2, &snapshot), 0);
	return snapshot;
}

static inline void publish(struct fixture *f, int64_t dentries)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = make(f, dentries);

	assert_int_equal(dcm_snapshot_server_publish(f->server, snapshot), 0);
}

static inline int64_t dentries_of(const struct dcm_snapshot *snapshot)
{
	const struct dcm_snap_totals *totals = dcm_snapshot_row(snapshot, DCM_SEC_TOTALS, 0);

	assert_non_null(totals);
	return totals->dentries;
}

/* The value of the snapshot that lies in @fd's queue, or the negative errno. */
static inline int64_t take(int fd)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason;
	int err = dcm_snapshot_client_receive(fd, &reason, &snapshot);

	return err ? err : dentries_of(snapshot);
}

static inline int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static inline int add_pair(struct fixture *f)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(dcm_snapshot_server_add(f->server, fds[0]), 0);
	return fds[1];
}

static inline void send_fds(int sock, char byte, size_t len, const int *fds, size_t count)
{
	union {
		char bytes[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	char data[2] = {byte, byte};
	struct iovec iov = {.iov_base = data, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (count > 0) {
		struct cmsghdr *c;

		msg.msg_control = control.bytes;
		msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(c), fds, count * sizeof(int));
	}
	assert_int_equal(sendmsg(sock, &msg, MSG_NOSIGNAL), len);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
