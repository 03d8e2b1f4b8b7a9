// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/reload_mute.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/kernel/files/inherited.h"
#include "common/model/config/snmp_address.h"
#include "common/transport/snapshot_memfd.h"
#include "snmp-client/cache_timeout.h"
#include "snmp-subagent/privileges.h"
#include "snmp-subagent/sandbox.h"

#define MUTE   'm'
#define UNMUTE 'u'

/* Between two looks at whether the mute still holds: snmpd may have been restarted. */
#define CHECK_MS 10000
/* After a look that failed. */
#define RETRY_MS 2000
/* How often an unmute is tried before the process ends. */
#define LAST_TRIES 3

struct dcm_reload_mute {
	int fd;
	uint32_t every; /* what the process said last */
};

/* ---- in the process ---- */

struct state {
	const struct dcm_config_if_mib *config;
	struct dcm_cache_timeout *client;
	int fd;
	char wanted;	 /* MUTE, UNMUTE; 0: nothing yet */
	bool ended;	 /* the agent is gone */
	bool muted;	 /* by us */
	unsigned before; /* seconds */
	uint32_t every;	 /* seconds between reloads, as far as is known */
	uint32_t told;	 /* the same, as the agent was told */
	struct dcm_complaint failing;
};

static void tell(struct state *s, int err, const struct dcm_reason *reason)
{
	if (!err)
		dcm_settle(&s->failing, NULL);
	else if (dcm_complaint_open(&s->failing, err))
		dcm_log(DCM_LOG_WARNING, "cannot mute snmpd at %s: %s", s->config->mute_address,
			reason->text);
}

static void tell_agent(struct state *s)
{
	if (s->every != s->told && send(s->fd, &s->every, sizeof(s->every),
					MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(s->every))
		s->told = s->every;
}

static int mute(struct state *s, struct dcm_reason *reason)
{
	unsigned seconds;
	int err = dcm_cache_timeout_get(s->client, reason, &seconds);

	if (err)
		return err;
	s->every = seconds;
	if (seconds == s->config->mute_seconds) {
		/* A predecessor that crashed did it; the former value is lost. */
		if (!s->muted)
			s->before = DCM_CACHE_TIMEOUT_BUILT_IN;
		s->muted = true;
		return 0;
	}
	if (seconds > s->config->mute_seconds)
		return 0; /* somebody else's doing: it stays */
	err = dcm_cache_timeout_set(s->client, s->config->mute_seconds, reason);
	if (err)
		return err;
	s->before = seconds;
	s->every = s->config->mute_seconds;
	s->muted = true;
	dcm_log(DCM_LOG_NOTICE,
		"snmpd reloads its own interface table every %u s now, not every %u s",
		s->config->mute_seconds, seconds);
	return 0;
}

static int unmute(struct state *s, struct dcm_reason *reason)
{
	int err;

	if (!s->muted)
		return 0;
	err = dcm_cache_timeout_set(s->client, s->before, reason);
	if (err)
		return err;
	s->muted = false;
	dcm_log(DCM_LOG_NOTICE, "snmpd reloads its own interface table every %u s again",
		s->before);
	return 0;
}

/* Takes what the agent said within @timeout_ms; the last word counts. */
static void listen_to_agent(struct state *s, int timeout_ms)
{
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};
	char byte;
	ssize_t n;

	if (poll(&fd, 1, timeout_ms) <= 0)
		return;
	while ((n = recv(s->fd, &byte, 1, MSG_DONTWAIT)) == 1)
		s->wanted = byte;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		s->ended = true;
}

static int work(struct state *s)
{
	struct dcm_reason reason = {""};
	int err = 0;

	if (s->wanted == MUTE && !s->ended)
		err = mute(s, &reason);
	else if (s->wanted == UNMUTE)
		err = unmute(s, &reason);
	if (err || s->wanted == UNMUTE)
		s->every = DCM_RELOAD_UNKNOWN;
	tell(s, err, &reason);
	tell_agent(s);
	return err;
}

