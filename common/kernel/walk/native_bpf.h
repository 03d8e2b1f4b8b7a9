/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the walkers' BPF programs are made of, for this machine: in front of it, its includer has
 * said by macros where members are and what a load is; behind it, it includes bpf/walk_*.bpf.c or
 * bpf/walk_programs.h, which are compiled as they are.
 *
 *	NATIVE_TYPE(pointer)		number of the structure it points to (walk_layout.h)
 *	NATIVE_OFFSET_OF(type, local)	of the member at @local in the declaration
 *	NATIVE_HAS(type, local)		whether this kernel has it
 *	NATIVE_SIZE_OF(type)
 *	NATIVE_LOAD(address, bytes)	a number; 0 where nothing can be read
 *	NATIVE_OUTPUT()			where the output is (struct dcm_bpf_out)
 */
#ifndef DCM_KERNEL_NATIVE_BPF_H
#define DCM_KERNEL_NATIVE_BPF_H

#include "common/kernel/walk/walk_layout.h"

/* BPF's entry points and global functions have no prototypes; its compiler unrolls loops; not every
 * loop uses what it is given. */
#pragma GCC diagnostic ignored "-Wunused-parameter"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunknown-pragmas"

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

#define bpf_map_lookup_elem(map, key) ((void)(map), (void)(key), NATIVE_OUTPUT())

#ifndef NATIVE_CALL /* the linkage of what the includer defines of it */
#define NATIVE_CALL
#endif

/* Of the kernel that is walked, or of the programs' own maps. 0 or -EFAULT, and zeroes then. */
NATIVE_CALL long bpf_probe_read_kernel(void *to, __u32 size, const void *from);

/* Copies up to the 0 that ends it; length with that, or negative. */
NATIVE_CALL long bpf_probe_read_kernel_str(void *to, __u32 size, const void *from);

NATIVE_CALL __u64 bpf_ktime_get_ns(void);
NATIVE_CALL __u64 bpf_get_current_task(void);
NATIVE_CALL long bpf_get_current_comm(void *to, __u32 size);

static inline long bpf_loop(__u32 rounds, long (*body)(__u32 i, void *context), void *context,
			    __u64 flags __attribute__((unused)))
{
	for (__u32 i = 0; i < rounds; i++)
		if (body(i, context))
			return i + 1;
	return rounds;
}

/* An id is how many bytes are read through such a pointer. The walker declares bpf_rdonly_cast. */
#define bpf_core_type_id_kernel(type) \
	_Generic((type *)NULL, struct qstr * : 8, struct pt_regs * : NATIVE_SPAN)
#define NATIVE_SPAN 512

#define WORD_OF(words, type, member) \
	(*(const __u64 *)((const char *)(words) + bpf_core_field_offset(type, member)))

/* ---- bpf_core_read.h ---- */

#define bpf_core_type_size(type) ((__u64)NATIVE_SIZE_OF(NATIVE_TYPE((type *)NULL)))
#define bpf_core_field_offset(type, member) \
	NATIVE_OFFSET_OF(NATIVE_TYPE((type *)NULL), offsetof(type, member))
#define bpf_core_field_exists(type, member) \
	NATIVE_HAS(NATIVE_TYPE((type *)NULL), offsetof(type, member))

#define NATIVE_ADDRESS(p, m) \
	((__u64)(p) + NATIVE_OFFSET_OF(NATIVE_TYPE(p), offsetof(typeof(*(p)), m)))
#define NATIVE_READ_1(p, a)		      ((typeof((p)->a))NATIVE_LOAD(NATIVE_ADDRESS(p, a), sizeof((p)->a)))
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
