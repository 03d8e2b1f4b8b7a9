// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The dentry hash table: passes that roll through it in slices of a millisecond, as evenly over the
 * interval as the budget allows, and the longest chains in between.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"
#include "common/base/search.h"
#include "common/base/units.h"
#include "common/sampling/hash_findings.h"
#include "common/sampling/hash_rows.h"
#include "common/sampling/source.h"

/* A pass aims to end a little before its interval does. */
#define PACE 0.95

#define MAX_SKETCH_EVERY 64

#define SLICES 8 /* that the average cost of a slice goes over */

/* While there is no census, chains and directories found so far are shown after this time, and each
 * time that it has doubled. */
#define FIRST_LOOK_NS (2 * DCM_NSEC_PER_SEC)

#define LONG_PASS_NS (60 * DCM_NSEC_PER_SEC)

struct source {
	bool passing;
	uint64_t started_ns; /* of the pass under way, or the last one */
	uint64_t buckets;
	double fraction;
	uint64_t cpu_ns; /* of the pass under way */
	struct dcm_pass_estimate *estimate;
	bool watch;	  /* blocks of that pass are taken into it */
	uint64_t look_ns; /* when what it has found is to be shown, without a census */

	bool answered; /* something to work with is there */
	bool complete; /* a whole pass is there */
	struct dcm_hash_census last;
	uint64_t last_started_ns, last_ended_ns, last_cpu_ns;
	double pace;				  /* for forecasts; 0: unknown */
	struct dcm_walk_superblock_count *counts; /* by ascending address */
	size_t count;
	uint64_t uncounted; /* entries of superblocks that are not among them */

	struct dcm_hash_findings *findings;
	unsigned sketch_every; /* parents are sampled in one bucket of this many */

	uint64_t news;	   /* counts changes of what is said of superblocks */
	bool in_round;	   /* elastic work continues until the budget is spent */
	uint64_t slice_ns; /* CPU time of a step, averaged over the last */
};

static void destroy(void *state)
{
	struct source *source = state;

	dcm_hash_findings_destroy(source->findings);
	dcm_pass_estimate_destroy(source->estimate);
	free(source->counts);
	free(source);
}

static int create(struct dcm_collector *collector __attribute__((unused)), void **ret_state,
		  struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return dcm_reason_no_memory(reason);
	source->sketch_every = 1;
	if (dcm_hash_findings_create(&source->findings) < 0 ||
	    dcm_pass_estimate_create(&source->estimate) < 0) {
		destroy(source);
		return dcm_reason_no_memory(reason);
	}
	*ret_state = source;
	return 0;
}

/* ---- passes ---- */

/* Estimates are of use before the first census, and for what is younger than a census when the next
 * one takes long. */
static bool wants_blocks(const struct source *source)
{
	return !source->complete || source->last_ended_ns - source->last_started_ns > LONG_PASS_NS;
}

static int begin(struct source *source, struct dcm_walk *walk, struct dcm_run *run)
{
	struct dcm_walk_table table;
	int err;

	source->watch = wants_blocks(source) && !run->complete;
	dcm_walk_watch_blocks(walk, source->watch);
	dcm_walk_set_sketch(walk, source->sketch_every);
	err = dcm_walk_pass_begin(walk, &run->reason);

	if (!err)
		err = dcm_walk_hash_discover(walk, &run->reason, &table);
	if (err)
		return err;
	source->passing = true;
	source->news++;
	source->buckets = table.buckets;
	source->started_ns = run->now_ns;
	source->fraction = 0;
	source->cpu_ns = 0;
	source->look_ns = run->now_ns + FIRST_LOOK_NS;
	dcm_pass_estimate_reset(source->estimate);
	dcm_hash_findings_begin(source->findings, walk, source->watch && !source->complete,
				run->now_ns);
	return 0;
}

/* Takes the block that the last step may have ended. */
static int take_block(struct source *source, struct dcm_walk *walk, struct dcm_run *run)
{
	struct dcm_block_sample blocks, before;
	struct dcm_walk_pass pass;

	if (!source->watch || !dcm_walk_pass_blocks(walk, &blocks))
		return 0;
	source->news++;
	dcm_pass_estimate_blocks(source->estimate, &before);
	dcm_walk_pass_result(walk, &pass);
	if (dcm_pass_estimate_add(source->estimate, &pass, &blocks) < 0)
		return dcm_reason_no_memory(&run->reason);
	if (source->complete)
		return 0;
	dcm_hash_findings_block(source->findings, walk, blocks.certain > before.certain);
	if (run->now_ns < source->look_ns || !blocks.sampled)
		return 0;
	source->look_ns += run->now_ns - source->started_ns;
	dcm_hash_findings_partial(source->findings, walk, &pass, &blocks, source->sketch_every == 1,
				  run->now_ns);
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct dcm_walk_superblock_count *x = a, *y = b;

	return DCM_COMPARE(x->address, y->address);
}

