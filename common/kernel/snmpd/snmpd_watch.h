/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The snmpd at an address, watched from outside: its processor time and how long it
 * leaves requests unanswered. Asked for by hand; blocks as long as it watches.
 */
#ifndef DCM_KERNEL_SNMPD_WATCH_H
#define DCM_KERNEL_SNMPD_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/reason.h"
#include "common/kernel/snmpd/snmpd_process.h"

struct dcm_snmpd_watch {
	struct dcm_snmpd_process process; /* the one that answers there */
	char modules[512];		  /* all lists given to -I on its command line; "" */
	bool has_cpu;			  /* it lived all the time */
	double seconds;			  /* how long it was watched */
	double cpu_seconds;		  /* its CPU time meanwhile (proc(5), stat) */
	double queued_seconds;		  /* time it waited for a CPU (schedstat); 0: unknown */
	unsigned sent, answered;	  /* requests */
	double silence_seconds; /* the longest time that a request waited, answered or not */
	bool refused;		/* nobody listens at that address, says the kernel */
};

/*
 * Finds the process that answers at @address (common/model/config/snmp_address.h) below @root (""
 * but in tests) and sends an SNMPv3 discovery (RFC 3414, 4) there, which needs no credentials,
 * every 100 ms for @seconds. -EOPNOTSUPP: another transport; -errno. With a reason.
 */
int dcm_snmpd_watch(const char *root, const char *address, double seconds,
		    struct dcm_reason *reason, struct dcm_snmpd_watch *ret);

#endif
