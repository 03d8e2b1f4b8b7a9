/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Answers libnetsnmp's requests for IF-MIB and IP-MIB in place of snmpd's built-in modules. Rows
 * are sampled only while somebody asks: the first request after a pause is put aside (delegated)
 * until the next snapshot has them, a few milliseconds later; all others are answered at once.
 * There is one handler per SNMP context: the default one shows the sampler's own namespace.
 */
#ifndef DCM_SNMP_TABLES_IF_MIB_HANDLER_H
#define DCM_SNMP_TABLES_IF_MIB_HANDLER_H

#include "common/base/units.h"
#include "snmp-tables/if_mib.h"
#include "snmp-tables/latency_histogram.h"

/* How old the news that a namespace is not there may be. */
#define DCM_IF_MIB_ABSENT_NS (10 * DCM_NSEC_PER_SEC)

/* How long a request waits for rows; then it gets genErr. */
#define DCM_IF_MIB_PATIENCE_NS DCM_NSEC_PER_SEC

/* Requests put aside at a time; more get genErr at once. */
#define DCM_IF_MIB_WAITING_MAX 256

struct dcm_if_mib_handler;

/* Asks the sampler for interface rows; must not wait. */
typedef void dcm_if_mib_want(void *ctx);

/* Waits until swap has brought rows, DCM_IF_MIB_PATIENCE_NS at most; must not unregister. */
typedef void dcm_if_mib_wait(void *ctx);

/* @context: "" is the default one. */
int dcm_if_mib_handler_create(const char *context, dcm_if_mib_want *want, void *ctx,
			      struct dcm_if_mib_handler **ret);

/* Of its registrations, DCM_IF_MIB_PRIORITY unless it is said otherwise; while unregistered. */
void dcm_if_mib_handler_set_priority(struct dcm_if_mib_handler *handler, int priority);

/*
 * Inside snmpd: requests of snmpd itself (monitor, linkUpDownNotifications) are not put aside. What
 * has asked does not go back to snmpd's loop before it has the answer, or 30 s later.
 */
void dcm_if_mib_handler_set_wait(struct dcm_if_mib_handler *handler, dcm_if_mib_wait *wait);

/* Call when it is unregistered, or after the end of libnetsnmp. NULL is allowed. */
void dcm_if_mib_handler_destroy(struct dcm_if_mib_handler *handler);

/* Registers all eight objects with libnetsnmp. -EBUSY: this process serves one of them already. */
int dcm_if_mib_handler_register(struct dcm_if_mib_handler *handler);
void dcm_if_mib_handler_unregister(struct dcm_if_mib_handler *handler);

/* Answers from now on out of @snapshot, which stays the caller's and valid until the next call;
 * then what waited for it. */
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

/* Gives up on requests that waited too long; lowers *@timeout_ms (-1: for ever) to the next one. */
void dcm_if_mib_handler_expire(struct dcm_if_mib_handler *handler, uint64_t now_ns,
			       int *timeout_ms);

void dcm_if_mib_handler_set_uptime(struct dcm_if_mib_handler *handler,
				   struct dcm_mib_uptime uptime);

const struct dcm_latency *dcm_if_mib_handler_time(const struct dcm_if_mib_handler *handler);

#endif
