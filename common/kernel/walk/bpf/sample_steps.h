/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random dentries: a way to chains that does not lead through the table. Each run stands for
 * itself. It looks at random buckets to learn in which windows of memory dentries are, and then at
 * random places of these windows.
 *
 * What a random address is may not be asked of the kernel everywhere: bpf_get_kmem_cache() (6.13,
 * a992d7a3979d) takes the memory's struct page for granted, and that of memory that was added but
 * is offline is not made yet. A window is no bigger than the sections that memory goes online and
 * offline in (SECTION_SIZE_BITS), so all of it is online as long as one dentry in it is allocated,
 * and those that a run meets in buckets are until it ends.
 */
#ifndef DCM_BPF_SAMPLE_STEPS_H
#define DCM_BPF_SAMPLE_STEPS_H

#ifdef __TARGET_ARCH_powerpc
#define WINDOW_SHIFT 24
#else
#define WINDOW_SHIFT 27
#endif
#define WINDOW_BYTES (1ULL << WINDOW_SHIFT)

#define HEADS_SHARE  6	/* one part in so many of a run's time is for looking at buckets */
#define SAMPLE_CLOCK 32 /* buckets or places between looks at the clock */
#define RUN_PLACES   (1 << 16)

extern struct kmem_cache *bpf_get_kmem_cache(__u64 address) __ksym;

static __always_inline __u64 random_below(__u64 limit)
{
	return ((__u64)bpf_get_prandom_u32() * limit) >> 32;
}

static __always_inline bool is_time_over(__u32 i, __u64 ns)
{
	return i % SAMPLE_CLOCK == SAMPLE_CLOCK - 1 && bpf_ktime_get_ns() - area.started_ns > ns;
}

/* Two windows that share a slot are a terabyte apart: the one met first is the run's. */
static __always_inline __u32 window_slot(__u64 address)
{
	return address >> WINDOW_SHIFT & (DCM_WINDOW_SLOTS - 1);
}

static __always_inline bool is_in_window(__u64 address)
{
	const struct dcm_bpf_window *w = &area.sample_state.slot[window_slot(address)];

	return w->run == area.sample_state.run && w->number == address >> WINDOW_SHIFT;
}

static __always_inline void note_window(__u64 address)
{
	struct dcm_bpf_sample_state *s = &area.sample_state;
	struct dcm_bpf_window *w = &s->slot[window_slot(address)];
	__u32 n = s->windows;

	if (w->run == s->run || n >= DCM_WINDOWS)
		return;
	w->run = s->run;
	w->number = address >> WINDOW_SHIFT;
	barrier_var(n);
	s->window[n & (DCM_WINDOWS - 1)] = w->number;
	s->windows = n + 1;
}

LOOP(look_at_head, DCM_WINDOWS)
{
	struct dcm_bpf_sample_state *s = &area.sample_state;
	__u64 head = load_word(area.base + random_below(area.buckets) * 8) & ~LIST_BL_LOCKMASK;

	if (is_time_over(i, area.max_ns / HEADS_SHARE))
		return 1;
	if (!head)
		return 0;
	s->head = head;
	note_window(head);
	return 0;
}

/* How the kernel lays dentries out, from one of them. False: in another way than this knows. */
static __always_inline bool learn_slabs(void)
{
	struct dcm_bpf_sample_state *s = &area.sample_state;
	struct kmem_cache *cache;
	__u64 bytes;

	if (!s->head)
		return false;
	cache = bpf_get_kmem_cache(s->head - D_HASH_OFFSET);
	s->cache = (__u64)cache;
	if (!cache)
		return false;
	s->object_bytes = BPF_CORE_READ(cache, size);
	s->objects = BPF_CORE_READ(cache, oo.x) & 0xffff; /* mm/slub.c: OO_MASK */
	/* Whole pages, a power of two, of which less than an object is left over. */
	bytes = (__u64)s->objects * s->object_bytes - 1;
	bytes |= bytes >> 1;
	bytes |= bytes >> 2;
	bytes |= bytes >> 4;
	bytes |= bytes >> 8;
	bytes |= bytes >> 16;
	s->slab_bytes = bytes + 1;
	return s->objects && s->object_bytes >= 64 && s->slab_bytes <= WINDOW_BYTES;
}

/* In a slab of dentries, which may be asked of addresses in windows only. */
static __always_inline bool is_among_dentries(__u64 address)
{
	return (__u64)bpf_get_kmem_cache(address) == area.sample_state.cache;
}

/*
 * True for a node that is in a chain right now: what it says to be before it points to it, and it
 * is no root, which hangs on its superblock (s_roots) if anywhere. What is at @node may be a free
 * object, or anything else if the kernel merged caches of one size: no pointer in it is followed
 * out of the table and the slabs of dentries. What comes out of it is the number of a bucket, and
 * no chain is shown before it was walked from its bucket on.
 */
static __always_inline bool is_hashed_node(__u64 node)
{
	__u64 pprev = MEMBER(struct hlist_bl_node, node, pprev);
	__u64 dentry = node - D_HASH_OFFSET, parent = MEMBER(struct dentry, dentry, d_parent);

	if (pprev % 8 || !parent || parent % 8 || parent == dentry)
		return false;
	if (pprev - area.base >= area.buckets * 8 &&
	    !(is_in_window(pprev) && is_among_dentries(pprev)))
		return false;
	return (load_word(pprev) & ~LIST_BL_LOCKMASK) == node &&
	       (!is_in_window(parent) || is_among_dentries(parent));
}

static __always_inline void note_sample(__u64 node)
{
	__u32 n = area.sample.found;

	barrier_var(n);
	area.sample.bucket[n & (DCM_SAMPLE_ROOM - 1)] = node_bucket(node);
	area.sample.found = n + 1;
}

/* A random object of a random place of a window, if a slab of dentries is there. Smaller slabs,
 * which the kernel makes when memory is in pieces, are met less often. */
LONG_LOOP(look_at_place, RUN_PLACES)
{
	struct dcm_bpf_sample_state *s = &area.sample_state;
	__u64 window, slab, object;

	if (area.sample.found >= DCM_SAMPLE_ROOM || is_time_over(i, area.max_ns))
		return 1;
	area.sample.places++;
	window = s->window[random_below(s->windows) & (DCM_WINDOWS - 1)] << WINDOW_SHIFT;
	slab = window + random_below(WINDOW_BYTES / s->slab_bytes) * s->slab_bytes;
	if (!is_among_dentries(slab))
		return 0;
	object = slab + random_below(s->objects) * s->object_bytes;
	if (is_among_dentries(object) && is_hashed_node(object + D_HASH_OFFSET))
		note_sample(object + D_HASH_OFFSET);
	return 0;
}

static __always_inline void command_sample(const struct dcm_bpf_command *c, struct dcm_bpf_out *out)
{
	struct dcm_bpf_sample_state *s = &area.sample_state;

	area.sample.found = area.sample.places = 0;
	s->run++;
	s->head = s->windows = 0;
	RUN_LOOP(look_at_head, DCM_WINDOWS);
	area.sample.known = learn_slabs();
	if (area.sample.known)
		RUN_LOOP(look_at_place, RUN_PLACES);
	bpf_probe_read_kernel(&out->sample, sizeof(out->sample), &area.sample);
}

#endif
