/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first round per level of a page: each node's successor, from the node's first word.
 *
 * It only fetches: so few instructions per node that the cache misses of many independent nodes
 * overlap. Later rounds find what else they need in the lines just fetched. (With probe reads, a
 * call per load hides nothing: there, the pass over dentries reads all that it needs of a node at
 * once, in the second round.)
 */
#ifndef DCM_BPF_FETCH_STEPS_H
#define DCM_BPF_FETCH_STEPS_H

LOOP_BODY(fetch_nodes, DCM_PAGE_BUCKETS / DCM_CHUNK)
{
	__u32 first = (i * DCM_CHUNK) & (DCM_PAGE_BUCKETS - 1), nodes = area.live - first, j, k;

	for (j = 0; j < DCM_CHUNK && j < nodes; j += DCM_FETCH) {
#pragma unroll
		for (k = 0; k < DCM_FETCH; k++) {
			struct dcm_bpf_node *n = &area.node[first + j + k];

			n->next = load_word(n->address);
		}
	}
	return 0;
}

#endif
