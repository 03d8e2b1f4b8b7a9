// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Readers of a server: each snapshot once, abuse, floods, the socket file. */
#include "tests/unit/snapshot_scene.h"

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
	struct dcm_interfaces_wanted wanted;

	publish(f, 1);
	assert_false(dcm_snapshot_server_interfaces_wanted(f->server, &wanted));
	assert_int_equal(dcm_snapshot_client_want_interfaces(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_interfaces_wanted(f->server, &wanted));
	assert_true(wanted.own);
	assert_int_equal(wanted.contexts, 0);
	assert_false(dcm_snapshot_server_interfaces_wanted(f->server, &wanted));
	assert_int_equal(dcm_snapshot_client_want_contexts(fd, 5), 0);
	assert_int_equal(dcm_snapshot_client_want_contexts(fd, 8), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_interfaces_wanted(f->server, &wanted));
	assert_false(wanted.own);
	assert_int_equal(wanted.contexts, 13);
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

/* The newest word counts, as long as its reader is there. */
static void test_reload_every(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int agent = add_pair(f), module = -1;
	struct dcm_reason reason;
	uint32_t every = 7;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	assert_int_equal(dcm_snapshot_client_connect(f->path, &module), 0);
	assert_false(dcm_snapshot_server_reload_every(f->server, &every));
	assert_int_equal(dcm_snapshot_client_reload_every(agent, 900), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_reload_every(f->server, &every));
	assert_int_equal(every, 900);
	assert_int_equal(dcm_snapshot_client_reload_every(module, 0), 0);
	dcm_snapshot_server_dispatch(f->server);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_reload_every(f->server, &every));
	assert_int_equal(every, 0);
	close(dcm_take_fd(module));
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_reload_every(f->server, &every));
	assert_int_equal(every, 900);
	assert_int_equal(dcm_snapshot_client_reload_every(agent, DCM_RELOAD_UNKNOWN), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_false(dcm_snapshot_server_reload_every(f->server, &every));
}

/* The same of what the module serves; one that is gone says nothing. */
static void test_module_mib(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int first = add_pair(f), second = add_pair(f);
	uint32_t every;
	bool served;

	assert_false(dcm_snapshot_server_module_mib(f->server, &served));
	assert_int_equal(dcm_snapshot_client_module_mib(first, false), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_module_mib(f->server, &served));
	assert_false(served);
	assert_int_equal(dcm_snapshot_client_module_mib(second, true), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_module_mib(f->server, &served));
	assert_true(served);
	assert_false(dcm_snapshot_server_reload_every(f->server, &every));
	close(dcm_take_fd(second));
	dcm_snapshot_server_dispatch(f->server);
	assert_true(dcm_snapshot_server_module_mib(f->server, &served));
	assert_false(served);
	close(dcm_take_fd(first));
	dcm_snapshot_server_dispatch(f->server);
	assert_false(dcm_snapshot_server_module_mib(f->server, &served));
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

/* Asks once for all of them. What comes while one is under way is left out. */
static void test_subscriber(void **state)
{
	struct fixture *f = *state;
	_cleanup_close_ int fd = add_pair(f);
	int before;

	publish(f, 0);
	assert_int_equal(dcm_snapshot_client_subscribe(fd), 0);
	dcm_snapshot_server_dispatch(f->server);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(take(fd), i);
		assert_int_equal(take(fd), -EAGAIN);
		publish(f, i + 1);
	}
	before = open_fds();
	for (int i = 4; i < 100; i++)
		publish(f, i);
	assert_int_equal(open_fds(), before);
	assert_int_equal(take(fd), 3);
	assert_int_equal(take(fd), -EAGAIN);
	publish(f, 100);
	assert_int_equal(take(fd), 100);
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
	_cleanup_close_ int other = open("/", O_RDONLY | O_CLOEXEC);
	int before = open_fds();

	send_fds(fd, 'n', 1, &other, 1);
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

/* Whoever asks stays; whoever holds places without a word makes room for a new one. */
static void test_idlest_makes_room(void **state)
{
	struct fixture *f = *state;
	int fds[DCM_SNAPSHOT_MAX_READERS];
	struct dcm_reason reason = {""};
	_cleanup_close_ int late = -1;

	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(fds); i++) {
		assert_int_equal(dcm_snapshot_client_connect(f->path, &fds[i]), 0);
		dcm_snapshot_server_dispatch(f->server);
	}
	assert_int_equal(dcm_snapshot_client_request(fds[0]), 0);
	dcm_snapshot_server_dispatch(f->server);
	assert_int_equal(dcm_snapshot_client_connect(f->path, &late), 0);
	assert_int_equal(dcm_snapshot_client_request(late), 0);
	dcm_snapshot_server_dispatch(f->server);
	dcm_snapshot_server_dispatch(f->server);
	publish(f, 3);
	assert_int_equal(take(late), 3);
	assert_int_equal(take(fds[0]), 3);
	assert_int_equal(take(fds[1]), -EPIPE);
	assert_int_equal(take(fds[2]), -EAGAIN);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

/* A child that connects @count times as the user with number @uid and holds that until it is
 * killed. */
static pid_t hoard(struct fixture *f, uid_t uid, size_t count)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		int fd, bad = setresuid(uid, uid, uid);

		for (size_t i = 0; i < count && !bad; i++)
			while ((bad = dcm_snapshot_client_connect(f->path, &fd)) == -EAGAIN)
				sched_yield();
		if (!bad && write(ready[1], "r", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(fcntl(ready[0], F_SETFL, O_NONBLOCK), 0);
	while (read(ready[0], &byte, 1) < 0 && errno == EAGAIN) {
		dcm_snapshot_server_dispatch(f->server);
		if (dcm_snapshot_server_readers(f->server) % 64 == 0)
			publish(f, 1); /* accepts go on */
	}
	close(ready[0]);
	dcm_snapshot_server_dispatch(f->server);
	return pid;
}

/* 200 connections of another user, after ours and newer, cost us no place. */
static void test_hoarder(void **state)
{
	struct fixture *f = *state;
	struct dcm_reason reason = {""};
	_cleanup_close_ int ours = -1;
	pid_t pid;

	if (geteuid())
		skip(); /* only root becomes another user */
	assert_int_equal(dcm_snapshot_server_listen(f->server, f->path, "", &reason), 0);
	assert_int_equal(chmod(f->folder, 0755), 0);
	assert_int_equal(chmod(f->path, 0666), 0);
	assert_int_equal(dcm_snapshot_client_connect(f->path, &ours), 0);
	dcm_snapshot_server_dispatch(f->server);
	pid = hoard(f, 65534, 200);
	assert_int_equal(dcm_snapshot_server_readers(f->server), DCM_SNAPSHOT_MAX_READERS);
	assert_int_equal(take(ours), -EAGAIN);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
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
		TEST(test_each_snapshot_once),
		TEST(test_interfaces_wanted),
		TEST(test_report),
		TEST(test_reload_every),
		TEST(test_module_mib),
		TEST(test_request_before_first),
		TEST(test_stopped_reader),
		TEST(test_subscriber),
		TEST(test_abuse),
		TEST(test_descriptors_to_server),
		TEST(test_flood),
		TEST(test_reader_limit),
		TEST(test_idlest_makes_room),
		TEST(test_hoarder),
		TEST(test_connection_flood),
		TEST(test_socket_file),
		TEST(test_stale_socket),
		TEST(test_foreign_files),
		TEST(test_listen_errors),
		TEST(test_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
