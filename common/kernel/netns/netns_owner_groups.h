/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Owners of namespaces that are of one kind, as one. */
#ifndef DCM_KERNEL_NETNS_OWNER_GROUPS_H
#define DCM_KERNEL_NETNS_OWNER_GROUPS_H

#include "common/kernel/netns/netns_owners.h"

/*
 * One owner for all that are alike (dcm_netns_owners_find()). @owner, *@count of them, come without
 * members, each with its whole container or none; what is left comes first, and *@count says how
 * many that are, also when -ENOMEM is returned.
 */
int dcm_netns_owners_group(struct dcm_netns_owner *owner, size_t *count);

/* Frees what belongs to it. */
void dcm_netns_owner_deinit(struct dcm_netns_owner *owner);

#endif
