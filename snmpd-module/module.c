// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A module of snmpd (dlmod in snmpd.conf(5)): answers the interface tables, and DCACHEMON-MIB if it
 * is told to, inside snmpd, from the sampler's snapshots, and stops the built-in reload. What the
 * agent process does over AgentX, without an exchange between processes for each value.
 */
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <errno.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "snmp-tables/if_mib_handler.h"
#include "snmp-tables/mib_waiting.h"
#include "snmpd-module/builtin_timer.h"
#include "snmpd-module/mib_service.h"
#include "snmpd-module/sampler_link.h"

#define TICK_SECONDS 1
#define SOCKET_TOKEN "dcachemonSocket"
#define MIB_TOKEN    "dcachemonMIB"

/* What dlmod looks for by name. */
__attribute__((visibility("default"))) void init_dcachemon(void);
__attribute__((visibility("default"))) void deinit_dcachemon(void);

static struct {
	struct dcm_if_mib_handler *handler;
	struct dcm_snapshot *snapshot; /* shown, where DCACHEMON-MIB does not own it */
	struct dcm_mib_uptime uptime;
	unsigned tick;
	bool registered;
	bool refused; /* by snmpd; not tried again */
} self;

static void log_line(void *ctx __attribute__((unused)), enum dcm_log_level level, const char *line)
{
	int priority = level == DCM_LOG_NOTICE ? LOG_INFO : dcm_log_priority(level);

	snmp_log(priority, "dcachemon: %s\n", line);
}

static void want(void *ctx __attribute__((unused)))
{
	dcm_sampler_link_want();
}

static void wait_rows(void *ctx __attribute__((unused)))
{
	uint64_t deadline_ns = dcm_now_ns() + DCM_MIB_PATIENCE_NS;

	while (!dcm_if_mib_handler_has_rows(self.handler))
		if (!dcm_sampler_link_wait(deadline_ns))
			return;
}

/* Read once: it has hundredths of a second, and read anew for each snapshot would make the same
 * stamp another by one. */
static struct dcm_mib_uptime uptime(void)
{
	if (!self.uptime.at_ns)
		self.uptime = (struct dcm_mib_uptime){
			.at_ns = dcm_now_ns(), .ticks = (uint32_t)netsnmp_get_agent_uptime()};
	return self.uptime;
}

static void show(struct dcm_snapshot *snapshot)
{
	bool owned = dcm_mib_service_on();

	/* Without memory the last one stays. */
	if (owned && dcm_mib_service_show(snapshot, uptime()) < 0 && snapshot)
		return;
	dcm_if_mib_handler_set_uptime(self.handler, uptime());
	dcm_if_mib_handler_swap(self.handler, snapshot);
	dcm_snapshot_destroy(self.snapshot);
	self.snapshot = owned ? NULL : snapshot;
}

static void begin_takeover(void)
{
	if (dcm_if_mib_handler_register(self.handler) < 0) {
		self.refused = true;
		dcm_log(DCM_LOG_ERROR, "snmpd refuses the interface tables");
		return;
	}
	self.registered = true;
	dcm_reload_spare(true);
	dcm_log(DCM_LOG_NOTICE, "answering the interface tables from dcachemon's samples");
}

/* What is under way is dropped first, whichever of the two is registered. */
static void end_serving(void)
{
	if (!self.registered && !dcm_mib_service_registered())
		return;
	dcm_if_mib_handler_unregister(self.handler);
	self.registered = false;
	dcm_reload_spare(false);
	dcm_mib_service_withdraw();
}

static void on_sampler(struct dcm_snapshot *snapshot, bool lost)
{
	if (lost)
		end_serving();
	show(snapshot);
	if (!self.registered && !self.refused && dcm_if_mib_handler_has_rows(self.handler))
		begin_takeover();
	dcm_sampler_link_tell_mib(dcm_mib_service_registered());
}

static void on_tick(unsigned alarm __attribute__((unused)), void *ctx __attribute__((unused)))
{
	uint64_t now_ns = dcm_now_ns();

	dcm_sampler_link_tick(now_ns);
	dcm_if_mib_handler_expire(self.handler, now_ns);
}

/* snmpd.conf(5) gives the rest of the line, blanks around it taken away. */
static void parse_socket(const char *token, char *value)
{
	if (*value != '/' || dcm_sampler_link_set_path(value) < 0)
		netsnmp_config_error("%s needs an absolute path", token);
}

static void parse_mib(const char *token, char *value)
{
	int err = dcm_mib_service_configure(value);

	if (err == -EINVAL)
		netsnmp_config_error("%s needs on, off or an OID in numbers", token);
	else if (err < 0)
		netsnmp_config_error("%s: out of memory", token);
	dcm_sampler_link_want_all(dcm_mib_service_on());
}

void init_dcachemon(void)
{
	static const struct dcm_if_mib_options options = {.context = "",
							  .priority = DCM_IF_MIB_MODULE_PRIORITY,
							  .want = want,
							  .wait = wait_rows};

	dcm_log_set_sink(log_line, NULL);
	/* A second dlmod line is the same library: its alarm would outlive the first unloading. */
	if (self.handler) {
		dcm_log(DCM_LOG_WARNING, "there is more than one dlmod line for this module");
		return;
	}
	memset(&self, 0, sizeof(self));
	if (dcm_if_mib_handler_create(&options, &self.handler) < 0) {
		dcm_log(DCM_LOG_ERROR, "out of memory");
		return;
	}
	dcm_sampler_link_init(on_sampler);
	register_app_config_handler(SOCKET_TOKEN, parse_socket, NULL, "PATH");
	register_app_config_handler(MIB_TOKEN, parse_mib, NULL, "on|off|OID");
	if (dcm_reload_stop()) {
		dcm_log(DCM_LOG_NOTICE, "snmpd reloads its interface table only when asked for it");
		dcm_sampler_link_reload_stopped();
	}
	/* Also for the first connection: by then snmpd has read all its lines and changed user. */
	self.tick = snmp_alarm_register(TICK_SECONDS, SA_REPEAT, on_tick, NULL);
}

/* snmpd also unloads at its end, before it closes its sessions. */
void deinit_dcachemon(void)
{
	if (!self.handler)
		return;
	snmp_alarm_unregister(self.tick);
	unregister_app_config_handler(SOCKET_TOKEN);
	unregister_app_config_handler(MIB_TOKEN);
	dcm_sampler_link_deinit();
	end_serving();
	dcm_reload_resume();
	show(NULL);
	dcm_mib_service_deinit();
	dcm_if_mib_handler_destroy(self.handler);
	self.handler = NULL;
}
