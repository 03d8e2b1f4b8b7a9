// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/snmpd/snmpd_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/parse/number.h"

#define EVERY_NS     (100 * DCM_NSEC_PER_MSEC)
#define REQUESTS_MAX 1024

static double seconds_of(uint64_t ns)
{
	return (double)ns / DCM_NSEC_PER_SEC;
}

/* ---- the process ---- */

static ssize_t read_file(const char *root, const char *pid, const char *name, char *buf,
			 size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/proc/%s/%s", root, pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, size - 1);
	buf[n < 0 ? 0 : n] = '\0';
	return n;
}

/* False when it is known to be in another network namespace. */
static bool may_be_here(const char *root, const char *pid)
{
	char path[PATH_MAX], ours[64], theirs[64];
	ssize_t n, m;

	snprintf(path, sizeof(path), "%s/proc/%s/ns/net", root, pid);
	n = readlink(path, theirs, sizeof(theirs));
	snprintf(path, sizeof(path), "%s/proc/self/ns/net", root);
	m = readlink(path, ours, sizeof(ours));
	return n < 0 || m < 0 || (n == m && !memcmp(ours, theirs, (size_t)n));
}

/* What stands behind -I, in the same argument or in the next one. */
static void find_modules(const char *arguments, size_t size, char *ret, size_t room)
{
	const char *end = arguments + size;

	for (const char *at = arguments; at < end; at += strlen(at) + 1) {
		if (strncmp(at, "-I", 2) != 0)
			continue;
		if (!at[2])
			at += strlen(at) + 1;
		else
			at += 2;
		if (at < end)
			snprintf(ret, room, "%s", at);
		return;
	}
}

static void find_process(const char *root, struct dcm_snmpd_watch *watch)
{
	_cleanup_closedir_ DIR *dir = NULL;
	char path[PATH_MAX], text[4096];
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s/proc", root);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		int pid = dcm_number_pid(entry->d_name);
		ssize_t n;

		if (!pid || read_file(root, entry->d_name, "comm", text, sizeof(text)) < 0 ||
		    strcmp(text, "snmpd\n") != 0 || !may_be_here(root, entry->d_name))
			continue;
		watch->pid = pid;
		n = read_file(root, entry->d_name, "cmdline", text, sizeof(text));
		if (n > 0)
			find_modules(text, (size_t)n, watch->modules, sizeof(watch->modules));
		return;
	}
}

/* Seconds in user and system mode: the 14th and 15th field of stat. The second one, in parentheses,
 * may hold anything. */
static bool read_cpu(const char *root, pid_t pid, double *ret)
{
	char name[32], text[1024];
	const char *at;
	uint64_t user, sys;

	snprintf(name, sizeof(name), "%d", (int)pid);
	if (!pid || read_file(root, name, "stat", text, sizeof(text)) < 0)
		return false;
	at = strrchr(text, ')');
	if (!at ||
	    sscanf(at + 1, " %*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %" SCNu64 " %" SCNu64,
		   &user, &sys) != 2)
		return false;
	*ret = (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
	return true;
}

/* ---- requests ---- */

static int open_socket(const char *address, struct dcm_reason *reason, int *ret)
{
	struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found = NULL;
	char host[128] = "", *at = host, *port = "161", *colon;
	int err, fd;

	snprintf(host, sizeof(host), "%s", address);
	if (!strncmp(at, "udp:", 4) || !strncmp(at, "udp6:", 5))
		at = strchr(at, ':') + 1;
	else if (*at != '[' && (strchr(at, ':') != strrchr(at, ':') || *at == '/'))
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s is not UDP", address);
	colon = strrchr(at, ':');
	if (colon && (*at != '[' || colon[-1] == ']')) {
		*colon = '\0';
		port = colon + 1;
	}
	if (*at == '[' && strchr(at, ']')) {
		*strchr(at, ']') = '\0';
		at++;
	}
	err = getaddrinfo(at, port, &hints, &found);
	if (err)
		return dcm_reason_set(reason, -EINVAL, "%s: %s", address, gai_strerror(err));
	fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	err = fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen) < 0 ? -errno : 0;
	freeaddrinfo(found);
	if (err && fd >= 0)
		close(fd);
	if (err)
		return dcm_reason_set(reason, err, "%s: %s", address, strerror(-err));
	*ret = fd;
	return 0;
}

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
	if (send(fd, message, sizeof(message), 0) < 0)
		watch->refused |= errno == ECONNREFUSED;
}

/* The number of the request that it answers; -1: none of ours. */
static int number_of(const uint8_t *message, size_t size)
{
	static const uint8_t id[] = {2, 4, 'd', 'c'};
	const uint8_t *at = memmem(message, size, id, sizeof(id));

	if (!at || (size_t)(at - message) + sizeof(id) + 2 > size)
		return -1;
	return at[4] << 8 | at[5];
}

struct requests {
	int fd;
	unsigned next_unanswered; /* the first after the last one that was answered */
	uint64_t sent_ns[REQUESTS_MAX];
};

static void note_silence(struct dcm_snmpd_watch *watch, uint64_t since_ns)
{
	double waited = seconds_of(dcm_now_ns() - since_ns);

	if (waited > watch->silence_seconds)
		watch->silence_seconds = waited;
}

static void take_answers(struct requests *r, struct dcm_snmpd_watch *watch)
{
	uint8_t message[2048];
	ssize_t n;

	while ((n = recv(r->fd, message, sizeof(message), 0)) >= 0) {
		int number = number_of(message, (size_t)n);

		if (number < (int)r->next_unanswered || number >= (int)watch->sent)
			continue;
		watch->answered++;
		note_silence(watch, r->sent_ns[number]);
		r->next_unanswered = (unsigned)number + 1;
	}
	watch->refused |= errno == ECONNREFUSED;
}

static void ask(struct requests *r, uint64_t end_ns, struct dcm_snmpd_watch *watch)
{
	uint64_t now, next = 0;

	/* There is nothing to wait for where neither a process nor a socket is. */
	while ((now = dcm_now_ns()) < end_ns && (watch->pid || !watch->refused)) {
		struct pollfd fd = {.fd = r->fd, .events = POLLIN};

		if (now >= next && watch->sent < REQUESTS_MAX) {
			r->sent_ns[watch->sent] = now;
			send_request(r->fd, watch->sent++, watch);
			next = now + EVERY_NS;
		}
		if (poll(&fd, 1, 20) > 0)
			take_answers(r, watch);
	}
	if (r->next_unanswered < watch->sent)
		note_silence(watch, r->sent_ns[r->next_unanswered]);
}

int dcm_snmpd_watch(const char *root, const char *address, double seconds,
		    struct dcm_reason *reason, struct dcm_snmpd_watch *ret)
{
	_cleanup_close_ int fd = -1;
	struct dcm_snmpd_watch watch = {.pid = 0};
	uint64_t start = dcm_now_ns();
	struct requests requests = {.fd = -1};
	double before = 0, after = 0;
	int err;

	find_process(root, &watch);
	err = open_socket(address, reason, &fd);
	if (err)
		return err;
	requests.fd = fd;
	watch.has_cpu = read_cpu(root, watch.pid, &before);
	ask(&requests, start + (uint64_t)(seconds * DCM_NSEC_PER_SEC), &watch);
	watch.has_cpu = watch.has_cpu && read_cpu(root, watch.pid, &after);
	watch.cpu_seconds = after - before;
	watch.seconds = seconds_of(dcm_now_ns() - start);
	*ret = watch;
	return 0;
}
