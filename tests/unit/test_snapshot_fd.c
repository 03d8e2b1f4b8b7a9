// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
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
#include "common/base/clock.h"
#include "common/kernel/snapshot_fd.h"
#include "common/kernel/snapshot_server.h"

struct fixture {
	struct dcm_snapshot_server *server;
	struct dcm_snapshot_builder *builder;
	char folder[64];
	char path[96];
};

static int set_up(void **state)
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

static int tear_down(void **state)
{
	struct fixture *f = *state;

	dcm_snapshot_server_destroy(f->server);
	dcm_snapshot_builder_destroy(f->builder);
	unlink(f->path);
	rmdir(f->folder);
	free(f);
	return 0;
}

static struct dcm_snapshot *make(struct fixture *f, int64_t dentries)
{
	struct dcm_snap_totals *totals = dcm_snapshot_builder_add(f->builder, DCM_SEC_TOTALS);
	struct dcm_snapshot *snapshot = NULL;

	assert_non_null(totals);
	DCM_SET(totals, dcm_snap_totals, dentries, dentries);
	assert_int_equal(dcm_snapshot_builder_finish(f->builder, 1, 2, &snapshot), 0);
	return snapshot;
}

static void publish(struct fixture *f, int64_t dentries)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = make(f, dentries);

	assert_int_equal(dcm_snapshot_server_publish(f->server, snapshot), 0);
}

static int64_t dentries_of(const struct dcm_snapshot *snapshot)
{
	const struct dcm_snap_totals *totals = dcm_snapshot_row(snapshot, DCM_SEC_TOTALS, 0);

	assert_non_null(totals);
	return totals->dentries;
}

/* The value of the snapshot that lies in @fd's queue, or the negative errno. */
static int64_t take(int fd)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason;
	int err = dcm_snapshot_client_receive(fd, &reason, &snapshot);

	return err ? err : dentries_of(snapshot);
}

static int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int add_pair(struct fixture *f)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(dcm_snapshot_server_add(f->server, fds[0]), 0);
	return fds[1];
}

/* ---- descriptors ---- */

static void test_round_trip(void **state)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *made = make(*state, 77);
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *mapped = NULL;
	_cleanup_close_ int fd = -1;
	struct dcm_reason reason;

	assert_int_equal(dcm_snapshot_fd_create(made, &fd), 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(dcm_snapshot_fd_open(fd, &reason, &mapped), 0);
	assert_int_equal(mapped->size, made->size);
	assert_memory_equal(mapped->header, made->header, made->size);
	/* Nobody can change it any more, not even its maker. */
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	assert_int_equal(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096), -1);
	assert_ptr_equal(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
}

enum { PIPE, FOLDER, DEVICE, UNSEALED, HALF_SEALED, EMPTY, SPARSE, HUGE_SIZE, JUNK };

static const struct {
	const char *name;
	int kind;
	int err;
} bad_fds[] = {
	{"pipe", PIPE, -EPERM},
	{"folder", FOLDER, -EPERM},
	{"device", DEVICE, -EPERM},
	{"memfd without seals", UNSEALED, -EPERM},
	{"memfd that may still be written", HALF_SEALED, -EPERM},
	{"empty", EMPTY, -EINVAL},
	{"holes", SPARSE, -EINVAL},
	{"too large", HUGE_SIZE, -EFBIG},
	{"junk", JUNK, -EINVAL},
};

