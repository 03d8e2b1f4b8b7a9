/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Smaller, greater, and what sorting needs. Each argument is evaluated once, except DCM_COMPARE's;
 * both should have the same type, or the result is of the one that C converts both to. */
#ifndef DCM_BASE_MINMAX_H
#define DCM_BASE_MINMAX_H

#define DCM_MIN(a, b)                              \
	({                                         \
		__typeof__(a) min_a_ = (a);        \
		__typeof__(b) min_b_ = (b);        \
		min_a_ < min_b_ ? min_a_ : min_b_; \
	})
#define DCM_MAX(a, b)                              \
	({                                         \
		__typeof__(a) max_a_ = (a);        \
		__typeof__(b) max_b_ = (b);        \
		max_a_ > max_b_ ? max_a_ : max_b_; \
	})

/* How far @a exceeds @b; 0 when it does not. For unsigned values. */
#define DCM_EXCESS(a, b)                                           \
	({                                                         \
		__typeof__(a) excess_a_ = (a);                     \
		__typeof__(b) excess_b_ = (b);                     \
		excess_a_ > excess_b_ ? excess_a_ - excess_b_ : 0; \
	})

/* For qsort(3): -1, 0 or 1 as @a is less than, equal to or greater than @b. */
#define DCM_COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

#endif
