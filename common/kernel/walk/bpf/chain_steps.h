/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One chain from its head to its end, in as many runs as it needs. */
#ifndef DCM_BPF_CHAIN_STEPS_H
#define DCM_BPF_CHAIN_STEPS_H

#include "common/kernel/walk/bpf/resume_steps.h"

#define PATH_DEPTH  128
#define CLOCK_EVERY 64	      /* nodes between looks at the clock */
#define RUN_NODES   (1 << 16) /* more than a run has time for */

LOOP(skip_node, DCM_LEVEL_ROOM)
{
	if (!area.chain.node)
		return 1;
	area.chain.node = load_word(area.chain.node);
	return 0;
}

/* From the head, after the nodes that the pass has already counted. */
static __always_inline void chain_start(void)
{
	struct dcm_bpf_chain *c = &area.chain;

	c->node = chain_head();
	if (c->state.length)
		RUN_LOOP(skip_node, c->state.length);
}

/* Misra-Gries: with 4 counters every name that makes up more than a fifth survives. */
static __always_inline void survey_node(__u64 dentry)
{
	struct dcm_bpf_candidate *k = area.chain.candidates;
	__u64 parent = MEMBER(struct dentry, dentry, d_parent);
	__u64 hash_len = MEMBER(struct dentry, dentry, d_name.hash_len);
	__u32 i;

	for (i = 0; i < DCM_CANDIDATES; i++) {
		if (k[i].weight && k[i].parent == parent && k[i].hash_len == hash_len) {
			k[i].weight++;
			return;
		}
	}
	for (i = 0; i < DCM_CANDIDATES; i++) {
		if (!k[i].weight) {
			k[i].parent = parent;
			k[i].hash_len = hash_len;
			k[i].weight = 1;
			return;
		}
	}
	for (i = 0; i < DCM_CANDIDATES; i++)
		k[i].weight--;
}

LOOP(append_component, PATH_DEPTH)
{
	struct dcm_bpf_chain *c = &area.chain;
	struct dentry *dentry = (struct dentry *)c->node, *parent = BPF_CORE_READ(dentry, d_parent);
	long n;

	if (parent == dentry) {
		c->path_complete = 1;
		return 1;
	}
	if (c->path_len >= DCM_PATH_ROOM)
		return 1;
	n = READ_NAME(&c->path[c->path_len & (DCM_PATH_ROOM - 1)], DCM_NAME_ROOM, c->node,
		      BPF_CORE_READ(dentry, d_name.name));
	if (n <= 0)
		return 1;
	c->path_len += n;
	c->node = (__u64)parent;
	return 0;
}

/* Name, superblock and ancestors of @dentry, while RCU holds it. */
static __always_inline void describe_node(__u64 dentry)
{
	struct dcm_bpf_chain *c = &area.chain;
	__u64 node = c->node;

	c->superblock = MEMBER(struct dentry, dentry, d_sb);
	READ_NAME(c->name, sizeof(c->name), dentry,
		  (const void *)MEMBER(struct dentry, dentry, d_name.name));
	c->path_len = c->path_complete = 0;
	c->node = MEMBER(struct dentry, dentry, d_parent);
	RUN_LOOP(append_component, PATH_DEPTH);
	c->node = node;
	c->described = 1;
}

static __always_inline void match_node(__u64 dentry)
{
	struct dcm_bpf_chain *c = &area.chain;
	__u64 parent = MEMBER(struct dentry, dentry, d_parent);
	__u64 hash_len = MEMBER(struct dentry, dentry, d_name.hash_len);
	__u32 i;

	for (i = 0; i < DCM_CANDIDATES; i++) {
		struct dcm_bpf_candidate *k = &c->candidates[i];

		if (k->parent != parent || k->hash_len != hash_len)
			continue;
		k->weight++;
		if (i == c->best && !c->described)
			describe_node(dentry);
		return;
	}
}

/*
 * True where the walk was before: the last node moved to the head, or memory is broken and the
 * chain a circle, which would count as long as runs are allowed. The mark lies ever further apart,
 * so that one comparison finds a circle of any length in at most three times as many nodes (Brent).
 * An entry that comes where the marked one was lies behind the walk: new ones are put in front.
 */
static __always_inline bool is_back(__u64 node)
{
	struct dcm_bpf_chain_state *s = &area.chain.state;

	if (node == s->mark)
		return true;
	if (!(s->length & (s->length - 1)))
		s->mark = node;
	return false;
}

/* What the pass counts for the nodes of shorter chains. */
static __always_inline void count_node(__u64 dentry, __u64 negative)
{
	sb_account(MEMBER(struct dentry, dentry, d_sb), 1 - negative, negative);
	/* In any bucket: see sketch.h. */
	if (area.pass.sketch_every) {
		dcm_sketch_add(&area.sketch, MEMBER(struct dentry, dentry, d_parent), negative, 1,
			       0);
		area.sketch.total++;
	}
}

LONG_LOOP(visit_node, RUN_NODES)
{
	struct dcm_bpf_chain *c = &area.chain;
	__u64 node = c->node, dentry = node - D_HASH_OFFSET, negative;

	if (!node) {
		c->state.end = DCM_END_DONE;
		return 1;
	}
	/* A rename moved the last one into another chain: the next run continues before it. */
	if (node_bucket(node) != c->state.bucket)
		return 1;
	if (i % CLOCK_EVERY == CLOCK_EVERY - 1 && time_is_over())
		return 1;
	if (is_back(node)) {
		c->state.end = DCM_END_BACK;
		return 1;
	}
	negative = MEMBER(struct dentry, dentry, d_inode) == 0;
	c->state.negative += negative;
	c->state.unused +=
		dcm_first_int(MEMBER(struct dentry, dentry, d_lockref.count), DCM_BIG_ENDIAN) == 0;
	if (c->state.mode == DCM_CHAIN_COUNT)
		count_node(dentry, negative);
	else if (c->state.mode == DCM_CHAIN_SURVEY)
		survey_node(dentry);
	else
		match_node(dentry);
	c->state.known[place_of_number(c->state.kept)] = node;
	c->state.kept++;
	c->state.length++;
	c->node = load_word(node);
	return 0;
}

static __always_inline void chain_run(void)
{
	struct dcm_bpf_chain *c = &area.chain;

	c->state.end = DCM_END_BUDGET;
	if (!c->state.kept) {
		chain_start();
	} else if (!chain_resume()) {
		c->state.end = DCM_END_LOST;
		return;
	}
	RUN_LOOP(visit_node, RUN_NODES);
}

#endif
