// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "common/base/cleanup.h"

static int stop_event = -1;
static unsigned stop_seconds;

static void on_stop(int signal __attribute__((unused)))
{
	const uint64_t one = 1;
	int saved = errno;

	if (write(stop_event, &one, sizeof(one)) < 0)
		_exit(1);
	alarm(stop_seconds);
	errno = saved;
}

static void on_overdue(int signal __attribute__((unused)))
{
	_exit(0);
}

static int catch (int number, void (*handler)(int))
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

	sigemptyset(&action.sa_mask);
	return sigaction(number, &action, NULL) < 0 ? -errno : 0;
}

/* The mask that exec inherits may block anything. */
static int set_mask(const sigset_t *by_fd)
{
	sigset_t direct;

	sigemptyset(&direct);
	sigaddset(&direct, SIGTERM);
	sigaddset(&direct, SIGINT);
	sigaddset(&direct, SIGALRM);
	if (sigprocmask(SIG_BLOCK, by_fd, NULL) < 0 || sigprocmask(SIG_UNBLOCK, &direct, NULL) < 0)
		return -errno;
	return 0;
}

int dcm_signals_open(unsigned seconds, struct dcm_signals *ret)
{
	_cleanup_close_ int fd = -1, stop_fd = -1;
	sigset_t by_fd;
	int err;

	sigemptyset(&by_fd);
	sigaddset(&by_fd, SIGHUP);
	sigaddset(&by_fd, SIGUSR1);
	fd = signalfd(-1, &by_fd, SFD_CLOEXEC | SFD_NONBLOCK);
	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0 || stop_fd < 0)
		return -errno;
	stop_event = stop_fd;
	stop_seconds = seconds;
	err = catch (SIGTERM, on_stop);
	err = err ? err : catch (SIGINT, on_stop);
	err = err ? err : catch (SIGALRM, on_overdue);
	err = err ? err : catch (SIGPIPE, SIG_IGN);
	err = err ? err : set_mask(&by_fd);
	if (err < 0)
		return err;
	ret->fd = dcm_take_fd(fd);
	ret->stop_fd = dcm_take_fd(stop_fd);
	return 0;
}

void dcm_signals_close(struct dcm_signals *signals)
{
	catch (SIGTERM, SIG_IGN);
	catch (SIGINT, SIG_IGN);
	close(signals->fd);
	close(signals->stop_fd);
}

struct dcm_signal_set dcm_signals_read(const struct dcm_signals *signals)
{
	struct dcm_signal_set set = {0};
	struct signalfd_siginfo info;
	uint64_t count;

	set.stop = read(signals->stop_fd, &count, sizeof(count)) > 0;
	while (read(signals->fd, &info, sizeof(info)) == sizeof(info)) {
		set.reload = set.reload || info.ssi_signo == SIGHUP;
		set.statistics = set.statistics || info.ssi_signo == SIGUSR1;
	}
	return set;
}
