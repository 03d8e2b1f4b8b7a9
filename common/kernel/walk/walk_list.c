// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Circles of list_head, walked in batches by the programs of bpf/list_steps.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/kernel/walk/walk_internal.h"

#define MIN_RESTARTS 4
#define MAX_RESTARTS 16
#define RESTART_NS   (50 * DCM_NSEC_PER_MSEC) /* after that it is left to the caller to try again */
#define MAX_IDLE     16 /* runs in a row that met nothing: the walk has left the list */

int dcm_walk_room(void **array, size_t *room, size_t count, size_t size)
{
	size_t want = *room ? *room : 256;
	void *p;

	while (want < count)
		want *= 2;
	if (want == *room)
		return 0;
	p = reallocarray(*array, want, size);
	if (!p)
		return -ENOMEM;
	*array = p;
	*room = want;
	return 0;
}

/* Once around the list; -EAGAIN when it moved under the walk. */
static int walk_batches(struct dcm_walk *walk, const struct dcm_walk_list *kind,
			struct dcm_reason *reason, size_t *ret_count)
{
	const struct dcm_bpf_list *list = kind->list;
	enum dcm_bpf_op op = DCM_OP_BEGIN;
	size_t n = 0, idle = 0;
	int err;

	do {
		err = dcm_walk_run(walk, kind->program, op, 0, 0, reason);
		op = DCM_OP_GO_ON;
		if (!err && n + list->count > kind->max)
			err = -E2BIG;
		if (!err)
			err = kind->take(walk, n, list->count);
		if (err)
			return err;
		n += list->count;
		idle = list->count ? 0 : idle + 1;
	} while (list->end == DCM_END_BUDGET && idle < MAX_IDLE);
	if (list->end != DCM_END_DONE)
		return -EAGAIN;
	*ret_count = n;
	return 0;
}

int dcm_walk_list(struct dcm_walk *walk, const struct dcm_walk_list *kind,
		  struct dcm_reason *reason, size_t *ret_count)
{
	uint64_t until = dcm_now_ns() + RESTART_NS;
	int err = -EAGAIN;

	for (int i = 0; i < MAX_RESTARTS && (i < MIN_RESTARTS || dcm_now_ns() < until); i++) {
		err = walk_batches(walk, kind, reason, ret_count);
		if (err != -EAGAIN)
			break;
	}
	if (err == -EAGAIN)
		return dcm_reason_set(reason, err, "%s come and go too fast to %s them",
				      kind->members, kind->verb);
	if (err == -ENOMEM || err == -E2BIG)
		return dcm_reason_set(reason, err, "%s %s",
				      err == -ENOMEM ? "no memory for the" : "too many",
				      kind->members);
	return err;
}
