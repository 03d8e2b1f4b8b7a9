/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tells a superblock from another that has its device number by now: numbers of filesystems without
 * a disk are used again at once. Pure. */
#ifndef DCM_MODEL_RECLAIM_IDENTITY_H
#define DCM_MODEL_RECLAIM_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

/* As it was at some time; 0 is unknown. */
struct dcm_reclaim_identity {
	uint64_t fingerprint;		     /* of where it is in memory (kernel/walk) */
	uint64_t oldest_mount, newest_mount; /* mnt_id_unique of its first and last mount; 6.8 */
};

/* Whether what was @then and what is @now, with one device number, may be one superblock: it is not
 * when all of its mounts were made after that time, or it is elsewhere in memory. */
bool dcm_reclaim_may_be_same(const struct dcm_reclaim_identity *then,
			     const struct dcm_reclaim_identity *now);

#endif
