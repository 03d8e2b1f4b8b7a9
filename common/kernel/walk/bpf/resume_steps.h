/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the walk of a chain continues. Between runs there is no RCU read section and any node may
 * be freed, so the first DCM_ANCHORS nodes visited are kept, and the last ones behind these, the
 * anchors. The next run continues after the newest one that is still in its place.
 *
 * Its memory may hold a new entry of this very chain by now, or it left and came back. Going on
 * there would count everything again, for ever where entries come and go fast. Nothing is ever
 * inserted between two nodes: an entry that comes is put in front. So those that stayed are in the
 * order in which they were visited, and those that came back are in front of all of these.
 */
#ifndef DCM_BPF_RESUME_STEPS_H
#define DCM_BPF_RESUME_STEPS_H

#define MOST_NEW 512		   /* nodes from the head that are looked at */
#define MANY_NEW (4 * DCM_ANCHORS) /* so many are worth to be forgotten */
#define PLACES	 (2 * DCM_ANCHORS)

static __always_inline bool is_member(__u64 node)
{
	return node && node_is_linked(node) && node_bucket(node) == area.chain.state.bucket;
}

static __always_inline __u64 chain_head(void)
{
	return load_word(area.base + area.chain.state.bucket * 8) & ~LIST_BL_LOCKMASK;
}

/* Where the node visited as number @n, from 0 on, is kept. */
static __always_inline __u32 place_of_number(__u64 n)
{
	__u32 ring = n & (DCM_ANCHORS - 1);

	return n < DCM_ANCHORS ? ring : DCM_ANCHORS + ring;
}

/* Of what is kept at @place: greater if it was visited later. */
static __always_inline __u32 rank_of_place(__u32 place)
{
	__u32 newer = area.chain.state.kept - 1 - place;

	return place < DCM_ANCHORS ? place : PLACES - 1 - (newer & (DCM_ANCHORS - 1));
}

/* PLACES: it is not kept. */
static __always_inline __u32 rank_of(__u64 node)
{
	__u32 i;

	for (i = 0; i < PLACES; i++)
		if (area.chain.state.known[i] == node)
			return rank_of_place(i);
	return PLACES;
}

/* One more node from the head on, as long as one of the first ones is still to come. */
LOOP(meet_node, MOST_NEW)
{
	struct dcm_bpf_order *o = &area.order;
	__u64 node = area.chain.node;
	__u32 rank;

	if (!node || !o->wanted)
		return 1;
	if (i < DCM_ANCHORS)
		o->first[i & (DCM_ANCHORS - 1)] = node;
	o->steps = i + 1;
	area.chain.node = load_word(node);
	rank = rank_of(node);
	if (rank >= PLACES)
		return 0;
	if (rank < o->last) {
		o->moved |= o->met;
		o->met = 0;
	}
	o->last = rank;
	o->met |= 1U << (rank & (PLACES - 1));
	o->wanted &= ~(1U << (rank & (PLACES - 1)));
	return 0;
}

LOOP(want_first, DCM_ANCHORS)
{
	__u32 place = i & (DCM_ANCHORS - 1);

	area.order.wanted |= (__u32)is_member(area.chain.state.known[place]) << place;
	return 0;
}

LOOP(forget_moved, PLACES)
{
	__u32 place = i & (PLACES - 1);

	if (area.order.moved >> (rank_of_place(place) & (PLACES - 1)) & 1)
		area.chain.state.known[place] = 0;
	return 0;
}

/* Forgets those that came back in front of the first ones, which cost as many loads as there are of
 * these and of what is new. Where much is, it takes the place of the first ones. */
static __always_inline void check_order(void)
{
	struct dcm_bpf_order *o = &area.order;
	struct dcm_bpf_chain_state *s = &area.chain.state;

	o->wanted = o->met = o->last = o->moved = o->steps = 0;
	RUN_LOOP(want_first, DCM_ANCHORS);
	area.chain.node = chain_head();
	RUN_LOOP(meet_node, MOST_NEW);
	if (o->moved)
		RUN_LOOP(forget_moved, PLACES);
	if (o->steps >= MANY_NEW && s->kept >= PLACES)
		__builtin_memcpy(s->known, o->first, sizeof(o->first));
}

/* The last ones, from the newest on. */
LOOP(try_anchor, PLACES)
{
	struct dcm_bpf_order *o = &area.order;
	struct dcm_bpf_chain_state *s = &area.chain.state;
	__u32 place = place_of_number(o->visited - 1 - i) & (PLACES - 1);
	__u64 anchor = s->known[place];

	if (o->newest && anchor == o->before) {
		o->found = 1;
		return 1;
	}
	if (!is_member(anchor)) {
		s->known[place] = 0;
		return 0;
	}
	if (o->newest)
		s->known[o->at & (PLACES - 1)] = 0;
	o->newest = anchor;
	o->at = place;
	o->before = MEMBER(struct hlist_bl_node, anchor, pprev);
	s->kept = o->visited - i;
	return 0;
}

/*
 * Finds the node to continue with. False: all that are kept are gone, but one.
 *
 * Where all of the first ones left, one that came back cannot be told from one that stayed. Two
 * neighbours that are still in the same order most likely stayed.
 */
static __always_inline bool chain_resume(void)
{
	struct dcm_bpf_order *o = &area.order;
	struct dcm_bpf_chain *c = &area.chain;

	check_order();
	o->visited = c->state.kept;
	o->newest = o->before = 0;
	o->found = 0;
	RUN_LOOP(try_anchor, o->visited > PLACES ? DCM_ANCHORS : o->visited);
	if (!o->found)
		return false;
	c->node = load_word(o->newest);
	if (c->state.kept != o->visited) /* the marked one may be next */
		c->state.mark = 0;
	return true;
}

#endif
