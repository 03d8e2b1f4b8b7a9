/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Snapshots between processes: each is a sealed memfd whose descriptor travels over a
 * SOCK_SEQPACKET socket with SCM_RIGHTS (unix(7), memfd_create(2)).
 *
 * Protocol: the reader sends one message of 1 byte 'n' ("next") and gets one message of 1 byte 's'
 * with one descriptor as soon as there is a snapshot that this reader has not had yet. At most one
 * descriptor is ever under way to a reader, so that a stopped reader costs nothing and always
 * gets the newest when it goes on. 'a' ("all") asks for each snapshot from now on; one that comes
 * before the last one was fetched is left out. A message of 1 byte 'i' has no answer: the reader
 * wants the interface sections in the snapshots of the next DCM_SNAPSHOT_INTERFACES_SECONDS: those
 * of the own namespace, or with 8 bytes more those of contexts (struct dcm_interfaces_wanted). 'r'
 * and a struct dcm_notify_counts, from the agent process only and without an answer: what it has
 * notified. 'e' and a uint32_t, without an answer either: how snmpd's interface table is reloaded,
 * as long as this reader is connected. 'm' and a uint32_t, the same from the module in snmpd:
 * whether it serves DCACHEMON-MIB.
 */
#ifndef DCM_TRANSPORT_SNAPSHOT_MEMFD_H
#define DCM_TRANSPORT_SNAPSHOT_MEMFD_H

#include "common/model/alarms/alarm.h"

/* Copies @snapshot into a new memfd with F_SEAL_SHRINK|GROW|WRITE|SEAL, close-on-exec. */
int dcm_snapshot_memfd_create(const struct dcm_snapshot *snapshot, int *ret_fd);

/*
 * Maps @fd read-only and validates it; @fd may be anything anybody sent and stays the caller's.
 * -EPERM: not sealed (the sender could still change it), -EINVAL, -EPROTO, -EFBIG, each with a
 * reason.
 */
int dcm_snapshot_memfd_open(int fd, struct dcm_reason *reason, struct dcm_snapshot **ret);

/* ---- reader ---- */

/* Connects to a snapshot socket; the descriptor is close-on-exec and non-blocking. */
int dcm_snapshot_client_connect(const char *path, int *ret_fd);

/* Asks for the next snapshot; does not wait. */
int dcm_snapshot_client_request(int fd);

/* Asks for all from now on: otherwise each request would wake the sampler. Once per connection. */
int dcm_snapshot_client_subscribe(int fd);

/* Wants the sections DCM_SEC_IF_NETNS and DCM_SEC_INTERFACES for a while; does not wait. Repeat it
 * while somebody polls those tables. */
#define DCM_SNAPSHOT_INTERFACES_SECONDS 30
int dcm_snapshot_client_want_interfaces(int fd);

/* The same of the namespaces of contexts: bit (index - 1) of the rows of DCM_SEC_CONTEXTS. */
int dcm_snapshot_client_want_contexts(int fd, uint64_t contexts);

/* Tells the sampler what has become of the notifications since this process started; does not
 * wait. Heard only from the reader that the sampler added itself. */
int dcm_snapshot_client_report(int fd, const struct dcm_notify_counts *counts);

/* Tells the sampler that snmpd reloads its interface table every @seconds, 0: only when asked,
 * DCM_RELOAD_UNKNOWN: as nobody knows. Does not wait; ends with the connection. */
#define DCM_RELOAD_UNKNOWN UINT32_MAX
int dcm_snapshot_client_reload_every(int fd, uint32_t seconds);

/* Tells the sampler that snmpd's module serves DCACHEMON-MIB at the moment, or does not. Does not
 * wait; ends with the connection. */
int dcm_snapshot_client_module_mib(int fd, bool served);

/* Takes an answer that has arrived: -EAGAIN none yet, -EPIPE the sampler is gone. */
int dcm_snapshot_client_receive(int fd, struct dcm_reason *reason, struct dcm_snapshot **ret);

/* Request and receive, waiting at most @timeout_ms (-ETIMEDOUT). */
int dcm_snapshot_client_wait(int fd, int timeout_ms, struct dcm_reason *reason,
			     struct dcm_snapshot **ret);

#endif
