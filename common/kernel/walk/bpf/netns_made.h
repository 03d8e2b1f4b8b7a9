/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tells of each network namespace when it is made, however it is made and however short it lives.
 *
 * No tracepoint says so, and not every kernel takes kprobes or fentry programs. But each namespace
 * takes per-CPU memory for one struct linux_mib (net/ipv4/af_inet.c, ipv4_mib_init_net) on behalf
 * of the process that makes it, nothing else takes that much at once, and such allocations are a
 * tracepoint (4.13). They are rare: a new namespace makes a few dozen.
 *
 * Cookies of namespaces do not count them: since 6.18 namespaces of all kinds share them.
 */
#ifndef DCM_BPF_NETNS_MADE_H
#define DCM_BPF_NETNS_MADE_H

struct linux_mib {
	unsigned long mibs[1];
} relocated;

/* The tracepoint begins with the caller's address since 5.19 (f67bed134a05). */
struct trace_event_raw_percpu_alloc_percpu {
	unsigned long call_site;
} relocated;

/* Whether the allocation that @ctx of percpu_alloc_percpu tells of is a new namespace's. */
static __always_inline bool is_netns_made(const struct bpf_raw_tracepoint_args *ctx)
{
	__u64 size = ctx->args[2], size_after_caller = ctx->args[3];

	/* Both are loaded: the verifier refuses an address that is chosen. */
	asm volatile("" : "+r"(size), "+r"(size_after_caller));
	if (bpf_core_field_exists(struct trace_event_raw_percpu_alloc_percpu, call_site))
		size = size_after_caller;
	return size && size == bpf_core_type_size(struct linux_mib);
}

#endif
