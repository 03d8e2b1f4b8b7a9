/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the newest snapshot at hand: a worker thread follows the daemon's socket or runs a
 * collector of its own, so that a reader never waits. Free of any collectd header; messages
 * go to dcm_log().
 */
#ifndef DCM_COLLECTD_FEED_H
#define DCM_COLLECTD_FEED_H

#include "collectd-plugin/values.h"

struct dcm_feed;

/* A snapshot and its values, immutable and shared by reference. */
struct dcm_view {
	unsigned references;
	uint64_t taken_ns; /* CLOCK_MONOTONIC when it arrived */
	bool degraded;	   /* a source that is not switched off does not work */
	struct dcm_snapshot *snapshot;
	struct dcm_values values;
};

enum dcm_feed_state {
	DCM_FEED_STARTING, /* nothing yet, and no reason to complain */
	DCM_FEED_OK,
	DCM_FEED_DEGRADED, /* values are there, but not from all sources */
	DCM_FEED_LOST,	   /* no values, or only old ones, which are not shown */
};

/* Starts the thread; @options is borrowed until dcm_feed_stop(). @interval_seconds is how often
 * the values are read. */
int dcm_feed_start(const struct dcm_plugin_options *options, double interval_seconds,
		   struct dcm_feed **ret);

/*
 * Ends the thread and frees everything, waiting at most @timeout_ms. -ETIMEDOUT: the thread is held
 * up in the kernel and may come back. The feed is kept for it; the caller keeps the options.
 */
int dcm_feed_stop(struct dcm_feed *feed, int timeout_ms);

/* The newest view, NULL when starting or lost; never waits. Released by dcm_feed_release(). */
enum dcm_feed_state dcm_feed_read(struct dcm_feed *feed, struct dcm_view **ret);
void dcm_feed_release(struct dcm_feed *feed, struct dcm_view *view);

#endif
