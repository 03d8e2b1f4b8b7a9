/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of "dcachemon snmpd". */
#ifndef DCM_CLI_SNMPD_H
#define DCM_CLI_SNMPD_H

#include "common/kernel/snmpd_watch.h"
#include "common/model/config.h"

/* Sets the time between two reloads of snmpd's own interface table and prints it before and after.
 * Returns enum cli_exit. */
int snmpd_set_reload(const struct dcm_config_if_mib *config, unsigned seconds);

/* Two reloads of its interface table. */
#define SNMPD_WATCH_SECONDS 6.2

enum snmpd_verdict {
	SNMPD_ABSENT, /* no process, and nobody answers */
	SNMPD_WELL,
	SNMPD_SLOW,   /* requests wait so long that managers give up */
	SNMPD_SILENT, /* no answer, but not busy either: another address, or stopped */
	SNMPD_WEDGED, /* no answer at a whole processor */
};

enum snmpd_verdict snmpd_judge(const struct dcm_snmpd_watch *watch);
const char *snmpd_verdict_name(enum snmpd_verdict verdict);

/* What to do about it; "" for nothing. */
const char *snmpd_verdict_fix(enum snmpd_verdict verdict);

#endif
