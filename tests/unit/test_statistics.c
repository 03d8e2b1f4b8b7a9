// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Block samples of wholes whose truth is known: how often does the interval hold it? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/statistics.h"
#include "tests/unit/poisson.h"

#define SAMPLES 1000
#define BLOCKS	256

/* Scenes are wholes of a hash table: entries that fall into buckets one by one, and chains. */
struct scene {
	const char *name;
	double entries;	       /* one by one */
	double chains, length; /* clusters of that many entries, shorter or longer by half */
	double giant;	       /* one chain, whose block is certain */
	size_t sampled;	       /* blocks */
	double least, most;    /* intervals that hold the truth, in percent */
};

static const struct scene scenes[] = {
	{"100 million, a hundredth seen", 100e6, 0, 0, 0, 3, 93, 97},
	{"100 million, an eighth seen", 100e6, 0, 0, 0, 32, 93, 97},
	{"16 million, half seen", 16e6, 0, 0, 0, 128, 93, 97},
	{"16 million, most seen", 16e6, 0, 0, 0, 240, 93, 97},
	{"2 million beside them", 2e6, 0, 0, 0, 64, 93, 97},
	{"a superblock of 1,000", 1000, 0, 0, 0, 32, 93, 97},
	{"a superblock of 400", 400, 0, 0, 0, 64, 93, 97},
	{"chains of 100 beside a million", 1e6, 2000, 100, 0, 32, 93, 97},
	{"mostly chains", 10000, 1000, 200, 0, 40, 93, 97},
	{"one chain of 20,000 that is known", 16e6, 0, 0, 20000, 32, 93, 97},
	{"a chain that is most of its superblock", 2000, 0, 0, 20000, 64, 93, 97},
};

static unsigned short seed[3];

static size_t below(size_t n)
{
	return (size_t)((double)n * erand48(seed));
}

/* Fills the blocks, the giant into the first; returns the whole. */
static double fill(const struct scene *scene, double *block)
{
	double truth = 0;

	for (size_t i = 0; i < BLOCKS; i++)
		block[i] = poisson(seed, scene->entries / BLOCKS);
	for (double i = 0; i < scene->chains; i++)
		block[below(BLOCKS)] += round(scene->length * (0.5 + erand48(seed)));
	block[0] += scene->giant;
	for (size_t i = 0; i < BLOCKS; i++)
		truth += block[i];
	return truth;
}

/* Counts blocks in random order, the giant's first; behind the first @single ones each time as many
 * together as are there already. */
static struct dcm_interval count(const struct scene *scene, const double *block, size_t sampled,
				 size_t single)
{
	struct dcm_block_sample sample = {.blocks = BLOCKS, .certain = scene->giant > 0};
	double together = 0;
	size_t joined = 0;
	struct dcm_block_sum sum = {0};
	size_t order[BLOCKS];

	for (size_t i = 0; i < BLOCKS; i++)
		order[i] = i;
	for (size_t i = 0; i < sample.certain; i++)
		dcm_block_sum_add(&sum, true, block[i], 1);
	for (size_t i = sample.certain; i < sample.certain + sampled; i++) {
		size_t other = i + below(BLOCKS - i), keep = order[i];

		order[i] = order[other];
		order[other] = keep;
		together += block[order[i]];
		joined++;
		if (sample.sampled >= single &&
		    joined < DCM_MIN(sample.sampled, sampled - sample.sampled))
			continue;
		dcm_block_sum_add(&sum, false, together, joined);
		sample.sampled += joined;
		sample.joined += joined - 1;
		together = 0;
		joined = 0;
	}
	assert_int_equal(sample.sampled, sampled);
	return dcm_block_sum_interval(&sum, &sample);
}

static void check_scenes(size_t single)
{
	for (size_t s = 0; s < DCM_ARRAY_SIZE(scenes); s++) {
		const struct scene *scene = &scenes[s];
		unsigned inside = 0;
		double width = 0, percent;

		seed[0] = (unsigned short)(s + 1);
		seed[1] = seed[2] = 7;
		for (unsigned i = 0; i < SAMPLES; i++) {
			double block[BLOCKS], truth = fill(scene, block);
			struct dcm_interval got = count(scene, block, scene->sampled, single);

			assert_true(got.low <= got.value && got.value <= got.high);
			inside += got.low <= truth && truth <= got.high;
			width += (got.high - got.low) / truth / SAMPLES;
		}
		percent = 100.0 * inside / SAMPLES;
		print_message("%-40s %5.1f %% hold it, width %.2f %%\n", scene->name, percent,
			      100 * width);
		assert_true(percent >= scene->least && percent <= scene->most);
	}
}

static void test_truth_is_inside(void **state)
{
	(void)state;
	check_scenes(BLOCKS);
}

/* Of most blocks it is only known how many are in as many together as were counted before. */
static void test_blocks_in_groups(void **state)
{
	(void)state;
	check_scenes(16);
}

static void test_all_counted(void **state)
{
	(void)state;
	for (size_t s = 0; s < DCM_ARRAY_SIZE(scenes); s++) {
		double block[BLOCKS], truth = fill(&scenes[s], block);
		struct dcm_interval got =
			count(&scenes[s], block, BLOCKS - (scenes[s].giant > 0), BLOCKS);

		assert_true(got.value == truth && got.low == truth && got.high == truth);
	}
}

/* Nothing in a quarter of the blocks: not certainly nothing. */
static void test_nothing_seen(void **state)
{
	const struct dcm_block_sample sample = {.blocks = 256, .sampled = 64};
	const struct dcm_block_sum none = {0};
	struct dcm_interval got = dcm_block_sum_interval(&none, &sample);

	(void)state;
	assert_true(got.value == 0 && got.low == 0);
	assert_true(got.high > 9 && got.high < 15); /* 3 / f, and a little more */
}

static void test_suffices(void **state)
{
	(void)state;
	assert_false(dcm_block_sample_suffices(&(struct dcm_block_sample){256, 0, 0, 0}));
	assert_false(dcm_block_sample_suffices(&(struct dcm_block_sample){256, 3, 2, 0}));
	assert_true(dcm_block_sample_suffices(&(struct dcm_block_sample){256, 3, 3, 0}));
	assert_false(dcm_block_sample_suffices(&(struct dcm_block_sample){256, 0, 32, 30}));
	assert_true(dcm_block_sample_suffices(&(struct dcm_block_sample){1, 0, 1, 0}));
	assert_true(dcm_block_sample_suffices(&(struct dcm_block_sample){2, 2, 0, 0}));
}

/* Tables: the 97.5 % points of Student's t. */
static void test_student(void **state)
{
	static const double points[][2] = {{2, 4.303}, {5, 2.571}, {10, 2.228}, {60, 2.000}};

	(void)state;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(points); i++)
		assert_true(fabs(dcm_student(points[i][0]) / points[i][1] - 1) < 0.032);
	assert_true(dcm_student(1e9) > 1.9599 && dcm_student(1e9) < 1.9601);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_truth_is_inside), cmocka_unit_test(test_blocks_in_groups),
		cmocka_unit_test(test_all_counted),	cmocka_unit_test(test_nothing_seen),
		cmocka_unit_test(test_suffices),	cmocka_unit_test(test_student),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
