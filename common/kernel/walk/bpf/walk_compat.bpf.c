// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same walkers through bpf_probe_read_kernel, for kernels before 6.2: needs bpf_loop (5.17,
 * e6f2dd0f8067). */
#define DCM_FAST    0
#define DCM_BOUNDED 0
#include "common/kernel/walk/bpf/walk_programs.h"
