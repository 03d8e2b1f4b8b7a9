/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A scripted kernel/walk.h for tests of the collector. Included by one object it stands above the
 * library's walk, because the linker takes no archive member for a symbol that it has.
 */
#ifndef DCM_TESTS_WALK_FAKE_H
#define DCM_TESTS_WALK_FAKE_H

#include <errno.h>
#include <string.h>

#include "common/kernel/walk/walk.h"

#ifndef FAKE_MAX
#define FAKE_MAX 16
#endif

struct fake_walk {
	int open_err; /* dcm_walk_open fails with it */
	uint64_t capabilities;
	unsigned opened;
	enum dcm_walk_flavour wanted, flavour; /* asked for; opened, DCM_WALK_AUTO: fast */
	struct dcm_walk_superblock superblocks[FAKE_MAX];
	size_t superblock_count;
	int superblocks_err;
	struct dcm_walk_namespaces namespaces;
	int watch_err;
	struct dcm_walk_maker makers[FAKE_MAX]; /* one for each namespace that was made */
	size_t maker_count;
	struct dcm_walk_pass pass; /* result of every pass */
	struct dcm_walk_superblock_count partial[FAKE_MAX];
	unsigned slices;	/* of a pass, a block each */
	unsigned slice;		/* of the pass under way */
	uint64_t slice_cost_ns; /* CPU time of one slice */
	uint64_t superblocks_cost_ns, namespaces_cost_ns;
	uint64_t chain_cost_ns;
	int begin_err, step_err;
	unsigned begun, stepped, chains_walked;
	uint64_t chain_length[FAKE_MAX]; /* by bucket; 0: empty */
	unsigned chain_runs[FAKE_MAX];	 /* that it takes to describe it; 0: 1 */
	uint64_t chain_bucket;		 /* being described */
	unsigned chain_run;
	uint64_t chain_superblock;
	unsigned sketch_every;
	bool watched; /* superblocks after each block */
	unsigned slice_us;
	uint64_t preferred[FAKE_MAX]; /* buckets whose blocks are to come first */
	size_t preferred_count;
	size_t ahead, certain; /* blocks that come first, and those of them that came */
	char children_of[64];  /* the directory visited last */
	unsigned visits;
	int visit_err;
	struct dcm_walk_buckets children, sample;
	unsigned samples;		  /* begun */
	unsigned sample_runs, sample_run; /* that one takes, 0: one; of the one under way */
	int sample_err;
	uint64_t sample_cost_ns;
	double expected; /* entries, before a pass */
	struct dcm_walk_parent parent[DCM_WALK_TOP_PARENTS];
	size_t parents;
	struct dcm_walk_hash_table tables[FAKE_MAX]; /* of every walk over them, in its last run */
	size_t table_count;
	int tables_err;
	unsigned tables_begun, tables_run; /* walks; runs of the one under way */
	unsigned tables_runs;		   /* that a walk takes, 0: one */
	uint64_t tables_cost_ns;	   /* of a run */
	unsigned tables_lost;		   /* how many walks end in -EAGAIN first */
	uint64_t *cpu_ns;		   /* clock that the costs advance */
	void (*on_step)(void);
};

static struct fake_walk fake;

static void fake_spend(uint64_t ns)
{
	if (fake.cpu_ns)
		*fake.cpu_ns += ns;
}

int dcm_walk_open(const char *root, enum dcm_walk_flavour flavour, struct dcm_reason *reason,
		  struct dcm_walk **ret)
{
	(void)root;
	fake.opened++;
	fake.wanted = flavour;
	if (fake.open_err)
		return dcm_reason_set(reason, fake.open_err, "fake walk does not open");
	*ret = (struct dcm_walk *)&fake;
	return 0;
}

void dcm_walk_close(struct dcm_walk *walk)
{
	(void)walk;
}

enum dcm_walk_flavour dcm_walk_flavour(const struct dcm_walk *walk)
{
	(void)walk;
	return fake.flavour == DCM_WALK_AUTO ? DCM_WALK_FAST : fake.flavour;
}

uint64_t dcm_walk_capabilities(struct dcm_walk *walk)
{
	(void)walk;
	return fake.capabilities;
}

void dcm_walk_set_slice(struct dcm_walk *walk, unsigned us)
{
	(void)walk;
	fake.slice_us = us;
}

