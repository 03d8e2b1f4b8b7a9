/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Rows that are sampled only while somebody asks for them. The first request after a pause is put
 * aside (delegated) until a snapshot has them, a few milliseconds later; all others pass at once.
 * Several handlers may share one.
 */
#ifndef DCM_SNMP_TABLES_MIB_WAITING_H
#define DCM_SNMP_TABLES_MIB_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/units.h"

/* How long a request waits for rows; then it gets genErr. */
#define DCM_MIB_PATIENCE_NS DCM_NSEC_PER_SEC

/* Requests put aside at a time; more get genErr at once. */
#define DCM_MIB_WAITING_MAX 256

/* Where the rows come from. */
struct dcm_mib_supply {
	bool (*ready)(void *ctx); /* there are rows to answer with */
	void (*want)(void *ctx);  /* asks for rows; must not wait */

	/*
	 * NULL in a subagent. Inside snmpd it waits until there are rows, DCM_MIB_PATIENCE_NS at
	 * most, and must not unregister anything. It is for requests of snmpd itself (monitor,
	 * linkUpDownNotifications), which are not put aside: what asks does not return to snmpd's
	 * loop before it has the answer, or 30 s later.
	 */
	void (*wait)(void *ctx);
	void *ctx;
};

struct dcm_mib_waiting;

/* -ENOMEM. */
int dcm_mib_waiting_create(const struct dcm_mib_supply *supply, struct dcm_mib_waiting **ret);

/* Call when its handlers are unregistered, or after the end of libnetsnmp. NULL is allowed. */
void dcm_mib_waiting_destroy(struct dcm_mib_waiting *waiting);

/* What libnetsnmp calls a handler with. */
struct dcm_mib_call {
	struct netsnmp_mib_handler_s *module;
	struct netsnmp_handler_registration_s *registration; /* a dcm_mib_handler's */
	struct netsnmp_agent_request_info_s *info;
	struct netsnmp_request_info_s *requests;
};

/* Asks for rows. True: there are some, answer now. False: the requests are put aside or refused. */
bool dcm_mib_waiting_pass(struct dcm_mib_waiting *waiting, const struct dcm_mib_call *call,
			  uint64_t now_ns);

/* Asks for rows, as often as the supply needs to hear it. */
void dcm_mib_waiting_want(struct dcm_mib_waiting *waiting, uint64_t now_ns);

/* Answers what waits if there are rows: to be called after each new snapshot. */
void dcm_mib_waiting_finish(struct dcm_mib_waiting *waiting);

/* Gives up on requests that have waited too long. Returns when to call again, UINT64_MAX: after the
 * next request. */
uint64_t dcm_mib_waiting_expire(struct dcm_mib_waiting *waiting, uint64_t now_ns);

/*
 * Before handlers are unregistered: their requests under way point into the registrations, whether
 * they have been answered already and wait for somebody else's variables, or wait here. They get
 * genErr, as those of an agent that goes away.
 */
void dcm_mib_waiting_drop(struct dcm_mib_waiting *waiting);

#endif
