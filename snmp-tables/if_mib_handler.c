// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#include <net-snmp/agent/bulk_to_next.h>

#include "snmp-tables/if_mib_handler.h"

#include <errno.h>

#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/model/config/snmp_contexts.h"
#include "snmp-tables/varbind.h"

_Static_assert(sizeof(oid) == sizeof(dcm_mib_oid), "names are handed over without a copy");

/* A sampler keeps rows for 30 s after it was asked (snapshot_memfd.h). */
#define WANT_NS (10 * DCM_NSEC_PER_SEC)
/* Until there are rows; a flood of messages would end the connection. */
#define WANT_AGAIN_NS (250 * DCM_NSEC_PER_MSEC)

/* One registration. */
struct served {
	struct dcm_if_mib_handler *handler;
	enum dcm_if_mib_object object;
	netsnmp_handler_registration *registration;
};

/* The requests of one call that wait for rows. */
struct waiting {
	netsnmp_delegated_cache *cache;
	uint64_t deadline_ns;
};

struct dcm_if_mib_handler {
	char context[DCM_CONTEXT_NAME_SIZE];
	int priority;
	struct dcm_if_mib_view view;
	struct dcm_mib_uptime uptime;
	struct dcm_latency time;
	struct served served[DCM_IF_MIB_COUNT];
	struct waiting waiting[DCM_IF_MIB_WAITING_MAX]; /* by deadline */
	size_t waiting_count;
	dcm_if_mib_want *want;
	dcm_if_mib_wait *wait; /* NULL: put aside whoever asks */
	void *ctx;
	uint64_t wanted_ns; /* when it was called last; 0: never */
	bool leaving;	    /* being unregistered */
};

int dcm_if_mib_handler_create(const char *context, dcm_if_mib_want *want, void *ctx,
			      struct dcm_if_mib_handler **ret)
{
	struct dcm_if_mib_handler *handler = calloc(1, sizeof(*handler));

	if (!handler)
		return -ENOMEM;
	snprintf(handler->context, sizeof(handler->context), "%s", context);
	handler->priority = DCM_IF_MIB_PRIORITY;
	handler->want = want;
	handler->ctx = ctx;
	for (unsigned i = 0; i < DCM_IF_MIB_COUNT; i++)
		handler->served[i] = (struct served){.handler = handler, .object = i};
	*ret = handler;
	return 0;
}

void dcm_if_mib_handler_set_priority(struct dcm_if_mib_handler *handler, int priority)
{
	handler->priority = priority;
}

void dcm_if_mib_handler_set_wait(struct dcm_if_mib_handler *handler, dcm_if_mib_wait *wait)
{
	handler->wait = wait;
}

void dcm_if_mib_handler_destroy(struct dcm_if_mib_handler *handler)
{
	if (!handler)
		return;
	for (size_t i = 0; i < handler->waiting_count; i++)
		netsnmp_free_delegated_cache(handler->waiting[i].cache);
	free(handler);
}

bool dcm_if_mib_handler_has_rows(const struct dcm_if_mib_handler *handler)
{
	const struct dcm_snap_context *context = handler->view.context;
	const struct dcm_snap_if_netns *netns = handler->view.netns;

	if (netns)
		return DCM_ROW_HAS(netns, sampled_ns);
	return context && context->state == DCM_CONTEXT_ABSENT &&
	       context->checked_ns + DCM_IF_MIB_ABSENT_NS > dcm_now_ns();
}

/* ---- answers ---- */

static int answer_get(const struct served *served, netsnmp_variable_list *variable)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[served->object];
	const struct dcm_if_mib_handler *handler = served->handler;
	struct dcm_mib_value value;
	int err;

	err = dcm_if_mib_get(&handler->view, served->object, variable->name + definition->root_len,
			     variable->name_length - definition->root_len, &handler->uptime,
			     &value);
	if (err < 0)
		return snmp_set_var_typed_value(
			variable, err == -ENOENT ? SNMP_NOSUCHOBJECT : SNMP_NOSUCHINSTANCE, NULL,
			0);
	return dcm_varbind_put(variable, definition->root, definition->root_len, &value);
}

