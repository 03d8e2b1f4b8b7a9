/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the collector asks of the source of interface tables (sysctls). */
#ifndef DCM_SAMPLING_SOURCE_INTERFACES_H
#define DCM_SAMPLING_SOURCE_INTERFACES_H

#include "common/sampling/source.h"

/*
 * @wanted is asked for until @until_ns (CLOCK_MONOTONIC); @state is that of the source. True: some
 * of it was not asked for until now, so the source is to run at once.
 */
bool dcm_interfaces_want(void *state, uint64_t now_ns, uint64_t until_ns,
			 const struct dcm_interfaces_wanted *wanted);

#endif
