/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where "dcachemon top" gets its snapshots: of the daemon as they come, or where none runs of a
 * collector of its own, within the configured budget. Nothing here waits. */
#ifndef DCM_CLI_TOP_FEED_H
#define DCM_CLI_TOP_FEED_H

#include "common/model/config/config.h"
#include "common/model/snapshot/snapshot.h"

enum top_source { TOP_SOURCE_AUTO, TOP_SOURCE_DAEMON, TOP_SOURCE_SELF };

struct top_feed;

/* -errno after a message. */
int top_feed_open(const struct dcm_config *config, enum top_source source, struct top_feed **ret);
void top_feed_destroy(struct top_feed *feed);

/* Does what is due at @now_ns, lowers *@next_ns to the next call. Returns a snapshot, which becomes
 * the caller's; NULL: none yet. */
struct dcm_snapshot *top_feed_run(struct top_feed *feed, uint64_t now_ns, uint64_t *next_ns);

/* Becomes readable when run has something to do; -1: nothing does. */
int top_feed_fd(const struct top_feed *feed);

bool top_feed_is_daemon(const struct top_feed *feed);

/* In a few words, printable: where snapshots come from, and why none do ("": they do). */
const char *top_feed_origin(const struct top_feed *feed);
const char *top_feed_trouble(const struct top_feed *feed);

#endif
