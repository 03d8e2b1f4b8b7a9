/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sums network namespaces by the program that made them and the one that had it do so, in bounded
 * memory: of eight containers eight children of runc are one row, "runc by containerd-shim". Pure.
 */
#ifndef DCM_MODEL_WHO_MAKERS_H
#define DCM_MODEL_WHO_MAKERS_H

#include <stddef.h>
#include <stdint.h>

#include "common/model/who/who_estimate.h"

#define DCM_WHO_MAX_MAKERS 4096

/* Strings are raw bytes and belong to the caller. */
struct dcm_who_maker {
	uint32_t pid; /* thread group */
	const char *command;
	const char *const *above; /* commands: parent, its parent and so on; "" beyond PID 1 */
	size_t above_count;
	const char *cgroup; /* path in its hierarchy; "" unknown */
};

struct dcm_who_makers_row {
	char *command; /* without what a runtime's children add: "runc" of "runc:[1:CHILD]" */
	char *parent;  /* the nearest other program above; "" none */
	uint32_t pid;  /* 0: several processes */
	/* Of several the pattern ("/docker/#", dcm_cgroup_collapse()), else the deepest that has
	 * them all; "" not known. */
	char *cgroup;
	struct dcm_who_interval namespaces; /* as of dcm_who_makers_rank() */
};

struct dcm_who_makers;

int dcm_who_makers_create(struct dcm_who_makers **ret);
void dcm_who_makers_destroy(struct dcm_who_makers *makers);

/* A network namespace was made. */
void dcm_who_makers_add(struct dcm_who_makers *makers, const struct dcm_who_maker *maker);

/* All that were added, with those that found no room in a row, or no memory: their number. */
uint64_t dcm_who_makers_total(const struct dcm_who_makers *makers, uint64_t *ret_other);

/*
 * Rows in a new array (free()), most namespaces first; the rows belong to @makers. Counts are
 * exact, unless up to @lost namespaces were not added, or some found no room: each row may have
 * made those. -ENOMEM.
 */
int dcm_who_makers_rank(struct dcm_who_makers *makers, uint64_t lost,
			const struct dcm_who_makers_row ***ret, size_t *ret_count);

#endif
