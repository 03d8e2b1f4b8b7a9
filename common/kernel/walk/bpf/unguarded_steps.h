/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pass where memory is read through a file, natively. A call per node would cost most of it, so
 * nodes of very many chains wait for each other: they are visited in sweeps, in the order of their
 * addresses, so that neighbours are read at once. What comes behind each in its chain waits for the
 * next sweep, beside the heads of more chains.
 *
 * No RCU read section keeps what is read: a node may be removed, freed and used for something else
 * at any moment, and waits while others are visited, also between runs. So each is checked before
 * it is counted. Included by table_steps.h.
 */
#ifndef DCM_UNGUARDED_STEPS_H
#define DCM_UNGUARDED_STEPS_H

/* Nodes that wait at most: 16 MiB, where a table has as many. Neighbours among them are the more
 * the larger a part of all entries they are. */
#ifndef DCM_SWEEP_ROOM
#define DCM_SWEEP_ROOM ((16 << 20) / 24)
#endif

#define SWEEP_HEADS 8192  /* of buckets read at once, at most */
#define SWEEP_NODES 2048  /* visited between looks at the clock, at most */
#define SWEEP_MOVED 32768 /* brought into order between such looks */
#define SWEEP_FEW   64	  /* the same in a run that is short */
#define FOLLOWED    8	  /* removed nodes in a row, each of which still leads on */

struct sweep_node {
	__u64 address, before; /* the node in front of it; 0: the bucket */
	__u32 bucket, level;   /* which one of its chain: the first is 1 */
};

#define DIGIT_BITS 8
#define DIGITS	   (1 << DIGIT_BITS)

/* Nodes that are moved among those with the same digit of their address. */
struct parts {
	int shift;			 /* to the digit */
	__u32 digit;			 /* whose nodes are moved now */
	__u32 next[DIGITS], end[DIGITS]; /* place of the next node of each, and behind the last */
};

static struct {
	struct sweep_node node[DCM_SWEEP_ROOM];
	__u32 at, count; /* of this sweep: the next one, and behind the last one */
	__u32 kept;	 /* for the next sweep, at the front */
	__u64 differ;	 /* the bits in which their addresses differ */
	bool joined;	 /* there will be more heads before the next sweep */
	bool parting;	 /* the next sweep is being prepared: */
	__u32 counted;	 /* nodes whose digit is counted */
	struct parts parts;
	__u32 part, sorted; /* the next part to be sorted, and behind the last node that is */
} sweep;

static void forget_sweep(void)
{
	sweep.at = sweep.count = sweep.kept = 0;
	sweep.parting = false;
	area.pass.waiting = 0;
}

static void keep_node(__u64 address, __u64 before, __u32 bucket, __u32 level)
{
	sweep.node[sweep.kept] = (struct sweep_node){address, before, bucket, level};
	sweep.differ = sweep.kept ? sweep.differ | (address ^ sweep.node[0].address) : 0;
	sweep.kept++;
}

/* ---- order ---- */

#define FEW_NODES 16 /* sorted by insertion */

static void insert_nodes(struct sweep_node *node, __u32 count)
{
	for (__u32 i = 1; i < count; i++) {
		struct sweep_node n = node[i];
		__u32 j = i;

		for (; j && node[j - 1].address > n.address; j--)
			node[j] = node[j - 1];
		node[j] = n;
	}
}

static __u64 find_differences(const struct sweep_node *node, __u32 count)
{
	__u64 differ = 0;

	for (__u32 i = 1; i < count; i++)
		differ |= node[i].address ^ node[0].address;
	return differ;
}

/* By the highest bits of @differ. */
static void begin_parts(struct parts *p, __u64 differ)
{
	int bits = differ ? 64 - __builtin_clzll(differ) : 0;

	p->shift = bits > DIGIT_BITS ? bits - DIGIT_BITS : 0;
	p->digit = 0;
	__builtin_memset(p->next, 0, sizeof(p->next));
}

static __u32 digit_of(const struct parts *p, const struct sweep_node *n)
{
	return n->address >> p->shift & (DIGITS - 1);
}

static void count_digits(struct parts *p, const struct sweep_node *node, __u32 count)
{
	for (__u32 i = 0; i < count; i++)
		p->next[digit_of(p, &node[i])]++;
}

static void place_parts(struct parts *p)
{
	__u32 from = 0;

	for (__u32 d = 0; d < DIGITS; d++) {
		__u32 count = p->next[d];

		p->next[d] = from;
		from += count;
		p->end[d] = from;
	}
}

