/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the walkers' BPF programs are made of, for a made-up kernel: relocated offsets are those of
 * its layout, loads are of its memory, helpers do what the kernel's do. It is included in front of
 * bpf/walk_*.bpf.c, which are then compiled as they are.
 */
#ifndef WALK_NATIVE_H
#define WALK_NATIVE_H

#include "tests/unit/worlds/world_layout.h"
#include "tests/unit/worlds/world_memory.h"

/* The output of the programs (struct dcm_bpf_out). */
void *world_output(void);

#define DCM_BIG_ENDIAN world_memory.big_endian

#define NATIVE_TYPE	     DCM_LAYOUT_TYPE
#define NATIVE_OFFSET_OF     world_offset
#define NATIVE_HAS	     world_has
#define NATIVE_SIZE_OF(type) world_layout.kernel.size[type]
#define NATIVE_LOAD	     world_load
#define NATIVE_OUTPUT	     world_output

#include "common/kernel/walk/native_bpf.h"

#endif
