/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A kernel's memory in files, walked as the running one's through /proc/kcore. */
#ifndef DCM_KERNEL_WALK_IMAGE_H
#define DCM_KERNEL_WALK_IMAGE_H

#include "common/kernel/walk/walk.h"

struct dcm_walk_image {
	const char *core;    /* ELF core file: kcore_map.h */
	const char *symbols; /* as /proc/kallsyms: kcore_symbols.h */
	const char *types;   /* BTF of the kernel; NULL: none */
	const char
		*planted; /* what is known of some names, where there are no types; NULL: nothing */
	uint32_t nodes;	  /* NUMA nodes; 0: unknown */
};

/* One at a time in a process: -EBUSY. Else as dcm_walk_open(). */
int dcm_walk_open_image(const struct dcm_walk_image *image, struct dcm_reason *reason,
			struct dcm_walk **ret);

#endif
