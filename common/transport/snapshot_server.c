// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/transport/snapshot_server.h"

#include <errno.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/transport/snapshot_memfd.h"
#include "common/transport/snapshot_socket.h"
#include "common/transport/snapshot_wire.h"

#define MAX_READERS (DCM_SNAPSHOT_MAX_READERS + 8)
/* Requests of one reader, and connections of all, between two snapshots: a legitimate reader asks
 * once, or a few times when its own time-out is short. More is a flood. */
#define MAX_REQUESTS 32
#define MAX_ACCEPTS  128

/* What readers tell of snmpd. */
enum word { WORD_RELOAD, WORD_MODULE, WORD_COUNT };

struct reader {
	int fd;		 /* -1: free slot */
	bool trusted;	 /* came through _add: does not count as a client */
	bool waiting;	 /* has asked and got no answer yet */
	bool subscribed; /* is always waiting */
	unsigned requests;
	uid_t uid;	 /* of the process that connected */
	uint64_t active; /* number of its last message, or of its connection */
	uint64_t had;	 /* sequence of the last snapshot sent; 0: none */
	struct {
		uint64_t number; /* of the message; 0: none, or taken back */
		uint32_t value;
	} words[WORD_COUNT];
};

struct dcm_snapshot_server {
	int epoll_fd;
	int listen_fd;
	bool listening; /* the socket is in the epoll set */
	unsigned accepts;
	struct dcm_snapshot_socket socket;
	int memfd; /* newest snapshot */
	uint64_t sequence;
	struct reader readers[MAX_READERS];
	struct dcm_interfaces_wanted wanted; /* asked for and not taken notice of yet */
	bool reported;			     /* the same of a report */
	struct dcm_notify_counts report;
	uint64_t words;	   /* of all readers */
	uint64_t activity; /* messages and connections of all readers */
};

/* epoll user data of the listening socket; readers have their slot number. */
#define LISTENER UINT32_MAX

int dcm_snapshot_server_create(struct dcm_snapshot_server **ret)
{
	struct dcm_snapshot_server *server = calloc(1, sizeof(*server));

	if (!server)
		return -ENOMEM;
	server->listen_fd = -1;
	server->memfd = -1;
	for (size_t i = 0; i < MAX_READERS; i++)
		server->readers[i].fd = -1;
	server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (server->epoll_fd < 0) {
		int err = -errno;

		free(server);
		return err;
	}
	*ret = server;
	return 0;
}

static bool is_client(const struct reader *reader)
{
	return reader->fd >= 0 && !reader->trusted;
}

static void drop(struct reader *reader)
{
	if (reader->fd >= 0)
		close(reader->fd);
	*reader = (struct reader){.fd = -1};
}

void dcm_snapshot_server_destroy(struct dcm_snapshot_server *server)
{
	if (!server)
		return;
	for (size_t i = 0; i < MAX_READERS; i++)
		drop(&server->readers[i]);
	if (server->listen_fd >= 0) {
		dcm_snapshot_socket_remove(&server->socket);
		close(server->listen_fd);
	}
	if (server->memfd >= 0)
		close(server->memfd);
	close(server->epoll_fd);
	free(server);
}

static int watch(struct dcm_snapshot_server *server, int fd, uint32_t id)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u32 = id};

	return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static void set_listening(struct dcm_snapshot_server *server, bool on)
{
	if (server->listen_fd < 0 || server->listening == on)
		return;
	if (on)
		server->listening = watch(server, server->listen_fd, LISTENER) == 0;
	else
		server->listening =
			epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, server->listen_fd, NULL) < 0;
}

int dcm_snapshot_server_listen(struct dcm_snapshot_server *server, const char *path,
			       const char *group, struct dcm_reason *reason)
{
	int fd = -1;
	int err = dcm_snapshot_socket_listen(path, group, reason, &server->socket, &fd);

	if (err)
		return err;
	server->listen_fd = fd;
	set_listening(server, true);
	return 0;
}

static uid_t peer_uid(int fd)
{
	struct ucred cred = {.uid = (uid_t)-1};
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) < 0)
		return (uid_t)-1;
	return cred.uid;
}

static int add_reader(struct dcm_snapshot_server *server, int fd, bool trusted)
{
	for (uint32_t i = 0; i < MAX_READERS; i++) {
		struct reader *reader = &server->readers[i];

		if (reader->fd >= 0)
			continue;
		*reader = (struct reader){.fd = fd,
					  .trusted = trusted,
					  .uid = peer_uid(fd),
					  .active = ++server->activity};
		if (watch(server, fd, i) < 0)
			drop(reader);
		return reader->fd >= 0 ? 0 : -ENOSPC;
	}
	close(fd);
	return -ENOSPC;
}