static void run(struct state *s)
{
	int timeout = -1, tries = 0;

	while (!s->ended) {
		listen_to_agent(s, timeout);
		dcm_sandbox_report();
		timeout = work(s) ? RETRY_MS : s->wanted == MUTE ? CHECK_MS : -1;
	}
	while (s->wanted == UNMUTE && s->muted && ++tries < LAST_TRIES)
		work(s);
}

/* The agent's descriptors and signals are nothing to this process; TERM goes to the whole service,
 * and there is still something to put back then. */
static void isolate(int fd)
{
	sigset_t none;

	prctl(PR_SET_NAME, "dcachemon-muter");
	dcm_log_set_name("dcachemon-snmp[muter]");
	dcm_inherited_close(&fd, 1);
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void enter_sandbox(const struct dcm_config_if_mib *config)
{
	const struct dcm_sandbox_options options = {
		.role = DCM_SANDBOX_AGENT, .inet = !dcm_snmp_address_path(config->mute_address)};
	struct dcm_reason reason;
	int err = dcm_sandbox_enter(&options, &reason);

	if (err < 0 && err != -EOPNOTSUPP)
		dcm_log(DCM_LOG_WARNING, "system calls are not filtered: %s", reason.text);
}

static int muter_main(const struct dcm_config_if_mib *config, const char *user, bool no_seccomp,
		      int fd)
{
	struct state state = {.config = config,
			      .fd = fd,
			      .every = DCM_RELOAD_UNKNOWN,
			      .told = DCM_RELOAD_UNKNOWN};
	struct dcm_credentials credentials;
	struct dcm_reason reason = {""};
	int err;

	isolate(fd);
	err = dcm_credentials_read(config->mute_credentials, &reason, &credentials);
	if (!err)
		err = dcm_privileges_drop(user, &reason);
	if (!err && !no_seccomp)
		enter_sandbox(config);
	if (!err)
		err = dcm_cache_timeout_open(config->mute_address, &credentials, &reason,
					     &state.client);
	explicit_bzero(&credentials, sizeof(credentials));
	if (err) {
		dcm_log(DCM_LOG_ERROR, "snmpd will not be muted: %s", reason.text);
		return 1;
	}
	run(&state);
	dcm_cache_timeout_close(state.client);
	return 0;
}

/* ---- in the agent ---- */

int dcm_reload_mute_create(const struct dcm_config_if_mib *config, const char *user,
			   bool no_seccomp, struct dcm_reload_mute **ret)
{
	_cleanup_free_ struct dcm_reload_mute *muter = calloc(1, sizeof(*muter));
	int fds[2];
	pid_t pid;

	if (!muter)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	signal(SIGCHLD, SIG_IGN); /* nobody waits for it */
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		_exit(muter_main(config, user, no_seccomp, fds[1]));
	}
	close(fds[1]);
	if (pid < 0) {
		int err = -errno;

		close(fds[0]);
		return err;
	}
	muter->fd = fds[0];
	muter->every = DCM_RELOAD_UNKNOWN;
	*ret = muter;
	muter = NULL;
	return 0;
}

static void say(const struct dcm_reload_mute *muter, char byte)
{
	/* A process that has ended has logged why. */
	if (send(muter->fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		errno = 0;
}

void dcm_reload_mute_on(struct dcm_reload_mute *muter)
{
	say(muter, MUTE);
}

void dcm_reload_mute_off(struct dcm_reload_mute *muter)
{
	say(muter, UNMUTE);
}

uint32_t dcm_reload_mute_every(struct dcm_reload_mute *muter)
{
	uint32_t every;
	ssize_t n;

	while ((n = recv(muter->fd, &every, sizeof(every), MSG_DONTWAIT)) == sizeof(every))
		muter->every = every;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		muter->every = DCM_RELOAD_UNKNOWN;
	return muter->every;
}

void dcm_reload_mute_destroy(struct dcm_reload_mute *muter)
{
	if (!muter)
		return;
	close(muter->fd);
	free(muter);
}
