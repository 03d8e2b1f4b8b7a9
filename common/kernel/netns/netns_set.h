/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The network namespaces that can be reached: the process's own, the entries of a directory such as
 * /run/netns, those of given or discovered processes, and chosen ones. Each is listed once however
 * many names it has, and reopened from its name or process number whenever it is entered: no
 * descriptor of a namespace is ever kept, so that the set keeps none alive.
 */
#ifndef DCM_KERNEL_NETNS_SET_H
#define DCM_KERNEL_NETNS_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/reason.h"
#include "common/kernel/netns/netns_open.h"
#include "common/kernel/netns/netns_thread.h"

#define DCM_NETNS_NAME_SIZE   256
#define DCM_NETNS_MAX_REFUSED 16

enum dcm_netns_source {
	DCM_NETNS_OWN,	      /* of the process itself */
	DCM_NETNS_ENTRY,      /* name in the directory */
	DCM_NETNS_PROCESS,    /* of a given process */
	DCM_NETNS_DISCOVERED, /* of a process found in /proc */
	DCM_NETNS_CHOSEN      /* see dcm_netns_set_choose() */
};

struct dcm_netns {
	uint32_t index; /* 1.., never used twice; the own namespace is 1 */
	enum dcm_netns_source source;
	pid_t pid; /* of processes */
	/* raw bytes; "" for the own, "pid:N" for processes, as it was given for chosen ones */
	char name[DCM_NETNS_NAME_SIZE];
	struct dcm_netns_id id;
	uint64_t entry_inode; /* of the name in its directory: a new one for each "ip netns add" */
	bool seen;	      /* in the refresh under way */
};

/* What lies in the directory and is no network namespace, or could not be looked at. */
struct dcm_netns_refused {
	char name[DCM_NETNS_NAME_SIZE];
	struct dcm_reason reason;
};

/* A namespace that is looked for by itself in each refresh. */
struct dcm_netns_chosen {
	char spec[DCM_NETNS_NAME_SIZE];
	uint32_t index; /* of the namespace in the set; 0: it is not there */
	int err;	/* of the last refresh; with an index: it could not be looked for */
	struct dcm_reason reason;
};

struct dcm_netns_set_options {
	const char *root;      /* prefix of /proc; "" */
	const char *directory; /* "/run/netns"; may itself be a symbolic link; NULL: none */
	bool discover;	       /* look through the processes */
	size_t max;	       /* namespaces, the own included; others are counted in _skipped() */
};

struct dcm_netns_set;

/* Lists the own namespace only; refresh finds the others. Options are copied. */
int dcm_netns_set_create(const struct dcm_netns_set_options *options, struct dcm_reason *reason,
			 struct dcm_netns_set **ret);
void dcm_netns_set_destroy(struct dcm_netns_set *set);

/* Lists the namespace of a process from now on, until it ends. -EEXIST: listed already. */
int dcm_netns_set_add_process(struct dcm_netns_set *set, pid_t pid, struct dcm_reason *reason);

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
 * Looks through the sources. Known entries cost one fstatat(2); new ones are opened, identified and
 * closed. Namespaces that are no longer found leave the set; their @index stands in the array
 * *@ret_gone (@ret_gone_count entries, valid until the next call), so that caches can let go.
 */
int dcm_netns_set_refresh(struct dcm_netns_set *set, struct dcm_reason *reason,
			  const uint32_t **ret_gone, size_t *ret_gone_count);

size_t dcm_netns_set_count(const struct dcm_netns_set *set);
const struct dcm_netns *dcm_netns_set_get(const struct dcm_netns_set *set, size_t i);
const struct dcm_netns *dcm_netns_set_find(const struct dcm_netns_set *set, const char *name);
size_t dcm_netns_set_skipped(const struct dcm_netns_set *set);
size_t dcm_netns_set_refused(const struct dcm_netns_set *set, const struct dcm_netns_refused **ret);

/*
 * Enters the namespace and runs @fn (netns_thread.h). -ENOENT or -ESRCH: the name or process is
 * gone; -ESTALE: it stands for another namespace by now. After these the next refresh drops it.
 */
int dcm_netns_set_run(struct dcm_netns_set *set, const struct dcm_netns *netns, dcm_netns_fn *fn,
		      void *ctx, struct dcm_reason *reason);

#endif