static int make_bad_memfd(int kind)
{
	static const char junk[4096] = "junk";
	int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	int fd = memfd_create("bad", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	if (kind == JUNK || kind == UNSEALED || kind == HALF_SEALED)
		assert_int_equal(write(fd, junk, sizeof(junk)), sizeof(junk));
	if (kind == SPARSE)
		assert_int_equal(ftruncate(fd, 1 << 20), 0);
	if (kind == HUGE_SIZE)
		assert_int_equal(ftruncate(fd, 1LL << 40), 0);
	if (kind == UNSEALED)
		seals = 0;
	if (kind == HALF_SEALED)
		seals &= ~F_SEAL_WRITE;
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int make_bad_fd(int kind)
{
	int fds[2];

	switch (kind) {
	case PIPE:
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
		close(fds[1]);
		return fds[0];
	case FOLDER:
		return open("/", O_RDONLY | O_CLOEXEC);
	case DEVICE:
		return open("/dev/zero", O_RDONLY | O_CLOEXEC);
	default:
		return make_bad_memfd(kind);
	}
}

static void test_bad_descriptors(void **state)
{
	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(bad_fds); i++) {
		_cleanup_close_ int fd = make_bad_fd(bad_fds[i].kind);
		struct dcm_reason reason = {""};
		struct dcm_snapshot *untouched = (void *)&reason;
		struct dcm_snapshot *out = untouched;
		int err = dcm_snapshot_fd_open(fd, &reason, &out);

		if (err != bad_fds[i].err)
			fail_msg("%s: %d, not %d", bad_fds[i].name, err, bad_fds[i].err);
		assert_ptr_equal(out, untouched);
		assert_true(reason.text[0] != '\0');
	}
}

/* ---- a hostile server ---- */

static void send_fds(int sock, char byte, size_t len, const int *fds, size_t count)
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

static const struct {
	const char *name;
	char byte;
	size_t len, fds;
	int err;
} hostile_messages[] = {
	{"no descriptor", 's', 1, 0, -EPROTO},
	{"two descriptors", 's', 1, 2, -EPROTO},
	{"more descriptors than there is room for", 's', 1, 16, -EPROTO},
	{"too long", 's', 2, 1, -EPROTO},
	{"wrong byte", 'x', 1, 1, -EPROTO},
	{"empty with descriptor", 's', 0, 1, -EPIPE},
	{"descriptor of a pipe", 's', 1, 1, -EPERM},
};

static void test_hostile_server(void **state)
{
	_cleanup_close_ int pipe_fd = make_bad_fd(PIPE);
	int before = open_fds();
	int fds[16];

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(fds); i++)
		fds[i] = pipe_fd;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(hostile_messages); i++) {
		int pair[2];
		int64_t got;

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		send_fds(pair[0], hostile_messages[i].byte, hostile_messages[i].len, fds,
			 hostile_messages[i].fds);
		got = take(pair[1]);
		if (got != hostile_messages[i].err)
			fail_msg("%s: %d", hostile_messages[i].name, (int)got);
		close(pair[0]);
		assert_int_equal(take(pair[1]), -EPIPE);
		assert_int_equal(dcm_snapshot_client_request(pair[1]), -EPIPE);
		close(pair[1]);
		assert_int_equal(open_fds(), before);
	}
}

/* ---- the server ---- */

