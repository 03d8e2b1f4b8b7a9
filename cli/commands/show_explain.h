/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a long hash chain is made of, whose it is and whether shrinking would help. */
#ifndef DCM_CLI_SHOW_EXPLAIN_H
#define DCM_CLI_SHOW_EXPLAIN_H

#include <stdio.h>

#include "common/kernel/netns/netns_owners.h"
#include "common/model/snapshot/snapshot.h"

/* From this length on a chain is explained. */
#define EXPLAIN_LEAST 50

struct explain {
	struct dcm_netns_owners owners; /* of all network namespaces */
};

/* Looks up who owns the network namespaces, and which containers unless @config turns that off.
 * -errno. */
int explain_open(const struct dcm_config *config, struct explain *explain);
void explain_close(struct explain *explain);

/* Whether @chain is long enough to explain. */
bool explain_wants(const struct dcm_snap_chain *chain);

/* Whether @chain is made by network namespaces: a name under /proc/sys/net. */
bool explain_is_netns(const struct dcm_snapshot *snapshot, const struct dcm_snap_chain *chain);

/* One sentence on whether shrinking the superblock would shorten @chain. Returns @buf. */
const char *explain_shrink(const struct dcm_snap_chain *chain, char *buf, size_t size);

const char *explain_hold_name(enum dcm_netns_hold hold);

/* Prints the explanations of all long chains. */
void explain_print(const struct explain *explain, const struct dcm_snapshot *snapshot, FILE *out);

#endif
