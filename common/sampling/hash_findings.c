// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/hash_findings.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/sampling/chain_sample.h"
#include "common/sampling/chain_search.h"
#include "common/sampling/hot_chains.h"
#include "common/sampling/hot_directories.h"

/* Of the budget, for measuring chains again: the rest is the passes'. */
#define HOT_SHARE 0.5

/* The same, for the steps of a search everywhere, and in the long run for all searches. They are at
 * least a minute apart; the one after the first, in directories only, may come soon. In front of
 * the first pass it takes most of the budget that is there at the start, and then gives way to
 * it. */
#define STEP_SHARE   0.5
#define SEARCH_SHARE 0.25
#define SEARCH_NS    (60 * DCM_NSEC_PER_SEC)
#define SOON_NS	     DCM_NSEC_PER_SEC

#define ENTRY_NS 50 /* of CPU time in a pass, about */

struct dcm_hash_findings {
	struct dcm_hot_chains *chains;
	struct dcm_hot_directories *directories;
	struct dcm_chain_search search;
	bool searched;	       /* at least once */
	uint32_t small;	       /* entries of the first sample, if that is small */
	uint64_t ended_ns;     /* when the first searches did; 0: not yet */
	bool answered;	       /* and what they found was walked */
	uint64_t search_ns;    /* when the next search is due, if one is needed */
	uint64_t begun_ns;     /* when the last one was */
	uint64_t spent_ns;     /* CPU time of that */
	uint64_t searching_ns; /* until when its steps have had their share */
	bool complete;	       /* a pass is */
	uint64_t passing_ns;   /* when the one under way began; 0: none */
	bool certain_next;     /* the block under way is not certain, but the next is */
	uint64_t rest_ns;      /* until when known chains have had their share */
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
	*ret = dcm_take_ptr(findings);
	return 0;
}

void dcm_hash_findings_begin(struct dcm_hash_findings *findings, struct dcm_walk *walk, bool first,
			     uint64_t now_ns)
{
	dcm_hot_directories_begin(findings->directories);
	findings->passing_ns = now_ns;
	findings->certain_next = false;
	if (first)
		dcm_chain_search_prefer(&findings->search, walk);
}

void dcm_hash_findings_block(struct dcm_hash_findings *findings, struct dcm_walk *walk,
			     bool is_certain)
{
	if (is_certain)
		dcm_hot_directories_after_certain(findings->directories, walk);
	else if (findings->certain_next)
		dcm_hot_directories_before_certain(findings->directories, walk);
	findings->certain_next = false;
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
	findings->complete = true;
	findings->passing_ns = 0;
	dcm_hot_chains_replace(findings->chains, pass, now_ns);
	dcm_hot_directories_replace(findings->directories, walk, NULL);
}

static uint64_t search_due_ns(const struct dcm_hash_findings *f)
{
	if (f->search.under_way)
		return f->search.everywhere ? f->searching_ns : 0;
	if (!f->complete)
		return f->search_ns;
	return f->passing_ns ? DCM_MAX(f->search_ns, f->passing_ns + SEARCH_NS) : UINT64_MAX;
}

uint64_t dcm_hash_findings_due_ns(const struct dcm_hash_findings *findings)
{
	uint64_t chains = dcm_hot_chains_due_ns(findings->chains);
	uint64_t search = search_due_ns(findings);

	if (dcm_hot_directories_pending(findings->directories))
		return 0;
	return DCM_MIN(chains, search);
}

/* Until when a @share of the budget is spent by a step that cost @cost_ns. What was left unused of
 * the last second counts: steps come in rounds. */
static void rest(struct dcm_collector *collector, uint64_t now_ns, uint64_t cost_ns, double share,
		 uint64_t *until_ns)
{
	if (*until_ns + DCM_NSEC_PER_SEC < now_ns)
		*until_ns = now_ns - DCM_NSEC_PER_SEC;
	*until_ns += dcm_budget_earn_ns(dcm_collector_budget(collector), cost_ns, share);
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
	rest(collector, now_ns, cost, HOT_SHARE, &findings->rest_ns);
	dcm_hot_chains_rest(findings->chains, findings->rest_ns);
}

/* Whether a pass will take longer than searches are apart. */
static bool is_table_large(const struct dcm_budget *budget, struct dcm_walk *walk)
{
	struct dcm_walk_table table;
	struct dcm_reason ignored;
	double entries;

	if (dcm_walk_hash_discover(walk, &ignored, &table))
		return false;
	entries = dcm_walk_expected_entries(walk);
	return dcm_budget_earn_ns(budget, (uint64_t)(entries * ENTRY_NS), 1.0) > SEARCH_NS;
}

