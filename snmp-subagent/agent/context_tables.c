// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "snmp-subagent/agent/context_tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/transport/snapshot_memfd.h"
#include "snmp-subagent/agent/agentx.h"
#include "snmp-tables/if_mib_handler.h"

/* All requests since the last message go into one: a flood would end the connection. */
#define ASK_NS (100 * DCM_NSEC_PER_MSEC)

struct context {
	struct dcm_if_mib_handler *handler;
	bool wanted;
};

struct dcm_context_tables {
	int snapshot_fd;
	struct context *list[DCM_MAX_CONTEXTS];
	size_t count;
	const struct dcm_snapshot *snapshot;
	struct dcm_mib_uptime uptime;
	uint64_t asked_ns;
};

/* The message goes out with the next tick. */
static void want(void *ctx)
{
	struct context *context = ctx;

	context->wanted = true;
}

static void destroy_one(struct context *context)
{
	dcm_if_mib_handler_destroy(context->handler);
	free(context);
}

static void destroy(void *part)
{
	struct dcm_context_tables *contexts = part;

	for (size_t i = 0; i < contexts->count; i++)
		destroy_one(contexts->list[i]);
	free(contexts);
}

static bool has(const struct dcm_context_tables *contexts, const char *name)
{
	for (size_t i = 0; i < contexts->count; i++)
		if (!strcmp(dcm_if_mib_handler_context(contexts->list[i]->handler), name))
			return true;
	return false;
}

static int add(struct dcm_context_tables *contexts, const char *name)
{
	struct context *context = calloc(1, sizeof(*context));
	const struct dcm_if_mib_options options = {
		.context = name, .priority = DCM_IF_MIB_PRIORITY, .want = want, .ctx = context};
	int err;

	if (!context)
		return -ENOMEM;
	err = dcm_if_mib_handler_create(&options, &context->handler);
	if (!err) {
		dcm_agentx_context_begin(name);
		err = dcm_if_mib_handler_register(context->handler);
		dcm_agentx_context_end();
	}
	if (err) {
		destroy_one(context);
		return err;
	}
	dcm_if_mib_handler_set_uptime(context->handler, contexts->uptime);
	dcm_if_mib_handler_swap(context->handler, contexts->snapshot);
	contexts->list[contexts->count++] = context;
	return 0;
}

static void drop_missing(struct dcm_context_tables *contexts,
			 const struct dcm_contexts_config *config)
{
	size_t out = 0;

	for (size_t i = 0; i < contexts->count; i++) {
		struct context *context = contexts->list[i];
		const char *name = dcm_if_mib_handler_context(context->handler);

		if (dcm_contexts_config_find(config, name)) {
			contexts->list[out++] = context;
			continue;
		}
		dcm_log(DCM_LOG_NOTICE, "context %s is no longer served", name);
		dcm_if_mib_handler_unregister(context->handler);
		destroy_one(context);
	}
	contexts->count = out;
}

static void configure(void *part, const struct dcm_config *config)
{
	struct dcm_context_tables *contexts = part;
	const struct dcm_contexts_config *wanted = &config->if_mib.contexts;

	drop_missing(contexts, wanted);
	for (size_t i = 0; i < wanted->count; i++) {
		int err;

		if (has(contexts, wanted->list[i].name))
			continue;
		err = add(contexts, wanted->list[i].name);
		if (err)
			dcm_log(DCM_LOG_ERROR, "cannot register context %s: %s",
				wanted->list[i].name, strerror(-err));
	}
}

static int create(const struct dcm_part_context *context, struct dcm_reason *reason, void **ret)
{
	struct dcm_context_tables *contexts = calloc(1, sizeof(*contexts));

	if (!contexts)
		return dcm_reason_no_memory(reason);
	contexts->snapshot_fd = context->snapshot_fd;
	configure(contexts, context->config);
	*ret = contexts;
	return 0;
}

static void swap(void *part, const struct dcm_snapshot *snapshot)
{
	struct dcm_context_tables *contexts = part;

	contexts->snapshot = snapshot;
	for (size_t i = 0; i < contexts->count; i++)
		dcm_if_mib_handler_swap(contexts->list[i]->handler, snapshot);
}

static void connection(void *part, bool up, struct dcm_mib_uptime uptime)
{
	struct dcm_context_tables *contexts = part;

	if (!up)
		return;
	contexts->uptime = uptime;
	for (size_t i = 0; i < contexts->count; i++)
		dcm_if_mib_handler_set_uptime(contexts->list[i]->handler, uptime);
}

static bool direct(void *part, struct snmp_pdu *pdu, bool next)
{
	const struct dcm_context_tables *contexts = part;

	for (size_t i = 0; i < contexts->count; i++)
		if (dcm_if_mib_handler_in_context(contexts->list[i]->handler, pdu))
			return dcm_if_mib_handler_direct(contexts->list[i]->handler, pdu, next);
	return false;
}

/* Asks the sampler for wanted contexts that are in a snapshot, which has their numbers. */
static void ask(struct dcm_context_tables *contexts, uint64_t now_ns)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < contexts->count; i++) {
		struct context *context = contexts->list[i];
		uint32_t index = dcm_if_mib_handler_index(context->handler);

		if (!context->wanted || !index)
			continue;
		context->wanted = false;
		mask |= 1ULL << (index - 1);
	}
	if (!mask)
		return;
	contexts->asked_ns = now_ns;
	/* A sampler that has ended is noticed where snapshots are received. */
	dcm_snapshot_client_want_contexts(contexts->snapshot_fd, mask);
}

/* Something that the pause holds back; what is in no snapshot yet waits for the next. */
static bool any_held(const struct dcm_context_tables *contexts)
{
	for (size_t i = 0; i < contexts->count; i++)
		if (contexts->list[i]->wanted &&
		    dcm_if_mib_handler_index(contexts->list[i]->handler))
			return true;
	return false;
}

static uint64_t run(void *part, uint64_t now_ns)
{
	struct dcm_context_tables *contexts = part;
	uint64_t due_ns = UINT64_MAX;

	if (!contexts->asked_ns || now_ns - contexts->asked_ns >= ASK_NS)
		ask(contexts, now_ns);
	if (any_held(contexts))
		due_ns = contexts->asked_ns + ASK_NS;
	for (size_t i = 0; i < contexts->count; i++) {
		struct dcm_if_mib_handler *handler = contexts->list[i]->handler;

		due_ns = DCM_MIN(due_ns, dcm_if_mib_handler_expire(handler, now_ns));
	}
	return due_ns;
}

const struct dcm_part dcm_context_tables_part = {
	.create = create,
	.destroy = destroy,
	.configure = configure,
	.swap = swap,
	.connection = connection,
	.direct = direct,
	.run = run,
};
