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

/* BPF's entry points and global functions have no prototypes; its compiler unrolls loops. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"

#define DCM_BIG_ENDIAN world_memory.big_endian

/* ---- bpf_helpers.h ---- */

#define SEC(name) __attribute__((used))
#define __ksym
#define __uint(name, value) int(*name)[value]
#define __type(name, value) typeof(value) *name
#undef __noinline
#define __noinline __attribute__((noinline))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define barrier_var(x)	__asm__ volatile("" : "+r"(x))

/* The output of the programs (struct dcm_bpf_out). */
void *world_output(void);
#define bpf_map_lookup_elem(map, key) ((void)(map), (void)(key), world_output())

/* Of the made-up kernel, or of the programs' own maps. 0 or -EFAULT, and zeroes then. */
long bpf_probe_read_kernel(void *to, __u32 size, const void *from);

/* Copies up to the 0 that ends it; length with that, or negative. */
long bpf_probe_read_kernel_str(void *to, __u32 size, const void *from);

__u64 bpf_ktime_get_ns(void);
__u64 bpf_get_current_task(void);
long bpf_get_current_comm(void *to, __u32 size);

static inline long bpf_loop(__u32 rounds, long (*body)(__u32 i, void *context), void *context,
			    __u64 flags)
{
	(void)flags;
	for (__u32 i = 0; i < rounds; i++)
		if (body(i, context))
			return i + 1;
	return rounds;
}

/* An id is how many bytes are read through such a pointer. The walker declares bpf_rdonly_cast. */
#define bpf_core_type_id_kernel(type) \
	_Generic((type *)NULL, struct qstr * : 8, struct pt_regs * : WORLD_SPAN)
#define WORLD_SPAN 512

/* ---- bpf_core_read.h ---- */

#define bpf_core_type_size(type)	    ((__u64)WORLD_SIZE(type))
#define bpf_core_field_offset(type, member) WORLD_OFFSET(type, member)
#define bpf_core_field_exists(type, member) \
	world_has(WORLD_TYPE((type *)NULL), offsetof(type, member))

#define NATIVE_ADDRESS(p, m)		      ((__u64)(p) + world_offset(WORLD_TYPE(p), offsetof(typeof(*(p)), m)))
#define NATIVE_READ_1(p, a)		      ((typeof((p)->a))world_load(NATIVE_ADDRESS(p, a), sizeof((p)->a)))
#define NATIVE_READ_2(p, a, b)		      NATIVE_READ_1(NATIVE_READ_1(p, a), b)
#define NATIVE_READ_3(p, a, b, c)	      NATIVE_READ_1(NATIVE_READ_2(p, a, b), c)
#define NATIVE_READ_AS(_1, _2, _3, name, ...) name
#define BPF_CORE_READ(p, ...) \
	NATIVE_READ_AS(__VA_ARGS__, NATIVE_READ_3, NATIVE_READ_2, NATIVE_READ_1, 0)(p, __VA_ARGS__)

#define NATIVE_STRING_1(to, p, a) \
	bpf_probe_read_kernel_str(to, sizeof(*(to)), (const void *)NATIVE_ADDRESS(p, a))
#define NATIVE_STRING_2(to, p, a, b) NATIVE_STRING_1(to, NATIVE_READ_1(p, a), b)
#define BPF_CORE_READ_STR_INTO(to, p, ...) \
	NATIVE_READ_AS(__VA_ARGS__, 0, NATIVE_STRING_2, NATIVE_STRING_1, 0)(to, p, __VA_ARGS__)

#endif