static int answer_next(const struct served *served, netsnmp_request_info *request)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[served->object];
	const struct dcm_if_mib_handler *handler = served->handler;
	netsnmp_variable_list *variable = request->requestvb;
	size_t root_len = definition->root_len, below = 0, len;
	oid name[DCM_IF_MIB_ROOT_MAX + DCM_IF_MIB_NAME_MAX];
	struct dcm_mib_value value;

	/* A name before the root, or a part of it, asks for the first instance. */
	if (!snmp_oidtree_compare(variable->name, variable->name_length, definition->root,
				  root_len))
		below = DCM_EXCESS(variable->name_length, root_len);
	else if (snmp_oid_compare(variable->name, variable->name_length, definition->root,
				  root_len) > 0)
		return 0;
	/* Left as it is, the library goes on after this registration. */
	if (dcm_if_mib_next(&handler->view, served->object, variable->name + (below ? root_len : 0),
			    below, request->inclusive != 0, &handler->uptime, name + root_len, &len,
			    &value) < 0)
		return 0;
	memcpy(name, definition->root, root_len * sizeof(*name));
	if (snmp_set_var_objid(variable, name, root_len + len))
		return -ENOMEM;
	return dcm_varbind_put(variable, definition->root, root_len, &value);
}

static void answer(const struct served *served, netsnmp_agent_request_info *info,
		   netsnmp_request_info *requests)
{
	for (netsnmp_request_info *r = requests; r; r = r->next) {
		int err;

		if (r->processed)
			continue;
		if (info->mode == MODE_GET)
			err = answer_get(served, r->requestvb);
		else
			err = answer_next(served, r);
		if (err)
			netsnmp_set_request_error(info, r, SNMP_ERR_GENERR);
	}
}

static void refuse(netsnmp_agent_request_info *info, netsnmp_request_info *requests, int error)
{
	for (; requests; requests = requests->next)
		if (!requests->processed)
			netsnmp_set_request_error(info, requests, error);
}

/* ---- requests that wait ---- */

static void mark_delegated(netsnmp_request_info *requests, int delegated)
{
	for (; requests; requests = requests->next)
		requests->delegated = delegated;
}

static bool put_aside(struct dcm_if_mib_handler *handler, netsnmp_mib_handler *module,
		      netsnmp_handler_registration *registration, netsnmp_agent_request_info *info,
		      netsnmp_request_info *requests, uint64_t now_ns)
{
	struct waiting *waiting = &handler->waiting[handler->waiting_count];

	if (handler->leaving || handler->waiting_count == DCM_IF_MIB_WAITING_MAX)
		return false;
	waiting->cache = netsnmp_create_delegated_cache(module, registration, info, requests, NULL);
	if (!waiting->cache)
		return false;
	waiting->deadline_ns = now_ns + DCM_IF_MIB_PATIENCE_NS;
	handler->waiting_count++;
	mark_delegated(requests, 1);
	return true;
}

static void finish(struct dcm_if_mib_handler *handler, netsnmp_delegated_cache *cache)
{
	mark_delegated(cache->requests, 0);
	if (!dcm_if_mib_handler_has_rows(handler)) {
		refuse(cache->reqinfo, cache->requests, SNMP_ERR_GENERR);
		return;
	}
	answer(cache->reginfo->my_reg_void, cache->reqinfo, cache->requests);
	/* Inside snmpd: the helper that asks on for the next rows has gone past these requests when
	 * they were put aside. A master asks a subagent for one row at a time. */
	if (cache->reqinfo->mode == MODE_GETBULK)
		netsnmp_bulk_to_next_fix_requests(cache->requests);
}

/* Answers the first @count calls that wait, or refuses them. The library sends the answers in
 * dcm_agentx_poll_dispatch(). */
static void finish_waiting(struct dcm_if_mib_handler *handler, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		/* NULL: the master gave up, or the session is gone. */
		netsnmp_delegated_cache *cache =
			netsnmp_handler_check_cache(handler->waiting[i].cache);

		if (cache)
			finish(handler, cache);
		netsnmp_free_delegated_cache(handler->waiting[i].cache);
	}
	handler->waiting_count -= count;
	memmove(handler->waiting, handler->waiting + count,
		handler->waiting_count * sizeof(*handler->waiting));
}

void dcm_if_mib_handler_expire(struct dcm_if_mib_handler *handler, uint64_t now_ns, int *timeout_ms)
{
	size_t count = 0;
	uint64_t left_ms;

	while (count < handler->waiting_count && handler->waiting[count].deadline_ns <= now_ns)
		count++;
	if (count)
		finish_waiting(handler, count);
	if (count)
		*timeout_ms = 0; /* the library has answers to send */
	if (!handler->waiting_count)
		return;
	left_ms = (handler->waiting[0].deadline_ns - now_ns) / DCM_NSEC_PER_MSEC + 1;
	if (*timeout_ms < 0 || left_ms < (uint64_t)*timeout_ms)
		*timeout_ms = (int)left_ms;
}

