/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interfaces and addresses of the namespace that the calling thread is in, through rtnetlink.
 *
 * A netlink socket holds a reference to its namespace: one that stayed open would keep a dead
 * namespace alive. So the functions here close theirs before they return, and only the own
 * namespace of the process has a socket for events.
 */
#ifndef DCM_KERNEL_NETNS_LINKS_H
#define DCM_KERNEL_NETNS_LINKS_H

#include "common/base/reason.h"
#include "common/model/interfaces/if_table.h"

/*
 * One dump of links and one of addresses into @table, between its _begin() and _end(); includes
 * _sort(). *@ret_complete is false when the set of links kept changing under the dump, so that
 * absence proves nothing. Fails with -errno and a reason; what was read until then stays.
 */
int dcm_netns_links_update(struct dcm_if_table *table, uint64_t now_ns, struct dcm_reason *reason,
			   bool *ret_complete);

/*
 * Asks the drivers of Ethernet interfaces for their speed (ETHTOOL_GLINKSETTINGS): new interfaces,
 * those whose flags differ from @table's last update, and all others every @max_age_ns.
 */
void dcm_netns_speeds_update(struct dcm_if_table *table, uint64_t now_ns, uint64_t max_age_ns);

#endif
