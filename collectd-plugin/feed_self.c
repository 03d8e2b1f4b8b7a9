// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The feed's half that runs a collector where no daemon serves us. */
#include <errno.h>
#include <string.h>

#include "collectd-plugin/feed_private.h"
#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/kernel/files/housekeeping.h"

#define RETRY_NS (60 * DCM_NSEC_PER_SEC)

void dcm_feed_self_close(struct dcm_feed *feed)
{
	dcm_collector_destroy(feed->collector);
	feed->collector = NULL;
	dcm_alarms_destroy(feed->alarms);
	feed->alarms = NULL;
}

/* The daemon owns the state directory: it is read here, but two must not write it. */
static int create_alarms(struct dcm_feed *feed, struct dcm_reason *reason)
{
	_cleanup_free_ struct dcm_config *config = malloc(sizeof(*config));

	if (!config)
		return dcm_reason_no_memory(reason);
	*config = feed->options->config;
	config->state.folder[0] = '\0';
	return dcm_alarms_create(config, reason, &feed->alarms);
}

/* Of this thread and those that it starts; collectd's own keep theirs. */
static void leave_isolated_cpus(struct dcm_feed *feed)
{
	int err = dcm_housekeeping_enter(feed->options->config.sampling.root);

	if (err)
		dcm_complain(&feed->isolated, DCM_LOG_WARNING, "cannot leave the isolated CPUs: %s",
			     strerror(-err));
	else
		dcm_settle(&feed->isolated, "off the isolated CPUs");
}

static void create(struct dcm_feed *feed, uint64_t now_ns)
{
	struct dcm_reason reason = {""};
	int err = create_alarms(feed, &reason);

	leave_isolated_cpus(feed);
	if (!err)
		err = dcm_collector_create(&feed->options->config, &reason, &feed->collector);
	if (err) {
		dcm_feed_self_close(feed);
		feed->collector_due_ns = now_ns + RETRY_NS;
		dcm_complain(&feed->no_collector, DCM_LOG_WARNING, "cannot sample: %s",
			     *reason.text ? reason.text : strerror(-err));
		return;
	}
	dcm_collector_set_hook(feed->collector, dcm_alarms_hook, feed->alarms);
	feed->collector_due_ns = 0;
	feed->view_due_ns = now_ns;
	dcm_settle(&feed->no_collector, "sampling works");
}

static void publish(struct dcm_feed *feed, uint64_t now_ns)
{
	struct dcm_snapshot *snapshot;

	if (dcm_collector_publish(feed->collector, 0, &snapshot) < 0) {
		dcm_complain(&feed->no_memory, DCM_LOG_WARNING,
			     "out of memory: values are missing");
		return;
	}
	feed->view_due_ns = now_ns + feed->period_ns;
	dcm_feed_publish(feed, snapshot);
}

void dcm_feed_self_run(struct dcm_feed *feed, uint64_t now_ns, uint64_t *next_ns)
{
	uint64_t next;

	if (dcm_feed_daemon_connected(feed)) {
		/* Only when it has proved itself: loading again costs more than waiting. */
		if (feed->heard && feed->collector)
			dcm_feed_self_close(feed);
		if (!feed->collector)
			return;
	}
	if (!feed->collector && now_ns >= feed->collector_due_ns)
		create(feed, now_ns);
	if (!feed->collector) {
		if (feed->collector_due_ns < *next_ns)
			*next_ns = feed->collector_due_ns;
		return;
	}
	dcm_collector_run(feed->collector, now_ns, &next);
	if (dcm_collector_wants_publish(feed->collector, now_ns) && now_ns >= feed->view_due_ns)
		publish(feed, now_ns);
	if (feed->view_due_ns > now_ns && feed->view_due_ns < next)
		next = feed->view_due_ns;
	if (next < *next_ns)
		*next_ns = next;
}
