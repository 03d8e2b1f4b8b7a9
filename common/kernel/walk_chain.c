// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* What stands in one chain: how long it is and which name it is made of. */
#include <errno.h>
#include <string.h>

#include "walk_internal.h"

/* Some ten million entries: the caller waits meanwhile. */
#define MAX_RUNS 4096

static int walk_mode(struct dcm_walk *walk, uint64_t bucket, enum dcm_chain_mode mode,
		     struct dcm_reason *reason)
{
	struct dcm_bpf_chain_state *state = &walk->area->chain.state;
	unsigned i;
	int err;

	memset(state, 0, sizeof(*state));
	state->bucket = bucket;
	state->mode = mode;
	for (i = 0; i < MAX_RUNS; i++) {
		err = dcm_walk_run(walk, DCM_PROG_CHAIN, reason);
		if (err)
			return err;
		if (state->end != DCM_END_BUDGET)
			return 0;
	}
	return 0;
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
static int describe(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason)
{
	struct dcm_bpf_chain *chain = &walk->area->chain;
	uint32_t best = heaviest(chain->candidates), i;

	for (i = 0; i < DCM_CANDIDATES; i++)
		chain->candidates[i].weight = 0;
	chain->best = best;
	chain->described = chain->path_len = chain->path_complete = 0;
	return walk_mode(walk, bucket, DCM_CHAIN_DESCRIBE, reason);
}

static struct dcm_chain_hint *find_hint(struct dcm_walk *walk, uint64_t bucket)
{
	size_t i;

	for (i = 0; i < DCM_WALK_TOP_CHAINS; i++)
		if (walk->hints[i].bucket == bucket && walk->hints[i].candidates[0].parent)
			return &walk->hints[i];
	return NULL;
}

static void keep_hint(struct dcm_walk *walk, uint64_t bucket)
{
	struct dcm_chain_hint *hint = find_hint(walk, bucket);

	if (!hint)
		hint = &walk->hints[walk->next_hint++ % DCM_WALK_TOP_CHAINS];
	hint->bucket = bucket;
	memcpy(hint->candidates, walk->area->chain.candidates, sizeof(hint->candidates));
}

/* True when what was most frequent last time still makes up most of the chain: no new survey. */
static int describe_by_hint(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason)
{
	struct dcm_bpf_chain *chain = &walk->area->chain;
	const struct dcm_chain_hint *hint = find_hint(walk, bucket);
	int err;

	if (!hint)
		return 0;
	memcpy(chain->candidates, hint->candidates, sizeof(chain->candidates));
	err = describe(walk, bucket, reason);
	if (err)
		return err;
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

int dcm_walk_chain(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason,
		   struct dcm_walk_chain *ret)
{
	struct dcm_bpf_chain *chain = &walk->area->chain;
	struct dcm_walk_table table;
	int err = dcm_walk_hash_discover(walk, reason, &table);

	if (err)
		return err;
	if (bucket >= table.buckets)
		return dcm_reason_set(reason, -EINVAL, "no such bucket");
	err = describe_by_hint(walk, bucket, reason);
	if (err == 0) {
		memset(chain->candidates, 0, sizeof(chain->candidates));
		err = walk_mode(walk, bucket, DCM_CHAIN_SURVEY, reason);
		if (!err)
			err = describe(walk, bucket, reason);
	}
	if (err < 0)
		return err;
	if (!chain->state.length)
		return dcm_reason_set(reason, -ENOENT, "the chain is empty now");
	keep_hint(walk, bucket);
	take_chain(chain, ret);
	return 0;
}
