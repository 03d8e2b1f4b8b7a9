// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers that no RCU read section protects, with their checks, on made-up kernels of either
 * byte order: worlds/world_tests.c. */
#if DCM_WITH_BPF
#include "tests/unit/worlds/walk_native.h"

#define DCM_FAST      0
#define DCM_BOUNDED   0
#define DCM_UNGUARDED 1

/* Memory is at hand. */
static inline void native_fetch(const __u64 *addresses, size_t count, size_t bytes)
{
	(void)addresses, (void)count, (void)bytes;
}

static inline void native_forget(__u64 address)
{
	(void)address;
}

#include "common/kernel/walk/bpf/walk_programs.h"
#endif

#include "tests/unit/worlds/world_walkers.h"

WORLD_WALKERS("unguarded", DCM_WALK_KCORE)
