// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* The walkers with direct loads: needs bpf_rdonly_cast (6.2, a35b9af4ec2c). */
#define DCM_FAST    1
#define DCM_BOUNDED 0
#include "common/kernel/walk/bpf/walk_programs.h"
