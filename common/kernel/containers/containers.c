// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"

#define PATIENCE_MS 200

/* What the thread works on. */
struct job {
	struct dcm_spaces *spaces;
	struct dcm_container_map *map; /* of the last round; NULL: taken */
	struct dcm_containers_round round;
	struct dcm_container_key wanted[DCM_CONTAINERS_WANTED]; /* also if they have ended */
	size_t wanted_count;
};

struct dcm_containers {
	struct dcm_worker *worker;
	struct job *job; /* the worker's */
	struct dcm_container_map *map;
};

static int find_wanted(struct job *job)
{
	int err = 0;

	for (size_t i = 0; i < job->wanted_count && err != -ENOMEM; i++) {
		const struct dcm_container_key *wanted = &job->wanted[i];
		struct dcm_container ended;

		if (dcm_container_map_by_id(job->map, wanted->runtime, wanted->id))
			continue;
		err = dcm_spaces_look_up(job->spaces, wanted, &ended);
		if (!err)
			dcm_container_map_add_ended(job->map, &ended);
	}
	return err == -ENOMEM ? err : 0;
}

static int run(const struct dcm_worker *worker, void *ctx)
{
	uint64_t cpu_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	struct dcm_spaces_found found;
	struct job *job = ctx;
	int err;

	dcm_container_map_destroy(dcm_take_ptr(job->map));
	job->round = (struct dcm_containers_round){0};
	err = dcm_spaces_scan(job->spaces, dcm_now_ns(), worker, &found);
	if (!err) {
		job->round.denied = found.denied;
		job->round.cut = found.cut;
		err = dcm_container_map_create(&found, &job->map);
	}
	if (!err)
		err = dcm_spaces_waiting_pods(job->spaces, &found, &job->round.waiting);
	if (!err)
		err = find_wanted(job);
	job->round.cost_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
	return err == -EAGAIN ? -EIO : err;
}

static void release(void *ctx)
{
	struct job *job = ctx;

	if (!job)
		return;
	dcm_spaces_destroy(job->spaces);
	dcm_container_map_destroy(job->map);
	free(job);
}

static void releasep(struct job **job)
{
	release(*job);
}

void dcm_containers_destroy(struct dcm_containers *containers)
{
	if (!containers)
		return;
	dcm_worker_destroy(containers->worker, PATIENCE_MS);
	dcm_container_map_destroy(containers->map);
	free(containers);
}

int dcm_containers_create(const char *root, const struct dcm_config_containers *config,
			  struct dcm_containers **ret)
{
	static const struct dcm_worker_job work = {.run = run, .release = release};
	_cleanup_free_ struct dcm_containers *containers = calloc(1, sizeof(*containers));
	_cleanup_(releasep) struct job *job = calloc(1, sizeof(*job));
	int err;

	if (!containers || !job)
		return -ENOMEM;
	err = dcm_spaces_create(root, config, &job->spaces);
	if (!err)
		err = dcm_worker_create(&work, job, &containers->worker);
	if (err)
		return err;
	containers->job = dcm_take_ptr(job);
	*ret = dcm_take_ptr(containers);
	return 0;
}

int dcm_containers_start(struct dcm_containers *containers, const struct dcm_container_key *wanted,
			 size_t count)
{
	struct job *job = containers->job;

	if (dcm_worker_busy(containers->worker))
		return -EBUSY;
	job->wanted_count = DCM_MIN(count, (size_t)DCM_CONTAINERS_WANTED);
	if (count)
		memcpy(job->wanted, wanted, job->wanted_count * sizeof(*wanted));
	return dcm_worker_start(containers->worker);
}

int dcm_containers_take(struct dcm_containers *containers, struct dcm_containers_round *ret)
{
	int err = dcm_worker_take(containers->worker);

	if (err == -EAGAIN)
		return err;
	dcm_container_map_destroy(containers->map);
	containers->map = dcm_take_ptr(containers->job->map);
	if (!err)
		*ret = containers->job->round;
	return err;
}

const struct dcm_container_map *dcm_containers_map(const struct dcm_containers *containers)
{
	return containers->map;
}
