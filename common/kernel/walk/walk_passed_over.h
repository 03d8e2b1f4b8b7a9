/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Events that BPF programs were not told of. The kernel passes an event over when it comes while
 * the same program runs on that CPU (kernel/trace/bpf_trace.c, __bpf_trace_run). Up to 6.18
 * preemption is off meanwhile, and a program on a tracepoint never meets that; 7.2 may switch to
 * another task, whose events are then passed over.
 */
#ifndef DCM_KERNEL_WALK_PASSED_OVER_H
#define DCM_KERNEL_WALK_PASSED_OVER_H

#include <stdint.h>

/* By the program of descriptor @program since it was loaded; 0 where the kernel does not count
 * them (before 5.12). */
uint64_t dcm_walk_passed_over(int program);

#endif
