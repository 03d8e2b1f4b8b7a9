// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* dcachemon test-trap: has the running daemon raise and clear the alarm "test". */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "cli/cli.h"
#include "cli/lib/load_config.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/transport/snapshot_memfd.h"

#define DAEMON_TIMEOUT_MS 2000
#define PATIENCE_SECONDS  10

/* Sequence and alarm of the newest test transition that is a clear; 0: none. */
static uint64_t newest_test(const struct dcm_snapshot *snapshot, uint32_t *ret_index)
{
	for (size_t i = dcm_snapshot_count(snapshot, DCM_SEC_EVENTS); i-- > 0;) {
		const struct dcm_snap_alarm *row = dcm_snapshot_row(snapshot, DCM_SEC_EVENTS, i);

		if (!row->test || row->severity != DCM_SEVERITY_CLEARED)
			continue;
		*ret_index = row->index;
		return row->sequence;
	}
	return 0;
}

static int next_test(int fd, uint64_t *ret_sequence, uint32_t *ret_index)
{
	_cleanup_(dcm_snapshot_destroyp) struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};
	int err = dcm_snapshot_client_wait(fd, DAEMON_TIMEOUT_MS, &reason, &snapshot);

	if (err)
		cli_error("no snapshot from the daemon: %s",
			  *reason.text ? reason.text : strerror(-err));
	if (err)
		return err;
	*ret_sequence = newest_test(snapshot, ret_index);
	return 0;
}

/* The peer of a listening socket is the process that listens: the sampler. */
static int ask(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0 || peer.pid <= 0)
		return cli_error("cannot tell which process serves the socket");
	if (kill(peer.pid, SIGUSR2) < 0)
		return cli_error("cannot signal process %d: %s", (int)peer.pid, strerror(errno));
	return 0;
}

static int wait_for_test(int fd, uint64_t before)
{
	uint64_t end = dcm_now_ns() + PATIENCE_SECONDS * DCM_NSEC_PER_SEC, sequence;
	uint32_t index;

	while (dcm_now_ns() < end) {
		if (next_test(fd, &sequence, &index))
			return CLI_FAILED;
		if (sequence <= before)
			continue;
		printf("alarm %" PRIu32 " (test) was raised and cleared: events %" PRIu64
		       " and %" PRIu64 "\n",
		       index, sequence - 1, sequence);
		return CLI_OK;
	}
	return cli_error("the daemon did not answer the request");
}

static int test_trap(const char *path)
{
	_cleanup_close_ int fd = -1;
	uint64_t before;
	uint32_t index;
	int err = dcm_snapshot_client_connect(path, &fd);

	if (err)
		return cli_error("no daemon answers: %s", strerror(-err));
	if (next_test(fd, &before, &index) || ask(fd))
		return CLI_FAILED;
	return wait_for_test(fd, before);
}

struct test_trap {
	const char *config, *socket;
};

static const struct cli_option options[] = {
	SOCKET_OPTION(struct test_trap, socket),
	CONFIG_FILE_OPTION(struct test_trap, config),
	{0},
};

static int run(const struct cli_command *command __attribute__((unused)), void *given,
	       int argc __attribute__((unused)), char **argv __attribute__((unused)))
{
	const struct test_trap *wanted = given;
	struct dcm_config config;

	if (!wanted->socket && config_file_load(wanted->config, &config))
		return CLI_FAILED;
	return test_trap(wanted->socket ? wanted->socket : config.sampling.socket);
}

const struct cli_command cli_test_trap = {
	.name = "test-trap",
	.summary = "Has the running daemon raise and clear a test alarm, with its notifications.",
	CLI_OPTIONS(options, struct test_trap),
	.run = run,
};
