/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The buckets that the children of a directory are in: a way to chains that does not lead through
 * the table. The caller's descriptor names the directory in each run, and holds it meanwhile.
 */
#ifndef DCM_BPF_CHILDREN_STEPS_H
#define DCM_BPF_CHILDREN_STEPS_H

#define CHILD_CLOCK_EVERY 64

static __always_inline void note_child(__u64 node)
{
	__u32 n = area.children.found;

	barrier_var(n);
	area.children.bucket[n & (DCM_CHILDREN_ROOM - 1)] = node_bucket(node);
	area.children.found = n + 1;
}

/* Since the last run: the list of 6.8 and the circle before it both have the way back at the same
 * place, the second word of a node. */
static __always_inline bool child_is_linked(__u64 node, __u64 parent)
{
	return MEMBER(struct dentry, child_of(node), d_parent) == parent &&
	       load_word(MEMBER(struct list_head, node, prev)) == node;
}

LONG_LOOP(visit_child, DCM_CHILDREN_ROOM + 1)
{
	struct dcm_bpf_children_state *s = &area.children_state;
	__u64 node = s->node, child;

	if (is_list_end(node, s->dentry)) {
		area.children.end = DCM_END_DONE;
		return 1;
	}
	if (area.children.found >= DCM_CHILDREN_ROOM ||
	    (i % CHILD_CLOCK_EVERY == CHILD_CLOCK_EVERY - 1 && time_is_over()))
		return 1;
	child = child_of(node);
	if (MEMBER(struct dentry, child, d_parent) != s->dentry) {
		area.children.end = DCM_END_LOST; /* moved meanwhile */
		return 1;
	}
	if (MEMBER(struct hlist_bl_node, child + D_HASH_OFFSET, pprev))
		note_child(child + D_HASH_OFFSET);
	s->anchor = node;
	s->node = load_word(node);
	return 0;
}

static __always_inline void visit_children(__u64 fd)
{
	struct dcm_bpf_children_state *s = &area.children_state;
	__u64 dentry = dentry_of_fd(fd);

	area.children.found = 0;
	area.children.end = DCM_END_LOST;
	if (!dentry || (s->anchor && (s->dentry != dentry || !child_is_linked(s->anchor, dentry))))
		return;
	area.children.end = DCM_END_BUDGET;
	s->dentry = dentry;
	s->node = s->anchor ? load_word(s->anchor) : first_child(dentry);
	RUN_LOOP(visit_child, DCM_CHILDREN_ROOM + 1);
}

#endif
