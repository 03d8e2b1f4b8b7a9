/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names that "ip netns" gave to network namespaces. */
#ifndef DCM_KERNEL_NETNS_NAMES_H
#define DCM_KERNEL_NETNS_NAMES_H

#include <stddef.h>
#include <stdint.h>

#define DCM_NETNS_NAMES_FOLDER "/run/netns"

struct dcm_netns_name {
	uint32_t inode; /* of nsfs */
	char path[272]; /* "/run/netns/NAME", raw bytes; "" where it has none there */
};

/* Looks for the names of @count namespaces below @root, opening none of them. */
void dcm_netns_names_find(const char *root, struct dcm_netns_name *names, size_t count);

#endif
