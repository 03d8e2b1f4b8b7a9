/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* For lookup.c and its test: the calls that leave the process can be replaced. */
#ifndef DCM_KERNEL_LOOKUP_INTERNAL_H
#define DCM_KERNEL_LOOKUP_INTERNAL_H

#include "common/kernel/lookup/lookup.h"

struct dcm_lookup_calls {
	int (*look_up)(const char *path, void *ctx); /* 0 or -errno; may block */
	uint64_t (*now_ns)(void *ctx);		     /* CLOCK_MONOTONIC */
	void *ctx;
};

/* @calls is copied; its ctx must outlive an abandoned worker. */
int dcm_lookup_create_with(const char *const *paths, size_t count,
			   const struct dcm_lookup_calls *calls, struct dcm_lookup **ret);

#endif
