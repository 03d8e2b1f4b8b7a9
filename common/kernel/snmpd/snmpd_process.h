/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The process that answers at an agent's address: the holder of the socket that gets what is sent
 * there (/proc/PID/fd), and else what its name tells.
 */
#ifndef DCM_KERNEL_SNMPD_PROCESS_H
#define DCM_KERNEL_SNMPD_PROCESS_H

#include <stddef.h>
#include <sys/types.h>

#include "common/kernel/snmpd/snmpd_socket.h"

enum dcm_snmpd_seen {
	DCM_SNMPD_NONE,	  /* nobody listens there, and no process here is named snmpd */
	DCM_SNMPD_HOLDER, /* a process that holds the socket */
	DCM_SNMPD_ONE_OF, /* somebody listens: one of those named snmpd whose descriptors cannot be
			   * read from here */
	DCM_SNMPD_HIDDEN, /* somebody listens whom /proc does not show: hidepid, a PID namespace */
	DCM_SNMPD_APART,  /* nobody listens there, but processes named snmpd are here */
	DCM_SNMPD_REMOTE, /* the address is not one of this network namespace */
};

struct dcm_snmpd_process {
	enum dcm_snmpd_seen seen;
	pid_t pid;	  /* the holder, or the only "one of"; else 0 */
	char program[17]; /* of @pid: "snmpd", or the other holder of the socket; raw bytes */
	unsigned count;	  /* how many are named snmpd: of ONE_OF and APART */
	char listens[96]; /* APART: an address where one of them listens; "" */
};

/* Looks below @root ("" but in tests). Reads the descriptors of all processes when none that is
 * named snmpd holds the socket. */
void dcm_snmpd_process_find(const char *root, const struct dcm_snmpd_endpoint *at,
			    struct dcm_snmpd_process *ret);

/* ROOT/proc/PID/NAME, cut at @size - 1 bytes and terminated. Its length, or -errno. */
ssize_t dcm_snmpd_process_read(const char *root, pid_t pid, const char *name, char *ret,
			       size_t size);

#endif
