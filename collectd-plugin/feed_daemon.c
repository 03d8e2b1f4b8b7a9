// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The feed's half that reads the daemon's snapshot socket. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "collectd-plugin/feed_private.h"
#include "common/base/units.h"
#include "common/transport/snapshot_memfd.h"

#define RETRY_NS  (2 * DCM_NSEC_PER_SEC)
#define ANSWER_NS (5 * DCM_NSEC_PER_SEC) /* a daemon publishes once a second */

static void lower(uint64_t *next_ns, uint64_t at_ns)
{
	if (at_ns < *next_ns)
		*next_ns = at_ns;
}

void dcm_feed_daemon_close(struct dcm_feed *feed)
{
	if (feed->socket >= 0)
		close(feed->socket);
	feed->socket = -1;
	feed->asked = false;
	feed->heard = false;
}

/* With Source auto a missing daemon is the ordinary case; one that refuses us is not. */
static void complain(struct dcm_feed *feed, const char *why)
{
	const char *path = feed->options->config.sampling.socket;

	if (feed->options->source == DCM_PLUGIN_OPTIONS_DAEMON)
		dcm_complain(&feed->no_daemon, DCM_LOG_WARNING, "no daemon answers at %s: %s", path,
			     why);
	else
		dcm_complain(&feed->no_daemon, DCM_LOG_WARNING,
			     "no daemon answers at %s: %s; sampling by ourselves", path, why);
}

static bool is_absence(int err)
{
	return err == -ENOENT || err == -ECONNREFUSED;
}

static void lose(struct dcm_feed *feed, uint64_t now_ns, int err, const struct dcm_reason *reason)
{
	bool known = feed->heard;

	dcm_feed_daemon_close(feed);
	feed->connect_due_ns = now_ns + RETRY_NS;
	if (!known && is_absence(err) && feed->options->source == DCM_PLUGIN_OPTIONS_AUTO)
		return;
	complain(feed, *reason->text ? reason->text : strerror(-err));
}

static int connect_daemon(struct dcm_feed *feed)
{
	int err = dcm_snapshot_client_connect(feed->options->config.sampling.socket, &feed->socket);

	if (err)
		feed->socket = -1;
	else
		feed->view_due_ns = 0; /* the first one at once */
	return err;
}

/* Asks when it is time for a view. */
static int ask(struct dcm_feed *feed, uint64_t now_ns)
{
	int err;

	if (feed->asked || now_ns < feed->view_due_ns)
		return 0;
	err = dcm_snapshot_client_request(feed->socket);
	feed->asked = !err;
	feed->asked_ns = now_ns;
	return err;
}

/* Takes an answer; -ETIMEDOUT when it is overdue. */
static int take(struct dcm_feed *feed, uint64_t now_ns, struct dcm_reason *reason)
{
	struct dcm_snapshot *snapshot;
	int err = dcm_snapshot_client_receive(feed->socket, reason, &snapshot);

	if (err == -EAGAIN)
		return feed->asked && now_ns - feed->asked_ns > ANSWER_NS ? -ETIMEDOUT : 0;
	if (err)
		return err;
	feed->asked = false;
	feed->heard = true;
	feed->view_due_ns = now_ns + feed->period_ns;
	dcm_feed_publish(feed, snapshot);
	dcm_settle(&feed->no_daemon, "the daemon answers");
	return 0;
}

void dcm_feed_daemon_run(struct dcm_feed *feed, uint64_t now_ns, uint64_t *next_ns)
{
	struct dcm_reason reason = {""};
	int err = 0;

	if (feed->socket < 0) {
		lower(next_ns, feed->connect_due_ns);
		if (now_ns < feed->connect_due_ns)
			return;
		err = connect_daemon(feed);
	}
	if (!err)
		err = take(feed, now_ns, &reason);
	if (!err)
		err = ask(feed, now_ns);
	if (err) {
		lose(feed, now_ns, err, &reason);
		*next_ns = feed->connect_due_ns;
		return;
	}
	*next_ns = UINT64_MAX;
	lower(next_ns,
	      feed->asked ? feed->asked_ns + ANSWER_NS + DCM_NSEC_PER_MSEC : feed->view_due_ns);
}

bool dcm_feed_daemon_connected(const struct dcm_feed *feed)
{
	return feed->socket >= 0;
}
