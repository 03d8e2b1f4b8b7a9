// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The bounded loops of the walkers: rounds in order, as many as bpf_loop would run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/types.h>

#define DCM_BOUNDED 1
#define DCM_GLOBAL  static
#define __noinline  __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define barrier_var(x)	__asm__ volatile("" : "+r"(x))
#include "common/kernel/walk/bpf/walk_loop.h"

#define SHORT_MOST 64
#define LONG_MOST  (2 * DCM_PART + 1)

static struct trace {
	__u32 stop_after, rounds; /* 0: never */
	bool in_order;
} trace;

static int note_round(__u32 i)
{
	trace.in_order &= i == trace.rounds;
	return ++trace.rounds == trace.stop_after;
}

LOOP(short_body, SHORT_MOST)
{
	return note_round(i);
}

LONG_LOOP(long_body, LONG_MOST)
{
	return note_round(i);
}

static void assert_rounds(int begun, __u32 expected)
{
	assert_true(trace.in_order);
	assert_int_equal(trace.rounds, expected);
	assert_int_equal(begun, expected);
}

static __u32 least(__u32 a, __u32 b, __u32 c)
{
	__u32 ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Every number of rounds, and the end in each of them. */
static void test_every_end(void **state)
{
	for (__u32 rounds = 0; rounds <= LONG_MOST + DCM_PART + 1; rounds++) {
		for (__u32 stop = 0; stop <= LONG_MOST + 1; stop++) {
			__u32 end = stop ? stop : ~0U;

			trace = (struct trace){stop, 0, true};
			assert_rounds(RUN_LOOP(short_body, rounds), least(rounds, end, SHORT_MOST));
			trace = (struct trace){stop, 0, true};
			assert_rounds(RUN_LOOP(long_body, rounds), least(rounds, end, LONG_MOST));
		}
	}
}

static void test_elements(void **state)
{
	trace = (struct trace){0, 0, true};
	assert_rounds(LOOP_OVER(9, 4, short_body), 3);
	trace = (struct trace){0, 0, true};
	assert_rounds(LOOP_OVER(8, 4, short_body), 2);
	trace = (struct trace){0, 0, true};
	assert_rounds(LOOP_OVER(0, 4, short_body), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_end),
		cmocka_unit_test(test_elements),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
