/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The parts of "dcachemon snmpd". */
#ifndef DCM_CLI_SNMPD_H
#define DCM_CLI_SNMPD_H

#include "common/kernel/snmpd/snmpd_watch.h"
#include "common/model/config/config.h"
#include "common/model/snapshot/snapshot.h"

/* Sets the time between two reloads of snmpd's own interface table and prints it before and after.
 * Returns enum cli_exit. */
int snmpd_set_reload(const struct dcm_config_if_mib *config, unsigned seconds);

/* The same time by GET; changes nothing. 0 or -errno with a reason, -ENOKEY: no credentials. */
int snmpd_get_reload(const struct dcm_config_if_mib *config, struct dcm_reason *reason,
		     unsigned *ret_seconds);

/*
 * The version of the snmpd that process @pid is, as "snmpd -v" prints it: raw bytes, cut at @size.
 * Runs the installed snmpd, and only where dcm_snmpd_program() allows it. 0 or -errno with a
 * reason.
 */
int snmpd_version(const char *root, pid_t pid, struct dcm_reason *reason, char *ret, size_t size);

/* Two reloads of its interface table. */
#define SNMPD_WATCH_SECONDS 6.2

enum snmpd_verdict {
	SNMPD_ABSENT, /* nobody listens there */
	SNMPD_WELL,
	SNMPD_SLOW,   /* requests wait so long that managers give up */
	SNMPD_SILENT, /* no answer, but not known to be busy: another address, stopped, not visible
		       */
	SNMPD_WEDGED, /* no answer at a whole processor */
};

enum snmpd_verdict snmpd_judge(const struct dcm_snmpd_watch *watch);
const char *snmpd_verdict_name(enum snmpd_verdict verdict);

/* Why the process that answers is unknown, or not snmpd; raw bytes. "" if it is snmpd. */
void snmpd_process_unknown(const struct dcm_snmpd_watch *watch, struct dcm_reason *ret);

/* What to do about it; "" for nothing. */
void snmpd_verdict_fix(enum snmpd_verdict verdict, const struct dcm_snmpd_watch *watch,
		       struct dcm_reason *ret);

/* What "snmpd status" found. Texts are raw bytes; a reason is "" where there is a value. */
struct snmpd_status {
	const char *address;
	struct dcm_reason no_watch; /* not "": the members up to the snapshot are unknown */
	struct dcm_snmpd_watch watch;
	struct dcm_reason no_process; /* why the process that answers is unknown */
	enum snmpd_verdict verdict;
	struct dcm_reason fix; /* "": nothing to do */
	char version[64];
	struct dcm_reason no_version;
	unsigned reload_every; /* seconds between two reloads of its interface table */
	struct dcm_reason no_reload_every;
	struct dcm_snapshot *snapshot;	       /* NULL: no sample */
	const struct dcm_snap_snmpd *forecast; /* within it; NULL: none */
	const char *advice;		       /* lines; "" without wedge_ratio */
};

/* Whether its table is muted: reloads come later than snmpd itself has them. */
bool snmpd_status_muted(const struct snmpd_status *status);

/* One JSON document and a newline on stdout, unknown values null. 0 or -ENOMEM. */
int snmpd_status_json(const struct snmpd_status *status);

/* The whole of "dcachemon snmpd status". Returns enum cli_exit. */
int snmpd_status_run(struct dcm_config *config, bool json);

#endif
