// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A random sample of all dentries, see walk.h and bpf/sample_steps.h. */
#include <errno.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

#define ENOUGH_PLACES (1u << 20)
#define ENOUGH_RUNS   4096

int dcm_walk_sample_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_walk_table table;
	int err = dcm_walk_hash_discover(walk, reason, &table);

	if (err)
		return err;
	if (!walk->has[DCM_PROG_SAMPLE])
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s", walk->why[DCM_PROG_SAMPLE].text);
	walk->sampling = (struct dcm_walk_sampling){.under_way = true};
	return 0;
}

static bool is_enough(const struct dcm_walk_sampling *s)
{
	return s->met >= DCM_WALK_SAMPLE_ENTRIES || s->places >= ENOUGH_PLACES ||
	       s->runs >= ENOUGH_RUNS;
}

int dcm_walk_sample_step(struct dcm_walk *walk, struct dcm_reason *reason,
			 struct dcm_walk_buckets *ret)
{
	const struct dcm_bpf_sample *sample = &walk->out->sample;
	struct dcm_walk_sampling *s = &walk->sampling;
	int err;

	*ret = (struct dcm_walk_buckets){0};
	if (!s->under_way)
		return dcm_reason_set(reason, -EINVAL, "no sample under way");
	err = dcm_walk_run(walk, DCM_PROG_SAMPLE, DCM_OP_GO_ON, 0, 0, reason);
	if (!err && !sample->known)
		err = dcm_reason_set(reason, -EOPNOTSUPP,
				     "the kernel lays dentries out in an unknown way");
	if (!err) {
		ret->bucket = sample->bucket;
		ret->count = DCM_MIN(sample->found, (uint32_t)DCM_SAMPLE_ROOM);
		s->met += ret->count;
		s->places += sample->places;
		s->runs++;
		ret->each = s->met ? dcm_walk_expected_entries(walk) / (double)s->met : 0;
	}
	if (!err && !is_enough(s))
		return 0;
	s->under_way = false;
	if (!err && !s->met)
		return dcm_reason_set(reason, -ENOENT, "no dentry met in %llu places",
				      (unsigned long long)s->places);
	return err ? err : 1;
}