int dcm_snapshot_server_add(struct dcm_snapshot_server *server, int fd)
{
	return add_reader(server, fd, true);
}

int dcm_snapshot_server_fd(const struct dcm_snapshot_server *server)
{
	return server->epoll_fd;
}

bool dcm_snapshot_server_interfaces_wanted(struct dcm_snapshot_server *server,
					   struct dcm_interfaces_wanted *ret)
{
	*ret = server->wanted;
	server->wanted = (struct dcm_interfaces_wanted){.own = false};
	return ret->own || ret->contexts;
}

bool dcm_snapshot_server_take_report(struct dcm_snapshot_server *server,
				     struct dcm_notify_counts *ret)
{
	bool reported = server->reported;

	server->reported = false;
	if (reported)
		*ret = server->report;
	return reported;
}

/* The newest @word of those who are connected. */
static bool newest_word(const struct dcm_snapshot_server *server, enum word word, uint32_t *ret)
{
	uint64_t newest = 0;

	for (size_t i = 0; i < MAX_READERS; i++) {
		const struct reader *reader = &server->readers[i];

		if (reader->fd < 0 || reader->words[word].number <= newest)
			continue;
		newest = reader->words[word].number;
		*ret = reader->words[word].value;
	}
	return newest;
}

bool dcm_snapshot_server_reload_every(const struct dcm_snapshot_server *server,
				      uint32_t *ret_seconds)
{
	return newest_word(server, WORD_RELOAD, ret_seconds);
}

bool dcm_snapshot_server_module_mib(const struct dcm_snapshot_server *server, bool *ret_served)
{
	uint32_t value;

	if (!newest_word(server, WORD_MODULE, &value))
		return false;
	*ret_served = value;
	return true;
}

uint32_t dcm_snapshot_server_readers(const struct dcm_snapshot_server *server)
{
	uint32_t n = 0;

	for (size_t i = 0; i < MAX_READERS; i++)
		n += is_client(&server->readers[i]);
	return n;
}

/* Bytes sent to @fd that its reader has not fetched; unix(7) does not say so, but SIOCOUTQ counts
 * the sender's buffers, which live until the peer has read them (net/unix/af_unix.c). */
static bool unread(int fd)
{
	int bytes = 0;

	return ioctl(fd, SIOCOUTQ, &bytes) == 0 && bytes > 0;
}