/* ---- the library's side ---- */

static void want_rows(struct dcm_if_mib_handler *handler, uint64_t now_ns)
{
	uint64_t pause = dcm_if_mib_handler_has_rows(handler) ? WANT_NS : WANT_AGAIN_NS;

	if (handler->wanted_ns && now_ns - handler->wanted_ns < pause)
		return;
	handler->wanted_ns = now_ns;
	handler->want(handler->ctx);
}

/* A query of this process itself: the pipe that it comes through has no transport domain. */
static bool is_internal(const netsnmp_agent_request_info *info)
{
	netsnmp_transport *transport = snmp_sess_transport(snmp_sess_pointer(info->asp->session));

	return transport && !transport->domain;
}

static int handle(netsnmp_mib_handler *module, netsnmp_handler_registration *registration,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	const struct served *served = registration->my_reg_void;
	struct dcm_if_mib_handler *handler = served->handler;
	uint64_t start = dcm_now_ns(), count = 0;
	bool here = false;

	for (netsnmp_request_info *r = requests; r; r = r->next)
		count++;
	if (info->mode != MODE_GET && info->mode != MODE_GETNEXT) {
		refuse(info, requests, SNMP_ERR_NOTWRITABLE);
		return SNMP_ERR_NOERROR;
	}
	want_rows(handler, start);
	if (handler->wait && !dcm_if_mib_handler_has_rows(handler) && is_internal(info)) {
		handler->wait(handler->ctx);
		here = true;
	}
	if (dcm_if_mib_handler_has_rows(handler))
		answer(served, info, requests);
	else if (here || !put_aside(handler, module, registration, info, requests, start))
		refuse(info, requests, SNMP_ERR_GENERR);
	dcm_latency_add(&handler->time, count, dcm_now_ns() - start);
	return SNMP_ERR_NOERROR;
}

static int register_one(struct served *served)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[served->object];
	netsnmp_handler_registration *registration =
		netsnmp_create_handler_registration(definition->name, handle, definition->root,
						    definition->root_len, HANDLER_CAN_RONLY);

	if (!registration)
		return -ENOMEM;
	registration->priority = served->handler->priority;
	if (served->handler->context[0])
		registration->contextName = strdup(served->handler->context);
	registration->my_reg_void = served;
	/* The library frees the registration when it refuses it. */
	if (netsnmp_register_handler(registration) != MIB_REGISTERED_OK)
		return -EBUSY;
	served->registration = registration;
	return 0;
}

/*
 * Requests under way point into the registrations that are about to go, whether they were answered
 * already and wait for somebody else's variables, or have just been given up. As an agent that goes
 * away: they get genErr. Twice, because what the library goes on with may come by here once more.
 */
static void drop_requests(struct dcm_if_mib_handler *handler)
{
	handler->leaving = true;
	finish_waiting(handler, handler->waiting_count);
	for (int i = 0; i < 2; i++)
		netsnmp_remove_delegated_requests_for_session(NULL);
	handler->leaving = false;
}

/* netsnmp_unregister_handler() reads names of the registration after it has freed it: these are
 * copies (net-snmp before 5.9.5). */
static void unregister_one(struct served *served)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[served->object];
	oid root[DCM_IF_MIB_ROOT_MAX];

	if (!served->registration)
		return;
	memcpy(root, definition->root, definition->root_len * sizeof(*root));
	unregister_mib_context(root, definition->root_len, served->handler->priority, 0, 0,
			       served->handler->context);
	served->registration = NULL;
}

int dcm_if_mib_handler_register(struct dcm_if_mib_handler *handler)
{
	for (size_t i = 0; i < DCM_IF_MIB_COUNT; i++) {
		int err = handler->served[i].registration ? 0 : register_one(&handler->served[i]);

		if (err < 0) {
			dcm_if_mib_handler_unregister(handler);
			return err;
		}
	}
	return 0;
}

void dcm_if_mib_handler_unregister(struct dcm_if_mib_handler *handler)
{
	drop_requests(handler);
	for (size_t i = 0; i < DCM_IF_MIB_COUNT; i++)
		unregister_one(&handler->served[i]);
}

