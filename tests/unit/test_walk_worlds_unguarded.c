// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers that no RCU read section protects, with their checks, on made-up kernels of either
 * byte order: worlds/world_tests.c. */
#if DCM_WITH_BPF
#include <stdlib.h>

#include "tests/unit/worlds/walk_native.h"

#define DCM_FAST      0
#define DCM_BOUNDED   0
#define DCM_UNGUARDED 1

/* So few that tables are taken in parts. */
#define DCM_SWEEP_ROOM 500

/* Memory is at hand. */
static inline __u32 native_fetch(const __u64 *addresses, __u32 count, __u64 bytes)
{
	(void)bytes;
	for (__u32 i = 1; i < count; i++)
		if (addresses[i] < addresses[i - 1])
			abort();
	return count > 8 ? count - 7 : count; /* as if there were no room for all of them */
}

static inline void native_forget(__u64 address)
{
	(void)address;
}

#include "common/kernel/walk/bpf/walk_programs.h"
#endif

#include "tests/unit/worlds/world_walkers.h"

WORLD_WALKERS("unguarded", DCM_WALK_KCORE)
