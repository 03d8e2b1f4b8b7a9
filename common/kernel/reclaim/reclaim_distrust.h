/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * reclaim.distrusted in the state directory: filesystem types that lost an option when they were
 * reconfigured, against what is known of them. They are refused until a person says otherwise. A
 * line each: TYPE, seconds since 1970, and the options that changed.
 */
#ifndef DCM_KERNEL_RECLAIM_DISTRUST_H
#define DCM_KERNEL_RECLAIM_DISTRUST_H

#include <stdint.h>

#include "common/base/reason.h"

#define DCM_RECLAIM_DISTRUST_NAME "reclaim.distrusted"

/* -EPERM with a reason when @fstype is distrusted; 0 when it is not, or @folder is "" or missing;
 * other -errno with a reason: that cannot be told. */
int dcm_reclaim_distrusted(const char *folder, const char *fstype, struct dcm_reason *reason);

/* Distrusts @fstype from @now_s on because of @change. -errno with a reason. */
int dcm_reclaim_distrust(const char *folder, const char *fstype, int64_t now_s, const char *change,
			 struct dcm_reason *reason);

/* Trusts @fstype again. -ENOENT: it was not distrusted; other -errno with a reason. */
int dcm_reclaim_trust(const char *folder, const char *fstype, struct dcm_reason *reason);

#endif
