/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The network namespaces that can be reached: the process's own and chosen ones. Each is listed
 * once however many names it has, and reopened from its name or process number whenever it is
 * entered: no descriptor of a namespace is ever kept, so that the set keeps none alive.
 */
#ifndef DCM_KERNEL_NETNS_SET_H
#define DCM_KERNEL_NETNS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/reason.h"
#include "common/kernel/netns/netns_open.h"
#include "common/kernel/netns/netns_thread.h"

#define DCM_NETNS_NAME_SIZE 256

struct dcm_netns {
	uint32_t index; /* 1.., never used twice; the own namespace is 1 */
	bool own;	/* of the process itself */
	/* raw bytes: "" for the own, else as it was first given to dcm_netns_set_choose() */
	char name[DCM_NETNS_NAME_SIZE];
	struct dcm_netns_id id;
	bool seen; /* in the refresh under way */
};

/* A namespace that is looked for by itself in each refresh. */
struct dcm_netns_chosen {
	char spec[DCM_NETNS_NAME_SIZE];
	uint32_t index; /* of the namespace in the set; 0: it is not there */
	int err;	/* of the last refresh; with an index: it could not be looked for */
	struct dcm_reason reason;
};

struct dcm_netns_set_options {
	const char *root; /* prefix of /proc; "" */
	size_t max; /* namespaces, the own included; further ones are chosen in vain: -ENOSPC */
};

struct dcm_netns_set;

/* Lists the own namespace only; refresh finds the others. Options are copied. */
int dcm_netns_set_create(const struct dcm_netns_set_options *options, struct dcm_reason *reason,
			 struct dcm_netns_set **ret);
void dcm_netns_set_destroy(struct dcm_netns_set *set);

/*
 * From the next refresh on looks for @count namespaces besides: "self", "pid:N" or the path of an
 * entry such as /run/netns/NAME (dcm_context_config). Takes the place of those chosen before; what
 * is known of a @spec that stays, stays. -ENOMEM.
 */
int dcm_netns_set_choose(struct dcm_netns_set *set, const char *const *specs, size_t count);

/* True for an error that says that there is no such namespace, as no lack of descriptors or of
 * permission does. */
bool dcm_netns_says_absent(int err);

/* In the order of choosing, as of the last refresh; NULL beyond the last. */
const struct dcm_netns_chosen *dcm_netns_set_chosen(const struct dcm_netns_set *set, size_t i);

/*
 * Looks for the chosen namespaces; each is opened, identified and closed. Those that are no longer
 * found leave the set: returns how many, their @index in *@ret_gone (valid until the next call), so
 * that caches can let go.
 */
size_t dcm_netns_set_refresh(struct dcm_netns_set *set, const uint32_t **ret_gone);

size_t dcm_netns_set_count(const struct dcm_netns_set *set);
const struct dcm_netns *dcm_netns_set_get(const struct dcm_netns_set *set, size_t i);
const struct dcm_netns *dcm_netns_set_find(const struct dcm_netns_set *set, const char *name);

/*
 * Enters the namespace and runs @fn (netns_thread.h). -ENOENT or -ESRCH: the name or process is
 * gone; -ESTALE: it belongs to another namespace by now. The next refresh then drops it.
 */
int dcm_netns_set_run(struct dcm_netns_set *set, const struct dcm_netns *netns, dcm_netns_fn *fn,
		      void *ctx, struct dcm_reason *reason);

#endif
