/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which parents have the most children, in fixed memory: a set-associative Space-Saving sketch
 * (Metwally, Agrawal, El Abbadi 2005), one small instance per set. Runs inside of BPF and, for its
 * tests, in user space.
 *
 * A parent that is in the sketch has between children - error and children children. One that is
 * not has at most as many as the least of its set, which is at most the entries hashed to that
 * set divided by DCM_SKETCH_WAYS. Negative children are a lower bound by the same error.
 *
 * If only one bucket in N is fed, each of its children counts as N. Children deep in a long chain
 * are walked in any case and fed with a weight of 1: hundreds of children with one name are in one
 * bucket, so a sample has all of them or none.
 */
#ifndef DCM_BPF_SKETCH_H
#define DCM_BPF_SKETCH_H

#include <linux/types.h>

#define DCM_SKETCH_SETS 4096 /* a power of two */
#define DCM_SKETCH_WAYS 8    /* keys of a set: one cache line */

struct dcm_sketch_count {
	__u32 children, negative, error;
	__u32 exact;   /* of the children, those with a weight of 1 */
	__u32 bucket;  /* of the last sampled one, plus 1 */
	__u32 repeats; /* sampled ones that came after another of their own bucket */
};

struct dcm_sketch {
	__u64 key[DCM_SKETCH_SETS][DCM_SKETCH_WAYS];
	struct dcm_sketch_count count[DCM_SKETCH_SETS][DCM_SKETCH_WAYS];
	__u64 total; /* entries fed */
};

static inline __u32 dcm_sketch_set(__u64 key)
{
	return (__u32)((key >> 6) * 0x9e3779b97f4a7c15ULL >> 44) & (DCM_SKETCH_SETS - 1);
}

/* Way of @key in its set, taking a free one or the least counted one's place. */
static __attribute__((noinline)) __u32 dcm_sketch_take(struct dcm_sketch *sketch, __u32 set,
						       __u64 key)
{
	__s64 least = (__s64)DCM_SKETCH_WAYS << 32; /* children, and below them the way */
	__u32 way, error, i;

	if (!sketch)
		return 0;
	set &= DCM_SKETCH_SETS - 1;
	/* Without a branch, which would be mispredicted for every second parent. */
	for (i = 0; i < DCM_SKETCH_WAYS; i++) {
		__s64 less = (__s64)sketch->count[set][i].children * DCM_SKETCH_WAYS + i - least;

		least += less & less >> 63;
	}
	way = least & (DCM_SKETCH_WAYS - 1);
	error = (__u64)least / DCM_SKETCH_WAYS;
	sketch->key[set][way] = key;
	sketch->count[set][way].negative = 0;
	sketch->count[set][way].error = error;
	sketch->count[set][way].exact = error;
	sketch->count[set][way].bucket = 0;
	sketch->count[set][way].repeats = 0;
	return way;
}

/* Fetches what dcm_sketch_add() works with, so that the cache misses of many keys overlap. */
static inline __attribute__((always_inline)) void dcm_sketch_fetch(const struct dcm_sketch *sketch,
								   __u64 key)
{
	__u32 set = dcm_sketch_set(key), way;
	__u64 sum = sketch->key[set][0] + sketch->key[set][DCM_SKETCH_WAYS - 1];

	for (way = 0; way < DCM_SKETCH_WAYS; way += 2)
		sum += sketch->count[set][way].children;
	asm volatile("" : : "r"(sum));
}

/* One child of @key, in @bucket, that counts as @weight; @negative is 1 if it has no inode. */
static inline __attribute__((always_inline)) void
dcm_sketch_add(struct dcm_sketch *sketch, __u64 key, __u32 negative, __u32 weight, __u32 bucket)
{
	__u32 set = dcm_sketch_set(key), way;
	struct dcm_sketch_count *count;

	for (way = 0; way < DCM_SKETCH_WAYS; way++)
		if (sketch->key[set][way] == key)
			break;
	if (way == DCM_SKETCH_WAYS)
		way = dcm_sketch_take(sketch, set, key);
	way &= DCM_SKETCH_WAYS - 1;
	count = &sketch->count[set][way];
	count->children += weight;
	count->negative += negative * weight;
	if (weight == 1) {
		count->exact++;
		return;
	}
	count->repeats += count->bucket == bucket + 1;
	count->bucket = bucket + 1;
}

#ifndef __bpf__
#include <math.h>

/* So many nodes of a chain are sampled with their bucket, the rest is fed in any case. */
#define DCM_SKETCH_CLUSTER 64

/*
 * Two standard deviations of what a sample of one bucket in @every makes of a count, beside
 * count->error. Names hash evenly, so that different ones are in the sample or not each by itself;
 * those of one name share a bucket and come in clusters of at most DCM_SKETCH_CLUSTER, whose
 * squares add up to at most the count plus that times the repeats. The head of each of the
 * @long_chains may be missing.
 */
static inline double dcm_sketch_sampling_error(const struct dcm_sketch_count *count, unsigned every,
					       __u64 long_chains)
{
	double sampled, squares, own = (double)(count->exact - count->error);

	if (every <= 1)
		return 0;
	sampled = (double)(count->children - count->exact) / every;
	squares = sampled + (double)DCM_SKETCH_CLUSTER * count->repeats;
	return 2 * sqrt((double)every * (every - 1) * squares) +
	       DCM_SKETCH_CLUSTER * fmin((double)long_chains, own);
}
#endif

#endif
