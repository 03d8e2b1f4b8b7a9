/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/interfaces/link_events.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/units.h"
#include "common/parse/link_message.h"

/* One message or one part of a dump, which the kernel makes no larger. A page would do for most
 * interfaces, not for one with many virtual functions or alternative names. */
#define BUFFER_SIZE 32768

#define MAX_READS 64

/* Between two dumps; one that takes longer is asked for again. */
#define DUMP_EVERY_NS DCM_NSEC_PER_SEC
#define DUMP_LIMIT_NS (10 * DCM_NSEC_PER_SEC)

struct dcm_link_events {
	struct dcm_link_queue *traps;
	struct mnl_socket *socket;
	uint32_t sequence;  /* of the newest dump */
	bool dumping;	    /* its end has not come yet */
	bool interrupted;   /* the set changed under it */
	bool lost;	    /* something that only a dump can tell */
	bool complete;	    /* one dump was */
	uint64_t dumped_ns; /* when it was asked for; 0: never */
	_Alignas(struct nlmsghdr) char buffer[BUFFER_SIZE];
};

int dcm_link_events_create(struct dcm_link_queue *traps, struct dcm_reason *reason,
			   struct dcm_link_events **ret)
{
	struct dcm_link_events *events = calloc(1, sizeof(*events));

	if (!events)
		return dcm_reason_no_memory(reason);
	events->traps = traps;
	events->lost = true;
	events->socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!events->socket ||
	    mnl_socket_bind(events->socket, RTMGRP_LINK, MNL_SOCKET_AUTOPID) < 0) {
		int err = -errno;

		dcm_link_events_destroy(events);
		return dcm_reason_set(reason, err, "cannot open a netlink socket: %s",
				      strerror(-err));
	}
	*ret = events;
	return 0;
}

void dcm_link_events_destroy(struct dcm_link_events *events)
{
	if (!events)
		return;
	if (events->socket)
		mnl_socket_close(events->socket);
	free(events);
}

int dcm_link_events_fd(const struct dcm_link_events *events)
{
	return mnl_socket_get_fd(events->socket);
}

/* ---- dumps ---- */

static void end_dump(struct dcm_link_events *events, bool complete)
{
	dcm_link_queue_list_end(events->traps, complete);
	events->dumping = false;
	events->complete |= complete;
	events->lost |= !complete;
}

static void request_dump(struct dcm_link_events *events, uint64_t now_ns)
{
	_Alignas(struct nlmsghdr) char buffer[256];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = ++events->sequence;
	mnl_nlmsg_put_extra_header(message, sizeof(struct ifinfomsg)); /* AF_UNSPEC: all */
	events->dumped_ns = now_ns;
	events->interrupted = events->lost = false;
	events->dumping = true;
	dcm_link_queue_list_begin(events->traps);
	if (mnl_socket_sendto(events->socket, message, message->nlmsg_len) < 0)
		end_dump(events, false);
}

uint64_t dcm_link_events_tick(struct dcm_link_events *events, uint64_t now_ns)
{
	uint64_t due = events->dumped_ns;

	if (due)
		due += events->dumping ? DUMP_LIMIT_NS : DUMP_EVERY_NS;
	if (!events->dumping && !events->lost)
		return UINT64_MAX;
	if (now_ns < due)
		return due;
	request_dump(events, now_ns);
	return now_ns + (events->dumping ? DUMP_LIMIT_NS : DUMP_EVERY_NS);
}

/* ---- messages ---- */

static void take_link(struct dcm_link_events *events, const struct nlmsghdr *message)
{
	struct dcm_link link;

	if (dcm_link_decode(message, NLMSG_ALIGN(message->nlmsg_len), &link))
		return;
	if (link.removed)
		dcm_link_queue_remove(events->traps, link.index);
	else if (dcm_link_queue_set(events->traps, link.index, link.flags))
		events->lost = true;
}

static void take_message(struct dcm_link_events *events, const struct nlmsghdr *message)
{
	/* An event may carry the request number of the process that made the change. */
	bool ours = events->dumping && message->nlmsg_seq == events->sequence &&
		    message->nlmsg_pid == mnl_socket_get_portid(events->socket);

	if (ours && (message->nlmsg_flags & NLM_F_DUMP_INTR))
		events->interrupted = true;
	if (message->nlmsg_type >= NLMSG_MIN_TYPE)
		take_link(events, message);
	else if (ours && message->nlmsg_type == NLMSG_DONE)
		end_dump(events, !events->interrupted);
	else if (ours && message->nlmsg_type == NLMSG_ERROR)
		end_dump(events, false);
}

static void take_part(struct dcm_link_events *events, size_t size)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)events->buffer;
	int left = (int)size;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left))
		take_message(events, message);
}

bool dcm_link_events_read(struct dcm_link_events *events)
{
	bool before = events->complete;

	for (int i = 0; i < MAX_READS; i++) {
		ssize_t size = mnl_socket_recvfrom(events->socket, events->buffer, BUFFER_SIZE);

		if (size >= 0)
			take_part(events, (size_t)size);
		else if (errno == EAGAIN)
			break;
		else if (errno != EINTR) /* ENOBUFS: too many at once; ENOSPC: one too long */
			events->lost = true;
	}
	return events->complete && !before;
}