uint64_t dcm_walk_longest_run_ns(const struct dcm_walk *walk)
{
	(void)walk;
	return 700000;
}

int dcm_walk_superblocks(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_superblock **ret, size_t *ret_count)
{
	(void)walk;
	if (fake.superblocks_err)
		return dcm_reason_set(reason, fake.superblocks_err, "fake circle is broken");
	fake_spend(fake.superblocks_cost_ns);
	*ret = fake.superblocks;
	*ret_count = fake.superblock_count;
	return 0;
}

int dcm_walk_namespaces(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_namespaces *ret)
{
	(void)walk;
	(void)reason;
	fake_spend(fake.namespaces_cost_ns);
	*ret = fake.namespaces;
	return 0;
}

int dcm_walk_watch_namespaces(struct dcm_walk *walk, struct dcm_reason *reason)
{
	(void)walk;
	if (fake.watch_err)
		return dcm_reason_set(reason, fake.watch_err, "fake tracepoint is missing");
	fake.namespaces.has_made = true;
	return 0;
}

size_t dcm_walk_namespace_makers(struct dcm_walk *walk, struct dcm_walk_maker *ret,
				 uint64_t *ret_made)
{
	size_t count = fake.maker_count;

	(void)walk;
	memcpy(ret, fake.makers, count * sizeof(*ret));
	fake.maker_count = 0;
	*ret_made = count;
	return count;
}

int dcm_walk_hash_discover(struct dcm_walk *walk, struct dcm_reason *reason,
			   struct dcm_walk_table *ret)
{
	(void)walk;
	(void)reason;
	*ret = (struct dcm_walk_table){.buckets = fake.pass.buckets};
	return 0;
}

int dcm_walk_pass_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	(void)walk;
	if (fake.begin_err)
		return dcm_reason_set(reason, fake.begin_err, "fake table not found");
	fake.begun++;
	fake.slice = 0;
	fake.ahead = fake.certain = 0;
	return 0;
}

int dcm_walk_pass_step(struct dcm_walk *walk, struct dcm_reason *reason, double *ret_fraction)
{
	(void)walk;
	if (fake.step_err)
		return dcm_reason_set(reason, fake.step_err, "fake pass is lost");
	fake_spend(fake.slice_cost_ns);
	fake.stepped++;
	if (fake.on_step)
		fake.on_step();
	fake.slice++;
	if (fake.ahead) {
		fake.ahead--;
		fake.certain++;
	}
	*ret_fraction = (double)fake.slice / fake.slices;
	return fake.slice >= fake.slices;
}

static uint64_t fake_part(uint64_t whole)
{
	return whole * fake.slice / fake.slices;
}

void dcm_walk_pass_result(const struct dcm_walk *walk, struct dcm_walk_pass *ret)
{
	(void)walk;
	*ret = fake.pass;
	if (fake.slice >= fake.slices)
		return;
	/* A partial result has seen an even part of everything. */
	ret->buckets = fake_part(fake.pass.buckets);
	ret->nonempty = fake_part(fake.pass.nonempty);
	ret->entries = fake_part(fake.pass.entries);
	ret->negative = fake_part(fake.pass.negative);
	for (size_t i = 0; i < ret->superblock_count && i < FAKE_MAX; i++) {
		fake.partial[i] = fake.pass.superblocks[i];
		fake.partial[i].hashed = fake_part(fake.partial[i].hashed);
		fake.partial[i].negative = fake_part(fake.partial[i].negative);
	}
	ret->superblocks = fake.partial;
}

void dcm_walk_watch_blocks(struct dcm_walk *walk, bool watch)
{
	(void)walk;
	fake.watched = watch;
}

bool dcm_walk_pass_blocks(const struct dcm_walk *walk, struct dcm_block_sample *ret)
{
	(void)walk;
	*ret = (struct dcm_block_sample){.blocks = fake.slices,
					 .certain = fake.certain,
					 .sampled = fake.slice - fake.certain};
	return true;
}

void dcm_walk_pass_prefer(struct dcm_walk *walk, uint64_t bucket)
{
	(void)walk;
	fake.preferred[fake.preferred_count++ % FAKE_MAX] = bucket;
	fake.ahead++;
}

