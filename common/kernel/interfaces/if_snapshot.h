/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#ifndef DCM_KERNEL_IF_SNAPSHOT_H
#define DCM_KERNEL_IF_SNAPSHOT_H

#include "common/kernel/interfaces/if_round.h"
#include "common/model/snapshot/snapshot.h"

/*
 * Adds the sections DCM_SEC_IF_NETNS and DCM_SEC_INTERFACES of what is wanted beyond @now_ns: at
 * most @max_rows interfaces, whole namespaces only, those with the lowest index first. Namespaces
 * beyond it get a row with an error.
 */
void dcm_if_snapshot(const struct dcm_if_round *views, struct dcm_snapshot_builder *builder,
		     uint64_t now_ns, size_t max_rows);

/* Adds the section DCM_SEC_CONTEXTS. */
void dcm_if_snapshot_contexts(const struct dcm_if_contexts *contexts,
			      struct dcm_snapshot_builder *builder);

#endif
