// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The sample of dentries: an object of its own, beside the walkers with direct loads, because none
 * of an object's programs loads where the kernel lacks a function that one of them calls.
 */
#define DCM_FAST    1
#define DCM_BOUNDED 0
#include "common/kernel/walk/bpf/walk_run.h"

#include "common/kernel/walk/bpf/sample_steps.h"

RUN(sample, command_sample)
