/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the table of tracked connections is (net/netfilter/nf_conntrack_core.c, nf_conntrack_hash).
 *
 * No structure of the core leads to it, and symbols of data are not everywhere to be had. But each
 * network namespace has a sysctl of nf_conntrack_max, a variable of the same file. That file keeps
 * the limit, the pointer to the table and its size in one piece of data ("__read_mostly"). So: the
 * sysctl by its name, from the tree of the namespace's own; then, of the words around the variable,
 * the one that points to a table, and its size. A bucket's chain ends with its own number. Nothing
 * else looks like that: a list_head also points to what points back to it.
 */
#ifndef DCM_BPF_TABLES_CONNTRACK_H
#define DCM_BPF_TABLES_CONNTRACK_H

#define SYSCTL_STEPS	  64  /* down a tree of sysctls */
#define AROUND		  512 /* bytes before and after the variable */
#define CONNTRACK_PROOFS  16  /* buckets; all but one: that one may be changing */
#define CONNTRACK_ALIGNED 512 /* sizes are multiples of a page of buckets */
#define CONNTRACK_CHAIN	  512 /* nodes of a chain: the kernel adds none to one of 80 */

static const char sysctl_names[][DCM_SYSCTL_NAME] = {"net", "netfilter", "nf_conntrack_max"};

/* As fs/proc/proc_sysctl.c, namecmp(). */
static __always_inline int compare_sysctl(const char *wanted, const char *name)
{
	__u32 j;

	for (j = 0; j < DCM_SYSCTL_NAME; j++) {
		int difference = (unsigned char)wanted[j] - (unsigned char)name[j];

		if (difference || !wanted[j])
			return difference;
	}
	return 0;
}

/* One step down the tree of a directory; ends with sysctl.header and .entry, or 0 in .node. */
LOOP(sysctl_step, SYSCTL_STEPS)
{
	struct dcm_bpf_sysctl *s = &area.tables.sysctl;
	__u64 header = MEMBER(struct ctl_node, s->node, header);
	__u64 number = (s->node - MEMBER(struct ctl_table_header, header, node)) /
		       bpf_core_type_size(struct ctl_node);
	__u64 entry = MEMBER(struct ctl_table_header, header, ctl_table) +
		      number * bpf_core_type_size(struct ctl_table);
	int difference;

	s->name[0] = 0;
	bpf_probe_read_kernel_str(s->name, sizeof(s->name),
				  (void *)MEMBER(struct ctl_table, entry, procname));
	difference = compare_sysctl(s->wanted, s->name);
	if (!difference) {
		s->header = header;
		s->entry = entry;
		return 1;
	}
	s->node = difference < 0 ? MEMBER(struct rb_node, s->node, rb_left)
				 : MEMBER(struct rb_node, s->node, rb_right);
	return !s->node;
}

/* A directory is its header, with a tree behind it. */
LOOP(sysctl_level, sizeof(sysctl_names) / sizeof(sysctl_names[0]))
{
	struct dcm_bpf_sysctl *s = &area.tables.sysctl;

	if (i >= sizeof(sysctl_names) / sizeof(sysctl_names[0]))
		return 1;
	s->node = MEMBER(struct ctl_dir, s->header, root.rb_node);
	if (!s->node)
		return 1;
	__builtin_memcpy(s->wanted, sysctl_names[i], sizeof(s->wanted));
	RUN_LOOP(sysctl_step, SYSCTL_STEPS);
	return !s->node;
}

/* The address of the variable nf_conntrack_max; 0: @net has no such sysctl. */
static __always_inline __u64 conntrack_variable(__u64 net)
{
	struct dcm_bpf_sysctl *s = &area.tables.sysctl;

	s->header = net + bpf_core_field_offset(struct net___tables, sysctls) +
		    bpf_core_field_offset(struct ctl_table_set, dir);
	s->node = 0;
	RUN_LOOP(sysctl_level, sizeof(sysctl_names) / sizeof(sysctl_names[0]));
	return s->node ? MEMBER(struct ctl_table, s->entry, data) : 0;
}

/* Whether bucket @number of a table at @base is what it must be: its chain ends with its number. (A
 * global function: the verifier checks it once, not for each way through the loop around it.) */
DCM_GLOBAL __noinline int is_marked(__u64 base, __u64 number)
{
	__u64 word = load_word(base + 8 * number);
	int j;

	for (j = 0; j < CONNTRACK_CHAIN && is_node(word); j++)
		word = load_word(word);
	return word == (number << 1 | 1);
}

LOOP(try_pointer, 2 * AROUND / 8)
{
	struct dcm_bpf_table *t = &area.tables.now;
	__u64 at = t->pointer + 8 * i, base = load_word(at);
	int marked = 0, j;

	if (!is_node(base) || (base & 7))
		return 0;
	for (j = 0; j < CONNTRACK_PROOFS; j++)
		marked += is_marked(base, j);
	if (marked < CONNTRACK_PROOFS - 1)
		return 0;
	t->base = base;
	t->pointer = at;
	return 1;
}

/*
 * The size is the largest number whose last bucket is one of the table's, and the one in the
 * middle. Not the variable itself: it is larger than the table where chains may be long. What is
 * behind the table tells nothing: an earlier one may have been there.
 */
LOOP(try_size_at, 2 * AROUND / 4)
{
	struct dcm_bpf_table *t = &area.tables.now;
	__u64 at = area.tables.back + 4 * i, size = word_at(at);

	if (size <= t->buckets || size % CONNTRACK_ALIGNED || size >> MOST_BITS ||
	    at == area.tables.variable)
		return 0;
	if (is_marked(t->base, size - 1) && is_marked(t->base, size / 2))
		t->buckets = size;
	return 0;
}

static __always_inline void find_conntrack(__u64 net)
{
	struct dcm_bpf_table *t = &area.tables.now;
	__u64 variable;

	if (!HAS(struct net___tables, sysctls) || !HAS(struct ctl_table_header, node))
		return;
	variable = conntrack_variable(net);
	t->why = DCM_TABLE_NO_ANCHOR;
	if (!variable)
		return;
	area.tables.variable = variable;
	area.tables.back = t->pointer = (variable & ~7ULL) - AROUND;
	RUN_LOOP(try_pointer, 2 * AROUND / 8);
	if (t->base)
		RUN_LOOP(try_size_at, 2 * AROUND / 4);
	lies_plainly(t->base, t->buckets);
	t->why = t->why == DCM_TABLE_REACHED ? t->why : DCM_TABLE_UNSOLVED;
	t->has_mark = t->shared = 1;
}

/* Its size can be changed at any time, by which it moves. */
static __always_inline bool has_moved(const struct dcm_bpf_table *t)
{
	return t->pointer && load_word(t->pointer) != t->base;
}

#endif
