/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * IF-MIB and IP-MIB: answers libnetsnmp's requests in place of snmpd's built-in modules. Rows are
 * sampled only while somebody asks, so that requests may have to wait for them (mib_waiting.h).
 * There is one handler per SNMP context: the default one shows the sampler's own namespace.
 */
#ifndef DCM_SNMP_TABLES_IF_MIB_HANDLER_H
#define DCM_SNMP_TABLES_IF_MIB_HANDLER_H

#include "common/base/units.h"
#include "snmp-tables/if_mib.h"
#include "snmp-tables/latency_histogram.h"

/* How old the news that a namespace is not there may be. */
#define DCM_IF_MIB_ABSENT_NS (10 * DCM_NSEC_PER_SEC)

struct dcm_if_mib_handler;

struct dcm_if_mib_options {
	const char *context; /* "" is the default one */
	int priority;	     /* of the registrations: DCM_IF_MIB_PRIORITY, ..._MODULE_PRIORITY */
	void (*want)(void *ctx); /* asks the sampler for interface rows; must not wait */
	void (*wait)(void *ctx); /* dcm_mib_supply's, ends when swap has brought rows; or NULL */
	void *ctx;
};

/* Nothing is registered yet. -ENOMEM. */
int dcm_if_mib_handler_create(const struct dcm_if_mib_options *options,
			      struct dcm_if_mib_handler **ret);

/* Call when it is unregistered, or after the end of libnetsnmp. NULL is allowed. */
void dcm_if_mib_handler_destroy(struct dcm_if_mib_handler *handler);

/* Registers all eight objects with libnetsnmp. -EBUSY: this process serves one of them already. */
int dcm_if_mib_handler_register(struct dcm_if_mib_handler *handler);
void dcm_if_mib_handler_unregister(struct dcm_if_mib_handler *handler);

/* Answers from @snapshot from now on, which stays the caller's and valid until the next call; then
 * answers what waited for it. */
void dcm_if_mib_handler_swap(struct dcm_if_mib_handler *handler,
			     const struct dcm_snapshot *snapshot);

/* Whether the current snapshot has rows, or says that the context's namespace is not there. */
bool dcm_if_mib_handler_has_rows(const struct dcm_if_mib_handler *handler);

/* Whether an AgentX request is one for this handler's context. */
struct snmp_pdu;
bool dcm_if_mib_handler_in_context(const struct dcm_if_mib_handler *handler,
				   const struct snmp_pdu *pdu);

/*
 * Answers a Get or GetNext that came over AgentX in place. False, with @pdu in part changed: it
 * asks for something else as well or in another context, or has to wait for rows.
 */
bool dcm_if_mib_handler_direct(struct dcm_if_mib_handler *handler, struct snmp_pdu *pdu, bool next);

/* Number of the context in the current snapshot; 0: not in it. */
uint32_t dcm_if_mib_handler_index(const struct dcm_if_mib_handler *handler);

const char *dcm_if_mib_handler_context(const struct dcm_if_mib_handler *handler);

/* See dcm_mib_waiting_expire(). */
uint64_t dcm_if_mib_handler_expire(struct dcm_if_mib_handler *handler, uint64_t now_ns);

void dcm_if_mib_handler_set_uptime(struct dcm_if_mib_handler *handler,
				   struct dcm_mib_uptime uptime);

const struct dcm_latency *dcm_if_mib_handler_time(const struct dcm_if_mib_handler *handler);

#endif
