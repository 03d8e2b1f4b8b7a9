// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "snmp-subagent/sampler/systemd_notify.h"

#define SECOND 1000000000ULL

/* A service manager's end of the socket, in the abstract namespace. */
static int listen_as_manager(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	char name[64];
	int len;

	assert_true(fd >= 0);
	len = snprintf(name, sizeof(name), "@dcm-test-notify-%d", (int)getpid());
	memcpy(address.sun_path + 1, name + 1, (size_t)len - 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)len)),
			 0);
	setenv("NOTIFY_SOCKET", name, 1);
	return fd;
}

static void expect(int fd, const char *message)
{
	char got[64] = "";
	ssize_t n = recv(fd, got, sizeof(got) - 1, 0);

	if (!message) {
		assert_int_equal(n, -1);
		assert_int_equal(errno, EAGAIN);
		return;
	}
	assert_string_equal(got, message);
}

static void test_send(void **state)
{
	int fd = listen_as_manager();

	dcm_systemd_tell("READY=1");
	expect(fd, "READY=1");
	expect(fd, NULL);
	close(fd);
	/* Nobody listens, no name, too long a name: nothing happens. */
	dcm_systemd_tell("READY=1");
	setenv("NOTIFY_SOCKET", "", 1);
	dcm_systemd_tell("READY=1");
	{
		char longest[300];

		memset(longest, 'x', sizeof(longest) - 1);
		longest[0] = '/';
		longest[sizeof(longest) - 1] = '\0';
		setenv("NOTIFY_SOCKET", longest, 1);
		dcm_systemd_tell("READY=1");
	}
	unsetenv("NOTIFY_SOCKET");
	dcm_systemd_tell("READY=1");
}

static void test_periods(void **state)
{
	char own[32];
	const struct {
		const char *usec, *pid;
		uint64_t period_ns;
	} cases[] = {
		{NULL, NULL, 0},
		{"", NULL, 0},
		{"junk", NULL, 0},
		{"60x", NULL, 0},
		{"-60", NULL, 0},
		{"99999999999999999999999", NULL, 0},
		{"60000000", NULL, 30 * SECOND},
		{"60000000", own, 30 * SECOND},
		{"60000000", "1", 0}, /* meant for somebody else */
	};

	snprintf(own, sizeof(own), "%d", (int)getpid());
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dcm_systemd service;

		unsetenv("WATCHDOG_USEC");
		unsetenv("WATCHDOG_PID");
		if (cases[i].usec)
			setenv("WATCHDOG_USEC", cases[i].usec, 1);
		if (cases[i].pid)
			setenv("WATCHDOG_PID", cases[i].pid, 1);
		dcm_systemd_init(&service);
		assert_int_equal(service.period_ns, cases[i].period_ns);
	}
}

static void test_alive(void **state)
{
	struct dcm_systemd service = {.period_ns = 30 * SECOND}, off = {0};
	int fd = listen_as_manager();
	uint64_t next = UINT64_MAX;

	dcm_systemd_alive(&off, 100 * SECOND, &next);
	expect(fd, NULL);
	assert_int_equal(next, UINT64_MAX);

	dcm_systemd_alive(&service, 100 * SECOND, &next);
	expect(fd, "WATCHDOG=1");
	assert_int_equal(next, 130 * SECOND);
	next = 101 * SECOND; /* something else is due earlier */
	dcm_systemd_alive(&service, 129 * SECOND, &next);
	expect(fd, NULL);
	assert_int_equal(next, 101 * SECOND);
	dcm_systemd_alive(&service, 130 * SECOND, &next);
	expect(fd, "WATCHDOG=1");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_send),
		cmocka_unit_test(test_periods),
		cmocka_unit_test(test_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
