// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "collectd-plugin/feed.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "collectd-plugin/feed_private.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/minmax.h"
#include "common/base/thread.h"

#define MAX_PERIOD_NS	(2 * DCM_NSEC_PER_SEC)
#define MIN_STALE_NS	(30 * DCM_NSEC_PER_SEC)
#define STALE_INTERVALS 3

/* ---- views ---- */

static void view_destroy(struct dcm_view *view)
{
	if (!view)
		return;
	dcm_snapshot_destroy(view->snapshot);
	dcm_values_deinit(&view->values);
	free(view);
}

static bool is_failure(enum dcm_source_state state)
{
	return state == DCM_STATE_FAILED || state == DCM_STATE_UNSUPPORTED ||
	       state == DCM_STATE_STUCK;
}

static void tell_change(struct dcm_feed *feed, const struct dcm_snapshot *snapshot,
			const struct dcm_snap_source *row)
{
	enum dcm_source source = (enum dcm_source)(row->index - 1);
	enum dcm_source_state before = feed->states[source], after = row->state;
	char reason[256];

	/* Between two failures it starts again: that is no news. */
	if (after == DCM_STATE_STARTING || before == after)
		return;
	feed->states[source] = after;
	dcm_text_escape(DCM_TEXT_DISPLAY, dcm_snapshot_str(snapshot, row->reason), reason,
			sizeof(reason));
	if (is_failure(after))
		dcm_log(DCM_LOG_WARNING, "source %s is %s: %s", dcm_source_name(source),
			dcm_source_state_name(after), reason);
	else if (is_failure(before))
		dcm_log(DCM_LOG_NOTICE, "source %s is %s again", dcm_source_name(source),
			dcm_source_state_name(after));
}

/* Tells changes of the sources' states; returns whether one of them does not work. */
static bool review_sources(struct dcm_feed *feed, const struct dcm_snapshot *snapshot)
{
	size_t rows = dcm_snapshot_count(snapshot, DCM_SEC_SOURCES);
	bool degraded = false;

	for (size_t i = 0; i < rows; i++) {
		const struct dcm_snap_source *row = dcm_snapshot_row(snapshot, DCM_SEC_SOURCES, i);

		if (row->index < 1 || row->index > DCM_SOURCE_COUNT)
			continue;
		tell_change(feed, snapshot, row);
		degraded = degraded || is_failure(row->state);
	}
	return degraded;
}

static struct dcm_view *view_create(struct dcm_feed *feed, struct dcm_snapshot *snapshot)
{
	struct dcm_view *view = calloc(1, sizeof(*view));

	if (!view || dcm_values_from_snapshot(snapshot, feed->options, &view->values) < 0) {
		free(view);
		return NULL;
	}
	view->references = 1;
	view->taken_ns = dcm_now_ns();
	view->degraded = review_sources(feed, snapshot);
	view->snapshot = snapshot;
	return view;
}

void dcm_feed_publish(struct dcm_feed *feed, struct dcm_snapshot *snapshot)
{
	struct dcm_view *view = view_create(feed, snapshot), *old;

	if (!view) {
		dcm_snapshot_destroy(snapshot);
		dcm_complain(&feed->no_memory, DCM_LOG_WARNING,
			     "out of memory: values are missing");
		return;
	}
	dcm_settle(&feed->no_memory, "values are complete again");
	pthread_mutex_lock(&feed->lock);
	old = feed->view;
	feed->view = view;
	pthread_mutex_unlock(&feed->lock);
	if (old)
		dcm_feed_release(feed, old);
}

void dcm_feed_release(struct dcm_feed *feed, struct dcm_view *view)
{
	bool last;

	pthread_mutex_lock(&feed->lock);
	last = --view->references == 0;
	pthread_mutex_unlock(&feed->lock);
	if (last)
		view_destroy(view);
}

static void tell_stale(struct dcm_feed *feed, bool stale)
{
	if (stale)
		dcm_complain(&feed->stale, DCM_LOG_WARNING,
			     "no new values for %.0f s: nothing is reported until there are",
			     (double)feed->stale_ns / (double)DCM_NSEC_PER_SEC);
	else
		dcm_settle(&feed->stale, "there are new values again");
}

