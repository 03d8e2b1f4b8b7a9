/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loops of the walkers. LOOP(name, most), LONG_LOOP(name, most) and LOOP_BODY(name, most) begin the
 * body of one: it is given the number of its round and returns 1 to end the loop. RUN_LOOP(name,
 * rounds) runs at most so many rounds, and no more than @most, and is the number of those begun.
 *
 * With bpf_loop (5.17) the kernel calls the body. Without it (DCM_BOUNDED) a bounded loop does
 * (5.3). The verifier goes through every round of that, but it checks a global function once and
 * by itself (5.6): the body is one, so that a round is a few instructions to the verifier, and so
 * is the loop, whose end is then one way to go on and not as many as it has rounds. Global
 * functions take and return numbers only. Each round also leaves the verifier branches to come back
 * to, of which it keeps 8192: a LOOP has at most 1024 rounds, a LONG_LOOP is cut into parts. Calls
 * are at most 8 deep, a LOOP is two of them, a LONG_LOOP three.
 *
 * A LOOP_BODY, of many elements, is bounded in any case: where returns and indirect calls are
 * guarded against speculation, what bpf_loop takes for a round is worth several elements. It
 * runs to its end: LOOP_OVER(count, per_call, name) runs it for so many elements.
 */
#ifndef DCM_BPF_WALK_LOOP_H
#define DCM_BPF_WALK_LOOP_H

/* Uses its argument in any case: the compiler hands over none to a function that it sees not to. */
#define LOOP_ROUND(name)                                  \
	static __always_inline int name##_round(__u32 i); \
	DCM_GLOBAL __noinline int name(__u32 i)           \
	{                                                 \
		barrier_var(i);                           \
		return name##_round(i);                   \
	}

#define BOUNDED_LOOP(name, most)                            \
	LOOP_ROUND(name)                                    \
	DCM_GLOBAL __noinline int name##_loop(__u32 rounds) \
	{                                                   \
		__u32 i;                                    \
                                                            \
		for (i = 0; i < (most) && i < rounds; i++)  \
			if (name(i))                        \
				return i + 1;               \
		return i;                                   \
	}                                                   \
	static __always_inline int name##_round(__u32 i)

#define LOOP_BODY			 BOUNDED_LOOP
#define LOOP_OVER(count, per_call, name) name##_loop(((count) + (per_call)-1) / (per_call))

#if DCM_BOUNDED

#define LOOP BOUNDED_LOOP

#define DCM_PART 256 /* rounds of a part */

/* A part is DCM_PART, or the negative number of rounds begun when one of them was the last. */
#define LONG_LOOP(name, most)                                              \
	LOOP_ROUND(name)                                                   \
	DCM_GLOBAL __noinline int name##_part(__u32 first, __u32 rounds)   \
	{                                                                  \
		__u32 i;                                                   \
                                                                           \
		for (i = 0; i < DCM_PART; i++) {                           \
			if (first + i >= rounds)                           \
				return -(int)i;                            \
			if (name(first + i))                               \
				return -(int)(i + 1);                      \
		}                                                          \
		return DCM_PART;                                           \
	}                                                                  \
	DCM_GLOBAL __noinline int name##_loop(__u32 rounds)                \
	{                                                                  \
		__u32 i;                                                   \
                                                                           \
		if (rounds > (most))                                       \
			rounds = (most);                                   \
		for (i = 0; i < ((most) + DCM_PART - 1) / DCM_PART; i++) { \
			int begun = name##_part(i * DCM_PART, rounds);     \
                                                                           \
			if (begun <= 0)                                    \
				return i * DCM_PART - begun;               \
		}                                                          \
		return i * DCM_PART;                                       \
	}                                                                  \
	static __always_inline int name##_round(__u32 i)

#define RUN_LOOP(name, rounds) name##_loop(rounds)

#else

#define LOOP(name, most)       static long name(__u32 i, void *ctx)
#define LONG_LOOP	       LOOP
#define RUN_LOOP(name, rounds) bpf_loop(rounds, name, NULL, 0)

#endif

#endif
