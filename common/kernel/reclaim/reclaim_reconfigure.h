/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reconfigure that makes the kernel shrink a superblock, and what must be done around it so
 * that nothing else happens: fspick(2), fsconfig(2), syncfs(2). */
#ifndef DCM_KERNEL_RECLAIM_RECONFIGURE_H
#define DCM_KERNEL_RECLAIM_RECONFIGURE_H

#include "common/kernel/reclaim/reclaim_mount.h"
#include "common/model/reclaim/reclaim_proof.h"

/*
 * Writes out the superblock's modified data, so that a reconfigure that does so by itself has
 * little left while it holds s_umount. Repeats it while it takes long. -ETIME: it still takes more
 * than @max_seconds, since others go on writing. -errno with a reason.
 */
int dcm_reclaim_sync(const struct dcm_reclaim_mount *mount, double max_seconds,
		     struct dcm_reason *reason);

/*
 * Reconfigures @target with its own options repeated as far as @kernel needs it
 * (model/reclaim_filesystems.h), and with "ro" where it is read-only: a filesystem's own code would
 * otherwise make it writable. Writes into *@ret_before, as soon as it is read (free()), the
 * mountinfo of immediately before. -ESTALE: its options are not those of the plan, nothing was
 * done; -EBUSY: frozen, the same; -EPERM; -ENOSYS: before Linux 5.2; others as the filesystem says,
 * when the kernel has shrunk it already. All with a reason.
 */
int dcm_reclaim_reconfigure_mount(const struct dcm_reclaim_mount *mount,
				  const struct dcm_reclaim_target *target, unsigned kernel,
				  struct dcm_reason *reason, char **ret_before);

/* Sets the options again that are in @before and not in @after. Neither makes it writable nor
 * read-only: that may be somebody else's doing. -errno of the filesystem. */
int dcm_reclaim_put_back(const struct dcm_reclaim_mount *mount, struct dcm_span before,
			 struct dcm_span after);

/* Reads mountinfo into *@ret; -ESTALE with a reason when @target is not as it was planned. */
int dcm_reclaim_read_planned(const struct dcm_reclaim_mount *mount,
			     const struct dcm_reclaim_target *target, struct dcm_reason *reason,
			     char **ret);

#endif
