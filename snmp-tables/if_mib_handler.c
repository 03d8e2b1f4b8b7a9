// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp-tables/if_mib_handler.h"

#include <errno.h>

#include "common/base/clock.h"
#include "common/model/config/snmp_contexts.h"
#include "snmp-tables/mib_answer.h"
#include "snmp-tables/mib_handler.h"

/* One registration. */
struct served {
	const struct dcm_if_mib_view *view;
	enum dcm_if_mib_object object;
	struct dcm_mib_handler handler;
};

struct dcm_if_mib_handler {
	struct dcm_if_mib_options options;
	char context[DCM_CONTEXT_NAME_SIZE];
	struct dcm_if_mib_view view;
	struct dcm_latency time;
	struct dcm_mib_waiting *waiting;
	struct served served[DCM_IF_MIB_COUNT];
};

bool dcm_if_mib_handler_has_rows(const struct dcm_if_mib_handler *handler)
{
	const struct dcm_snap_context *context = handler->view.context;
	const struct dcm_snap_if_netns *netns = handler->view.netns;

	if (netns)
		return DCM_ROW_HAS(netns, sampled_ns);
	return context && context->state == DCM_CONTEXT_ABSENT &&
	       context->checked_ns + DCM_IF_MIB_ABSENT_NS > dcm_now_ns();
}

/* ---- objects ---- */

static int get_object(const void *ctx, struct dcm_mib_name name, struct dcm_mib_value *ret)
{
	const struct served *served = ctx;

	return dcm_if_mib_get(served->view, served->object, name, ret);
}

static int next_object(const void *ctx, struct dcm_mib_name name, bool inclusive,
		       struct dcm_mib_instance *ret)
{
	const struct served *served = ctx;

	return dcm_if_mib_next(served->view, served->object, name, inclusive, ret);
}

static void init_served(struct dcm_if_mib_handler *handler, enum dcm_if_mib_object object)
{
	const struct dcm_if_mib_definition *definition = &dcm_if_mib_definitions[object];
	struct served *served = &handler->served[object];

	served->view = &handler->view;
	served->object = object;
	served->handler = (struct dcm_mib_handler){
		.name = definition->name,
		.objects = {.root = {definition->root, definition->root_len},
			    .ctx = served,
			    .get = get_object,
			    .next = next_object},
		.context = handler->context,
		.priority = handler->options.priority,
		.waiting = handler->waiting,
		.time = &handler->time,
	};
}

/* ---- rows ---- */

static bool ready(void *ctx)
{
	return dcm_if_mib_handler_has_rows(ctx);
}

static void want_rows(void *ctx)
{
	const struct dcm_if_mib_handler *handler = ctx;

	handler->options.want(handler->options.ctx);
}

static void wait_for_rows(void *ctx)
{
	const struct dcm_if_mib_handler *handler = ctx;

	handler->options.wait(handler->options.ctx);
}

int dcm_if_mib_handler_create(const struct dcm_if_mib_options *options,
			      struct dcm_if_mib_handler **ret)
{
	struct dcm_if_mib_handler *handler = calloc(1, sizeof(*handler));
	const struct dcm_mib_supply supply = {.ready = ready,
					      .want = want_rows,
					      .wait = options->wait ? wait_for_rows : NULL,
					      .ctx = handler};

	if (!handler || dcm_mib_waiting_create(&supply, &handler->waiting) < 0) {
		free(handler);
		return -ENOMEM;
	}
	handler->options = *options;
	snprintf(handler->context, sizeof(handler->context), "%s", options->context);
	for (unsigned i = 0; i < DCM_IF_MIB_COUNT; i++)
		init_served(handler, i);
	*ret = handler;
	return 0;
}

void dcm_if_mib_handler_destroy(struct dcm_if_mib_handler *handler)
{
	if (!handler)
		return;
	dcm_mib_waiting_destroy(handler->waiting);
	free(handler);
}

int dcm_if_mib_handler_register(struct dcm_if_mib_handler *handler)
{
	for (size_t i = 0; i < DCM_IF_MIB_COUNT; i++) {
		struct dcm_mib_handler *one = &handler->served[i].handler;
		int err = one->registration ? 0 : dcm_mib_handler_register(one);

		if (err < 0) {
			dcm_if_mib_handler_unregister(handler);
			return err;
		}
	}
	return 0;
}

void dcm_if_mib_handler_unregister(struct dcm_if_mib_handler *handler)
{
	dcm_mib_waiting_drop(handler->waiting);
	for (size_t i = 0; i < DCM_IF_MIB_COUNT; i++)
		dcm_mib_handler_unregister(&handler->served[i].handler);
}

void dcm_if_mib_handler_swap(struct dcm_if_mib_handler *handler,
			     const struct dcm_snapshot *snapshot)
{
	struct dcm_if_mib_view *view = &handler->view;

	if (handler->context[0])
		dcm_if_mib_view_context(snapshot, handler->context, view->uptime, view);
	else
		dcm_if_mib_view_init(snapshot, "", view->uptime, view);
	dcm_mib_waiting_finish(handler->waiting);
}

uint64_t dcm_if_mib_handler_expire(struct dcm_if_mib_handler *handler, uint64_t now_ns)
{
	return dcm_mib_waiting_expire(handler->waiting, now_ns);
}

void dcm_if_mib_handler_set_uptime(struct dcm_if_mib_handler *handler, struct dcm_mib_uptime uptime)
{
	handler->view.uptime = uptime;
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

static const struct dcm_mib_objects *objects_at(const struct dcm_if_mib_handler *handler,
						const netsnmp_variable_list *variable)
{
	for (size_t i = 0; i < DCM_IF_MIB_COUNT; i++) {
		const struct dcm_mib_handler *one = &handler->served[i].handler;

		if (dcm_mib_handler_covers(one, variable))
			return &one->objects;
	}
	return NULL;
}

bool dcm_if_mib_handler_in_context(const struct dcm_if_mib_handler *handler,
				   const struct snmp_pdu *pdu)
{
	return dcm_mib_handler_in_context(&handler->served[0].handler, pdu);
}

bool dcm_if_mib_handler_direct(struct dcm_if_mib_handler *handler, struct snmp_pdu *pdu, bool next)
{
	uint64_t start = dcm_now_ns(), count = 0;

	if (!dcm_if_mib_handler_in_context(handler, pdu) || !dcm_if_mib_handler_has_rows(handler))
		return false;
	for (netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
		const struct dcm_mib_objects *objects = objects_at(handler, v);

		if (!objects || !dcm_mib_answer_directly(objects, v, next))
			return false;
		count++;
	}
	dcm_mib_waiting_want(handler->waiting, start);
	dcm_latency_add(&handler->time, count, dcm_now_ns() - start);
	return true;
}
