// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Other hash tables of the kernel: one walk over all of them, a run per call, so that other sources
 * get their turn in between. */
#include <errno.h>
#include <stdlib.h>

#include "common/base/units.h"
#include "common/sampling/source.h"
#include "common/sampling/table_rows.h"

/* Of the budget. */
#define SHARE 0.2

#define MOST_RESTARTS 4

struct source {
	bool begun; /* at least once */
	bool walking;
	unsigned restarts;
	uint64_t cost_ns;	     /* of the walk under way */
	struct dcm_table_rows found; /* by it */
	struct dcm_table_rows last;  /* by the last complete one */
};

static void destroy(void *state)
{
	free(state);
}

static int create(struct dcm_collector *collector __attribute__((unused)), void **ret_state,
		  struct dcm_reason *reason)
{
	struct source *source = calloc(1, sizeof(*source));

	if (!source)
		return dcm_reason_no_memory(reason);
	*ret_state = source;
	return 0;
}

static int begin(struct source *source, struct dcm_walk *walk, struct dcm_run *run)
{
	int err = dcm_walk_tables_begin(walk, &run->reason);

	source->begun = true;
	source->walking = !err;
	source->restarts = 0;
	source->cost_ns = 0;
	source->found = (struct dcm_table_rows){0};
	return err;
}

/* One run of the walk. */
static int step(struct source *source, struct dcm_walk *walk, struct dcm_run *run)
{
	const struct dcm_walk_hash_table *table;
	size_t count = 0;
	int err = dcm_walk_tables_step(walk, &run->reason, &table, &count);

	for (size_t i = 0; (err >= 0 || err == -EAGAIN) && i < count; i++)
		dcm_table_rows_add(&source->found, &table[i]);
	if (err != -EAGAIN)
		return err;
	/* What was met stays; some namespaces may be missing when it happens all the time. */
	if (++source->restarts > MOST_RESTARTS)
		return 1;
	return dcm_walk_tables_begin(walk, &run->reason);
}

static int finish(struct dcm_collector *collector, struct source *source, struct dcm_run *run)
{
	source->walking = false;
	source->last = source->found;
	dcm_table_rows_name(&source->last, dcm_collector_config(collector)->sampling.root);
	run->reason = (struct dcm_reason){""};
	if (source->restarts > MOST_RESTARTS)
		dcm_reason_set(&run->reason, 0,
			       "network namespaces come and go too fast: some were not seen");
	dcm_collector_stretch(collector, DCM_SOURCE_TABLES, source->cost_ns, SHARE, run);
	return DCM_RUN_DONE;
}

/* With a small budget, the first walk would keep the dentry cache waiting for minutes. */
static bool must_wait(const struct dcm_collector *collector, const struct source *source,
		      struct dcm_run *run)
{
	if (source->begun || run->complete || dcm_hash_has_answered(collector))
		return false;
	run->next_ns =
		dcm_collector_ride_ns(collector, run->now_ns, run->now_ns + DCM_NSEC_PER_SEC);
	dcm_reason_set(&run->reason, 0, "begins once hash has its first answer");
	return true;
}

static int run(struct dcm_collector *collector, void *state, struct dcm_run *run)
{
	uint64_t before = dcm_collector_charge(collector);
	struct source *source = state;
	struct dcm_walk *walk;
	int result = dcm_collector_walk(collector, &run->reason, &walk);

	if (result)
		return result;
	if (must_wait(collector, source, run))
		return DCM_RUN_MORE;
	if (!source->walking)
		result = begin(source, walk, run);
	if (!result)
		result = step(source, walk, run);
	source->cost_ns += dcm_collector_charge(collector) - before;
	if (result > 0)
		return finish(collector, source, run);
	source->walking = !result;
	if (result)
		return result;
	run->next_ns = run->now_ns;
	return DCM_RUN_MORE;
}

static void publish(struct dcm_collector *collector __attribute__((unused)), void *state,
		    struct dcm_snapshot_builder *builder)
{
	const struct source *source = state;

	dcm_table_rows_publish(&source->last, builder);
}

static uint64_t news(const struct dcm_collector *collector,
		     const void *state __attribute__((unused)))
{
	return dcm_collector_news(collector, DCM_SOURCE_TABLES);
}

const struct dcm_source_ops dcm_source_tables = {
	.create = create,
	.destroy = destroy,
	.run = run,
	.publish = publish,
	.news = news,
	.section = DCM_SEC_TABLES,
};
