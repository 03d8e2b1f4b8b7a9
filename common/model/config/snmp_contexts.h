/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* SNMP contexts: names under which the interfaces of other network namespaces are served. */
#ifndef DCM_MODEL_SNMP_CONTEXTS_H
#define DCM_MODEL_SNMP_CONTEXTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "common/base/reason.h"

#define DCM_MAX_CONTEXTS	   64
#define DCM_CONTEXT_NAME_SIZE	   33  /* 32 octets and the NUL (RFC 3415, vacmContextName) */
#define DCM_CONTEXT_NAMESPACE_SIZE 200 /* no line of the file is longer */

struct dcm_context_config {
	char name[DCM_CONTEXT_NAME_SIZE];
	/* "self", "pid:N", or the absolute path of an entry such as /run/netns/NAME */
	char netns[DCM_CONTEXT_NAMESPACE_SIZE];
};

struct dcm_contexts_config {
	struct dcm_context_config list[DCM_MAX_CONTEXTS];
	size_t count;
};

/* What it takes to enter the namespaces: setns(2); opening what another user's /proc/PID names. */
enum dcm_context_need { DCM_CONTEXT_SETNS = 1, DCM_CONTEXT_PTRACE = 2 };

/* "NAME NAMESPACE"; the first one of a file (not @repeated) empties the list. -EINVAL with a
 * reason. */
int dcm_contexts_config_add(struct dcm_contexts_config *config, const char *value, bool repeated,
			    struct dcm_reason *reason);

/* One line each, or an example as a comment. */
void dcm_contexts_config_print(const struct dcm_contexts_config *config, FILE *out);

/* Bits of enum dcm_context_need. */
unsigned dcm_contexts_config_needs(const struct dcm_contexts_config *config);

/* NULL: no context of that name. */
const struct dcm_context_config *dcm_contexts_config_find(const struct dcm_contexts_config *config,
							  const char *name);

/* The number of "pid:N" (1..2^22, the most that Linux has); 0 for anything else. */
int dcm_context_pid(const char *netns);

#endif