void dcm_if_mib_handler_swap(struct dcm_if_mib_handler *handler,
			     const struct dcm_snapshot *snapshot)
{
	if (handler->context[0])
		dcm_if_mib_view_context(snapshot, handler->context, &handler->view);
	else
		dcm_if_mib_view_init(snapshot, "", &handler->view);
	if (dcm_if_mib_handler_has_rows(handler))
		finish_waiting(handler, handler->waiting_count);
}

void dcm_if_mib_handler_set_uptime(struct dcm_if_mib_handler *handler, struct dcm_mib_uptime uptime)
{
	handler->uptime = uptime;
}

uint32_t dcm_if_mib_handler_index(const struct dcm_if_mib_handler *handler)
{
	return handler->view.context ? handler->view.context->index : 0;
}

const char *dcm_if_mib_handler_context(const struct dcm_if_mib_handler *handler)
{
	return handler->context;
}

const struct dcm_latency *dcm_if_mib_handler_time(const struct dcm_if_mib_handler *handler)
{
	return &handler->time;
}

/* ---- past the library ---- */

static const struct served *served_at(const struct dcm_if_mib_handler *handler,
				      const netsnmp_variable_list *variable)
{
	for (size_t i = 0; i < DCM_IF_MIB_COUNT; i++) {
		const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[i];

		if (handler->served[i].registration &&
		    variable->name_length >= definition->root_len &&
		    !memcmp(variable->name, definition->root,
			    definition->root_len * sizeof(*variable->name)))
			return &handler->served[i];
	}
	return NULL;
}

/* Whether a search range (RFC 2741, 5.2) ends where the registration does, or before. */
static bool ends_within(const struct dcm_if_mib_definition *definition, const oid *end,
			size_t end_len)
{
	oid next[DCM_IF_MIB_ROOT_MAX];

	memcpy(next, definition->root, definition->root_len * sizeof(*next));
	next[definition->root_len - 1]++;
	return end_len >= definition->root_len &&
	       snmp_oid_compare(end, end_len, next, definition->root_len) <= 0;
}

/* A GetNext has the end of its range as the value of the variable. */
static bool direct_next(const struct served *served, netsnmp_variable_list *variable)
{
	netsnmp_request_info request = {.requestvb = variable,
					.inclusive = variable->type == ASN_PRIV_INCL_RANGE};
	size_t end_len = variable->val_len / sizeof(oid), start_len = variable->name_length;
	oid start[MAX_OID_LEN], end[MAX_OID_LEN];
	bool found;

	if ((variable->type != ASN_PRIV_INCL_RANGE && variable->type != ASN_PRIV_EXCL_RANGE) ||
	    end_len > MAX_OID_LEN || start_len > MAX_OID_LEN ||
	    !ends_within(&dcm_if_mib_definitions[served->object], variable->val.objid, end_len))
		return false;
	memcpy(start, variable->name, start_len * sizeof(*start));
	memcpy(end, variable->val.objid, end_len * sizeof(*end));
	if (answer_next(served, &request))
		return false;
	found = variable->type != ASN_PRIV_INCL_RANGE && variable->type != ASN_PRIV_EXCL_RANGE;
	if (found && snmp_oid_compare(variable->name, variable->name_length, end, end_len) < 0)
		return true;
	return !snmp_set_var_objid(variable, start, start_len) &&
	       !snmp_set_var_typed_value(variable, SNMP_ENDOFMIBVIEW, NULL, 0);
}

/* AgentX has the context where SNMP has the community. */
bool dcm_if_mib_handler_in_context(const struct dcm_if_mib_handler *handler,
				   const struct snmp_pdu *pdu)
{
	return pdu->community_len == strlen(handler->context) &&
	       (!pdu->community_len ||
		!memcmp(pdu->community, handler->context, pdu->community_len));
}

bool dcm_if_mib_handler_direct(struct dcm_if_mib_handler *handler, struct snmp_pdu *pdu, bool next)
{
	uint64_t start = dcm_now_ns(), count = 0;

	if (!dcm_if_mib_handler_in_context(handler, pdu) || !dcm_if_mib_handler_has_rows(handler))
		return false;
	for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
		const struct served *served = served_at(handler, v);

		if (!served || !(next ? direct_next(served, v) : !answer_get(served, v)))
			return false;
		count++;
	}
	want_rows(handler, start);
	dcm_latency_add(&handler->time, count, dcm_now_ns() - start);
	return true;
}
