/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Seccomp filters of the two processes: what is not listed is refused with EPERM, so that a call
 * that nobody foresaw costs one answer and not the process.
 */
#ifndef DCM_SNMP_SANDBOX_H
#define DCM_SNMP_SANDBOX_H

#include <stdbool.h>

#include "common/base/reason.h"

enum dcm_sandbox_role {
	/* Sockets of the UNIX domain, files for reading, no other process. */
	DCM_SANDBOX_AGENT,
	/* Besides: loaded BPF programs, writing files, netlink, starting the agent, which inherits
	 * this filter. */
	DCM_SANDBOX_SAMPLER,
};

struct dcm_sandbox_options {
	enum dcm_sandbox_role role;
	bool inet;	 /* requests to snmpd go over UDP or TCP */
	bool namespaces; /* sampler: it enters network namespaces */
	bool kernel_log; /* sampler: the kernel's audit log gets each refused call */
};

/*
 * Filters every thread of this process and all its children from now on, for good; sets
 * NO_NEW_PRIVS. A refused call of the agent raises SIGSYS, which this handles (dcm_sandbox_report);
 * one of the sampler does not, as its threads block signals and exec resets handlers.
 * -EOPNOTSUPP when built without libseccomp or for a sanitizer (which needs calls of its own),
 * other -errno when the kernel refuses; each with a reason.
 */
int dcm_sandbox_enter(const struct dcm_sandbox_options *options, struct dcm_reason *reason);

/* Logs system calls refused since the last time, each one once in a process. */
void dcm_sandbox_report(void);

#endif
