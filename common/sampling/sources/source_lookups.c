// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Lookup probes: the worker thread measures, this only asks and fetches. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/units.h"
#include "common/kernel/lookup/lookup.h"
#include "common/kernel/mounts/host_proc.h"
#include "common/sampling/source.h"

#define SOON_NS		  (20 * DCM_NSEC_PER_MSEC)
#define LATER_NS	  DCM_NSEC_PER_SEC
#define NOT_THE_HOSTS	  "this /proc is not the host's"
#define COMPLETE_LIMIT_NS (2 * DCM_NSEC_PER_SEC) /* how long a complete sample waits for it */

struct source {
	struct dcm_lookup *lookup; /* NULL: no paths, or it could not start */
	bool waiting;
	uint64_t asked_ns;
	uint64_t rounds; /* that were accounted for */
	size_t count;
	char paths[DCM_MAX_LOOKUPS][DCM_PATH_SIZE];
	char proc[DCM_PATH_SIZE];  /* where the host's /proc is */
	struct dcm_reason foreign; /* "", or why what is there is not the host's */
};

static void stop(struct source *source)
{
	dcm_lookup_destroy(source->lookup);
	memset(source, 0, sizeof(*source));
}

static int start(struct dcm_collector *collector, struct source *source)
{
	const struct dcm_config_sampling *config = &dcm_collector_config(collector)->sampling;
	char seen[DCM_MAX_LOOKUPS][2 * DCM_PATH_SIZE];
	const char *paths[DCM_MAX_LOOKUPS];

	source->count = config->lookups;
	memcpy(source->proc, config->proc, sizeof(source->proc));
	if (!dcm_host_proc_is_foreign(config->proc, &source->foreign))
		source->foreign.text[0] = '\0';
	for (size_t i = 0; i < config->lookups; i++) {
		memcpy(source->paths[i], config->lookup[i], sizeof(source->paths[i]));
		dcm_host_proc_path(config->proc, config->lookup[i], seen[i], sizeof(seen[i]));
		paths[i] = seen[i];
	}
	return config->lookups ? dcm_lookup_create(paths, config->lookups, &source->lookup) : 0;
}

static int create(struct dcm_collector *collector __attribute__((unused)), void **ret_state,
		  struct dcm_reason *reason)
{
	*ret_state = calloc(1, sizeof(struct source));
	return *ret_state ? 0 : dcm_reason_no_memory(reason);
}

static void destroy(void *state)
{
	stop(state);
	free(state);
}

static bool same_paths(const struct source *source, const struct dcm_config_sampling *config)
{
	if (source->count != config->lookups || strcmp(source->proc, config->proc) != 0)
		return false;
	for (size_t i = 0; i < source->count; i++)
		if (strcmp(source->paths[i], config->lookup[i]) != 0)
			return false;
	return true;
}

static int reconfigure(struct dcm_collector *collector, void *state)
{
	if (!same_paths(state, &dcm_collector_config(collector)->sampling))
		stop(state);
	return 0;
}

static int ask(struct dcm_collector *collector, struct source *source, struct dcm_run *run)
{
	int err = source->lookup ? 0 : start(collector, source);

	if (!err && !source->lookup)
		return dcm_reason_set(&run->reason, -EOPNOTSUPP, "no paths configured");
	if (!err)
		err = dcm_lookup_request(source->lookup);
	if (err)
		return dcm_reason_set(&run->reason, err, "lookup worker: %s", strerror(-err));
	source->waiting = true;
	source->asked_ns = run->now_ns;
	run->next_ns = run->now_ns + SOON_NS;
	return DCM_RUN_MORE;
}

static int wait_more(struct dcm_collector *collector, const struct source *source,
		     const struct dcm_lookup_state *state, struct dcm_run *run)
{
	uint64_t waited = run->now_ns - source->asked_ns;
	uint64_t limit = dcm_collector_interval_ns(collector, DCM_SOURCE_LOOKUPS);

	if (run->complete && limit > COMPLETE_LIMIT_NS)
		limit = COMPLETE_LIMIT_NS;
	if (waited > limit) {
		run->stuck = true;
		dcm_reason_set(&run->reason, 0, "lookup of %s has not returned for %.0f s",
			       state->busy ? source->paths[state->busy_index] : "a path",
			       dcm_seconds(waited));
	}
	run->next_ns = run->now_ns + (waited < LATER_NS ? SOON_NS : LATER_NS);
	return DCM_RUN_MORE;
}

/* A path that would be measured where the host's programs do not go. */
static bool is_foreign(const struct source *source, size_t i)
{
	return *source->foreign.text && dcm_host_proc_covers(source->paths[i]);
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	uint64_t interval = dcm_collector_interval_ns(collector, DCM_SOURCE_LOOKUPS);
	struct source *source = state;
	struct dcm_lookup_state worker;

	if (!source->waiting)
		return ask(collector, source, run);
	dcm_lookup_poll(source->lookup, &worker);
	if (worker.rounds == source->rounds)
		return wait_more(collector, source, &worker, run);
	source->waiting = false;
	source->rounds = worker.rounds;
	run->extra_cost_ns = worker.cost_ns;
	run->reason = source->foreign;
	run->next_ns = source->asked_ns + interval;
	if (run->next_ns < run->now_ns)
		run->next_ns = run->now_ns;
	return DCM_RUN_DONE;
}

static void publish(struct dcm_collector *collector __attribute__((unused)), void *state,
		    struct dcm_snapshot_builder *builder)
{
	struct source *source = state;

	for (size_t i = 0; i < source->count && source->lookup; i++) {
		struct dcm_snap_lookup *row = dcm_snapshot_builder_add(builder, DCM_SEC_LOOKUPS);
		struct dcm_lookup_result result;

		if (!row)
			return;
		DCM_SET(row, index, (uint32_t)i + 1);
		DCM_SET(row, path, dcm_snapshot_builder_text(builder, source->paths[i]));
		if (is_foreign(source, i))
			DCM_SET(row, error, dcm_snapshot_builder_text(builder, NOT_THE_HOSTS));
		else if (dcm_lookup_result(source->lookup, i, &result) < 0)
			continue;
		else if (result.error)
			DCM_SET(row, error, dcm_snapshot_builder_text(builder, result.error_text));
		else if (result.has_time)
			DCM_SET(row, seconds, dcm_seconds(result.time_ns));
	}
}

bool dcm_lookups_seconds(const struct dcm_collector *collector, const char *path, double *ret)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_LOOKUPS);

	if (!source || !source->lookup)
		return false;
	for (size_t i = 0; i < source->count; i++) {
		struct dcm_lookup_result result;

		if (strcmp(source->paths[i], path) || is_foreign(source, i) ||
		    dcm_lookup_result(source->lookup, i, &result) < 0 || result.error ||
		    !result.has_time)
			continue;
		*ret = dcm_seconds(result.time_ns);
		return true;
	}
	return false;
}

const struct dcm_source_ops dcm_source_lookups = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.reconfigure = reconfigure,
	.publish = publish,
};
