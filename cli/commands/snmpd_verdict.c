// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a watched snmpd amounts to, for "snmpd status" and "doctor". */
#include "cli/commands/snmpd.h"

/* A manager's usual time-out is a second. */
#define SLOW_SECONDS 0.9
/* Share of a processor: it does nothing else than to reload. */
#define BUSY 0.8

enum snmpd_verdict snmpd_judge(const struct dcm_snmpd_watch *watch)
{
	if (watch->answered)
		return watch->silence_seconds >= SLOW_SECONDS ? SNMPD_SLOW : SNMPD_WELL;
	if (!watch->pid)
		return SNMPD_ABSENT;
	return watch->has_cpu && watch->cpu_seconds >= BUSY * watch->seconds ? SNMPD_WEDGED
									     : SNMPD_SILENT;
}

const char *snmpd_verdict_name(enum snmpd_verdict verdict)
{
	static const char *const names[] = {
		[SNMPD_ABSENT] = "absent", [SNMPD_WELL] = "well",     [SNMPD_SLOW] = "slow",
		[SNMPD_SILENT] = "silent", [SNMPD_WEDGED] = "wedged",
	};

	return names[verdict];
}

const char *snmpd_verdict_fix(enum snmpd_verdict verdict)
{
	static const char *const fixes[] = {
		[SNMPD_ABSENT] = "systemctl start snmpd",
		[SNMPD_WELL] = "",
		[SNMPD_SLOW] = "dcachemon snmpd mute, and [if_mib] takeover in dcachemon.conf",
		[SNMPD_SILENT] = "look where it listens: [if_mib] mute_address, or systemctl "
				 "status snmpd",
		[SNMPD_WEDGED] = "systemctl kill -s KILL snmpd; then start it with -I -ifTable, or "
				 "muted: dcachemon snmpd config",
	};

	return fixes[verdict];
}
