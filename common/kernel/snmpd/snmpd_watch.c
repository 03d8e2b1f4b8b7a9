// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_watch.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/snmpd/snmpd_arguments.h"
#include "common/kernel/snmpd/snmpd_socket.h"

#define EVERY_NS     (100 * DCM_NSEC_PER_MSEC)
#define REQUESTS_MAX 1024

static double seconds_of(uint64_t ns)
{
	return (double)ns / DCM_NSEC_PER_SEC;
}

/* ---- the process ---- */

/* Seconds in user and system mode: the 14th and 15th field of stat. The second one, in parentheses,
 * may hold anything. */
static bool read_cpu(const char *root, pid_t pid, double *ret)
{
	char text[1024];
	const char *at;
	uint64_t user, sys;

	if (!pid || dcm_snmpd_process_read(root, pid, "stat", text, sizeof(text)) < 0)
		return false;
	at = strrchr(text, ')');
	if (!at ||
	    sscanf(at + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64,
		   &user, &sys) != 2)
		return false;
	*ret = (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
	return true;
}

/* Seconds in which it could run and had to wait for a processor: the second field of schedstat
 * (CONFIG_SCHED_INFO); 0 without. */
static double read_queued(const char *root, pid_t pid)
{
	char text[128];
	uint64_t queued;

	if (!pid || dcm_snmpd_process_read(root, pid, "schedstat", text, sizeof(text)) < 0 ||
	    sscanf(text, "%*u %" SCNu64, &queued) != 1)
		return 0;
	return seconds_of(queued);
}

static void find_process(const char *root, const struct dcm_snmpd_endpoint *at,
			 struct dcm_snmpd_watch *watch)
{
	struct dcm_snmpd_arguments arguments;

	dcm_snmpd_process_find(root, at, &watch->process);
	if (watch->process.pid && !strcmp(watch->process.program, "snmpd") &&
	    !dcm_snmpd_arguments_read(root, watch->process.pid, &arguments))
		dcm_snmpd_arguments_modules(&arguments, watch->modules, sizeof(watch->modules));
}

/* ---- requests ---- */

/* Of the message below: msgID, four octets, the last two of which number the requests. */
#define ID_AT 9

/* An empty Get of a manager that does not know the engine: answered with a Report by everyone. */
static void send_request(int fd, unsigned number, struct dcm_snmpd_watch *watch)
{
	uint8_t message[] = {
		0x30, 0x3e, 2,	  1,	3,			       /* version */
		0x30, 0x11, 2,	  4,	'd', 'c', 0, 0, 2, 3, 0, 0xff, /* msgID, msgMaxSize */
		0xe3, 4,    1,	  4,	2,   1,	  3,		       /* reportable, USM */
		4,    0x10, 0x30, 0x0e, 4,   0,	  2, 1, 0, 2, 1, 0,    /* no engine, no user */
		4,    0,    4,	  0,	4,   0,			       /* no keys */
		0x30, 0x14, 4,	  0,	4,   0,			       /* no context */
		0xa0, 0x0e, 2,	  4,	0,   0,	  0, 1, 2, 1, 0, 2,    1, 0, 0x30, 0};

	message[ID_AT + 2] = (uint8_t)(number >> 8);
	message[ID_AT + 3] = (uint8_t)number;
	if (send(fd, message, sizeof(message), MSG_NOSIGNAL) < 0)
		watch->refused |= errno == ECONNREFUSED;
}

/* The number of the next request that is answered between *@at and @end, and where that is; -1:
 * none. A stream may hold several answers. */
static int next_number(const uint8_t **at, const uint8_t *end)
{
	static const uint8_t id[] = {2, 4, 'd', 'c'};
	const uint8_t *found = memmem(*at, (size_t)(end - *at), id, sizeof(id));

	if (!found || end - found < (ptrdiff_t)sizeof(id) + 2)
		return -1;
	*at = found + sizeof(id) + 2;
	return found[4] << 8 | found[5];
}

struct requests {
	int fd;
	bool stream;		  /* no bytes: its end */
	unsigned next_unanswered; /* the first after the last one that was answered */
	uint64_t sent_ns[REQUESTS_MAX];
};

static void note_silence(struct dcm_snmpd_watch *watch, uint64_t since_ns)
{
	double waited = seconds_of(dcm_now_ns() - since_ns);

	if (waited > watch->silence_seconds)
		watch->silence_seconds = waited;
}

static void take_answer(struct requests *r, int number, struct dcm_snmpd_watch *watch)
{
	if (number < (int)r->next_unanswered || number >= (int)watch->sent)
		return;
	watch->answered++;
	note_silence(watch, r->sent_ns[number]);
	r->next_unanswered = (unsigned)number + 1;
}

/* False: the connection has ended. */
static bool take_answers(struct requests *r, struct dcm_snmpd_watch *watch)
{
	uint8_t message[4096];
	ssize_t n;

	while ((n = recv(r->fd, message, sizeof(message), 0)) > 0 || (!n && !r->stream)) {
		const uint8_t *at = message;
		int number;

		while ((number = next_number(&at, message + n)) >= 0)
			take_answer(r, number, watch);
	}
	if (n < 0)
		watch->refused |= errno == ECONNREFUSED;
	return n < 0 && (errno == EAGAIN || errno == ECONNREFUSED || errno == ENOTCONN);
}

static bool nobody(const struct dcm_snmpd_watch *watch)
{
	return watch->process.seen != DCM_SNMPD_HOLDER && watch->process.seen != DCM_SNMPD_ONE_OF;
}

static void ask(struct requests *r, uint64_t end_ns, struct dcm_snmpd_watch *watch)
{
	uint64_t now, next = 0;

	/* There is nothing to wait for where nobody listens. */
	while ((now = dcm_now_ns()) < end_ns && !(watch->refused && nobody(watch))) {
		struct pollfd fd = {.fd = r->fd, .events = POLLIN};

		if (now >= next && watch->sent < REQUESTS_MAX) {
			r->sent_ns[watch->sent] = now;
			send_request(r->fd, watch->sent++, watch);
			next = now + EVERY_NS;
		}
		if (poll(&fd, 1, 20) > 0 && !take_answers(r, watch))
			break;
		if (fd.revents & POLLHUP) /* not connected: poll does not wait */
			(void)poll(NULL, 0, 20);
	}
	if (r->next_unanswered < watch->sent)
		note_silence(watch, r->sent_ns[r->next_unanswered]);
}

int dcm_snmpd_watch(const char *root, const char *address, double seconds,
		    struct dcm_reason *reason, struct dcm_snmpd_watch *ret)
{
	_cleanup_close_ int fd = -1;
	struct dcm_snmpd_watch watch = {.modules = ""};
	struct requests requests = {.fd = -1};
	struct dcm_snmpd_endpoint endpoint;
	double before = 0, after = 0, queued;
	uint64_t start;
	int err;

	err = dcm_snmpd_resolve(address, reason, &endpoint);
	if (err)
		return err;
	find_process(root, &endpoint, &watch);
	err = dcm_snmpd_connect(&endpoint, reason, &fd, &watch.refused);
	if (err)
		return err;
	start = dcm_now_ns();
	requests.fd = fd;
	requests.stream = endpoint.type == SOCK_STREAM;
	watch.has_cpu = read_cpu(root, watch.process.pid, &before);
	queued = read_queued(root, watch.process.pid);
	ask(&requests, start + (uint64_t)(seconds * DCM_NSEC_PER_SEC), &watch);
	watch.has_cpu = watch.has_cpu && read_cpu(root, watch.process.pid, &after);
	watch.cpu_seconds = after - before;
	if (watch.has_cpu)
		watch.queued_seconds = read_queued(root, watch.process.pid) - queued;
	watch.seconds = seconds_of(dcm_now_ns() - start);
	*ret = watch;
	return 0;
}