static int take_counts(struct source *source, const struct dcm_walk_pass *pass)
{
	size_t size = pass->superblock_count * sizeof(*source->counts);
	void *counts = malloc(size ? size : 1);

	if (!counts)
		return -ENOMEM;
	if (size) {
		memcpy(counts, pass->superblocks, size);
		qsort(counts, pass->superblock_count, sizeof(*source->counts), by_address);
	}
	free(source->counts);
	source->counts = counts;
	source->count = pass->superblock_count;
	source->uncounted = pass->uncounted;
	return 0;
}

static void take_pace(struct source *source, const struct dcm_walk *walk)
{
	const struct dcm_forecast_pass pass = {
		.buckets = source->last.buckets,
		.entries = source->last.entries,
		.cpu_seconds = dcm_seconds(source->last_cpu_ns),
		.compat = dcm_walk_flavour(walk) != DCM_WALK_FAST,
	};

	source->pace = dcm_forecast_steady_pace(source->pace, dcm_forecast_pace(&pass));
}

/* When passes take longer than they should, parents are counted on a sample of the buckets; what
 * that costs in accuracy is published with each row. */
static void adapt_sketch(const struct dcm_collector *collector, struct source *source)
{
	uint64_t interval = dcm_collector_interval_ns(collector, DCM_SOURCE_HASH);
	uint64_t took = source->last_ended_ns - source->last_started_ns;

	if (interval && took > interval + interval / 2 && source->sketch_every < MAX_SKETCH_EVERY)
		source->sketch_every *= 2;
	else if (took <= interval && source->sketch_every > 1)
		source->sketch_every /= 2;
}

static int finish(struct dcm_collector *collector, struct source *source, struct dcm_walk *walk,
		  struct dcm_run *run)
{
	struct dcm_walk_pass pass;

	source->passing = false;
	source->news++;
	dcm_walk_pass_result(walk, &pass);
	if (take_counts(source, &pass) < 0)
		return dcm_reason_no_memory(&run->reason);
	dcm_hash_census_take(&pass, &source->last);
	source->complete = true;
	source->last_started_ns = source->started_ns;
	source->last_ended_ns = run->now_ns;
	source->last_cpu_ns = source->cpu_ns;
	take_pace(source, walk);
	dcm_hash_findings_complete(source->findings, walk, &pass, run->now_ns);
	adapt_sketch(collector, source);
	return 0;
}

/* One slice. DCM_RUN_DONE when the pass is complete. */
static int step_pass(struct dcm_collector *collector, struct source *source, struct dcm_walk *walk,
		     struct dcm_run *run)
{
	uint64_t before = dcm_collector_charge(collector);
	int result = source->passing ? 0 : begin(source, walk, run);

	if (result == 0)
		result = dcm_walk_pass_step(walk, &run->reason, &source->fraction);
	if (result == 0 && take_block(source, walk, run) < 0)
		result = -ENOMEM;
	source->cpu_ns += dcm_collector_charge(collector) - before;
	run->fraction = source->fraction;
	if (result < 0) {
		source->passing = false;
		source->news++;
	}
	if (result == 1)
		return finish(collector, source, walk, run);
	return result == 0 ? DCM_RUN_MORE : result;
}

/* ---- when ---- */

/* When the next slice of a pass is due. The first pass takes whatever the budget gives. */
static uint64_t pass_due_ns(const struct dcm_collector *collector, const struct source *source)
{
	uint64_t interval = dcm_collector_interval_ns(collector, DCM_SOURCE_HASH);

	if (!source->complete)
		return 0;
	if (!source->passing)
		return source->last_started_ns + interval;
	return source->started_ns + (uint64_t)(PACE * source->fraction * (double)interval);
}

static uint64_t work_due_ns(const struct dcm_collector *collector, const struct source *source)
{
	uint64_t due = pass_due_ns(collector, source);
	uint64_t findings = dcm_hash_findings_due_ns(source->findings);

	return DCM_MIN(findings, due);
}

/*
 * When the budget allows work. A round begins once it has earned a wake-up and what makes that
 * worth its cost; it goes on while a slice more is there.
 */
