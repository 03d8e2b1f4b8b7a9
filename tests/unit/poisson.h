/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random numbers of tests that simulate. */
#ifndef DCM_TESTS_POISSON_H
#define DCM_TESTS_POISSON_H

#include <math.h>
#include <stdlib.h>

/* Knuth's below 30, else the normal distribution. */
static inline double poisson(unsigned short seed[3], double mean)
{
	double limit = exp(-mean), product = 1;
	int n = -1;

	if (mean > 30)
		return fmax(0, round(mean + sqrt(mean) * sqrt(-2 * log(1 - erand48(seed))) *
						    cos(2 * M_PI * erand48(seed))));
	do {
		product *= erand48(seed);
		n++;
	} while (product > limit);
	return n;
}

#endif
