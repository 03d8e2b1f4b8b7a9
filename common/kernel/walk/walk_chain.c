// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The entries of one chain: how long it is and which names it has. */
#include <errno.h>
#include <string.h>

#include "common/kernel/walk/walk_internal.h"

/* From the head again in @mode; what the last mode found stays. */
static void start_mode(struct dcm_chain_walk *d, enum dcm_chain_mode mode)
{
	uint64_t bucket = d->chain.state.bucket;

	memset(&d->chain.state, 0, sizeof(d->chain.state));
	d->chain.state.bucket = bucket;
	d->chain.state.mode = mode;
	d->runs = 0;
}

static uint32_t heaviest(const struct dcm_bpf_candidate *candidates)
{
	uint32_t i, best = 0;

	for (i = 1; i < DCM_CANDIDATES; i++)
		if (candidates[i].weight > candidates[best].weight)
			best = i;
	return best;
}

/* Counts the known candidates exactly and has the heaviest one's name and path read. */
static void start_description(struct dcm_chain_walk *d)
{
	uint32_t i;

	d->chain.best = heaviest(d->chain.candidates);
	for (i = 0; i < DCM_CANDIDATES; i++)
		d->chain.candidates[i].weight = 0;
	d->chain.described = d->chain.path_len = d->chain.path_complete = 0;
	start_mode(d, DCM_CHAIN_DESCRIBE);
}

static void start_survey(struct dcm_chain_walk *d)
{
	memset(d->chain.candidates, 0, sizeof(d->chain.candidates));
	d->by_hint = false;
	start_mode(d, DCM_CHAIN_SURVEY);
}

static struct dcm_chain_hint *find_hint(struct dcm_walk *walk, uint64_t bucket)
{
	size_t i;

	for (i = 0; i < DCM_WALK_TOP_CHAINS; i++)
		if (walk->hints[i].bucket == bucket && walk->hints[i].candidates[0].parent)
			return &walk->hints[i];
	return NULL;
}

static void keep_hint(struct dcm_walk *walk, const struct dcm_bpf_chain *chain)
{
	struct dcm_chain_hint *hint = find_hint(walk, chain->state.bucket);

	if (!hint)
		hint = &walk->hints[walk->next_hint++ % DCM_WALK_TOP_CHAINS];
	hint->bucket = chain->state.bucket;
	memcpy(hint->candidates, chain->candidates, sizeof(hint->candidates));
}

/* True when what was most frequent last time still makes up most of the chain: no new survey. */
static bool hint_holds(const struct dcm_bpf_chain *chain)
{
	return chain->described && chain->candidates[chain->best].weight * 2 > chain->state.length;
}

/* Components lie from the parent upwards: "net\0sys\0" becomes "/sys/net". */
bool dcm_walk_build_path(const struct dcm_bpf_chain *chain, char *out, size_t size)
{
	size_t used = 0, end = chain->path_len;
	bool whole = chain->path_complete;

	if (end > sizeof(chain->path))
		end = sizeof(chain->path);
	out[0] = '\0';
	while (end > 0) {
		size_t start = end - 1, len;

		while (start > 0 && chain->path[start - 1])
			start--;
		len = strnlen(chain->path + start, end - start);
		if (used + len + 2 > size) {
			whole = false;
			break;
		}
		out[used++] = '/';
		memcpy(out + used, chain->path + start, len);
		used += len;
		out[used] = '\0';
		end = start;
	}
	if (!used)
		strcpy(out, "/");
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
	memset(d, 0, sizeof(*d));
	d->active = true;
	d->chain.state.bucket = bucket;
	hint = find_hint(walk, bucket);
	if (hint) {
		memcpy(d->chain.candidates, hint->candidates, sizeof(d->chain.candidates));
		d->by_hint = true;
		start_description(d);
	} else {
		start_survey(d);
	}
	return 0;
}

/* One run; the pass and the directories use the same memory in between. */
static int run_chain(struct dcm_walk *walk, struct dcm_reason *reason)
{
	struct dcm_chain_walk *d = &walk->describing;
	int err;

	memcpy(&walk->area->chain, &d->chain, sizeof(d->chain));
	err = dcm_walk_run(walk, DCM_PROG_CHAIN, reason);
	if (!err)
		memcpy(&d->chain, &walk->area->chain, sizeof(d->chain));
	return err;
}

int dcm_walk_chain_step(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_chain *ret)
{
	struct dcm_chain_walk *d = &walk->describing;
	int err;

	if (!d->active)
		return dcm_reason_set(reason, -EINVAL, "no chain under way");
	err = run_chain(walk, reason);
	if (err) {
		d->active = false;
		return err;
	}
	if (d->chain.state.end == DCM_END_BUDGET && ++d->runs < DCM_MAX_CHAIN_RUNS)
		return 0;
	if (!d->chain.state.length) {
		d->active = false;
		return dcm_reason_set(reason, -ENOENT, "the chain is empty now");
	}
	if (d->chain.state.mode == DCM_CHAIN_SURVEY) {
		start_description(d);
		return 0;
	}
	if (d->by_hint && !hint_holds(&d->chain)) {
		start_survey(d);
		return 0;
	}
	d->active = false;
	keep_hint(walk, &d->chain);
	take_chain(&d->chain, ret);
	return 1;
}
