/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a container of LXC is called, by its monitor: the process above its first one, which calls
 * itself "[lxc monitor] LXCPATH NAME" (lxc 1.1 to 5.0). Its control group is named otherwise
 * where that name was taken, by a container of another LXCPATH or one that left its group behind:
 * lxc.payload.NAME-1.
 */
#ifndef DCM_KERNEL_LXC_MONITOR_H
#define DCM_KERNEL_LXC_MONITOR_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether it may be the name of a control group in place of another one: "web1-1". */
bool dcm_lxc_maybe_renamed(const char *id);

/* The name of the container that process @pid is in, of the processes of folder @proc; free() it.
 * -ENOENT: no monitor is above it. -ENOMEM. */
int dcm_lxc_monitor_name(const char *proc, pid_t pid, char **ret);

#endif
