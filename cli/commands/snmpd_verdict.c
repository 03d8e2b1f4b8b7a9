// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What a watched snmpd amounts to, for "snmpd status" and "doctor". */
#include "cli/commands/snmpd.h"

#include <string.h>

/* A manager's usual time-out is a second. */
#define SLOW_SECONDS 0.9
/* Share of a processor, had or wanted: it does nothing else than to reload. */
#define BUSY 0.8

enum snmpd_verdict snmpd_judge(const struct dcm_snmpd_watch *watch)
{
	enum dcm_snmpd_seen seen = watch->process.seen;

	if (watch->answered)
		return watch->silence_seconds >= SLOW_SECONDS ? SNMPD_SLOW : SNMPD_WELL;
	/* Nobody is known to listen there; a refusal means that nobody does. */
	if (seen == DCM_SNMPD_NONE ||
	    (watch->refused && (seen == DCM_SNMPD_REMOTE || seen == DCM_SNMPD_HIDDEN)))
		return SNMPD_ABSENT;
	return watch->has_cpu && watch->cpu_seconds + watch->queued_seconds >= BUSY * watch->seconds
		       ? SNMPD_WEDGED
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

void snmpd_process_unknown(const struct dcm_snmpd_watch *watch, struct dcm_reason *ret)
{
	const struct dcm_snmpd_process *process = &watch->process;

	*ret->text = '\0';
	switch (process->seen) {
	case DCM_SNMPD_HOLDER:
		if (strcmp(process->program, "snmpd") != 0)
			dcm_reason_set(ret, 0, "%s answers there, not snmpd", process->program);
		return;
	case DCM_SNMPD_ONE_OF:
		dcm_reason_set(ret, 0,
			       "one of %u named snmpd, whose sockets cannot be seen from here",
			       process->count);
		return;
	case DCM_SNMPD_APART:
		dcm_reason_set(ret, 0, "nobody listens there; %u named snmpd here%s%s",
			       process->count, *process->listens ? ", at " : "", process->listens);
		return;
	case DCM_SNMPD_HIDDEN:
		dcm_reason_set(ret, 0, "its process is not visible from here");
		return;
	case DCM_SNMPD_REMOTE:
		dcm_reason_set(ret, 0, "the address is not one of this host");
		return;
	default:
		dcm_reason_set(ret, 0, "no process named snmpd here");
	}
}

static void fix_silent(const struct dcm_snmpd_process *process, struct dcm_reason *ret)
{
	if (process->seen == DCM_SNMPD_APART && *process->listens)
		dcm_reason_set(ret, 0, "in dcachemon.conf: [if_mib] mute_address = %s",
			       process->listens);
	else if (process->seen == DCM_SNMPD_APART)
		dcm_reason_set(ret, 0,
			       "in snmpd.conf: agentaddress, as [if_mib] mute_address has "
			       "it in dcachemon.conf");
	else if (process->seen == DCM_SNMPD_REMOTE)
		dcm_reason_set(ret, 0, "on that host: dcachemon snmpd status");
	else if (process->seen == DCM_SNMPD_HOLDER)
		dcm_reason_set(ret, 0,
			       "kill -CONT %d, if it is stopped; else: systemctl restart snmpd",
			       (int)process->pid);
	else
		dcm_reason_set(
			ret, 0,
			"look as root, where the host's processes are visible (/proc without "
			"hidepid, docker: --pid=host): dcachemon snmpd status");
}

void snmpd_verdict_fix(enum snmpd_verdict verdict, const struct dcm_snmpd_watch *watch,
		       struct dcm_reason *ret)
{
	static const char *const fixes[] = {
		[SNMPD_ABSENT] = "systemctl start snmpd",
		[SNMPD_WELL] = "",
		[SNMPD_SLOW] = "dcachemon snmpd mute, and [if_mib] takeover in dcachemon.conf",
		[SNMPD_SILENT] = "",
		[SNMPD_WEDGED] = ("systemctl kill -s KILL snmpd; systemctl start snmpd, with -I "
				  "-ifTable or muted (dcachemon snmpd config)"),
	};

	dcm_reason_set(ret, 0, "%s", fixes[verdict]);
	if (verdict == SNMPD_SILENT)
		fix_silent(&watch->process, ret);
}
