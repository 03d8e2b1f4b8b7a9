// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers with probe reads on made-up kernels of either byte order: worlds/world_tests.c. */
#if DCM_WITH_BPF
#include "tests/unit/worlds/walk_native.h"

#include "common/kernel/walk/bpf/walk_compat.bpf.c"
#endif

#include "tests/unit/worlds/world_walkers.h"

WORLD_WALKERS("compat", DCM_WALK_COMPAT)
