/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the files of the feed share. Only the worker thread touches what is below "worker". */
#ifndef DCM_COLLECTD_FEED_PRIVATE_H
#define DCM_COLLECTD_FEED_PRIVATE_H

#include <pthread.h>

#include "collectd-plugin/feed.h"
#include "common/base/complaint.h"
#include "common/sampling/alarms_run.h"
#include "common/sampling/collector.h"

struct dcm_feed {
	const struct dcm_plugin_options *options;
	uint64_t period_ns; /* between two views */
	uint64_t stale_ns;  /* age from which a view is no longer shown */
	uint64_t started_ns;
	int stop_fd;
	pthread_t thread;
	struct dcm_feed *before; /* once it is held up: the one that was before it */

	pthread_mutex_t lock; /* guards what follows; held for a few instructions only */
	struct dcm_view *view;
	struct dcm_complaint stale;

	/* ---- worker ---- */
	int socket; /* -1: not connected */
	bool asked; /* an answer is due */
	bool heard; /* this connection has answered */
	uint64_t asked_ns, connect_due_ns, view_due_ns;
	struct dcm_collector *collector;
	struct dcm_alarms *alarms; /* of the collector */
	uint64_t collector_due_ns; /* next run, or next attempt to create it */
	struct dcm_complaint no_daemon, no_collector, no_memory, isolated;
	enum dcm_source_state states[DCM_SOURCE_COUNT]; /* as last reported */
};

/* Makes @snapshot, taken over, the newest view. */
void dcm_feed_publish(struct dcm_feed *feed, struct dcm_snapshot *snapshot);

/* Both do what is due and lower *@next_ns to when they want to be called again. */
void dcm_feed_daemon_run(struct dcm_feed *feed, uint64_t now_ns, uint64_t *next_ns);
void dcm_feed_self_run(struct dcm_feed *feed, uint64_t now_ns, uint64_t *next_ns);

/* Whether there is a connection that answers or has not had the time to. */
bool dcm_feed_daemon_connected(const struct dcm_feed *feed);

void dcm_feed_daemon_close(struct dcm_feed *feed);
void dcm_feed_self_close(struct dcm_feed *feed);

#endif
