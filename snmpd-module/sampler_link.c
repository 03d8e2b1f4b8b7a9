// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmpd-module/sampler_link.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/complaint.h"
#include "common/base/log.h"
#include "common/model/config/config.h"
#include "common/transport/snapshot_memfd.h"

#define WANTED_NS (DCM_SNAPSHOT_INTERFACES_SECONDS * DCM_NSEC_PER_SEC)
/* A sampler that has nothing new to publish is as silent as one that hangs. After this long a new
 * connection tells the two apart: it gets the newest snapshot at once. */
#define QUIET_NS (DCM_SAMPLER_SILENT_NS / 2)

static struct {
	dcm_sampler_event *event;
	char path[DCM_PATH_SIZE];
	int fd;				 /* -1: not connected */
	struct dcm_complaint trouble;	 /* settled by a snapshot */
	uint64_t wanted_ns;		 /* when somebody asked last */
	bool reload_stopped, mib_served; /* what samplers are told */
	bool all;			 /* each snapshot is wanted */
	bool tried_new;			 /* connected anew since the last snapshot */
	uint64_t owed_ns; /* since when the sampler owes a snapshot; 0: it does not */
} self = {.fd = -1};

static void on_readable(int fd, void *ctx);

/* The same trouble is said once, until a snapshot has come. */
static void tell(int err, const char *text)
{
	if (dcm_complaint_open(&self.trouble, err))
		dcm_log(DCM_LOG_WARNING, "%s: %s: snmpd answers the interface tables itself%s",
			self.path, text, self.all ? ", DCACHEMON-MIB is left to others" : "");
}

static void close_connection(void)
{
	unregister_readfd(self.fd);
	close(self.fd);
	self.fd = -1;
	self.owed_ns = 0;
}

static void disconnect(int err, const char *text)
{
	close_connection();
	self.tried_new = false;
	tell(err, text);
	self.event(NULL, true);
}

static void request(uint64_t now_ns)
{
	int err = dcm_snapshot_client_request(self.fd);

	/* No room for one byte: the sampler does not read, and the tick gives it up. */
	if (err == 0 || err == -EAGAIN)
		self.owed_ns = now_ns;
}

/* Also the first request of a connection. */
static void subscribe(uint64_t now_ns)
{
	dcm_snapshot_client_subscribe(self.fd);
	self.owed_ns = now_ns;
}

/* The first rows are asked for in advance: tables without rows are not taken over. */
static void want_first_rows(uint64_t now_ns)
{
	self.wanted_ns = now_ns;
	dcm_snapshot_client_want_interfaces(self.fd);
}

static void connect_sampler(uint64_t now_ns)
{
	int err = dcm_snapshot_client_connect(self.path, &self.fd);

	if (!err && register_readfd(self.fd, on_readable, NULL) != FD_REGISTERED_OK) {
		close(self.fd);
		err = -EMFILE;
	}
	if (err) {
		self.fd = -1;
		tell(err, strerror(-err));
		return;
	}
	if (!self.tried_new)
		want_first_rows(now_ns);
	if (self.reload_stopped)
		dcm_snapshot_client_reload_every(self.fd, 0);
	dcm_snapshot_client_module_mib(self.fd, self.mib_served);
	if (self.all)
		subscribe(now_ns);
	else
		request(now_ns);
}

static void connect_anew(uint64_t now_ns)
{
	close_connection();
	self.tried_new = true;
	connect_sampler(now_ns);
	if (self.fd >= 0)
		return;
	self.tried_new = false;
	self.event(NULL, true);
}

static void take(struct dcm_snapshot *snapshot)
{
	uint64_t now_ns = dcm_now_ns();

	self.owed_ns = 0;
	self.tried_new = false;
	dcm_settle(&self.trouble, NULL);
	if (!self.all && now_ns - self.wanted_ns > WANTED_NS) {
		dcm_snapshot_destroy(snapshot);
		self.event(NULL, false);
		return;
	}
	self.event(snapshot, false);
	if (self.all)
		self.owed_ns = now_ns;
	else
		request(now_ns);
}

static void on_readable(int fd __attribute__((unused)), void *ctx __attribute__((unused)))
{
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};
	int err;

	err = dcm_snapshot_client_receive(self.fd, &reason, &snapshot);
	if (err == -EAGAIN)
		return;
	if (err)
		disconnect(err, *reason.text ? reason.text : "the sampler is gone");
	else
		take(snapshot);
}

bool dcm_sampler_link_wait(uint64_t deadline_ns)
{
	struct pollfd p = {.fd = self.fd, .events = POLLIN};
	struct dcm_snapshot *snapshot = NULL;
	struct dcm_reason reason = {""};
	uint64_t now_ns = dcm_now_ns();
	int err;

	if (self.fd < 0 || now_ns >= deadline_ns ||
	    poll(&p, 1, dcm_timeout_ms(deadline_ns, now_ns)) <= 0)
		return false;
	err = dcm_snapshot_client_receive(self.fd, &reason, &snapshot);
	if (err) {
		/* The loop finds the end of it. */
		if (err != -EAGAIN)
			shutdown(self.fd, SHUT_RDWR);
		return false;
	}
	take(snapshot);
	return true;
}

void dcm_sampler_link_want(void)
{
	uint64_t now_ns = dcm_now_ns();

	self.wanted_ns = now_ns;
	if (self.fd < 0)
		return;
	/* That the sampler is gone is noticed where snapshots are received. */
	dcm_snapshot_client_want_interfaces(self.fd);
	if (!self.owed_ns)
		request(now_ns);
}

void dcm_sampler_link_tick(uint64_t now_ns)
{
	if (self.fd < 0)
		connect_sampler(now_ns);
	else if (!self.owed_ns ||
		 now_ns - self.owed_ns <= (self.all ? QUIET_NS : DCM_SAMPLER_SILENT_NS))
		return;
	else if (self.all && !self.tried_new)
		connect_anew(now_ns);
	else
		disconnect(-ETIMEDOUT, "the sampler is silent");
}

int dcm_sampler_link_set_path(const char *path)
{
	if (strlen(path) >= sizeof(self.path))
		return -ENAMETOOLONG;
	strcpy(self.path, path);
	return 0;
}

void dcm_sampler_link_init(dcm_sampler_event *event)
{
	memset(&self, 0, sizeof(self));
	self.fd = -1;
	self.event = event;
	strcpy(self.path, DCM_DEFAULT_SOCKET);
}

void dcm_sampler_link_want_all(bool all)
{
	self.all = all;
}

/* The first connection comes after snmpd has read its configuration, later than this. */
void dcm_sampler_link_reload_stopped(void)
{
	self.reload_stopped = true;
}

void dcm_sampler_link_tell_mib(bool served)
{
	if (served == self.mib_served)
		return;
	self.mib_served = served;
	if (self.fd >= 0)
		dcm_snapshot_client_module_mib(self.fd, served);
}

void dcm_sampler_link_deinit(void)
{
	if (self.fd < 0)
		return;
	unregister_readfd(self.fd);
	close(self.fd);
	self.fd = -1;
}
