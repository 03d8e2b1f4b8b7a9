// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_feed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/kernel/files/housekeeping.h"
#include "common/sampling/alarms_run.h"
#include "common/sampling/collector.h"
#include "common/transport/snapshot_memfd.h"

#define RETRY_NS DCM_NSEC_PER_SEC

struct top_feed {
	char path[DCM_PATH_SIZE];	 /* of the daemon's socket */
	int socket;			 /* -1: not connected */
	uint64_t retry_ns;		 /* when to connect again */
	struct dcm_collector *collector; /* NULL: the daemon's snapshots */
	struct dcm_alarms *alarms;
	char origin[160], trouble[256];
};

/* ---- the daemon ---- */

static void disconnect(struct top_feed *feed)
{
	if (feed->socket >= 0)
		close(feed->socket);
	feed->socket = -1;
}

static int join(struct top_feed *feed)
{
	int err = dcm_snapshot_client_connect(feed->path, &feed->socket);

	/* The last one comes at once, then each new one. */
	if (!err)
		err = dcm_snapshot_client_subscribe(feed->socket);
	if (err)
		disconnect(feed);
	return err;
}

static void lose(struct top_feed *feed, uint64_t now_ns, int err, const struct dcm_reason *reason)
{
	char why[160], path[160];

	disconnect(feed);
	feed->retry_ns = now_ns + RETRY_NS;
	dcm_text_escape(output_form(), *reason->text ? reason->text : strerror(-err), why,
			sizeof(why));
	dcm_text_escape(output_form(), feed->path, path, sizeof(path));
	snprintf(feed->trouble, sizeof(feed->trouble), "no daemon at %.80s: %.100s", path, why);
}

static struct dcm_snapshot *run_daemon(struct top_feed *feed, uint64_t now_ns, uint64_t *next_ns)
{
	struct dcm_reason reason = {""};
	struct dcm_snapshot *snapshot = NULL;
	int err = 0;

	if (feed->socket < 0 && now_ns >= feed->retry_ns)
		err = join(feed);
	if (feed->socket >= 0)
		err = dcm_snapshot_client_receive(feed->socket, &reason, &snapshot);
	if (err && err != -EAGAIN)
		lose(feed, now_ns, err, &reason);
	if (feed->socket < 0)
		*next_ns = DCM_MIN(*next_ns, feed->retry_ns);
	if (!err && snapshot)
		*feed->trouble = '\0';
	return err ? NULL : snapshot;
}

/* ---- a collector of its own ---- */

static int create_collector(struct top_feed *feed, const struct dcm_config *config,
			    struct dcm_reason *reason)
{
	_cleanup_free_ struct dcm_config *own = malloc(sizeof(*own));
	int err;

	if (!own)
		return dcm_reason_no_memory(reason);
	*own = *config;
	/* The state is the daemon's: alarms begin afresh here, and nothing is written. */
	own->state.folder[0] = '\0';
	/* Where they cannot be left somebody wants it so. */
	dcm_housekeeping_enter(config->sampling.root);
	err = dcm_alarms_create(own, reason, &feed->alarms);
	if (!err)
		err = dcm_collector_create(config, reason, &feed->collector);
	if (!err)
		dcm_collector_set_hook(feed->collector, dcm_alarms_hook, feed->alarms);
	return err;
}

static struct dcm_snapshot *run_collector(struct top_feed *feed, uint64_t now_ns, uint64_t *next_ns)
{
	struct dcm_snapshot *snapshot = NULL;
	uint64_t next;
	int err = 0;

	dcm_collector_run(feed->collector, now_ns, &next);
	if (dcm_collector_wants_publish(feed->collector, now_ns))
		err = dcm_collector_publish(feed->collector, 0, &snapshot);
	*next_ns = DCM_MIN(*next_ns, next);
	return err ? NULL : snapshot;
}

/* ---- both ---- */

/* Of a failure to open, on standard error. */
static int refuse(int err, const struct top_feed *feed, const struct dcm_reason *reason,
		  bool daemon)
{
	_cleanup_free_ char *path = output_text(feed->path);
	_cleanup_free_ char *why = output_text(*reason->text ? reason->text : strerror(-err));

	if (daemon)
		cli_error("no daemon answers at %s: %s\n"
			  "Start dcachemon-snmp, or leave out --cached to sample now.",
			  path ? path : "its socket", why ? why : "");
	else
		cli_error("cannot sample: %s", why ? why : "");
	return err;
}

/* @err: why there is no daemon. */
static void name_origin(struct top_feed *feed, enum top_source source, int err)
{
	if (!feed->collector)
		snprintf(feed->origin, sizeof(feed->origin), "samples of dcachemon-snmp");
	else if (source == TOP_SOURCE_SELF)
		snprintf(feed->origin, sizeof(feed->origin), "own samples");
	else if (err == -ENOENT || err == -ECONNREFUSED)
		snprintf(feed->origin, sizeof(feed->origin),
			 "own samples: dcachemon-snmp does not run");
	else
		snprintf(feed->origin, sizeof(feed->origin), "own samples: dcachemon-snmp: %.100s",
			 strerror(-err));
}

static int open_either(struct top_feed *feed, const struct dcm_config *config,
		       enum top_source source)
{
	struct dcm_reason reason = {""};
	int daemon = source == TOP_SOURCE_SELF ? -ENOENT : join(feed), err = 0;

	if (daemon && source == TOP_SOURCE_DAEMON)
		return refuse(daemon, feed, &reason, true);
	if (daemon)
		err = create_collector(feed, config, &reason);
	if (err)
		return refuse(err, feed, &reason, false);
	name_origin(feed, source, daemon);
	return 0;
}

int top_feed_open(const struct dcm_config *config, enum top_source source, struct top_feed **ret)
{
	struct top_feed *feed = calloc(1, sizeof(*feed));
	int err;

	if (!feed) {
		cli_no_memory();
		return -ENOMEM;
	}
	feed->socket = -1;
	memcpy(feed->path, config->sampling.socket, sizeof(feed->path));
	err = open_either(feed, config, source);
	if (err)
		top_feed_destroy(feed);
	else
		*ret = feed;
	return err;
}

void top_feed_destroy(struct top_feed *feed)
{
	if (!feed)
		return;
	disconnect(feed);
	dcm_collector_destroy(feed->collector);
	dcm_alarms_destroy(feed->alarms);
	free(feed);
}

struct dcm_snapshot *top_feed_run(struct top_feed *feed, uint64_t now_ns, uint64_t *next_ns)
{
	return feed->collector ? run_collector(feed, now_ns, next_ns)
			       : run_daemon(feed, now_ns, next_ns);
}

int top_feed_fd(const struct top_feed *feed)
{
	return feed->collector ? dcm_collector_fd(feed->collector) : feed->socket;
}

bool top_feed_is_daemon(const struct top_feed *feed)
{
	return !feed->collector;
}

const char *top_feed_origin(const struct top_feed *feed)
{
	return feed->origin;
}

const char *top_feed_trouble(const struct top_feed *feed)
{
	return feed->trouble;
}
