// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include "snmpd-module/mib_service.h"

#include <errno.h>
#include <string.h>

#include "common/base/log.h"
#include "common/model/config/config.h"
#include "snmp-tables/metric_handler.h"

static struct {
	struct dcm_metric_handler *handler; /* NULL: off */
	char root[DCM_MAX_OID_TEXT];
	bool registered;
	bool refused; /* by snmpd; not tried again */
} self;

static int set_root(const char *root)
{
	dcm_mib_oid name[DCM_MAX_ROOT_ARCS];
	size_t len;

	root += *root == '.';
	if (strlen(root) >= sizeof(self.root) || dcm_mib_root_parse(root, name, &len) < 0)
		return -EINVAL;
	strcpy(self.root, root);
	return 0;
}

int dcm_mib_service_configure(const char *value)
{
	int err;

	if (!strcmp(value, "off")) {
		dcm_mib_service_deinit();
		return 0;
	}
	err = set_root(strcmp(value, "on") ? value : DCM_ROOT_OID);
	if (err < 0 || self.handler)
		return err;
	return dcm_metric_handler_create(DCM_METRIC_MODULE_PRIORITY, &self.handler);
}

bool dcm_mib_service_on(void)
{
	return self.handler;
}

bool dcm_mib_service_registered(void)
{
	return self.registered;
}

static void begin(struct dcm_mib_uptime uptime)
{
	dcm_metric_handler_set_uptime(self.handler, uptime);
	if (dcm_metric_handler_register(self.handler, self.root) < 0) {
		self.refused = true;
		dcm_log(DCM_LOG_ERROR, "snmpd refuses DCACHEMON-MIB at %s", self.root);
		return;
	}
	self.registered = true;
	dcm_log(DCM_LOG_NOTICE, "answering DCACHEMON-MIB at %s", self.root);
}

int dcm_mib_service_show(struct dcm_snapshot *snapshot, struct dcm_mib_uptime uptime)
{
	int err = dcm_metric_handler_swap(self.handler, snapshot);

	if (err < 0) {
		dcm_snapshot_destroy(snapshot);
		return err;
	}
	if (snapshot && !self.registered && !self.refused)
		begin(uptime);
	return 0;
}

void dcm_mib_service_withdraw(void)
{
	if (self.registered)
		dcm_metric_handler_unregister(self.handler);
	self.registered = false;
}

void dcm_mib_service_deinit(void)
{
	dcm_mib_service_withdraw();
	dcm_metric_handler_destroy(self.handler);
	memset(&self, 0, sizeof(self));
}
