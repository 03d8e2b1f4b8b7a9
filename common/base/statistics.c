// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/base/statistics.h"

#include <math.h>

/* Abramowitz and Stegun 26.7.5. */
double dcm_student(double freedom)
{
	const double z = 1.959964, z2 = z * z;
	double n = freedom < 2 ? 2 : freedom;

	return z * (1 + (z2 + 1) / (4 * n) + (5 * z2 * z2 + 16 * z2 + 3) / (96 * n * n) +
		    (3 * z2 * z2 * z2 + 19 * z2 * z2 + 17 * z2 - 15) / (384 * n * n * n));
}

void dcm_block_sum_add(struct dcm_block_sum *sum, bool certain, double amount, size_t blocks)
{
	if (certain) {
		sum->certain += amount;
		return;
	}
	sum->sampled += amount;
	sum->squares += amount * amount / (double)blocks;
}

/* Degrees of freedom: a group of blocks differs from the others as one, by less. */
static double freedom(const struct dcm_block_sample *sample)
{
	return (double)(sample->sampled - sample->joined) - 1;
}

double dcm_block_sum_dispersion(const struct dcm_block_sum *sum,
				const struct dcm_block_sample *sample)
{
	double n = (double)sample->sampled, variance;

	if (sum->sampled <= 0 || freedom(sample) < 1)
		return 1;
	variance = (sum->squares - sum->sampled * sum->sampled / n) / freedom(sample);
	return fmax(0, variance) * n / sum->sampled;
}

bool dcm_block_sample_suffices(const struct dcm_block_sample *sample)
{
	return sample->sampled - sample->joined >= 3 ||
	       sample->certain + sample->sampled == sample->blocks;
}

/*
 * With a share f of the blocks, a count k of a whole Y has the variance D f (1 - f) Y. The ends are
 * where k is t standard deviations off: (k - f Y)^2 = t^2 D f (1 - f) Y.
 */
struct dcm_interval dcm_block_count_interval(double certain, double sampled, double dispersion,
					     const struct dcm_block_sample *sample)
{
	double rest = (double)(sample->blocks - sample->certain), share, t, c, root;
	struct dcm_interval ret = {certain + sampled, certain + sampled, certain + sampled};

	if (sample->certain + sample->sampled >= sample->blocks || !sample->sampled)
		return ret;
	share = (double)sample->sampled / rest;
	t = dcm_student(freedom(sample));
	c = t * t * dispersion * (1 - share);
	root = sqrt(sampled * c + c * c / 4);
	ret.value = certain + sampled / share;
	ret.low = fmax(certain + sampled, certain + (sampled + c / 2 - root) / share);
	ret.high = certain + (sampled + c / 2 + root) / share;
	return ret;
}

struct dcm_interval dcm_block_sum_interval(const struct dcm_block_sum *sum,
					   const struct dcm_block_sample *sample)
{
	return dcm_block_count_interval(sum->certain, sum->sampled,
					dcm_block_sum_dispersion(sum, sample), sample);
}
