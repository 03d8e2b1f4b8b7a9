/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which parents have the most children, in fixed memory: a set-associative Space-Saving sketch
 * (Metwally, Agrawal, El Abbadi 2005), one small instance per set. Runs inside of BPF and, for its
 * tests, in user space.
 *
 * A parent that is in the sketch has between children - error and children children. One that is
 * not has at most as many as the least of its set, which is at most the entries hashed to that
 * set divided by DCM_SKETCH_WAYS. Negative children are a lower bound by the same error.
 */
#ifndef DCM_BPF_SKETCH_H
#define DCM_BPF_SKETCH_H

#include <linux/types.h>

#define DCM_SKETCH_SETS 4096 /* a power of two */
#define DCM_SKETCH_WAYS 8    /* keys of a set: one cache line */

struct dcm_sketch_count {
	__u32 children, negative, error, reserved;
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
	__u32 way = 0, least = ~0U, i;

	if (!sketch)
		return 0;
	set &= DCM_SKETCH_SETS - 1;
	for (i = 0; i < DCM_SKETCH_WAYS; i++) {
		__u32 children = sketch->count[set][i].children;

		if (children < least) {
			least = children;
			way = i;
		}
	}
	way &= DCM_SKETCH_WAYS - 1;
	sketch->key[set][way] = key;
	sketch->count[set][way].negative = 0;
	sketch->count[set][way].error = least;
	return way;
}

/* One child of @key; @negative is 1 when it has no inode. */
static inline __attribute__((always_inline)) void dcm_sketch_add(struct dcm_sketch *sketch,
								 __u64 key, __u32 negative)
{
	__u32 set = dcm_sketch_set(key), way;

	for (way = 0; way < DCM_SKETCH_WAYS; way++)
		if (sketch->key[set][way] == key)
			break;
	if (way == DCM_SKETCH_WAYS)
		way = dcm_sketch_take(sketch, set, key);
	way &= DCM_SKETCH_WAYS - 1;
	sketch->count[set][way].children++;
	sketch->count[set][way].negative += negative;
}

#endif
