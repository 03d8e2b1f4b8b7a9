// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Serves a synthetic snapshot over the snapshot socket's protocol in place of the sampler, so that
 * SNMP tests do not depend on the live kernel.
 *
 *   fake_sampler ROWS INTERVAL_MS COMMAND [ARG...]
 *
 * "@FD@" in an ARG becomes the number of the descriptor that COMMAND inherits. A new snapshot is
 * published every INTERVAL_MS; SIGUSR1 prints "published N max-gap-ms G" (G: the longest time
 * between two). SIGUSR2 closes the socket, as the end of a sampler would. Ends with COMMAND and its
 * status; SIGTERM and SIGHUP are passed on. With a file in $DCM_TEST_ALARMS the alarm engine runs
 * too (scripted_alarms.h). With $DCM_TEST_HIGH_INDEXES two superblocks more, 2^31 and 2^32 - 1.
 * With $DCM_TEST_FULL a row more in every table (full_rows.h). With $DCM_TEST_SOCKET it listens
 * there, too.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/transport/snapshot_server.h"
#include "tests/lib/full_rows.h"
#include "tests/lib/scripted_alarms.h"
#include "tests/lib/synthetic.h"

struct sampler {
	struct dcm_snapshot_server *server;
	struct dcm_snapshot_builder *builder;
	struct scripted_alarms alarms;
	uint32_t rows;
	uint64_t interval_ns, next_ns, last_ns, max_gap_ns, published;
	pid_t child;
};

static void publish(struct sampler *sampler)
{
	uint64_t now = dcm_now_ns();
	int64_t realtime = (int64_t)dcm_clock_ns(CLOCK_REALTIME);
	struct dcm_snapshot *snapshot;

	if (getenv("DCM_TEST_FULL"))
		full_rows_fill(sampler->builder, sampler->rows);
	else
		synthetic_fill(sampler->builder, sampler->rows);
	if (getenv("DCM_TEST_HIGH_INDEXES")) {
		synthetic_superblock(sampler->builder, 1, sampler->rows)->index = 1U << 31;
		synthetic_superblock(sampler->builder, 2, sampler->rows)->index = UINT32_MAX;
	}
	if (sampler->alarms.engine)
		scripted_alarms_judge(&sampler->alarms, sampler->builder,
				      (struct dcm_alarm_clock){now, realtime});
	if (dcm_snapshot_builder_finish(sampler->builder, realtime, now, &snapshot) < 0 ||
	    dcm_snapshot_server_publish(sampler->server, snapshot) < 0) {
		fprintf(stderr, "fake_sampler: no snapshot\n");
		exit(1);
	}
	dcm_snapshot_destroy(snapshot);
	if (sampler->last_ns && now - sampler->last_ns > sampler->max_gap_ns)
		sampler->max_gap_ns = now - sampler->last_ns;
	sampler->last_ns = now;
	sampler->next_ns = now + sampler->interval_ns;
	sampler->published++;
}

static void substitute(char **argv, int fd)
{
	static char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	for (; *argv; argv++)
		if (!strcmp(*argv, "@FD@"))
			*argv = number;
}

static pid_t start(char **argv, int fd, const sigset_t *unblock)
{
	pid_t parent = getpid(), child = fork();

	if (child)
		return child;
	/* Whatever ends this program, a test must not leave the other one behind. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	sigprocmask(SIG_UNBLOCK, unblock, NULL);
	fcntl(fd, F_SETFD, 0);
	substitute(argv, fd);
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static void listen_too(struct sampler *sampler)
{
	struct dcm_reason reason = {""};
	const char *path = getenv("DCM_TEST_SOCKET");

	if (path && dcm_snapshot_server_listen(sampler->server, path, "", &reason) < 0) {
		fprintf(stderr, "fake_sampler: %s: %s\n", path, reason.text);
		exit(1);
	}
}

static void handle_signal(struct sampler *sampler, int fd)
{
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGUSR1) {
		printf("published %" PRIu64 " max-gap-ms %" PRIu64 "\n", sampler->published,
		       (uint64_t)(sampler->max_gap_ns / DCM_NSEC_PER_MSEC));
		fflush(stdout);
	} else if (info.ssi_signo == SIGUSR2) {
		dcm_snapshot_server_destroy(sampler->server);
		dcm_snapshot_server_create(&sampler->server);
		listen_too(sampler);
	} else if (info.ssi_signo != SIGCHLD) {
		kill(sampler->child, (int)info.ssi_signo);
	}
}

static int run(struct sampler *sampler, int signal_fd)
{
	int status;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = signal_fd, .events = POLLIN},
			{.fd = dcm_snapshot_server_fd(sampler->server), .events = POLLIN},
		};
		struct dcm_notify_counts report;
		uint64_t now = dcm_now_ns();

		if (now >= sampler->next_ns) {
			publish(sampler);
			continue;
		}
		if (poll(fds, 2, (int)((sampler->next_ns - now) / DCM_NSEC_PER_MSEC) + 1) < 0 &&
		    errno != EINTR)
			return 1;
		if (fds[0].revents)
			handle_signal(sampler, signal_fd);
		if (fds[1].revents)
			dcm_snapshot_server_dispatch(sampler->server);
		if (dcm_snapshot_server_take_report(sampler->server, &report) &&
		    sampler->alarms.engine)
			dcm_alarm_engine_set_notified(sampler->alarms.engine, &report, true);
		if (waitpid(sampler->child, &status, WNOHANG) == sampler->child)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int main(int argc, char **argv)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGCHLD};
	struct sampler sampler = {0};
	int pair[2], signal_fd, status;
	sigset_t set;

	if (argc < 4) {
		fprintf(stderr, "usage: fake_sampler ROWS INTERVAL_MS COMMAND [ARG...]\n");
		return 2;
	}
	sigemptyset(&set);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(numbers); i++)
		sigaddset(&set, numbers[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (getenv("DCM_TEST_ALARMS") &&
	    !scripted_alarms_open(&sampler.alarms, getenv("DCM_TEST_ALARMS"))) {
		fprintf(stderr, "fake_sampler: no rules in %s\n", getenv("DCM_TEST_ALARMS"));
		return 2;
	}
	sampler.rows = (uint32_t)strtoul(argv[1], NULL, 10);
	sampler.interval_ns = strtoull(argv[2], NULL, 10) * DCM_NSEC_PER_MSEC;
	if (signal_fd < 0 || dcm_snapshot_server_create(&sampler.server) < 0 ||
	    dcm_snapshot_builder_create(&sampler.builder) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0) {
		perror("fake_sampler");
		return 1;
	}
	listen_too(&sampler);
	sampler.child = start(argv + 3, pair[1], &set);
	close(pair[1]);
	if (sampler.child < 0 || dcm_snapshot_server_add(sampler.server, pair[0]) < 0)
		return 1;
	status = run(&sampler, signal_fd);
	dcm_alarm_engine_destroy(sampler.alarms.engine);
	dcm_snapshot_builder_destroy(sampler.builder);
	dcm_snapshot_server_destroy(sampler.server);
	close(signal_fd);
	return status;
}
