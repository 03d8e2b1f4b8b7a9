// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/bulk_to_next.h>

#include "snmp-tables/mib_waiting.h"

#include <errno.h>

#include "common/base/clock.h"
#include "snmp-tables/mib_answer.h"
#include "snmp-tables/mib_handler.h"

/* A sampler keeps rows for 30 s after it was asked (snapshot_memfd.h). */
#define WANT_NS (10 * DCM_NSEC_PER_SEC)
/* Until there are rows; a flood of messages would end the connection. */
#define WANT_AGAIN_NS (250 * DCM_NSEC_PER_MSEC)

/* The requests of one call that wait for rows. */
struct aside {
	netsnmp_delegated_cache *cache;
	uint64_t deadline_ns;
};

struct dcm_mib_waiting {
	struct dcm_mib_supply supply;
	struct aside list[DCM_MIB_WAITING_MAX]; /* by deadline */
	size_t count;
	uint64_t wanted_ns; /* when rows were asked for last; 0: never */
	bool leaving;	    /* handlers are being unregistered */
};

int dcm_mib_waiting_create(const struct dcm_mib_supply *supply, struct dcm_mib_waiting **ret)
{
	struct dcm_mib_waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting)
		return -ENOMEM;
	waiting->supply = *supply;
	*ret = waiting;
	return 0;
}

void dcm_mib_waiting_destroy(struct dcm_mib_waiting *waiting)
{
	if (!waiting)
		return;
	for (size_t i = 0; i < waiting->count; i++)
		netsnmp_free_delegated_cache(waiting->list[i].cache);
	free(waiting);
}

static bool is_ready(const struct dcm_mib_waiting *waiting)
{
	return waiting->supply.ready(waiting->supply.ctx);
}

void dcm_mib_waiting_want(struct dcm_mib_waiting *waiting, uint64_t now_ns)
{
	uint64_t pause = is_ready(waiting) ? WANT_NS : WANT_AGAIN_NS;

	if (waiting->wanted_ns && now_ns - waiting->wanted_ns < pause)
		return;
	waiting->wanted_ns = now_ns;
	waiting->supply.want(waiting->supply.ctx);
}

/* A query of this process itself: the pipe that it comes through has no transport domain. */
static bool is_internal(const netsnmp_agent_request_info *info)
{
	netsnmp_transport *transport = snmp_sess_transport(snmp_sess_pointer(info->asp->session));

	return transport && !transport->domain;
}

static void mark_delegated(netsnmp_request_info *requests, int delegated)
{
	for (; requests; requests = requests->next)
		requests->delegated = delegated;
}

static bool put_aside(struct dcm_mib_waiting *waiting, const struct dcm_mib_call *call,
		      uint64_t now_ns)
{
	struct aside *aside = &waiting->list[waiting->count];

	if (waiting->leaving || waiting->count == DCM_MIB_WAITING_MAX)
		return false;
	aside->cache = netsnmp_create_delegated_cache(call->module, call->registration, call->info,
						      call->requests, NULL);
	if (!aside->cache)
		return false;
	aside->deadline_ns = now_ns + DCM_MIB_PATIENCE_NS;
	waiting->count++;
	mark_delegated(call->requests, 1);
	return true;
}

bool dcm_mib_waiting_pass(struct dcm_mib_waiting *waiting, const struct dcm_mib_call *call,
			  uint64_t now_ns)
{
	bool waited = false;

	dcm_mib_waiting_want(waiting, now_ns);
	if (waiting->supply.wait && !is_ready(waiting) && is_internal(call->info)) {
		waiting->supply.wait(waiting->supply.ctx);
		waited = true;
	}
	if (is_ready(waiting))
		return true;
	if (waited || !put_aside(waiting, call, now_ns))
		dcm_mib_refuse(call->info, call->requests, SNMP_ERR_GENERR);
	return false;
}

static void finish_one(const struct dcm_mib_waiting *waiting, netsnmp_delegated_cache *cache)
{
	const struct dcm_mib_handler *handler = cache->reginfo->my_reg_void;

	mark_delegated(cache->requests, 0);
	if (!is_ready(waiting)) {
		dcm_mib_refuse(cache->reqinfo, cache->requests, SNMP_ERR_GENERR);
		return;
	}
	dcm_mib_answer(&handler->objects, cache->reqinfo, cache->requests);
	/* Inside snmpd: the helper that asks on for the next rows has gone past these requests when
	 * they were put aside. A master asks a subagent for one row at a time. */
	if (cache->reqinfo->mode == MODE_GETBULK)
		netsnmp_bulk_to_next_fix_requests(cache->requests);
}

/* Answers the first @count calls that wait, or refuses them. The library sends the answers in
 * dcm_agentx_poll_dispatch(). */
static void finish(struct dcm_mib_waiting *waiting, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* NULL: the master gave up, or the session is gone. */
		netsnmp_delegated_cache *cache =
			netsnmp_handler_check_cache(waiting->list[i].cache);

		if (cache)
			finish_one(waiting, cache);
		netsnmp_free_delegated_cache(waiting->list[i].cache);
	}
	waiting->count -= count;
	memmove(waiting->list, waiting->list + count, waiting->count * sizeof(*waiting->list));
}

void dcm_mib_waiting_finish(struct dcm_mib_waiting *waiting)
{
	if (is_ready(waiting))
		finish(waiting, waiting->count);
}

uint64_t dcm_mib_waiting_expire(struct dcm_mib_waiting *waiting, uint64_t now_ns)
{
	size_t count = 0;

	while (count < waiting->count && waiting->list[count].deadline_ns <= now_ns)
		count++;
	if (count) {
		finish(waiting, count);
		return now_ns; /* the library has answers to send */
	}
	return waiting->count ? waiting->list[0].deadline_ns : UINT64_MAX;
}

/* Twice, because the library's next step may come by here once more. */
void dcm_mib_waiting_drop(struct dcm_mib_waiting *waiting)
{
	waiting->leaving = true;
	finish(waiting, waiting->count);
	for (int i = 0; i < 2; i++)
		netsnmp_remove_delegated_requests_for_session(NULL);
	waiting->leaving = false;
}
