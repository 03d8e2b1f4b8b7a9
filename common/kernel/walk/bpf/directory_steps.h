/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A directory that the sketch has found big: where it is and what its children are called. */
#ifndef DCM_BPF_DIRECTORY_STEPS_H
#define DCM_BPF_DIRECTORY_STEPS_H

#define CHILDREN_SEEN 512

static __always_inline bool has_children_list(void)
{
	return bpf_core_field_exists(struct dentry___children, d_children);
}

static __always_inline __u64 first_child(__u64 dentry)
{
	if (has_children_list())
		return MEMBER(struct dentry___children, dentry, d_children);
	return MEMBER(struct dentry___subdirs, dentry, d_subdirs);
}

/* From the list node within a child to the child. */
static __always_inline __u64 child_of(__u64 node)
{
	if (has_children_list())
		return node - bpf_core_field_offset(struct dentry___children, d_sib);
	return node - bpf_core_field_offset(struct dentry___subdirs, d_child);
}

/* True after the last child: the older list is a circle through its parent. */
static __always_inline bool is_list_end(__u64 node, __u64 parent)
{
	if (has_children_list())
		return !node;
	return !node || node == parent + bpf_core_field_offset(struct dentry___subdirs, d_subdirs);
}

LOOP(sample_child, CHILDREN_SEEN)
{
	struct dcm_bpf_directory *d = &area.directory;
	__u64 child, name;
	__u32 n = d->names;

	if (is_list_end(d->node, d->dentry) || n >= DCM_NAME_SAMPLES)
		return 1;
	child = child_of(d->node);
	if (MEMBER(struct dentry, child, d_parent) != d->dentry)
		return 1; /* moved meanwhile: the next ones belong to another directory */
	d->node = load_word(d->node);
	/* Cursors of open directories are children that are never hashed; their name is "/". What
	 * was removed and is still open is not either. */
	if (!MEMBER(struct hlist_bl_node, child + D_HASH_OFFSET, pprev) ||
	    (d->want_negative && MEMBER(struct dentry, child, d_inode)))
		return 0;
	name = MEMBER(struct dentry, child, d_name.name);
	/* The compiler knows n's limit and would leave the mask out; 6.1's verifier forgot the
	 * limit when n was spilled. */
	barrier_var(n);
	if (READ_NAME(d->name[n & (DCM_NAME_SAMPLES - 1)], DCM_NAME_ROOM, child, (void *)name) > 0)
		d->names = n + 1;
	return 0;
}

/* The memory may hold something else since the pass: only what is hashed or a root, of a real
 * superblock, is a dentry to look into. One without children is another one, or empty by now. */
static __always_inline bool is_live_dentry(__u64 dentry, __u64 sb)
{
	__u64 root = sb ? MEMBER(struct super_block, sb, s_root) : 0;

	if (!root || MEMBER(struct dentry, root, d_sb) != sb)
		return false;
	return root == dentry || node_is_linked(dentry + D_HASH_OFFSET);
}

static __always_inline void describe_directory(void)
{
	struct dcm_bpf_directory *d = &area.directory;
	struct dcm_bpf_chain *c = &area.chain;
	__u64 sb = MEMBER(struct dentry, d->dentry, d_sb);

	d->found = d->names = 0;
	d->node = first_child(d->dentry);
	if (!is_live_dentry(d->dentry, sb) || is_list_end(d->node, d->dentry))
		return;
	d->found = 1;
	d->superblock = sb;
	c->path_len = c->path_complete = 0;
	c->node = d->dentry;
	RUN_LOOP(append_component, PATH_DEPTH);
	RUN_LOOP(sample_child, CHILDREN_SEEN);
}

#endif
