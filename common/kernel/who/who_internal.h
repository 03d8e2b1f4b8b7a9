/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Shared by the who*.c files only. */
#ifndef DCM_KERNEL_WHO_INTERNAL_H
#define DCM_KERNEL_WHO_INTERNAL_H

#include "common/kernel/who/bpf/who_shared.h"
#include "common/kernel/who/who_watch.h"

/* What the tracepoint adds to a system call, and describing an event, in nanoseconds; and the share
 * of the busiest CPU's time that both may take together (tests/bench/who_overhead). */
#define DCM_WHO_CALL_NS	  200
#define DCM_WHO_DETAIL_NS 2000
#define DCM_WHO_SHARE	  0.015

/* Turns records into folders and names as the host sees them. */
struct dcm_who_paths;

int dcm_who_paths_create(struct dcm_who_paths **ret);
void dcm_who_paths_destroy(struct dcm_who_paths *paths);

/* Both strings are valid until the next call. */
void dcm_who_paths_split(struct dcm_who_paths *paths, const struct dcm_who_record *record,
			 const char **ret_directory, const char **ret_name);

/*
 * Path of a cgroup in its hierarchy, such as "/user.slice": by @id (cgroup2), and where that is
 * only the root, or gone, by process @pid while that lives. "" when neither is known. Kept.
 */
const char *dcm_who_paths_cgroup(struct dcm_who_paths *paths, uint64_t id, uint32_t pid);

#endif