/* In place, at most @most of them. True: all are where they should be. */
static bool move_nodes(struct parts *p, struct sweep_node *node, __u32 most)
{
	for (; p->digit < DIGITS; p->digit++) {
		while (p->next[p->digit] < p->end[p->digit]) {
			struct sweep_node n = node[p->next[p->digit]];
			__u32 own = digit_of(p, &n);

			if (!most--)
				return false;
			node[p->next[p->digit]] = node[p->next[own]];
			node[p->next[own]++] = n;
		}
	}
	return true;
}

/* By address: a radix sort in place, from the highest digit on. At most 8 deep. */
static void sort_nodes(struct sweep_node *node, __u32 count)
{
	__u64 differ;
	struct parts p;

	if (count <= FEW_NODES) {
		insert_nodes(node, count);
		return;
	}
	differ = find_differences(node, count);
	if (!differ)
		return;
	begin_parts(&p, differ);
	count_digits(&p, node, count);
	place_parts(&p);
	move_nodes(&p, node, count);
	for (__u32 d = 0; p.shift && d < DIGITS; d++) {
		__u32 from = d ? p.end[d - 1] : 0;

		if (p.end[d] - from > 1)
			sort_nodes(node + from, p.end[d] - from);
	}
}

/* Brings the nodes that are kept into parts, which are sorted when they are come to: a run must not
 * take long. One step of it; the last one begins the sweep. */
static void prepare_sweep(void)
{
	__u32 left = sweep.kept - sweep.counted;

	if (!sweep.parting) {
		begin_parts(&sweep.parts, sweep.differ);
		sweep.parting = true;
		sweep.counted = 0;
	} else if (left) {
		left = left < SWEEP_MOVED ? left : SWEEP_MOVED;
		count_digits(&sweep.parts, sweep.node + sweep.counted, left);
		sweep.counted += left;
		if (sweep.counted == sweep.kept)
			place_parts(&sweep.parts);
	} else if (move_nodes(&sweep.parts, sweep.node, SWEEP_MOVED)) {
		sweep.count = sweep.kept;
		sweep.at = sweep.kept = sweep.part = sweep.sorted = 0;
		sweep.parting = false;
	}
}

/* The parts that the next @nodes are in. */
static void sort_parts(__u32 nodes)
{
	while (sweep.sorted < sweep.count && sweep.sorted - sweep.at < nodes) {
		__u32 end = sweep.parts.end[sweep.part++];

		sort_nodes(sweep.node + sweep.sorted, end - sweep.sorted);
		sweep.sorted = end;
	}
}

/* ---- nodes that may have moved ---- */

enum fate {
	IN_PLACE,
	NO_MORE,   /* the chain ends here, or its rest is lost */
	ELSEWHERE, /* its rest is to be reached from its head alone: what led here is in it no more,
		      or leads back, as in a circle */
};

/* Where the way to @n comes from. */
static __u64 way_to(const struct sweep_node *n)
{
	return n->before ? n->before : area.base + (__u64)n->bucket * 8;
}

/* Whether it is in that chain right now, as far as its own memory says. */
static bool is_of_chain(__u64 node, __u64 bucket)
{
	return MEMBER(struct hlist_bl_node, node, pprev) && node_bucket(node) == bucket;
}

/*
 * Finds the node that @n stands for, behind the one in front of it: itself, or what comes behind it
 * when it was removed, which leaves its way on as it was, until the memory is used again. Otherwise
 * it is looked for again, once, from the node in front: for the first of a chain, there may be new
 * ones.
 */
static enum fate find_member(struct sweep_node *n)
{
	bool again = false;

	for (__u32 i = 0; i < FOLLOWED && n->address; i++) {
		__u64 pprev = MEMBER(struct hlist_bl_node, n->address, pprev);

		if (node_bucket(n->address) == n->bucket) {
			if (pprev == way_to(n))
				return IN_PLACE;
			if (!pprev) {
				n->address = load_word(n->address);
				continue;
			}
			if (again && node_is_linked(n->address))
				return ELSEWHERE;
		}
		if (again)
			return NO_MORE;
		again = true;
		native_forget(n->address);
		native_forget(way_to(n));
		if (n->before && !is_of_chain(n->before, n->bucket))
			return ELSEWHERE;
		n->address = load_word(way_to(n)) & ~LIST_BL_LOCKMASK;
	}
	return NO_MORE;
}

/* ---- counting ---- */

/* The chain of @bucket has ended in front of @level. */
static void end_chain(__u32 bucket, __u32 level)
{
	__u64 ended = area.pass.lengths[level - 1]++;

	if (level == 1) {
		area.pass.nonempty--;
		return;
	}
	area.recent.bucket[level - 1][ended & (DCM_RECENT - 1)] = bucket;
	area.pass.ended++;
}