static uint64_t ready_ns(struct dcm_collector *collector, struct source *source, uint64_t now_ns)
{
	struct dcm_budget *budget = dcm_collector_budget(collector);
	uint64_t ready = dcm_budget_ready_ns(budget, now_ns, source->slice_ns);

	if (source->in_round && ready <= now_ns)
		return ready;
	source->in_round = false;
	return dcm_budget_ready_ns(budget, now_ns, dcm_budget_round_ns(budget, source->slice_ns));
}

static uint64_t next_due_ns(struct dcm_collector *collector, struct source *source, uint64_t now_ns)
{
	uint64_t due = work_due_ns(collector, source);
	uint64_t ready;

	if (due > now_ns)
		source->in_round = false;
	ready = ready_ns(collector, source, now_ns);
	return dcm_collector_ride_ns(collector, now_ns, DCM_MAX(due, ready));
}

/* One step of what is most urgent. A chain that cannot be walked is left out: should walking fail
 * altogether, the pass says so. */
static int step(struct dcm_collector *collector, struct source *source, struct dcm_walk *walk,
		struct dcm_run *run)
{
	struct dcm_walk_table table;

	if (dcm_hash_findings_due_ns(source->findings) <= run->now_ns) {
		dcm_hash_findings_step(source->findings, collector, walk, run->now_ns);
		if (!source->buckets && !dcm_walk_hash_discover(walk, &run->reason, &table))
			source->buckets = table.buckets;
		return DCM_RUN_MORE;
	}
	if (pass_due_ns(collector, source) <= run->now_ns)
		return step_pass(collector, source, walk, run);
	return DCM_RUN_MORE;
}

static void note_slice(struct dcm_collector *collector, struct source *source, uint64_t cost_ns)
{
	dcm_budget_elastic(dcm_collector_budget(collector), cost_ns);
	source->slice_ns = (source->slice_ns * (SLICES - 1) + cost_ns) / SLICES;
}

/* A whole pass, then its chains and directories; a slice, a run along a chain or a directory per
 * call. */
static int step_complete(struct dcm_collector *collector, struct source *source,
			 struct dcm_walk *walk, struct dcm_run *run)
{
	int result;

	run->next_ns = run->now_ns;
	if (!dcm_hash_findings_pending(source->findings)) {
		result = step_pass(collector, source, walk, run);
		return result == DCM_RUN_DONE ? DCM_RUN_MORE : result;
	}
	run->fraction = 1.0;
	dcm_hash_findings_describe(source->findings, walk, run->now_ns);
	return dcm_hash_findings_pending(source->findings) ? DCM_RUN_MORE : DCM_RUN_DONE;
}

/* One call, whatever is due; its result. */
static int run_due(struct dcm_collector *collector, struct source *source, struct dcm_run *run)
{
	struct dcm_walk *walk;
	uint64_t before;
	int result;

	result = dcm_collector_walk(collector, &run->reason, &walk);
	if (result)
		return result;
	if (run->complete)
		return step_complete(collector, source, walk, run);
	if (work_due_ns(collector, source) > run->now_ns ||
	    ready_ns(collector, source, run->now_ns) > run->now_ns) {
		run->next_ns = next_due_ns(collector, source, run->now_ns);
		return DCM_RUN_MORE;
	}
	source->in_round = true;
	before = dcm_collector_charge(collector);
	result = step(collector, source, walk, run);
	note_slice(collector, source, dcm_collector_charge(collector) - before);
	run->next_ns = next_due_ns(collector, source, run->now_ns);
	return result;
}

static bool is_read_from_kcore(const struct dcm_collector *collector)
{
	const struct dcm_walk *walk = dcm_collector_open_walk(collector);

	return walk && dcm_walk_flavour(walk) == DCM_WALK_KCORE;
}

/* What is not found while a long pass goes on. */
static void say_lack(const struct dcm_collector *collector, const struct source *source,
		     struct dcm_run *run)
{
	double percent = dcm_collector_config(collector)->sampling.budget_percent;

	if (wants_blocks(source))
		dcm_hash_findings_lack(source->findings, percent, &run->reason);
}

static bool has_answered(const struct source *source)
{
	struct dcm_block_sample blocks;

	return source->answered || source->complete ||
	       (dcm_pass_estimate_blocks(source->estimate, &blocks) &&
		dcm_hash_findings_answered(source->findings));
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	struct source *source = state;
	int result = run_due(collector, source, run);

	source->answered = has_answered(source);
	if (result >= 0)
		say_lack(collector, source, run);
	if (result == DCM_RUN_DONE && is_read_from_kcore(collector))
		dcm_reason_set(&run->reason, 0, "read from /proc/kcore, without BPF");
	if (result == DCM_RUN_DONE && source->uncounted)
		dcm_reason_set(&run->reason, 0,
			       "more superblocks than a pass can count one by one: %" PRIu64
			       " of %" PRIu64 " entries are in no superblock's row",
			       source->uncounted, source->last.entries);
	return result;
}

