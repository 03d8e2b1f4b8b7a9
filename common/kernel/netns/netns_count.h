/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Network namespaces that processes live in: the fallback where the kernel cannot be walked. */
#ifndef DCM_KERNEL_NETNS_COUNT_H
#define DCM_KERNEL_NETNS_COUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Processes looked at by one call: each link costs a few microseconds. */
#define DCM_NETNS_COUNT_MAX_PROCESSES 4096

struct dcm_netns_count {
	uint64_t namespaces;
	bool denied; /* some link could not be read for want of permission */
	bool cut;    /* there are more processes than one call looks at */
};

/* Counts distinct ROOT/proc/PID/ns/net, not those of single threads. -errno. */
int dcm_netns_count(const char *root, struct dcm_netns_count *ret);

/* The numbers (inodes) of these, in order, of which the first @room are kept. -errno. */
int dcm_netns_numbers(const char *root, uint64_t *ret, size_t room, size_t *ret_count);

#endif
