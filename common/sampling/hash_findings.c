// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/hash_findings.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/sampling/chain_search.h"
#include "common/sampling/hot_chains.h"
#include "common/sampling/hot_directories.h"

/* Of the budget, for measuring chains again: the rest is the passes'. */
#define HOT_SHARE 0.5

struct dcm_hash_findings {
	struct dcm_hot_chains *chains;
	struct dcm_hot_directories *directories;
	struct dcm_chain_search search;
	bool searching;	  /* none of a complete pass is there, and the search is not over */
	uint64_t rest_ns; /* until when known chains have had their share */
};

void dcm_hash_findings_destroy(struct dcm_hash_findings *findings)
{
	if (!findings)
		return;
	dcm_hot_chains_destroy(findings->chains);
	dcm_hot_directories_destroy(findings->directories);
	dcm_chain_search_deinit(&findings->search);
	free(findings);
}

DCM_DEFINE_CLEANUP(struct dcm_hash_findings, dcm_hash_findings_destroy)

int dcm_hash_findings_create(struct dcm_hash_findings **ret)
{
	_cleanup_(dcm_hash_findings_destroyp) struct dcm_hash_findings *findings =
		calloc(1, sizeof(*findings));

	if (!findings || dcm_hot_chains_create(&findings->chains) ||
	    dcm_hot_directories_create(&findings->directories))
		return -ENOMEM;
	findings->searching = true;
	*ret = dcm_take_ptr(findings);
	return 0;
}

void dcm_hash_findings_begin(struct dcm_hash_findings *findings, struct dcm_walk *walk, bool first)
{
	dcm_hot_directories_begin(findings->directories);
	if (first)
		dcm_chain_search_prefer(&findings->search, walk);
}

void dcm_hash_findings_certain(struct dcm_hash_findings *findings, struct dcm_walk *walk)
{
	dcm_hot_directories_certain(findings->directories, walk);
}

static void add_searched(struct dcm_hash_findings *findings, uint64_t now_ns)
{
	const struct dcm_walk_long_chain *found;
	size_t count = dcm_chain_search_found(&findings->search, &found);

	dcm_hot_chains_add(findings->chains, found, count, now_ns);
}

void dcm_hash_findings_partial(struct dcm_hash_findings *findings, struct dcm_walk *walk,
			       const struct dcm_walk_pass *pass,
			       const struct dcm_block_sample *blocks, bool directories,
			       uint64_t now_ns)
{
	dcm_hot_chains_replace(findings->chains, pass, now_ns);
	add_searched(findings, now_ns);
	if (directories)
		dcm_hot_directories_replace(findings->directories, walk, blocks);
}

void dcm_hash_findings_complete(struct dcm_hash_findings *findings, struct dcm_walk *walk,
				const struct dcm_walk_pass *pass, uint64_t now_ns)
{
	findings->searching = false;
	dcm_hot_chains_replace(findings->chains, pass, now_ns);
	dcm_hot_directories_replace(findings->directories, walk, NULL);
}

uint64_t dcm_hash_findings_due_ns(const struct dcm_hash_findings *findings)
{
	if (findings->searching || dcm_hot_directories_pending(findings->directories))
		return 0;
	return dcm_hot_chains_due_ns(findings->chains);
}

/* The chains of a new list as fast as the budget allows; known ones within their share of it:
 * otherwise many long ones would leave nothing to the passes. */
static void step_chains(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			struct dcm_walk *walk, uint64_t now_ns)
{
	uint64_t before = dcm_collector_charge(collector), cost;
	struct dcm_reason ignored;

	dcm_hot_chains_step(findings->chains, walk, now_ns, &ignored);
	cost = dcm_collector_charge(collector) - before;
	/* What was left unused of the last second counts: steps come in rounds. */
	if (findings->rest_ns + DCM_NSEC_PER_SEC < now_ns)
		findings->rest_ns = now_ns - DCM_NSEC_PER_SEC;
	findings->rest_ns += dcm_budget_earn_ns(dcm_collector_budget(collector), cost, HOT_SHARE);
	dcm_hot_chains_rest(findings->chains, findings->rest_ns);
}

static void step_search(struct dcm_hash_findings *findings, const struct dcm_config *config,
			struct dcm_walk *walk, uint64_t now_ns)
{
	if (!dcm_chain_search_step(&findings->search, walk, config))
		return;
	findings->searching = false;
	add_searched(findings, now_ns);
}

void dcm_hash_findings_step(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			    struct dcm_walk *walk, uint64_t now_ns)
{
	struct dcm_reason ignored;

	if (dcm_hot_chains_due_ns(findings->chains) <= now_ns)
		step_chains(findings, collector, walk, now_ns);
	else if (dcm_hot_directories_pending(findings->directories))
		dcm_hot_directories_step(findings->directories, walk, now_ns, &ignored);
	else if (findings->searching)
		step_search(findings, dcm_collector_config(collector), walk, now_ns);
}

bool dcm_hash_findings_pending(const struct dcm_hash_findings *findings)
{
	return dcm_hot_chains_pending(findings->chains) ||
	       dcm_hot_directories_pending(findings->directories);
}

void dcm_hash_findings_describe(struct dcm_hash_findings *findings, struct dcm_walk *walk,
				uint64_t now_ns)
{
	struct dcm_reason ignored;

	if (dcm_hot_chains_pending(findings->chains))
		dcm_hot_chains_step(findings->chains, walk, now_ns, &ignored);
	else
		dcm_hot_directories_step(findings->directories, walk, now_ns, &ignored);
}

uint64_t dcm_hash_findings_longest(const struct dcm_hash_findings *findings)
{
	return dcm_hot_chains_longest(findings->chains);
}

void dcm_hash_findings_publish(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			       struct dcm_snapshot_builder *builder)
{
	dcm_hot_chains_publish(findings->chains, collector, builder);
	dcm_hot_directories_publish(findings->directories, collector, builder);
}
