// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Interfaces and their sysctl files, for the agent's interface tables: sampled every 3 s, as snmpd
 * does, but only while somebody asks.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "collector_private.h"
#include "kernel/if_publish.h"

#define ROUND_NS (3 * DCM_NSEC_PER_SEC)
/* Opening files of a long hash chain costs milliseconds each: the others get their turn between. */
#define PENDING_NS (50 * DCM_NSEC_PER_MSEC)
#define MAX_ROWS   65536

struct source {
	struct dcm_if_sampler *sampler;
	uint64_t wanted_until_ns;
	bool sampled; /* since it was wanted */
};

static int create(struct dcm_collector *collector, void **ret_state, struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));
	struct dcm_if_sampler_options options;
	int err;

	if (!source)
		return dcm_reason_set(reason, -ENOMEM, "out of memory");
	dcm_if_sampler_defaults(&options);
	options.root = collector->config.sampling.root;
	options.directory = NULL; /* the own namespace only */
	err = dcm_if_sampler_create(&options, reason, &source->sampler);
	if (err) {
		free(source);
		return err;
	}
	*ret_state = source;
	return 0;
}

static void destroy(void *state)
{
	struct source *source = state;

	dcm_if_sampler_destroy(source->sampler);
	free(source);
}

/* Why the last round failed; NULL: it did not. */
static const char *round_error(const struct source *source)
{
	struct dcm_if_view view;

	if (!dcm_if_sampler_view(source->sampler, 0, &view))
		return "nothing was sampled";
	return view.error[0] ? view.error : NULL;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	const char *error;
	bool pending;

	if (run->now_ns >= source->wanted_until_ns) {
		source->sampled = false;
		dcm_reason_set(&run->reason, 0, "nobody asks for the interface tables");
		return DCM_RUN_DONE;
	}
	if (dcm_if_sampler_want(source->sampler, "", source->wanted_until_ns))
		return dcm_reason_set(&run->reason, -ENOMEM, "out of memory");
	dcm_if_sampler_run(source->sampler, run->now_ns, &pending);
	error = round_error(source);
	/* Whoever asked first waits for these rows: they go out at once. */
	if (!source->sampled) {
		collector->changed = true;
		collector->publish_due_ns = 0;
	}
	source->sampled = true;
	run->next_ns = run->now_ns + (pending ? PENDING_NS : ROUND_NS);
	if (pending)
		return DCM_RUN_MORE;
	if (error)
		dcm_reason_set(&run->reason, 0, "%s", error);
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector __attribute__((unused)), void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;

	if (source->sampled)
		dcm_if_publish(source->sampler, builder, MAX_ROWS);
}

const struct dcm_source_ops dcm_source_sysctls = {
	.source = DCM_SOURCE_SYSCTLS,
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
};

void dcm_collector_want_interfaces(struct dcm_collector *collector, uint64_t now_ns,
				   uint64_t until_ns)
{
	struct dcm_source_slot *slot = &collector->slot[DCM_SOURCE_SYSCTLS];
	struct source *source = slot->state;

	if (!slot->ops || !source || slot->status == DCM_STATE_OFF ||
	    slot->status == DCM_STATE_UNSUPPORTED)
		return;
	if (now_ns >= source->wanted_until_ns)
		slot->due_ns = now_ns; /* asleep until now */
	if (until_ns > source->wanted_until_ns)
		source->wanted_until_ns = until_ns;
}
