// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers without bpf_loop on made-up kernels: worlds/world_tests.c. */
#if DCM_WITH_BPF
#define __TARGET_ARCH_x86 /* whose pointers are told by their highest bit */
#include "tests/unit/worlds/walk_native.h"

#include "common/kernel/walk/bpf/walk_bounded.bpf.c"
#endif

#include "tests/unit/worlds/world_walkers.h"

WORLD_WALKERS("bounded", DCM_WALK_BOUNDED)
