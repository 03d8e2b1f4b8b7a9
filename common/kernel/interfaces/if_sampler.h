/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the interface tables of the namespaces somebody asks for: dumps, speeds and sysctl values
 * in one visit to each namespace per round, nothing at all for those nobody asks for.
 */
#ifndef DCM_KERNEL_IF_SAMPLER_H
#define DCM_KERNEL_IF_SAMPLER_H

#include "common/kernel/interfaces/sysctl_cache.h"
#include "common/kernel/netns/netns_set.h"
#include "common/model/interfaces/if_table.h"

struct dcm_if_sampler;

struct dcm_if_sampler_options {
	const char *root;	   /* prefix of /proc; "" */
	size_t max_namespaces;	   /* the own included */
	size_t max_interfaces;	   /* per namespace */
	size_t max_open;	   /* descriptors of sysctl files */
	uint64_t fadeout_ns;	   /* rows of interfaces that are gone (snmpd: 300 s) */
	uint64_t speed_max_age_ns; /* 30 s */
	uint64_t hold_ns;	   /* how long descriptors of an unwanted namespace are kept */
	uint64_t slice_ns; /* opening sysctl files stops after this, or as long as the dumps took,
			    * and continues next time */
};

void dcm_if_sampler_defaults(struct dcm_if_sampler_options *ret);

int dcm_if_sampler_create(const struct dcm_if_sampler_options *options, struct dcm_reason *reason,
			  struct dcm_if_sampler **ret);
void dcm_if_sampler_destroy(struct dcm_if_sampler *sampler);

/* The namespaces that can be wanted: choose among them with dcm_netns_set_choose(). */
struct dcm_netns_set *dcm_if_sampler_namespaces(struct dcm_if_sampler *sampler);

/* Looks for the chosen namespaces and lets go of all that belonged to those that are gone. */
void dcm_if_sampler_refresh(struct dcm_if_sampler *sampler);

/* Keeps the namespace @name ("" the own) sampled until @until_ns. -ENOENT, -ENOMEM. */
int dcm_if_sampler_want(struct dcm_if_sampler *sampler, const char *name, uint64_t until_ns);

/* The same by the index of the namespace in the set. */
int dcm_if_sampler_want_index(struct dcm_if_sampler *sampler, uint32_t index, uint64_t until_ns);

/*
 * One round over the wanted namespaces. *@ret_pending: sysctl files are left to be opened, so call
 * again soon. A namespace that cannot be sampled keeps its rows and says why in its view.
 */
void dcm_if_sampler_run(struct dcm_if_sampler *sampler, uint64_t now_ns, bool *ret_pending);

/* What is known of one namespace. Pointers are valid until the next call of anything above. */
struct dcm_if_view {
	const struct dcm_netns *netns;
	const struct dcm_if_table *table;
	uint64_t wanted_until_ns;
	uint64_t sampled_ns; /* of the last round that succeeded */
	const char *error;   /* "" or why the last round failed */
};

size_t dcm_if_sampler_count(const struct dcm_if_sampler *sampler);
bool dcm_if_sampler_view(const struct dcm_if_sampler *sampler, size_t i, struct dcm_if_view *ret);

/* CPU time so far of the thread that enters other namespaces. */
uint64_t dcm_if_sampler_other_cpu_ns(const struct dcm_if_sampler *sampler);

#endif