static int send_descriptor(int sock, int memfd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {.bytes = {0}};
	char byte = DCM_SNAPSHOT_ANSWER;
	struct iovec iov = {.iov_base = &byte, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.bytes,
			     .msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &memfd, sizeof(int));
	return sendmsg(sock, &msg, MSG_DONTWAIT | MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* Answers a waiting reader unless it has the newest or has not fetched the last answer yet. */
static void serve(struct dcm_snapshot_server *server, struct reader *reader)
{
	int err;

	if (!reader->waiting || server->memfd < 0 || reader->had == server->sequence)
		return;
	if (unread(reader->fd))
		return;
	err = send_descriptor(reader->fd, server->memfd);
	switch (err) {
	case 0:
		reader->waiting = reader->subscribed;
		reader->had = server->sequence;
		break;
	case -EAGAIN:
	case -ENOBUFS:
	case -ENOMEM:
	case -ETOOMANYREFS: /* try again with the next snapshot */
		break;
	default:
		drop(reader);
	}
}

static void take_word(struct dcm_snapshot_server *server, struct reader *reader, enum word word,
		      const char *bytes)
{
	uint32_t value;
	bool back;

	memcpy(&value, bytes, sizeof(value));
	back = word == WORD_RELOAD && value == DCM_RELOAD_UNKNOWN;
	reader->words[word].value = value;
	reader->words[word].number = back ? 0 : ++server->words;
}

/* False: not a message of the protocol, or not from this reader. */
static bool take_message(struct dcm_snapshot_server *server, struct reader *reader,
			 const char *bytes, size_t n)
{
	uint64_t contexts;

	if (n == 1 && bytes[0] == DCM_SNAPSHOT_REQUEST) {
		reader->waiting = true;
	} else if (n == 1 && bytes[0] == DCM_SNAPSHOT_SUBSCRIBE) {
		reader->waiting = reader->subscribed = true;
	} else if (n == 1 && bytes[0] == DCM_SNAPSHOT_INTERFACES) {
		server->wanted.own = true;
	} else if (n == 1 + sizeof(contexts) && bytes[0] == DCM_SNAPSHOT_INTERFACES) {
		memcpy(&contexts, bytes + 1, sizeof(contexts));
		server->wanted.contexts |= contexts;
	} else if (n == 1 + sizeof(server->report) && bytes[0] == DCM_SNAPSHOT_REPORT &&
		   reader->trusted) {
		memcpy(&server->report, bytes + 1, sizeof(server->report));
		server->reported = true;
	} else if (n == 1 + sizeof(uint32_t) && bytes[0] == DCM_SNAPSHOT_RELOAD) {
		take_word(server, reader, WORD_RELOAD, bytes + 1);
	} else if (n == 1 + sizeof(uint32_t) && bytes[0] == DCM_SNAPSHOT_MODULE) {
		take_word(server, reader, WORD_MODULE, bytes + 1);
	} else {
		return false;
	}
	return true;
}

static void read_requests(struct dcm_snapshot_server *server, struct reader *reader)
{
	char bytes[2 + sizeof(server->report)];
	ssize_t n;

	while ((n = recv(reader->fd, bytes, sizeof(bytes), MSG_DONTWAIT)) > 0) {
		reader->active = ++server->activity;
		if (++reader->requests > MAX_REQUESTS ||
		    !take_message(server, reader, bytes, (size_t)n)) {
			drop(reader);
			return;
		}
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		serve(server, reader);
	else
		drop(reader);
}

static size_t clients_of(const struct dcm_snapshot_server *server, uid_t uid)
{
	size_t n = 0;

	for (size_t i = 0; i < MAX_READERS; i++)
		n += is_client(&server->readers[i]) && server->readers[i].uid == uid;
	return n;
}

/* Makes room for one of @uid: the idlest reader goes, of the user who holds most of them, so that
 * nobody loses a place to the many of another one. */
static void drop_idlest(struct dcm_snapshot_server *server, uid_t uid)
{
	size_t most = clients_of(server, uid) + 1;
	struct reader *idlest = NULL;

	for (size_t i = 0; i < MAX_READERS; i++)
		if (is_client(&server->readers[i]))
			most = DCM_MAX(most, clients_of(server, server->readers[i].uid));
	for (size_t i = 0; i < MAX_READERS; i++) {
		struct reader *reader = &server->readers[i];

		if (is_client(reader) &&
		    clients_of(server, reader->uid) + (reader->uid == uid) >= most &&
		    (!idlest || reader->active < idlest->active))
			idlest = reader;
	}
	if (idlest)
		drop(idlest);
}

static void accept_readers(struct dcm_snapshot_server *server)
{
	for (;;) {
		int fd = -1;

		if (server->accepts >= MAX_ACCEPTS) {
			set_listening(server, false);
			return;
		}
		fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			/* Out of descriptors, for example: rest until the next snapshot. */
			if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
				set_listening(server, false);
			return;
		}
		server->accepts++;
		if (dcm_snapshot_server_readers(server) >= DCM_SNAPSHOT_MAX_READERS)
			drop_idlest(server, peer_uid(fd));
		add_reader(server, fd, false);
	}
}

void dcm_snapshot_server_dispatch(struct dcm_snapshot_server *server)
{
	struct epoll_event events[16];
	int n = epoll_wait(server->epoll_fd, events, DCM_ARRAY_SIZE(events), 0);

	for (int i = 0; i < n; i++) {
		uint32_t id = events[i].data.u32;

		if (id == LISTENER)
			accept_readers(server);
		else if (server->readers[id].fd >= 0)
			read_requests(server, &server->readers[id]);
	}
}

int dcm_snapshot_server_publish(struct dcm_snapshot_server *server,
				const struct dcm_snapshot *snapshot)
{
	int memfd = -1;
	int err = dcm_snapshot_memfd_create(snapshot, &memfd);

	if (err)
		return err;
	if (server->memfd >= 0)
		close(server->memfd);
	server->memfd = memfd;
	server->sequence++;
	server->accepts = 0;
	set_listening(server, true);
	for (size_t i = 0; i < MAX_READERS; i++) {
		server->readers[i].requests = 0;
		if (server->readers[i].fd >= 0)
			serve(server, &server->readers[i]);
	}
	return 0;
}
