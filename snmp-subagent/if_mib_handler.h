/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Answers libnetsnmp's requests for IF-MIB and IP-MIB in place of snmpd's built-in modules. Rows
 * are sampled only while somebody asks: the first request after a pause is put aside (delegated)
 * until the next snapshot has them, a few milliseconds later; all others are answered at once.
 */
#ifndef DCM_SNMP_IF_MIB_HANDLER_H
#define DCM_SNMP_IF_MIB_HANDLER_H

#include "handler_time.h"
#include "if_mib.h"

/* How long a request waits for rows; then it gets genErr. */
#define DCM_IF_MIB_PATIENCE_NS (1000ULL * 1000000ULL)

/* Requests put aside at a time; more get genErr at once. */
#define DCM_IF_MIB_WAITING_MAX 256

struct dcm_if_mib_handler;

/* Asks the sampler for interface rows; must not wait. */
typedef void dcm_if_mib_want(void *ctx);

int dcm_if_mib_handler_create(dcm_if_mib_want *want, void *ctx, struct dcm_if_mib_handler **ret);

/* Call after the end of libnetsnmp. NULL is allowed. */
void dcm_if_mib_handler_destroy(struct dcm_if_mib_handler *handler);

/* Registers all eight objects with libnetsnmp. -EBUSY: this process serves one of them already. */
int dcm_if_mib_handler_register(struct dcm_if_mib_handler *handler);
void dcm_if_mib_handler_unregister(struct dcm_if_mib_handler *handler);

/* Answers from now on out of @snapshot, which stays the caller's and valid until the next call;
 * then what waited for it. */
void dcm_if_mib_handler_swap(struct dcm_if_mib_handler *handler,
			     const struct dcm_snapshot *snapshot);

/* Whether the current snapshot has rows. */
bool dcm_if_mib_handler_has_rows(const struct dcm_if_mib_handler *handler);

/*
 * Answers a Get or GetNext that came over AgentX in place, out of the default context. False, with
 * @pdu in part changed: it asks for something else as well, or has to wait for rows.
 */
struct snmp_pdu;
bool dcm_if_mib_handler_direct(struct dcm_if_mib_handler *handler, struct snmp_pdu *pdu, bool next);

/* Gives up on requests that waited too long; lowers *@timeout_ms (-1: for ever) to the next one. */
void dcm_if_mib_handler_expire(struct dcm_if_mib_handler *handler, uint64_t now_ns,
			       int *timeout_ms);

void dcm_if_mib_handler_set_uptime(struct dcm_if_mib_handler *handler,
				   struct dcm_mib_uptime uptime);

const struct dcm_handler_time *dcm_if_mib_handler_time(const struct dcm_if_mib_handler *handler);

#endif