static void begin_search(struct dcm_hash_findings *findings, const struct dcm_budget *budget,
			 struct dcm_walk *walk, uint64_t now_ns)
{
	uint32_t first = dcm_chain_sample_first(budget);
	bool ahead = findings->searched && !findings->complete && !findings->passing_ns;
	uint64_t pause = SEARCH_NS;

	if (!findings->searched && is_table_large(budget, walk))
		pause = 0;
	else if (!findings->searched && first == DCM_WALK_SAMPLE_ENTRIES)
		pause = SOON_NS;
	if (ahead)
		dcm_chain_search_extend(&findings->search, first);
	else
		dcm_chain_search_begin(&findings->search,
				       findings->searched ? DCM_WALK_SAMPLE_ENTRIES : 0);
	if (ahead && first < DCM_WALK_SAMPLE_ENTRIES)
		findings->small = first;
	findings->search_ns = now_ns + pause;
	findings->searched = true;
	findings->begun_ns = now_ns;
	findings->spent_ns = 0;
}

/* The blocks of what was found come next in the first pass, if that is under way. */
static void prefer_found(struct dcm_hash_findings *findings, struct dcm_walk *walk)
{
	struct dcm_block_sample blocks;

	if (findings->complete || !findings->passing_ns)
		return;
	findings->certain_next = !dcm_walk_pass_blocks(walk, &blocks);
	if (!findings->certain_next)
		dcm_hot_directories_before_certain(findings->directories, walk);
	dcm_chain_search_prefer(&findings->search, walk);
}

/* A pass gives the first figures: entries that take longer to sample than expected do not keep it
 * waiting. */
static void cut_sample(struct dcm_hash_findings *findings)
{
	dcm_chain_search_cut(&findings->search);
	findings->small = DCM_MAX(findings->search.most, 1u);
}

static void step_search(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			struct dcm_walk *walk, uint64_t now_ns)
{
	uint64_t before = dcm_collector_charge(collector), cost, least;
	const struct dcm_budget *budget = dcm_collector_budget(collector);
	int result;

	if (!findings->search.under_way)
		begin_search(findings, budget, walk, now_ns);
	result = dcm_chain_search_step(&findings->search, walk, dcm_collector_config(collector));
	cost = dcm_collector_charge(collector) - before;
	findings->spent_ns += cost;
	if (findings->passing_ns)
		rest(collector, now_ns, cost, STEP_SHARE, &findings->searching_ns);
	else if (!result && findings->search.everywhere &&
		 dcm_budget_earn_ns(budget, findings->spent_ns, 1.0) >= DCM_CHAIN_SAMPLE_AHEAD_NS)
		cut_sample(findings);
	if (!result)
		return;
	least = dcm_budget_earn_ns(budget, findings->spent_ns, SEARCH_SHARE);
	if (findings->search.everywhere)
		findings->search_ns = DCM_MAX(findings->search_ns, findings->begun_ns + least);
	if (findings->search.most == DCM_WALK_SAMPLE_ENTRIES)
		findings->small = 0;
	if (!findings->ended_ns && findings->search_ns >= findings->begun_ns + SEARCH_NS)
		findings->ended_ns = now_ns;
	add_searched(findings, now_ns);
	prefer_found(findings, walk);
}

void dcm_hash_findings_step(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			    struct dcm_walk *walk, uint64_t now_ns)
{
	struct dcm_reason ignored;

	if (dcm_hot_chains_due_ns(findings->chains) <= now_ns)
		step_chains(findings, collector, walk, now_ns);
	else if (dcm_hot_directories_pending(findings->directories))
		dcm_hot_directories_step(findings->directories, walk, now_ns, &ignored);
	else if (search_due_ns(findings) <= now_ns)
		step_search(findings, collector, walk, now_ns);
	if (findings->ended_ns &&
	    (!dcm_hot_chains_pending(findings->chains) || now_ns >= findings->ended_ns + SEARCH_NS))
		findings->answered = true;
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

bool dcm_hash_findings_answered(const struct dcm_hash_findings *findings)
{
	return findings->answered;
}

uint64_t dcm_hash_findings_longest(const struct dcm_hash_findings *findings)
{
	return dcm_hot_chains_longest(findings->chains);
}

bool dcm_hash_findings_lack(const struct dcm_hash_findings *findings, double budget_percent,
			    struct dcm_reason *ret)
{
	const char *lack = dcm_chain_search_lacks(&findings->search);

	if (lack)
		dcm_chain_sample_none(lack, ret);
	return lack ||
	       (findings->small && dcm_chain_sample_misses(findings->small, budget_percent, ret));
}

void dcm_hash_findings_publish(struct dcm_hash_findings *findings, struct dcm_collector *collector,
			       struct dcm_snapshot_builder *builder)
{
	dcm_hot_chains_publish(findings->chains, collector, builder);
	dcm_hot_directories_publish(findings->directories, collector, builder);
}
