/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One mount of a superblock, open for as long as something is done to it, and what mountinfo says
 * about it: also after the process in whose namespace it was found has ended. */
#ifndef DCM_KERNEL_RECLAIM_MOUNT_H
#define DCM_KERNEL_RECLAIM_MOUNT_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/kernel/reclaim/reclaim_target.h"

struct dcm_reclaim_mount {
	int fd;	       /* O_PATH of its root */
	int mountinfo; /* /proc/PID/mountinfo; holds that mount namespace */
};

#define DCM_RECLAIM_NO_MOUNT \
	{                    \
		-1, -1       \
	}

/* Opens the mount that @target is, and no other that lies there by now (-ESTALE). -errno with a
 * reason. */
int dcm_reclaim_mount_open(const struct dcm_reclaim_target *target, struct dcm_reason *reason,
			   struct dcm_reclaim_mount *ret);
void dcm_reclaim_mount_close(struct dcm_reclaim_mount *mount);

/* The whole of its mountinfo as it is now, in *@ret (free()). -errno. */
int dcm_reclaim_mount_read(const struct dcm_reclaim_mount *mount, char **ret);

/* ---- for finding targets ---- */

/* mountinfo of @process, 0: of this one. -errno. */
int dcm_reclaim_mountinfo_open(pid_t process, int *ret);
int dcm_reclaim_mountinfo_read(int fd, char **ret);

/* Opens what lies at @mountpoint in the namespace of @process, without waiting for a filesystem
 * on the way. -ETIMEDOUT and other -errno. */
int dcm_reclaim_open_at(pid_t process, const char *mountpoint, int *ret);

/* Number of the mount that @fd is on, and the one that is never used again, 0 before Linux 6.8. */
int dcm_reclaim_mount_number(int fd, int *ret, uint64_t *ret_unique);

#endif
