// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The same walkers through bpf_probe_read_kernel, for kernels before 6.2. */
#define DCM_FAST 0
#include "common/kernel/walk/bpf/walk_programs.h"