static void test_each_snapshot_once(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);

	publish(f, 1);
	assert_int_equal(take(fd), -EAGAIN); /* not asked for */
	assert_int_equal(dcm_snapshot_client_request(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(take(fd), 1);
	assert_int_equal(dcm_snapshot_client_request(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(take(fd), -EAGAIN); /* has that one already */
	publish(f, 2);
	assert_int_equal(take(fd), 2);
	publish(f, 3);
	assert_int_equal(take(fd), -EAGAIN);
}

static void test_interfaces_wanted(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);

	publish(f, 1);
	assert_false(dcm_snapshot_server_interfaces_wanted(f->server));
	assert_int_equal(dcm_snapshot_client_want_interfaces(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_interfaces_wanted(f->server));
	assert_false(dcm_snapshot_server_interfaces_wanted(f->server));
	assert_int_equal(take(fd), -EAGAIN); /* it asks for no snapshot */
	assert_int_equal(dcm_snapshot_client_request(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(take(fd), 1);
}

/* Only of a reader that the sampler added itself: anybody in the group can connect. */
static void test_report(void **state)
{
	const struct dcm_notify_counts sent = {.handled = 7, .sent = 5, .suppressed = 2};
	struct fixture *f = *state;
	_cleanup_close_ int trusted = add_pair(f), other = -1;
	struct dcm_notify_counts got;
	struct dcm_reason reason;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	assert_int_equal(dcm_snapshot_client_connect(f->path, &other), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_false(dcm_snapshot_server_take_report(f->server, &got));
	assert_int_equal(dcm_snapshot_client_report(trusted, &sent), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_take_report(f->server, &got));
	assert_memory_equal(&got, &sent, sizeof(got));
	assert_false(dcm_snapshot_server_take_report(f->server, &got));
	assert_int_equal(dcm_snapshot_client_report(other, &sent), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_false(dcm_snapshot_server_take_report(f->server, &got));
	assert_int_equal(take(other), -EPIPE);
	assert_int_equal(take(trusted), -EAGAIN);
}

static void test_request_before_first(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);

	assert_int_equal(dcm_snapshot_client_request(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(take(fd), -EAGAIN);
	publish(f, 5);
	assert_int_equal(take(fd), 5);
}

/* A reader that asks without ever fetching holds one descriptor, however long it sleeps. */
static void test_stopped_reader(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);
	int before;

	publish(f, 0);
	before = open_fds();
	for (int i = 1; i <= 100; i++) {
		assert_int_equal(dcm_snapshot_client_request(fd), 0);
		dcm_snapshot_server_dispatch(f->server);
		publish(f, i);
	}
	assert_int_equal(open_fds(), before);
	assert_int_equal(take(fd), 0); /* the one under way */
	assert_int_equal(take(fd), -EAGAIN);
	publish(f, 101);
	assert_int_equal(take(fd), 101); /* and at once the newest */
}

static const struct {
	const char *name;
	const char *bytes;
	size_t len;
} abuses[] = {
	{"wrong byte", "x", 1}, {"answer byte", "s", 1}, {"too long", "nn", 2},
	{"NUL", "", 1},		{"empty", "", 0},
};

static void test_abuse(void **state)
{
	struct fixture *f = *state;
	int before = open_fds();

	for (size_t i = 0; i < DCM_ARRAY_SIZE(abuses); i++) {
		_cleanup_close_ int good = add_pair(f);
		_cleanup_close_ int bad = add_pair(f);

		publish(f, (int64_t)i);
		assert_int_equal(dcm_snapshot_client_request(good), 0);
		assert_int_equal(send(bad, abuses[i].bytes, abuses[i].len, 0), abuses[i].len);
		dcm_snapshot_server_dispatch(f->server);
		if (take(bad) != -EPIPE)
			fail_msg("%s: still connected", abuses[i].name);
		assert_int_equal(take(good), i);
		close(dcm_take_fd(good));
		close(dcm_take_fd(bad));
		dcm_snapshot_server_dispatch(f->server);
	}
	assert_int_equal(open_fds(), before + 1); /* the newest snapshot */
}

static void test_descriptors_to_server(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);
	_cleanup_close_ int pipe_fd = make_bad_fd(PIPE);
	int before = open_fds();

	send_fds(fd, 'n', 1, &pipe_fd, 1);
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(open_fds(), before);
}

static void test_flood(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);

	publish(f, 1);
	for (int i = 0; i < 100; i++)
		if (dcm_snapshot_client_request(fd) < 0)
			break;
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(dcm_snapshot_client_request(fd), -EPIPE);
}

static void test_reader_limit(void **state)
{
	struct fixture *f = *state;
	int fds[DCM_SNAPSHOT_MAX_READERS + 4];
	struct dcm_reason reason = {""};
	size_t connected = 0;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(fds); i++) {
		assert_int_equal(dcm_snapshot_client_connect(f->path, &fds[i]), 0);
		dcm_snapshot_server_dispatch(f->server);
	}
	assert_int_equal(dcm_snapshot_server_readers(f->server), DCM_SNAPSHOT_MAX_READERS);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(fds); i++) {
		connected += take(fds[i]) == -EAGAIN;
		close(fds[i]);
	}
	assert_int_equal(connected, DCM_SNAPSHOT_MAX_READERS);
	for (int i = 0; i < 8; i++)
		dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(dcm_snapshot_server_readers(f->server), 0);
}

/* Whoever connects over and over is left in the queue until the next snapshot. */
static void test_connection_flood(void **state)
{
	struct fixture *f = *state;
	struct dcm_reason reason = {""};
	int refused = 0;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	for (int i = 0; i < 1000 && !refused; i++) {
		_cleanup_close_ int fd = -1;

		refused = dcm_snapshot_client_connect(f->path, &fd) == -EAGAIN;
		dcm_snapshot_server_dispatch(f->server);
	}
	assert_true(refused);
	publish(f, 9);
	for (int i = 0; i < 20; i++)
		dcm_snapshot_server_dispatch(f->server);
	{
		_cleanup_close_ int fd = -1;

		assert_int_equal(dcm_snapshot_client_connect(f->path, &fd), 0);
		assert_int_equal(dcm_snapshot_client_request(fd), 0);
		dcm_snapshot_server_dispatch(f->server);
		dcm_snapshot_server_dispatch(f->server);
		assert_int_equal(take(fd), 9);
	}
}

static void test_socket_file(void **state)
{
	struct fixture *f = *state;
	struct dcm_snapshot_server *second = NULL;
	struct dcm_reason reason = {""};
	struct stat st;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	assert_int_equal(stat(f->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(dcm_snapshot_server_create(&second), 0);
	assert_int_equal(dcm_snapshot_server_listen(second, f->path, "", &reason), -EADDRINUSE);
	assert_non_null(strstr(reason.text, "another instance"));
	dcm_snapshot_server_destroy(second);
	assert_int_equal(stat(f->path, &st), 0);
	dcm_snapshot_server_destroy(f->server);
	f->server = NULL;
	assert_int_equal(stat(f->path, &st), -1);
}

static void test_stale_socket(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct dcm_reason reason = {""};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, f->path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
}

static void test_foreign_files(void **state)
{
	struct fixture *f = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct dcm_reason reason = {""};
	_cleanup_close_ int fd = open(f->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	_cleanup_close_ int stream = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct stat st;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), -EEXIST);
	assert_int_equal(stat(f->path, &st), 0);
	unlink(f->path);
	strcpy(address.sun_path, f->path);
	assert_int_equal(bind(stream, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(stream, 1), 0);
	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), -EADDRINUSE);
	assert_int_equal(stat(f->path, &st), 0);
}

static void test_listen_errors(void **state)
{
	struct fixture *f = *state;
	struct dcm_reason reason = {""};
	char longer[200];
	struct stat st;

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(dcm_snapshot_server_listen(f->server, longer, "", &reason), -ENAMETOOLONG);
	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "no such group", &reason),
			 -ENOENT);
	assert_non_null(strstr(reason.text, "no such group"));
	assert_int_equal(stat(f->path, &st), -1);
	assert_int_equal(
		dcm_snapshot_server_listen(f->server, "/nonexistent/folder/x", "", &reason),
		-ENOENT);
}

/* ---- both ends ---- */

static void serve_until_killed(struct fixture *f)
{
	for (int64_t i = 1;; i++) {
		publish(f, i);
		dcm_snapshot_server_dispatch(f->server);
		usleep(5000);
	}
}

static void test_wait(void **state)
{
	struct fixture *f = *state;
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *first = NULL;
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *second = NULL;
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *none = NULL;
	_cleanup_close_ int fd = -1;
	struct dcm_reason reason = {""};
	int err, status;
	pid_t pid;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	assert_int_equal(dcm_snapshot_client_connect(f->path, &fd), 0);
	assert_int_equal(dcm_snapshot_client_wait(fd, 20, &reason, &none), -ETIMEDOUT);
	pid = fork();
	if (pid == 0)
		serve_until_killed(f);
	assert_true(pid > 0);
	assert_int_equal(dcm_snapshot_client_wait(fd, 5000, &reason, &first), 0);
	assert_int_equal(dcm_snapshot_client_wait(fd, 5000, &reason, &second), 0);
	assert_true(dentries_of(second) > dentries_of(first));
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* This process holds the other end of nothing but the listener. */
	do {
		dcm_snapshot_destroy(dcm_take_ptr(none));
		err = dcm_snapshot_client_wait(fd, 5000, &reason, &none);
	} while (err == 0);
	assert_int_equal(err, -EPIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_descriptors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hostile_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_each_snapshot_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_request_before_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stopped_reader, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_abuse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_descriptors_to_server, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flood, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reader_limit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_connection_flood, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_interfaces_wanted, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_report, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_socket_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stale_socket, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_foreign_files, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_listen_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wait, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
