/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For "make coverage" (-include): _exit(2) leaves the counters of forked children behind. */
#ifndef DCM_TESTS_COVERAGE_EXIT_H
#define DCM_TESTS_COVERAGE_EXIT_H

#include <unistd.h>

void __gcov_dump(void);

static inline _Noreturn void dcm_coverage_exit(int status)
{
	__gcov_dump();
	_exit(status);
}
#define _exit dcm_coverage_exit

#endif
