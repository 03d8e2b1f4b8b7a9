/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one thread that enters other network namespaces. setns(2) works per thread and whatever
 * thread it creates inherits the target, so the rest of the process must never do it itself.
 */
#ifndef DCM_KERNEL_NETNS_THREAD_H
#define DCM_KERNEL_NETNS_THREAD_H

#include "common/base/reason.h"

struct dcm_netns_thread;

/*
 * What runs inside: may open files and sockets and keep the descriptors of /proc/sys files (they
 * hold no reference to the namespace), but must close its sockets, and create no thread.
 */
typedef int dcm_netns_fn(void *ctx);

/*
 * Remembers the caller's own namespace as home; starts no thread yet. The calling process holds
 * home anyway, so that its descriptor is the only one of nsfs that may be kept.
 * On a kernel without network namespaces there is a home only. @root: prefix of /proc; "".
 */
int dcm_netns_thread_create(const char *root, struct dcm_reason *reason,
			    struct dcm_netns_thread **ret);

/* Ends and joins the thread; NULL is allowed. */
void dcm_netns_thread_destroy(struct dcm_netns_thread *thread);

/*
 * Runs @fn inside the namespace of @ns_fd, or at home when @ns_fd is negative, and waits for it.
 * Returns what @fn returns, or -errno of setns(2) (-EPERM: needs CAP_SYS_ADMIN) with a reason,
 * @fn not having run. When the way back fails the thread ends and the next call starts another: no
 * later work can happen in the wrong namespace. For one caller at a time.
 */
int dcm_netns_thread_run(struct dcm_netns_thread *thread, int ns_fd, dcm_netns_fn *fn, void *ctx,
			 struct dcm_reason *reason);

#endif
