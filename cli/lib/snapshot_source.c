// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/snapshot_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/lib/output.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/transport/snapshot_memfd.h"

#define DAEMON_TIMEOUT_MS 2000

struct sample {
	struct dcm_collector *collector; /* NULL: ask the daemon */
	char socket[DCM_PATH_SIZE];
	const volatile sig_atomic_t *stop;
	bool terminal; /* stderr takes a progress line */
	uint64_t begin_ns, drawn_ns;
};

/* Reasons may quote what a stranger named. */
static char *explain(const struct dcm_reason *reason, int err)
{
	return output_text(*reason->text ? reason->text : strerror(-err));
}

int sample_open(const struct dcm_config *config, bool cached, const volatile sig_atomic_t *stop,
		struct sample **ret)
{
	_cleanup_(sample_closep) struct sample *sample = calloc(1, sizeof(*sample));
	struct dcm_reason reason = {""};
	int err;

	if (!sample)
		return -ENOMEM;
	sample->stop = stop;
	sample->terminal = isatty(STDERR_FILENO);
	memcpy(sample->socket, config->sampling.socket, sizeof(sample->socket));
	if (!cached) {
		err = dcm_collector_create(config, &reason, &sample->collector);
		if (err) {
			_cleanup_free_ char *why = explain(&reason, err);

			cli_error("cannot sample: %s", why ? why : "");
			return err;
		}
	}
	*ret = dcm_take_ptr(sample);
	return 0;
}

void sample_closep(struct sample **sample)
{
	if (*sample && (*sample)->collector)
		dcm_collector_destroy((*sample)->collector);
	free(*sample);
}

/* Draws a line on a terminal when the sample takes longer than a second, ten times a second. */
static bool progress(void *ctx, const char *source, double fraction)
{
	struct sample *sample = ctx;
	uint64_t now = dcm_now_ns();

	if (*sample->stop)
		return false;
	if (!sample->terminal || now - sample->begin_ns < DCM_NSEC_PER_SEC ||
	    now - sample->drawn_ns < 100 * DCM_NSEC_PER_MSEC)
		return true;
	sample->drawn_ns = now;
	fprintf(stderr, "\r\033[Kdcachemon: reading %s, %.0f %%", source, 100 * fraction);
	fflush(stderr);
	return true;
}

static int take_fresh(struct sample *sample, struct dcm_snapshot **ret)
{
	int err;

	sample->begin_ns = dcm_now_ns();
	sample->drawn_ns = 0;
	err = dcm_collector_sample(sample->collector, progress, sample);
	if (sample->drawn_ns)
		fputs("\r\033[K", stderr);
	if (!err)
		err = dcm_collector_publish(sample->collector, 0, ret);
	if (err && err != -ECANCELED)
		cli_error("cannot sample: %s", strerror(-err));
	return err;
}

static int take_cached(struct sample *sample, struct dcm_snapshot **ret)
{
	_cleanup_free_ char *path = output_text(sample->socket);
	struct dcm_reason reason = {""};
	_cleanup_close_ int fd = -1;
	int err;

	err = dcm_snapshot_client_connect(sample->socket, &fd);
	if (!err)
		err = dcm_snapshot_client_wait(fd, DAEMON_TIMEOUT_MS, &reason, ret);
	if (err && !*sample->stop) {
		_cleanup_free_ char *why = explain(&reason, err);

		cli_error("no daemon answers at %s: %s\n"
			  "Start dcachemon-snmp, or leave out --cached to sample now.",
			  path ? path : "its socket", why ? why : "");
	}
	return err;
}

int sample_take(struct sample *sample, struct dcm_snapshot **ret)
{
	return sample->collector ? take_fresh(sample, ret) : take_cached(sample, ret);
}
