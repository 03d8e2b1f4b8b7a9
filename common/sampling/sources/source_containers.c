// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Containers of superblocks: a thread looks for them, this only asks and fetches. */
#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/kernel/containers/containers.h"
#include "common/sampling/containers_rows.h"
#include "common/sampling/source.h"

/* Of the budget: tens of thousands of processes take their time. */
#define SHARE		  0.2
#define SOON_NS		  (20 * DCM_NSEC_PER_MSEC)
#define LATER_NS	  DCM_NSEC_PER_SEC
#define COMPLETE_LIMIT_NS (2 * DCM_NSEC_PER_SEC) /* how long a complete sample waits for it */

struct source {
	struct dcm_containers *containers; /* NULL: not started */
	struct dcm_config_containers config;
	struct dcm_container_key wanted[DCM_CONTAINERS_WANTED]; /* also if they have ended */
	size_t wanted_count;
	bool waiting;
	uint64_t asked_ns;
	uint64_t map_ns; /* when the map was asked for: nothing of before is in it */
	struct dcm_waiting_pods pods;
};

static void stop(struct source *source)
{
	dcm_containers_destroy(source->containers);
	source->containers = NULL;
	source->waiting = false;
	source->pods.known = false;
}

static void destroy(void *state)
{
	stop(state);
	free(state);
}

static int create(struct dcm_collector *collector __attribute__((unused)), void **ret_state,
		  struct dcm_reason *reason)
{
	*ret_state = calloc(1, sizeof(struct source));
	return *ret_state ? 0 : dcm_reason_no_memory(reason);
}

static int reconfigure(struct dcm_collector *collector, void *state)
{
	struct source *source = state;

	if (!dcm_config_same_folders(&source->config, &dcm_collector_config(collector)->containers))
		stop(source);
	return 0;
}

/* Nobody waits for it: no wake-up of its own. */
static uint64_t soon(const struct dcm_collector *collector, const struct dcm_run *run)
{
	uint64_t due_ns = run->now_ns + SOON_NS;

	return run->complete ? due_ns : dcm_collector_ride_ns(collector, run->now_ns, due_ns);
}

static int ask(struct dcm_collector *collector, struct source *source, struct dcm_run *run)
{
	const struct dcm_config *config = dcm_collector_config(collector);
	int err = 0;

	if (!source->containers) {
		source->config = config->containers;
		err = dcm_containers_create(config->sampling.root, &source->config,
					    &source->containers);
	}
	if (!err)
		err = dcm_containers_start(source->containers, source->wanted,
					   source->wanted_count);
	if (err)
		return dcm_reason_set(&run->reason, err, "thread for containers: %s",
				      strerror(-err));
	source->waiting = true;
	source->asked_ns = run->now_ns;
	run->next_ns = soon(collector, run);
	return DCM_RUN_MORE;
}

static int wait_more(struct dcm_collector *collector, const struct source *source,
		     struct dcm_run *run)
{
	uint64_t waited = run->now_ns - source->asked_ns;
	uint64_t limit = dcm_collector_interval_ns(collector, DCM_SOURCE_CONTAINERS);

	if (run->complete && limit > COMPLETE_LIMIT_NS)
		limit = COMPLETE_LIMIT_NS;
	if (waited > limit) {
		run->stuck = true;
		dcm_reason_set(&run->reason, 0,
			       "a file of a container runtime has not been read for %.0f s",
			       dcm_seconds(waited));
	}
	run->next_ns = waited < LATER_NS ? soon(collector, run) : run->now_ns + LATER_NS;
	return DCM_RUN_MORE;
}

static void tell_lacks(const struct dcm_containers_round *round, struct dcm_run *run)
{
	if (round->denied)
		dcm_reason_set(&run->reason, 0,
			       "%zu processes may not be looked at without CAP_SYS_PTRACE; the "
			       "daemon keeps it with [containers] privileges",
			       round->denied);
	else if (round->cut)
		dcm_reason_set(&run->reason, 0,
			       "too many mount namespaces: not all containers are named");
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct dcm_containers_round round;
	struct source *source = state;
	int err;

	if (!source->waiting)
		return ask(collector, source, run);
	err = dcm_containers_take(source->containers, &round);
	if (err == -EAGAIN)
		return wait_more(collector, source, run);
	source->waiting = false;
	source->pods.known = false;
	if (err)
		return dcm_reason_set(&run->reason, err, "looking for containers: %s",
				      strerror(-err));
	source->map_ns = source->asked_ns;
	source->pods = round.waiting;
	run->extra_cost_ns = round.cost_ns;
	tell_lacks(&round, run);
	dcm_collector_stretch(collector, DCM_SOURCE_CONTAINERS, round.cost_ns, SHARE, run);
	return DCM_RUN_DONE;
}

/* Other users' links in /proc/PID/ns and their mounts take PTRACE_MODE_READ (ptrace(2)); folders of
 * runtimes are root's or a user's. That is all there is to read on a host, so it must be wanted. */
static uint64_t capabilities(const struct dcm_collector *collector,
			     const void *state __attribute__((unused)))
{
	if (!dcm_collector_interval_ns(collector, DCM_SOURCE_CONTAINERS) ||
	    !dcm_collector_config(collector)->containers.privileges)
		return 0;
	return 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_DAC_READ_SEARCH;
}

const struct dcm_source_ops dcm_source_containers = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.reconfigure = reconfigure,
	.capabilities = capabilities,
};

/* ---- for rows of others ---- */

const struct dcm_container_map *dcm_containers_latest(const struct dcm_collector *collector)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_CONTAINERS);

	return source && source->containers ? dcm_containers_map(source->containers) : NULL;
}

const struct dcm_waiting_pods *dcm_containers_waiting_pods(const struct dcm_collector *collector)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_CONTAINERS);

	return source && source->pods.known ? &source->pods : NULL;
}

void dcm_containers_want(struct dcm_collector *collector, const struct dcm_container_key *key,
			 size_t count)
{
	struct source *source = dcm_collector_state(collector, DCM_SOURCE_CONTAINERS);

	if (!source)
		return;
	source->wanted_count = DCM_MIN(count, (size_t)DCM_CONTAINERS_WANTED);
	if (count)
		memcpy(source->wanted, key, source->wanted_count * sizeof(*key));
}

/* A superblock that was first seen after the round was asked for may be another one with that
 * number. */
static const struct dcm_container_map *map_of(const struct dcm_collector *collector,
					      const struct dcm_superblock *superblock)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_CONTAINERS);

	return source && superblock->since_ns <= source->map_ns ? dcm_containers_latest(collector)
								: NULL;
}

bool dcm_containers_superblock(const struct dcm_collector *collector,
			       const struct dcm_superblock *superblock,
			       struct dcm_container_place *ret)
{
	const struct dcm_container_map *map = map_of(collector, superblock);

	return map && !dcm_container_map_find(map, superblock->walk.dev_major,
					      superblock->walk.dev_minor, ret);
}

const struct dcm_container *dcm_containers_directory(const struct dcm_collector *collector,
						     const struct dcm_superblock *superblock,
						     const char *path)
{
	const struct dcm_container_map *map = map_of(collector, superblock);

	return map ? dcm_container_map_directory(map, superblock->walk.dev_major,
						 superblock->walk.dev_minor, path)
		   : NULL;
}
