/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A list_head within what it links. */
#ifndef DCM_BPF_LIST_LINKS_H
#define DCM_BPF_LIST_LINKS_H

/* What has @node as its @member, where the running kernel's @type has that. */
#define CONTAINER_OF(node, type, member) \
	((type *)((__u64)(node)-bpf_core_field_offset(type, member)))

static __always_inline bool list_is_linked(struct list_head *node)
{
	struct list_head *prev = BPF_CORE_READ(node, prev), *next = BPF_CORE_READ(node, next);

	return prev != node && BPF_CORE_READ(prev, next) == node &&
	       BPF_CORE_READ(next, prev) == node;
}

#endif
