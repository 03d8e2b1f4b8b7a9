// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same walkers without bpf_loop, for kernels from 5.10 to 5.16. */
#define DCM_FAST    0
#define DCM_BOUNDED 1
#include "common/kernel/walk/bpf/walk_programs.h"