int dcm_walk_children_begin(struct dcm_walk *walk, const char *path, struct dcm_reason *reason)
{
	(void)walk;
	snprintf(fake.children_of, sizeof(fake.children_of), "%s", path);
	fake.visits++;
	return fake.visit_err ? dcm_reason_set(reason, fake.visit_err, "fake") : 0;
}

int dcm_walk_children_step(struct dcm_walk *walk, struct dcm_reason *reason,
			   struct dcm_walk_buckets *ret)
{
	(void)walk;
	(void)reason;
	*ret = fake.children;
	return 1;
}

double dcm_walk_expected_entries(const struct dcm_walk *walk)
{
	(void)walk;
	return fake.expected;
}

int dcm_walk_sample_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	(void)walk;
	fake.samples++;
	fake.sample_run = 0;
	return fake.sample_err ? dcm_reason_set(reason, fake.sample_err, "fake kernel is old") : 0;
}

int dcm_walk_sample_step(struct dcm_walk *walk, struct dcm_reason *reason,
			 struct dcm_walk_buckets *ret)
{
	(void)walk;
	(void)reason;
	fake_spend(fake.sample_cost_ns);
	*ret = fake.sample;
	return ++fake.sample_run >= fake.sample_runs;
}

int dcm_walk_chain_begin(struct dcm_walk *walk, uint64_t bucket, struct dcm_reason *reason)
{
	(void)walk;
	(void)reason;
	fake.chain_bucket = bucket;
	fake.chain_run = 0;
	return 0;
}

int dcm_walk_chain_step(struct dcm_walk *walk, struct dcm_reason *reason,
			struct dcm_walk_chain *ret)
{
	uint64_t bucket = fake.chain_bucket;

	(void)walk;
	fake_spend(fake.chain_cost_ns);
	if (bucket < FAKE_MAX && ++fake.chain_run < fake.chain_runs[bucket])
		return 0;
	fake.chains_walked++;
	if (bucket >= FAKE_MAX || !fake.chain_length[bucket])
		return dcm_reason_set(reason, -ENOENT, "empty");
	memset(ret, 0, sizeof(*ret));
	ret->length = fake.chain_length[bucket];
	ret->same_name = ret->length - 1;
	ret->superblock = fake.chain_superblock;
	ret->parent_complete = true;
	strcpy(ret->name, "ipv6");
	strcpy(ret->parent, "/sys/net");
	return 1;
}

void dcm_walk_set_sketch(struct dcm_walk *walk, unsigned every)
{
	(void)walk;
	fake.sketch_every = every;
}

size_t dcm_walk_top_parents(struct dcm_walk *walk, struct dcm_walk_parent *ret)
{
	(void)walk;
	memcpy(ret, fake.parent, fake.parents * sizeof(*ret));
	return fake.parents;
}

/* A parent's address is the number of its directory; odd ones are gone. */
int dcm_walk_directory(struct dcm_walk *walk, uint64_t dentry, bool negative,
		       struct dcm_reason *reason, struct dcm_walk_directory *ret)
{
	(void)walk;
	if (dentry % 2)
		return dcm_reason_set(reason, -ENOENT, "gone");
	ret->superblock = fake.chain_superblock;
	ret->complete = true;
	snprintf(ret->path, sizeof(ret->path), "/dir%u", (unsigned)dentry);
	snprintf(ret->name[0], sizeof(ret->name[0]), "%s-17", negative ? "missing" : "file");
	ret->names = 1;
	return 0;
}

int dcm_walk_tables_begin(struct dcm_walk *walk, struct dcm_reason *reason)
{
	(void)walk;
	fake.tables_begun++;
	fake.tables_run = 0;
	return fake.tables_err ? dcm_reason_set(reason, fake.tables_err, "no tables") : 0;
}

int dcm_walk_tables_step(struct dcm_walk *walk, struct dcm_reason *reason,
			 const struct dcm_walk_hash_table **ret, size_t *ret_count)
{
	(void)walk;
	fake_spend(fake.tables_cost_ns);
	if (++fake.tables_run < fake.tables_runs)
		return 0;
	*ret = fake.tables;
	*ret_count = fake.table_count;
	if (!fake.tables_lost)
		return 1;
	fake.tables_lost--;
	return dcm_reason_set(reason, -EAGAIN, "gone");
}

#endif
