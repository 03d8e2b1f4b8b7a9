// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Prints what dcachemon reads in the configuration of process PID, which is an snmpd: "key value"
 * lines. */
#include <stdio.h>
#include <stdlib.h>

#include "common/kernel/snmpd/snmpd_conf.h"

int main(int argc, char **argv)
{
	struct dcm_snmpd_conf conf;
	const char *agentx;
	char room[256];

	if (argc != 2)
		return 2;
	dcm_snmpd_conf_read("", (pid_t)atoi(argv[1]), &conf);
	agentx = dcm_snmpd_settings_agentx(&conf.settings, "", room, sizeof(room));
	printf("agentx %s\n", conf.settings.master && agentx ? agentx : "");
	printf("sinks %u\nsink %s\naddresses %s\nmain %s\n", conf.settings.sinks,
	       conf.settings.sink_host, conf.settings.addresses, conf.main);
	return 0;
}
