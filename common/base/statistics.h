/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * 95 % intervals. Pure.
 *
 * A block sample: a whole is cut into blocks of equal size, some of which are counted. Those that
 * are known to differ from all others are counted in any case ("certain"); of the rest a simple
 * random sample without replacement is. The error of a sum follows from how much the sampled blocks
 * differ from each other, so what comes in clusters (a long hash chain) widens the interval. See
 * W. G. Cochran, Sampling Techniques, 3rd edition, sections 2.6 (finite population correction) and
 * 9.2 (clusters of equal size); E. B. Wilson, JASA 22 (1927), for the shape of the interval.
 */
#ifndef DCM_BASE_STATISTICS_H
#define DCM_BASE_STATISTICS_H

#include <stdbool.h>
#include <stddef.h>

/* The 97.5 % point of Student's t distribution: 3 % too small at 2 degrees of freedom (less is
 * taken as 2), within 1 % from 4 on. */
double dcm_student(double freedom);

struct dcm_interval {
	double value, low, high;
};

struct dcm_block_sample {
	size_t blocks;	/* of the whole */
	size_t certain; /* counted in any case */
	size_t sampled; /* of the others, counted by now */
	size_t joined;	/* of these, only known together with another one */
};

/* Of one quantity. All zero at first; blocks without any of it need not be added. */
struct dcm_block_sum {
	double certain;		 /* in the blocks that are certain */
	double sampled, squares; /* sum and sum of squares over the sampled blocks */
};

/* What is in @blocks blocks together, whose squares are then those of their mean. */
void dcm_block_sum_add(struct dcm_block_sum *sum, bool certain, double amount, size_t blocks);

/* How much more the sampled blocks differ than by chance: about 1 when what is counted falls into
 * them one by one, more when it comes in clusters; 1 when nothing is known. */
double dcm_block_sum_dispersion(const struct dcm_block_sum *sum,
				const struct dcm_block_sample *sample);

/* Whether enough is counted for an interval: everything, or three sampled blocks or
 * groups of such that are known together. */
bool dcm_block_sample_suffices(const struct dcm_block_sample *sample);

/*
 * The whole, of a sample that suffices. Assumes that what is in no sampled block spreads like what
 * is: a cluster larger than all others that was met nowhere is in no interval. The ends meet when
 * every block is counted, and the lower one is never below what was counted.
 */
struct dcm_interval dcm_block_sum_interval(const struct dcm_block_sum *sum,
					   const struct dcm_block_sample *sample);

/* The same when only the count is known, and @dispersion from elsewhere. */
struct dcm_interval dcm_block_count_interval(double certain, double sampled, double dispersion,
					     const struct dcm_block_sample *sample);

#endif
