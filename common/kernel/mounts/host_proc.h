/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which procfs the host's programs use. Each mount of procfs is a superblock of its own (Linux 5.8,
 * commit fa10fed30f25; before, one per PID namespace), with its own dentries and hash chains:
 * /proc/sys/net of a container tells nothing about that of the host.
 */
#ifndef DCM_KERNEL_HOST_PROC_H
#define DCM_KERNEL_HOST_PROC_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/reason.h"

/* Whether this process is in another PID namespace than the host's: it does not see the host's
 * processes. */
bool dcm_host_proc_in_container(void);

/* "/proc" and what is below it. */
bool dcm_host_proc_covers(const char *path);

/* Where the host's @path ("/proc/sys/net") is seen when its /proc is at @proc ("/host/proc"; "":
 * "/proc"); other paths stay as they are. NUL-terminated in @out; -ENAMETOOLONG. */
int dcm_host_proc_path(const char *proc, const char *path, char *out, size_t size);

/*
 * Whether @proc ("": "/proc") is certain not to be what the host's programs have at /proc, with the
 * reason: it is no procfs, belongs to a container's PID namespace, or its device is not the one
 * that process 1 has there. False where that cannot be told. Looks up @proc, so that must be no
 * dead filesystem.
 */
bool dcm_host_proc_is_foreign(const char *proc, struct dcm_reason *ret_reason);

#endif
