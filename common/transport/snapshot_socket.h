/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file of a listening unix socket: made safely, removed only when it is still ours. */
#ifndef DCM_TRANSPORT_SNAPSHOT_SOCKET_H
#define DCM_TRANSPORT_SNAPSHOT_SOCKET_H

#include <sys/types.h>
#include <sys/un.h>

#include "common/base/reason.h"

struct dcm_snapshot_socket {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t dev;
	ino_t ino;
};

/* See dcm_snapshot_server_listen(). @ret_fd is close-on-exec and non-blocking. */
int dcm_snapshot_socket_listen(const char *path, const char *group, struct dcm_reason *reason,
			       struct dcm_snapshot_socket *ret, int *ret_fd);
void dcm_snapshot_socket_remove(const struct dcm_snapshot_socket *socket);

#endif