enum dcm_feed_state dcm_feed_read(struct dcm_feed *feed, struct dcm_view **ret)
{
	uint64_t now = dcm_now_ns(), since;
	struct dcm_view *view;
	bool stale;

	*ret = NULL;
	pthread_mutex_lock(&feed->lock);
	view = feed->view;
	since = view ? view->taken_ns : feed->started_ns;
	stale = now > since && now - since > feed->stale_ns;
	if (view && !stale)
		view->references++;
	pthread_mutex_unlock(&feed->lock);
	tell_stale(feed, stale);
	if (stale)
		return DCM_FEED_LOST;
	*ret = view;
	if (!view)
		return DCM_FEED_STARTING;
	return view->degraded ? DCM_FEED_DEGRADED : DCM_FEED_OK;
}

/* ---- the worker ---- */

/* Waits for an answer of the daemon, the time or the end; returns false at the end. */
static bool wait_events(struct dcm_feed *feed, uint64_t until_ns)
{
	struct pollfd fds[] = {{.fd = feed->stop_fd, .events = POLLIN},
			       {.fd = feed->socket, .events = POLLIN}};
	struct timespec left = dcm_timespec_until(until_ns);

	ppoll(fds, DCM_ARRAY_SIZE(fds), until_ns == UINT64_MAX ? NULL : &left, NULL);
	return fds[0].revents == 0;
}

static void *work(void *arg)
{
	struct dcm_feed *feed = arg;
	uint64_t next;

	do {
		uint64_t now = dcm_now_ns();

		next = UINT64_MAX;
		if (feed->options->source != DCM_PLUGIN_OPTIONS_SELF)
			dcm_feed_daemon_run(feed, now, &next);
		if (feed->options->source != DCM_PLUGIN_OPTIONS_DAEMON)
			dcm_feed_self_run(feed, now, &next);
	} while (wait_events(feed, next));
	dcm_feed_daemon_close(feed);
	dcm_feed_self_close(feed);
	return NULL;
}

/* ---- start and end ---- */

static int start_thread(struct dcm_feed *feed)
{
	int err = dcm_thread_start(work, feed, 0, &feed->thread);

	if (!err)
		pthread_setname_np(feed->thread, "dcachemon");
	return err;
}

int dcm_feed_start(const struct dcm_plugin_options *options, double interval_seconds,
		   struct dcm_feed **ret)
{
	uint64_t interval_ns = (uint64_t)(interval_seconds * (double)DCM_NSEC_PER_SEC);
	struct dcm_feed *feed = calloc(1, sizeof(*feed));
	int err;

	if (!feed)
		return -ENOMEM;
	feed->options = options;
	feed->period_ns = DCM_MIN(interval_ns / 2, MAX_PERIOD_NS);
	feed->stale_ns = DCM_MAX(STALE_INTERVALS * interval_ns, MIN_STALE_NS);
	feed->started_ns = dcm_now_ns();
	feed->socket = -1;
	pthread_mutex_init(&feed->lock, NULL);
	feed->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	err = feed->stop_fd < 0 ? -errno : start_thread(feed);
	if (err) {
		if (feed->stop_fd >= 0)
			close(feed->stop_fd);
		free(feed);
		return err;
	}
	*ret = feed;
	return 0;
}

/* What threads that did not come back may still use: kept, though nobody reads it. */
static struct dcm_feed *volatile held_up;

int dcm_feed_stop(struct dcm_feed *feed, int timeout_ms)
{
	uint64_t until = dcm_now_ns() + (uint64_t)timeout_ms * DCM_NSEC_PER_MSEC;
	const struct timespec ts = dcm_timespec(until);

	eventfd_write(feed->stop_fd, 1);
	if (pthread_clockjoin_np(feed->thread, NULL, CLOCK_MONOTONIC, &ts) != 0) {
		feed->before = held_up;
		held_up = feed;
		return -ETIMEDOUT;
	}
	if (feed->view)
		dcm_feed_release(feed, feed->view);
	close(feed->stop_fd);
	pthread_mutex_destroy(&feed->lock);
	free(feed);
	return 0;
}
