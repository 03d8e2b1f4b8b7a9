/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Opens network namespaces by name or process without trusting what lies there. Every descriptor
 * returned here keeps its namespace alive: close it as soon as the namespace is entered or
 * identified.
 */
#ifndef DCM_KERNEL_NETNS_OPEN_H
#define DCM_KERNEL_NETNS_OPEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/reason.h"

/* What tells one namespace from another. */
struct dcm_netns_id {
	uint64_t cookie; /* SO_NETNS_COOKIE (5.14): never used twice */
	uint64_t inode;	 /* of nsfs: used again at once after the namespace has died */
	bool has_cookie;
};

/* Equal cookies, or equal inodes where the kernel has no cookie. */
bool dcm_netns_id_equal(const struct dcm_netns_id *a, const struct dcm_netns_id *b);

/*
 * Opens the entry @name of the directory @dir_fd, such as /run/netns, without ever opening what is
 * not a namespace: nothing blocks on a FIFO or touches a device. A symbolic link is followed only
 * when it reads /proc/PID/ns/net. -ENOENT: gone; -EINVAL: no network namespace, with the reason.
 */
int dcm_netns_open_entry(int dir_fd, const char *name, struct dcm_reason *reason, int *ret_fd);

/*
 * Opens the namespace of a process, through a descriptor of its /proc directory so that a number
 * that is used again in between is noticed. @root as in the configuration ("" for the live system).
 * -ESRCH: the process is gone.
 */
int dcm_netns_open_pid(const char *root, pid_t pid, struct dcm_reason *reason, int *ret_fd);

/*
 * Identity by descriptor, without entering: the inode always, the cookie where the kernel tells it
 * for descriptors (NS_GET_ID, 6.18) and it is proven to be the same number.
 */
int dcm_netns_identify(int ns_fd, struct dcm_netns_id *ret);

/* The calling thread's own. -ENOENT: a kernel without network namespaces (CONFIG_NET_NS). */
int dcm_netns_open_own(const char *root, struct dcm_reason *reason, int *ret_fd);

/* The cookie of the calling thread's namespace through a socket made in it. -EOPNOTSUPP
 * before 5.14. */
int dcm_netns_current_cookie(uint64_t *ret);

#endif
