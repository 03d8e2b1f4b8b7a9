// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Stands in for walk.c in a build without BPF: opening fails with the reason, so that the rest of
 * the contract is never reached. */
#include <errno.h>

#include "common/kernel/walk/walk.h"

static int refuse(struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -EOPNOTSUPP, "built without BPF (WITH_BPF=0)");
}

int dcm_walk_open(const char *root __attribute__((unused)),
		  enum dcm_walk_flavour flavour __attribute__((unused)), struct dcm_reason *reason,
		  struct dcm_walk **ret __attribute__((unused)))
{
	return refuse(reason);
}

void dcm_walk_close(struct dcm_walk *walk __attribute__((unused)))
{
}

enum dcm_walk_flavour dcm_walk_flavour(const struct dcm_walk *walk __attribute__((unused)))
{
	return DCM_WALK_AUTO;
}

uint64_t dcm_walk_capabilities(struct dcm_walk *walk __attribute__((unused)))
{
	return 0;
}

void dcm_walk_set_slice(struct dcm_walk *walk __attribute__((unused)),
			unsigned us __attribute__((unused)))
{
}

uint64_t dcm_walk_longest_run_ns(const struct dcm_walk *walk __attribute__((unused)))
{
	return 0;
}

int dcm_walk_superblocks(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			 const struct dcm_walk_superblock **ret __attribute__((unused)),
			 size_t *ret_count __attribute__((unused)))
{
	return refuse(reason);
}

int dcm_walk_namespaces(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			struct dcm_walk_namespaces *ret __attribute__((unused)))
{
	return refuse(reason);
}

int dcm_walk_watch_namespaces(struct dcm_walk *walk __attribute__((unused)),
			      struct dcm_reason *reason)
{
	return refuse(reason);
}

size_t dcm_walk_namespace_makers(struct dcm_walk *walk __attribute__((unused)),
				 struct dcm_walk_maker *ret __attribute__((unused)),
				 uint64_t *ret_made)
{
	*ret_made = 0;
	return 0;
}

int dcm_walk_hash_discover(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			   struct dcm_walk_table *ret __attribute__((unused)))
{
	return refuse(reason);
}

int dcm_walk_pass_begin(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}

int dcm_walk_pass_step(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
		       double *ret_fraction __attribute__((unused)))
{
	return refuse(reason);
}

double dcm_walk_expected_entries(const struct dcm_walk *walk __attribute__((unused)))
{
	return 0;
}

void dcm_walk_pass_result(const struct dcm_walk *walk __attribute__((unused)),
			  struct dcm_walk_pass *ret)
{
	*ret = (struct dcm_walk_pass){0};
}

int dcm_walk_chain_begin(struct dcm_walk *walk __attribute__((unused)),
			 uint64_t bucket __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}

int dcm_walk_chain_step(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			struct dcm_walk_chain *ret __attribute__((unused)))
{
	return refuse(reason);
}

void dcm_walk_watch_blocks(struct dcm_walk *walk __attribute__((unused)),
			   bool watch __attribute__((unused)))
{
}

bool dcm_walk_pass_blocks(const struct dcm_walk *walk __attribute__((unused)),
			  struct dcm_block_sample *ret)
{
	*ret = (struct dcm_block_sample){0};
	return false;
}

void dcm_walk_pass_prefer(struct dcm_walk *walk __attribute__((unused)),
			  uint64_t bucket __attribute__((unused)))
{
}

int dcm_walk_children_begin(struct dcm_walk *walk __attribute__((unused)),
			    const char *path __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}

int dcm_walk_children_step(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			   struct dcm_walk_buckets *ret __attribute__((unused)))
{
	return refuse(reason);
}

int dcm_walk_sample_begin(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}

int dcm_walk_sample_step(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			 struct dcm_walk_buckets *ret __attribute__((unused)))
{
	return refuse(reason);
}

void dcm_walk_set_sketch(struct dcm_walk *walk __attribute__((unused)),
			 unsigned every __attribute__((unused)))
{
}

size_t dcm_walk_top_parents(struct dcm_walk *walk __attribute__((unused)),
			    struct dcm_walk_parent *ret __attribute__((unused)))
{
	return 0;
}

int dcm_walk_directory(struct dcm_walk *walk __attribute__((unused)),
		       uint64_t dentry __attribute__((unused)),
		       bool negative __attribute__((unused)), struct dcm_reason *reason,
		       struct dcm_walk_directory *ret __attribute__((unused)))
{
	return refuse(reason);
}

int dcm_walk_tables_begin(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason)
{
	return refuse(reason);
}

int dcm_walk_tables_step(struct dcm_walk *walk __attribute__((unused)), struct dcm_reason *reason,
			 const struct dcm_walk_hash_table **ret __attribute__((unused)),
			 size_t *ret_count __attribute__((unused)))
{
	return refuse(reason);
}