/* ---- publishing ---- */

bool dcm_hash_superblock_count(const struct dcm_collector *collector,
			       const struct dcm_superblock *superblock, uint64_t *ret_hashed,
			       uint64_t *ret_negative)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_HASH);
	struct dcm_walk_superblock_count key = {.address = superblock->walk.address};
	const struct dcm_walk_superblock_count *found;

	if (!source || !source->complete || superblock->since_ns > source->last_started_ns)
		return false;
	found = dcm_find(&key, source->counts, source->count, sizeof(key), by_address);
	if (!found && source->uncounted)
		return false; /* it may have been one of those without room */
	*ret_hashed = found ? found->hashed : 0;
	*ret_negative = found ? found->negative : 0;
	return true;
}

uint64_t dcm_hash_superblock_news(const struct dcm_collector *collector)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_HASH);

	return source ? source->news + 1 : 0;
}

bool dcm_hash_has_answered(const struct dcm_collector *collector)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_HASH);

	return !source || source->answered || dcm_collector_has_failed(collector, DCM_SOURCE_HASH);
}

bool dcm_hash_pace(const struct dcm_collector *collector, double *ret)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_HASH);

	if (!source || !(source->pace > 0))
		return false;
	*ret = source->pace;
	return true;
}

bool dcm_hash_superblock_estimate(const struct dcm_collector *collector,
				  const struct dcm_superblock *superblock,
				  struct dcm_interval *ret_hashed,
				  struct dcm_interval *ret_negative)
{
	const struct source *source = dcm_collector_state(collector, DCM_SOURCE_HASH);
	struct dcm_block_sample blocks;

	if (!source || !source->passing || superblock->since_ns > source->started_ns ||
	    !dcm_pass_estimate_blocks(source->estimate, &blocks))
		return false;
	return dcm_pass_estimate_superblock(source->estimate, superblock->walk.address, ret_hashed,
					    ret_negative);
}

/* In front of the first pass: the longest of the chains that were searched for. */
static struct dcm_snap_hash *publish_found(const struct source *source,
					   struct dcm_snapshot_builder *builder)
{
	const struct dcm_walk_pass none = {.max_chain =
						   dcm_hash_findings_longest(source->findings)};
	struct dcm_block_sample blocks;

	if (!none.max_chain || !source->buckets ||
	    dcm_pass_estimate_blocks(source->estimate, &blocks))
		return NULL;
	return dcm_hash_rows_estimate(source->estimate, &none, source->buckets, builder);
}

static struct dcm_snap_hash *publish_estimate(const struct dcm_collector *collector,
					      const struct source *source,
					      struct dcm_snapshot_builder *builder)
{
	struct dcm_walk_pass pass;

	if (!source->passing)
		return publish_found(source, builder);
	dcm_walk_pass_result(dcm_collector_open_walk(collector), &pass);
	pass.max_chain = DCM_MAX(pass.max_chain, dcm_hash_findings_longest(source->findings));
	return dcm_hash_rows_estimate(source->estimate, &pass, source->buckets, builder);
}

static struct dcm_snap_hash *publish_census(const struct dcm_collector *collector,
					    const struct source *source,
					    struct dcm_snapshot_builder *builder)
{
	struct dcm_snap_hash *row = dcm_hash_rows_census(&source->last, builder);

	if (!row)
		return NULL;
	DCM_SET(row, pass_seconds, dcm_seconds(source->last_ended_ns - source->last_started_ns));
	DCM_SET(row, pass_cpu_seconds, dcm_seconds(source->last_cpu_ns));
	DCM_SET(row, age_seconds,
		dcm_seconds(dcm_collector_now_ns(collector) - source->last_ended_ns));
	return row;
}

static void publish(struct dcm_collector *collector, void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;
	struct dcm_snap_hash *row = source->complete ? publish_census(collector, source, builder)
						     : publish_estimate(collector, source, builder);

	if (row && source->passing)
		DCM_SET(row, progress, source->fraction);
	dcm_hash_findings_publish(source->findings, collector, builder);
}

const struct dcm_source_ops dcm_source_hash = {
	.stages = DCM_PASS,
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
};
