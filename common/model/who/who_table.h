/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums events of dentries being made by process, cgroup and directory, in bounded memory. Pure. */
#ifndef DCM_MODEL_WHO_TABLE_H
#define DCM_MODEL_WHO_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dcm_who_what {
	DCM_WHO_FAILED_LOOKUP, /* of a name that does not exist */
	DCM_WHO_DENTRY,	       /* a dentry was allocated */
	DCM_WHO_NAMESPACE,     /* a network namespace was made */
};

/* Strings are raw bytes and belong to whoever makes the event. */
struct dcm_who_event {
	enum dcm_who_what what;
	uint32_t pid; /* thread group */
	const char *command;
	const char *cgroup;    /* path in its hierarchy; "" unknown */
	const char *directory; /* "" for a namespace */
	const char *name;      /* last part of the path */
	double weight;	       /* how many it stands for */
};

enum dcm_who_view {
	DCM_WHO_PROCESSES,
	DCM_WHO_CGROUPS,
	DCM_WHO_DIRECTORIES,
	DCM_WHO_NAMESPACES, /* the processes again, by namespaces made */
	DCM_WHO_VIEWS,
};

#define DCM_WHO_SAMPLES	 3
#define DCM_WHO_MAX_ROWS 16384 /* per view; later comers only count as "other" */

/* What "mostly" stands beside a row: right when it has more than half of the row's weight. */
struct dcm_who_majority {
	char *text;
	uint32_t pid;
	double votes;
};

struct dcm_who_row {
	uint32_t pid;	 /* DCM_WHO_PROCESSES and DCM_WHO_NAMESPACES */
	char *key;	 /* command, cgroup or directory */
	double failed;	 /* lookups of names that do not exist */
	double dentries; /* allocated */
	double namespaces;
	uint64_t seen, fresh;		   /* failed lookups described, and those with a new name */
	struct dcm_who_majority directory; /* of processes and cgroups */
	struct dcm_who_majority command;   /* of cgroups and directories */
	struct dcm_who_majority cgroup;	   /* of processes */
	char *sample_name[DCM_WHO_SAMPLES]; /* of directories: the first different ones */
};

/* Estimate of the different missing names, each of which left a negative dentry: at most @failed.
 */
double dcm_who_row_new_names(const struct dcm_who_row *row);

struct dcm_who_table;

int dcm_who_table_create(struct dcm_who_table **ret);
void dcm_who_table_destroy(struct dcm_who_table *table);

void dcm_who_table_add(struct dcm_who_table *table, const struct dcm_who_event *event);

/* Events that found no room in a view, or no memory. */
uint64_t dcm_who_table_other(const struct dcm_who_table *table);

/*
 * Rows of @view, the most dentries (or namespaces) first, in a new array (free()); the rows belong
 * to the table. Dentries allocated count where known, else new names. -ENOMEM.
 */
int dcm_who_table_rank(const struct dcm_who_table *table, enum dcm_who_view view,
		       const struct dcm_who_row ***ret, size_t *ret_count);

#endif
