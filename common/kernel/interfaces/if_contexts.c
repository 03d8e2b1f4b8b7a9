// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/interfaces/if_contexts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"

static bool same(const struct dcm_context_config *a, const struct dcm_context_config *b)
{
	return !strcmp(a->name, b->name) && !strcmp(a->netns, b->netns);
}

static bool unchanged(const struct dcm_if_contexts *contexts,
		      const struct dcm_contexts_config *config)
{
	if (contexts->count != config->count)
		return false;
	for (size_t i = 0; i < config->count; i++)
		if (!same(&contexts->list[i].config, &config->list[i]))
			return false;
	return true;
}

static struct dcm_if_context keep(const struct dcm_if_contexts *old,
				  const struct dcm_context_config *config)
{
	for (size_t i = 0; i < old->count; i++)
		if (same(&old->list[i].config, config))
			return old->list[i];
	return (struct dcm_if_context){.config = *config, .state = DCM_CONTEXT_STARTING};
}

int dcm_if_contexts_configure(struct dcm_if_contexts *contexts,
			      const struct dcm_contexts_config *config,
			      struct dcm_if_sampler *sampler)
{
	_cleanup_free_ struct dcm_if_contexts *old = NULL;
	const char *specs[DCM_MAX_CONTEXTS];
	int err;

	if (unchanged(contexts, config))
		return 0;
	old = malloc(sizeof(*old));
	if (!old)
		return -ENOMEM;
	for (size_t i = 0; i < config->count; i++)
		specs[i] = config->list[i].netns;
	err = dcm_netns_set_choose(dcm_if_sampler_namespaces(sampler), specs, config->count);
	if (err)
		return err;
	*old = *contexts;
	contexts->count = config->count;
	for (size_t i = 0; i < config->count; i++)
		contexts->list[i] = keep(old, &config->list[i]);
	/* Lets go of what belonged to the last one. */
	if (!config->count)
		dcm_if_sampler_refresh(sampler);
	return 0;
}

static void set_netns(struct dcm_if_context *context, uint32_t netns, uint64_t now_ns)
{
	if (context->netns != netns && context->checked_ns)
		context->changed_ns = now_ns;
	if (context->netns != netns)
		context->has_interfaces = false;
	context->netns = netns;
}

static void set_state(struct dcm_if_context *context, const struct dcm_netns_chosen *chosen)
{
	context->error = chosen->reason;
	if (!chosen->err)
		context->state = DCM_CONTEXT_PRESENT;
	else if (chosen->index || chosen->err == -ENOSPC || !dcm_netns_says_absent(chosen->err))
		context->state = DCM_CONTEXT_FAILED;
	else
		context->state = DCM_CONTEXT_ABSENT;
}

void dcm_if_contexts_look(struct dcm_if_contexts *contexts, struct dcm_if_sampler *sampler,
			  uint64_t now_ns, int64_t realtime_ns)
{
	const struct dcm_netns_set *set = dcm_if_sampler_namespaces(sampler);

	if (!contexts->count)
		return;
	dcm_if_sampler_refresh(sampler);
	for (size_t i = 0; i < contexts->count; i++) {
		const struct dcm_netns_chosen *chosen = dcm_netns_set_chosen(set, i);
		struct dcm_if_context *context = &contexts->list[i];

		context->wanted = false;
		set_netns(context, chosen->index, now_ns);
		set_state(context, chosen);
		context->checked_ns = now_ns;
		if (!chosen->err)
			context->seen_ns = realtime_ns;
	}
}

void dcm_if_contexts_want(struct dcm_if_contexts *contexts, size_t i,
			  struct dcm_if_sampler *sampler, uint64_t until_ns)
{
	struct dcm_if_context *context = &contexts->list[i];

	context->wanted =
		context->netns && !dcm_if_sampler_want_index(sampler, context->netns, until_ns);
}

static bool find_view(const struct dcm_if_sampler *sampler, uint32_t netns, struct dcm_if_view *ret)
{
	for (size_t i = 0; i < dcm_if_sampler_count(sampler); i++)
		if (dcm_if_sampler_view(sampler, i, ret) && ret->netns->index == netns)
			return true;
	return false;
}

void dcm_if_contexts_sampled(struct dcm_if_contexts *contexts, const struct dcm_if_sampler *sampler,
			     uint64_t now_ns)
{
	for (size_t i = 0; i < contexts->count; i++) {
		struct dcm_if_context *context = &contexts->list[i];
		struct dcm_if_view view;

		if (!context->wanted)
			continue;
		if (!find_view(sampler, context->netns, &view)) {
			set_netns(context, 0, now_ns);
			context->state = DCM_CONTEXT_ABSENT;
			dcm_reason_set(&context->error, 0, "the namespace ended a moment ago");
			continue;
		}
		if (view.error[0] && context->state == DCM_CONTEXT_PRESENT) {
			context->state = DCM_CONTEXT_FAILED;
			dcm_reason_set(&context->error, 0, "%s", view.error);
		}
		context->has_interfaces = view.sampled_ns != 0;
		context->interfaces = (uint32_t)view.table->count;
	}
}
