/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which program a process named snmpd runs, and whether root may run it to ask for its version. */
#ifndef DCM_KERNEL_SNMPD_PROGRAM_H
#define DCM_KERNEL_SNMPD_PROGRAM_H

#include <stddef.h>
#include <sys/types.h>

#include "common/base/reason.h"

/*
 * Anybody can name a process snmpd, so what it runs is never run. Gives the path of
 * @root/usr/sbin/snmpd instead when process @pid runs that very file (device and inode), which
 * belongs to root and which neither group nor others can write. @size is PATH_MAX or more. -ESTALE:
 * the process runs another file; -EPERM: somebody else could have written it; -errno. With a
 * reason.
 */
int dcm_snmpd_program(const char *root, pid_t pid, struct dcm_reason *reason, char *ret,
		      size_t size);

#endif
