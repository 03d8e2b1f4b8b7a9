// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The entries of one chain: how long it is and which names it has. */
#include <errno.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/kernel/walk/walk_internal.h"

static struct dcm_chain_hint *find_hint(struct dcm_walk *walk, uint64_t bucket)
{
	size_t i;

	for (i = 0; i < DCM_HINTS; i++)
		if (walk->hints[i].kept && walk->hints[i].bucket == bucket)
			return &walk->hints[i];
	return NULL;
}

/* The kernel side keeps the candidates of the chain just described. */
static void keep_hint(struct dcm_walk *walk, uint64_t bucket)
{
	struct dcm_chain_hint *hint = find_hint(walk, bucket);

	if (!hint)
		hint = &walk->hints[walk->next_hint++ % DCM_HINTS];
	hint->bucket = bucket;
	hint->kept = !dcm_walk_run(walk, DCM_PROG_CHAIN, DCM_OP_KEEP,
				   (uint64_t)(hint - walk->hints), 0, NULL);
}

/* True when what was most frequent last time still makes up most of the chain: no new survey. */
static bool hint_holds(const struct dcm_bpf_chain *chain)
{
	return chain->described && chain->candidates[chain->best].weight * 2 > chain->state.length;
}

/* Where the component begins whose 0 is in front of @end. */
static size_t component_before(const char *path, size_t end)
{
	size_t start = end - 1;

	while (start > 0 && path[start - 1])
		start--;
	return start;
}

/* Components lie from the parent upwards: "net\0sys\0" becomes "/sys/net". Each takes as many bytes
 * here as there, so those that do not fit are found in advance: the uppermost ones. */
bool dcm_walk_build_path(const struct dcm_bpf_chain *chain, char *out, size_t size)
{
	size_t used = 0, end = DCM_MIN((size_t)chain->path_len, sizeof(chain->path)), start;
	bool whole = chain->path_complete;

	for (; end >= size; whole = false)
		end = component_before(chain->path, end);
	for (; end > 0; end = start) {
		size_t len;

		start = component_before(chain->path, end);
		len = strnlen(chain->path + start, end - start - 1);
		out[used++] = '/';
		memcpy(out + used, chain->path + start, len);
		used += len;
	}
	strcpy(out + used, used ? "" : "/");
	return whole;
}

static void take_chain(const struct dcm_bpf_chain *chain, struct dcm_walk_chain *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->length = chain->state.length;
	ret->negative = chain->state.negative;
	ret->unused = chain->state.unused;
	ret->truncated = chain->state.end != DCM_END_DONE;
	if (!chain->described)
		return;
	ret->same_name = chain->candidates[chain->best].weight;
	ret->superblock = chain->superblock;
	memcpy(ret->name, chain->name, sizeof(ret->name));
	ret->name[sizeof(ret->name) - 1] = '\0';
	ret->parent_complete = dcm_walk_build_path(chain, ret->parent, sizeof(ret->parent));
}

int dcm_walk_chain_begin(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason)
{
	struct dcm_chain_walk *d = &walk->describing;
	const struct dcm_chain_hint *hint;
	struct dcm_walk_table table;
	int err = dcm_walk_hash_discover(walk, reason, &table);

	if (err)
		return err;
	if (bucket >= table.buckets)
		return dcm_reason_set(reason, -EINVAL, "no such bucket");
	hint = find_hint(walk, bucket);
	*d = (struct dcm_chain_walk){.active = true,
				     .by_hint = hint,
				     .op = hint ? DCM_OP_HINTED : DCM_OP_SURVEY,
				     .hint = hint ? (uint64_t)(hint - walk->hints) : 0,
				     .bucket = bucket};
	return 0;
}

/* The next run begins with @op. */
static int next_mode(struct dcm_chain_walk *d, enum dcm_bpf_op op)
{
	d->op = op;
	d->runs = 0;
	return 0;
}

/* Of the description under way; a pass and directories may run in between. */
static int run_chain(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_chain_walk *d = &walk->describing;
	uint64_t a = d->op == DCM_OP_GO_ON ? 1 : d->hint;
	int err = dcm_walk_run(walk, DCM_PROG_CHAIN, d->op, a, d->bucket, reason);

	d->op = DCM_OP_GO_ON;
	return err;
}

int dcm_walk_chain_step(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_chain *ret)
{
	const struct dcm_bpf_chain *chain = &walk->out->chain;
	struct dcm_chain_walk *d = &walk->describing;
	int err;

	if (!d->active)
		return dcm_reason_set(reason, -EINVAL, "no chain under way");
	err = run_chain(walk, reason);
	if (err) {
		d->active = false;
		return err;
	}
	if (chain->state.end == DCM_END_BUDGET && ++d->runs < DCM_MAX_CHAIN_RUNS)
		return 0;
	if (!chain->state.length) {
		d->active = false;
		return dcm_reason_set(reason, -ENOENT, "the chain is empty now");
	}
	if (chain->state.mode == DCM_CHAIN_SURVEY)
		return next_mode(d, DCM_OP_DESCRIBE);
	if (d->by_hint && !hint_holds(chain)) {
		d->by_hint = false;
		return next_mode(d, DCM_OP_SURVEY);
	}
	d->active = false;
	take_chain(chain, ret);
	keep_hint(walk, d->bucket);
	return 1;
}
