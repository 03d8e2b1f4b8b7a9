/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The serving side of snapshot_memfd.h. Never waits for a reader: one that is slow, stopped or
 * hostile costs one queued descriptor at most, and one that breaks the protocol is disconnected.
 */
#ifndef DCM_TRANSPORT_SNAPSHOT_SERVER_H
#define DCM_TRANSPORT_SNAPSHOT_SERVER_H

#include "common/model/alarms/alarm.h"

/* Readers through the listening socket; those of dcm_snapshot_server_add come on top. One more
 * takes the place of the idlest reader of the user who holds most places. */
#define DCM_SNAPSHOT_MAX_READERS 64

struct dcm_snapshot_server;

int dcm_snapshot_server_create(struct dcm_snapshot_server **ret);

/* Disconnects everybody and removes the socket file when it is still ours. NULL is allowed. */
void dcm_snapshot_server_destroy(struct dcm_snapshot_server *server);

/*
 * Listens at @path, mode 0660 and group @group ("" keeps the process's); makes the last directory
 * when it is missing. A socket file that nobody listens on is replaced; anything else at @path
 * stays and gives -EADDRINUSE or -EEXIST. Changes the umask for a moment: for start-up.
 */
int dcm_snapshot_server_listen(struct dcm_snapshot_server *server, const char *path,
			       const char *group, struct dcm_reason *reason);

/* Serves a connected SOCK_SEQPACKET socket, such as one end of a pair; takes @fd over, closing
 * it also on failure. */
int dcm_snapshot_server_add(struct dcm_snapshot_server *server, int fd);

/* Becomes readable when dispatch has something to do; belongs to the server. */
int dcm_snapshot_server_fd(const struct dcm_snapshot_server *server);
void dcm_snapshot_server_dispatch(struct dcm_snapshot_server *server);

/* Makes a copy of @snapshot the newest and sends it to every waiting reader. */
int dcm_snapshot_server_publish(struct dcm_snapshot_server *server,
				const struct dcm_snapshot *snapshot);

/* The interface tables that readers have asked for since the last call; false: none. */
bool dcm_snapshot_server_interfaces_wanted(struct dcm_snapshot_server *server,
					   struct dcm_interfaces_wanted *ret);

/* Takes the last report of a reader that was added by _add (dcm_snapshot_client_report); false:
 * none since the last call. */
bool dcm_snapshot_server_take_report(struct dcm_snapshot_server *server,
				     struct dcm_notify_counts *ret);

/*
 * How often snmpd reloads its interface table, as the reader says that said so last and is still
 * connected (dcm_snapshot_client_reload_every). False: nobody does.
 */
bool dcm_snapshot_server_reload_every(const struct dcm_snapshot_server *server,
				      uint32_t *ret_seconds);

/* Whether snmpd's module serves DCACHEMON-MIB, as it says itself (dcm_snapshot_client_module_mib).
 * False: none is connected. */
bool dcm_snapshot_server_module_mib(const struct dcm_snapshot_server *server, bool *ret_served);

/* Readers connected through the listening socket. */
uint32_t dcm_snapshot_server_readers(const struct dcm_snapshot_server *server);

#endif
