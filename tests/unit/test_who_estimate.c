// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The estimator against processes whose truth is known: how often does the interval hold it? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/model/who/who_estimate.h"
#include "tests/unit/poisson.h"

#define SAMPLES 2000
#define SLICES	6000 /* of 0.5 ms: 3 s */
#define SLICE	0.0005

struct scene {
	const char *name;
	double mean;	 /* events in a slice that is busy */
	double busy;	 /* share of slices, in runs of @run */
	int run;	 /* slices */
	unsigned one_of; /* described */
	int window, gap; /* slices; the gap is 0 to twice that long */
	int most;	 /* intervals that hold the truth, in percent */
};

static unsigned short seed[3];

static double live(const struct scene *scene, double *events)
{
	bool busy = erand48(seed) < scene->busy;
	double truth = 0;

	for (int i = 0; i < SLICES; i++) {
		if (erand48(seed) * scene->run < 1)
			busy = erand48(seed) < scene->busy;
		events[i] = busy ? poisson(seed, scene->mean) : 0;
		truth += events[i];
	}
	return truth;
}

static struct dcm_who_interval watch(const struct scene *scene, const double *events)
{
	struct dcm_who_windows windows = {0};
	struct dcm_who_interval got;
	struct dcm_who_sum sum = {0};
	int begin = 0;

	for (;;) {
		int gap = (int)((2 * scene->gap + 1) * erand48(seed));
		int open = begin + gap, end = open + scene->window;
		double period = (end - begin) * SLICE, watched = scene->window * SLICE;

		if (end > SLICES)
			break;
		for (int i = open; i < end; i++) {
			for (unsigned int n = (unsigned int)events[i]; n; n--)
				if (erand48(seed) * scene->one_of < 1)
					dcm_who_sum_add(&sum, scene->one_of, period / watched, 1);
		}
		dcm_who_sum_close(&sum, period, watched);
		dcm_who_windows_close(&windows, period, watched);
		begin = end;
	}
	/* What is left after the last window, as dcm_who_table_end() does. */
	got = dcm_who_sum_interval(&sum, &windows);
	got.low *= SLICES * SLICE / windows.seconds;
	got.high *= SLICES * SLICE / windows.seconds;
	return got;
}

static void test_coverage(void **state)
{
	static const struct scene scenes[] = {
		{"steady", 40, 1, 1, 1, 4, 46, 97},
		{"described in part", 200, 1, 1, 64, 4, 46, 97},
		{"rare", 0.2, 1, 1, 1, 4, 46, 97},
		{"shares its CPU", 100, 0.5, 6, 8, 4, 46, 97},
		/* A window tells of the gap beside it: better than the interval says. */
		{"alike for as long", 20, 0.7, 20, 2, 25, 25, 100},
	};
	double *events = calloc(SLICES, sizeof(*events));

	(void)state;
	assert_non_null(events);
	for (size_t s = 0; s < DCM_ARRAY_SIZE(scenes); s++) {
		int inside = 0;
		double width = 0;

		seed[0] = seed[1] = seed[2] = (unsigned short)(s + 1);
		for (int i = 0; i < SAMPLES; i++) {
			double truth = live(&scenes[s], events);
			struct dcm_who_interval got = watch(&scenes[s], events);

			inside += got.low <= truth && truth <= got.high;
			width += (got.high - got.low) / 2 / truth / SAMPLES;
		}
		print_message("%s: %.1f %% inside, +/- %.1f %%\n", scenes[s].name,
			      100.0 * inside / SAMPLES, 100 * width);
		assert_in_range(inside, SAMPLES * 93 / 100, SAMPLES * scenes[s].most / 100);
	}
	free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