/* The rest of the chain is for the chain walker, which enters it at its head. */
static void hand_over(__u32 bucket, __u32 counted)
{
	area.deferred[area.pass.deferred++] = (struct dcm_bpf_deferred){bucket, counted};
}

static void count_member(const struct sweep_node *n)
{
	const __u64 dentry = n->address - D_HASH_OFFSET;
	__u64 negative = 1 - is_set(MEMBER(struct dentry, dentry, d_inode));

	sb_account(MEMBER(struct dentry, dentry, d_sb), 1 - negative, negative);
	area.pass.negative += negative;
	area.pass.entries++;
	if (!is_sketched(n->bucket))
		return;
	dcm_sketch_add(&area.sketch, MEMBER(struct dentry, dentry, d_parent), negative,
		       area.pass.sketch_every, n->bucket);
	area.sketch.total++;
}

/* What comes behind a member that was counted. */
static void go_on(const struct sweep_node *n)
{
	__u64 next = load_word(n->address);

	if (!is_set(next))
		end_chain(n->bucket, n->level + 1);
	else if (n->level == DCM_LEVELS)
		hand_over(n->bucket, n->level);
	else
		keep_node(next, n->address, n->bucket, n->level + 1);
}

static void visit(struct sweep_node n)
{
	switch (find_member(&n)) {
	case IN_PLACE:
		count_member(&n);
		go_on(&n);
		break;
	case NO_MORE:
		end_chain(n.bucket, n.level);
		break;
	case ELSEWHERE:
		hand_over(n.bucket, n.level - 1);
		break;
	}
}

/* ---- the pass ---- */

/* All that visits need, in as few reads as can be. What is kept takes the places of those visited
 * before. */
static void visit_nodes(void)
{
	static __u64 wanted[SWEEP_NODES];
	const __u64 inode = bpf_core_field_offset(struct dentry, d_inode);
	const __u64 sb = bpf_core_field_offset(struct dentry, d_sb);
	__u32 most = area.most_steps < SWEEP_FEW     ? SWEEP_FEW
		     : area.most_steps < SWEEP_NODES ? area.most_steps
						     : SWEEP_NODES;
	__u32 nodes;

	sort_parts(most);
	nodes = sweep.sorted - sweep.at < most ? sweep.sorted - sweep.at : most;
	for (__u32 i = 0; i < nodes; i++)
		wanted[i] = sweep.node[sweep.at + i].address;
	nodes = native_fetch(wanted, nodes, (inode > sb ? inode : sb) + 8 - D_HASH_OFFSET);
	while (nodes--)
		visit(sweep.node[sweep.at++]);
}

/* Heads of buckets lie behind each other. */
static void take_heads(void)
{
	static __u64 heads[SWEEP_HEADS];
	__u64 first = area.base + area.pass.next * 8, left = area.pass.stop - area.pass.next;
	__u32 count = left < SWEEP_HEADS ? left : SWEEP_HEADS, before = sweep.kept;

	if (count > DCM_SWEEP_ROOM - sweep.kept)
		count = DCM_SWEEP_ROOM - sweep.kept;
	native_fetch(&first, 1, count * 8);
	bpf_probe_read_kernel(heads, count * 8, (void *)first);
	for (__u32 i = 0; i < count; i++) {
		__u64 head = heads[i] & ~LIST_BL_LOCKMASK;

		if (is_set(head))
			keep_node(head, 0, area.pass.next, 1);
		area.pass.next++;
	}
	area.pass.nonempty += sweep.kept - before;
	area.pass.lengths[0] += count - (sweep.kept - before);
}

/* One step. False: there is none, or only when more heads are there. */
static bool step_pass(void)
{
	bool has_room = !sweep.parting && sweep.kept < DCM_SWEEP_ROOM;

	if (sweep.at < sweep.count)
		visit_nodes();
	else if (has_room && area.pass.next < area.pass.stop)
		take_heads();
	else if ((has_room && sweep.joined) || !sweep.kept)
		return false;
	else
		prepare_sweep();
	return true;
}

static void pass_run(void)
{
	area.pass.deferred = 0;
	area.pass.end = DCM_END_BUDGET;
	while (step_pass() && !run_is_over())
		;
	area.pass.waiting = sweep.count - sweep.at + sweep.kept;
	if (!area.pass.waiting && area.pass.next == area.pass.stop)
		area.pass.end = DCM_END_DONE;
}

#endif
