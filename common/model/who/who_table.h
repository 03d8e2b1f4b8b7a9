/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sums events of dentries being made by process, cgroup and directory, in bounded memory. Pure.
 *
 * What a process or cgroup left is known (DCM_WHO_NEGATIVE_LEFT); it is distributed among
 * directories, and among names, as the calls in windows were. Failed lookups are estimated from
 * windows alone.
 */
#ifndef DCM_MODEL_WHO_TABLE_H
#define DCM_MODEL_WHO_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/who/who_estimate.h"

enum dcm_who_what {
	DCM_WHO_FAILED_LOOKUP, /* in a window: of a name that does not exist */
	DCM_WHO_OTHER_CALL,    /* in a window: a call of another kind that left negative dentries */
	DCM_WHO_NEGATIVE_LEFT, /* at any time: negative dentries were left in the cache */
	DCM_WHO_DENTRY,	       /* at any time: a dentry was allocated */
};

/* Strings are raw bytes and belong to the caller that makes the event. */
struct dcm_who_event {
	enum dcm_who_what what;
	uint32_t pid; /* thread group */
	const char *command;
	const char *cgroup;    /* path in its hierarchy; "" unknown */
	const char *directory; /* "" unknown; always so for DCM_WHO_NEGATIVE_LEFT */
	const char *name;      /* last part of the path */
	double one_of;	       /* number of events in the window that this one represents */
	double scale;	       /* and each of them for that many in the period; 1 or above */
	uint64_t negative;     /* negative dentries left: by this call, or in all
				  (DCM_WHO_NEGATIVE_LEFT) */
};

enum dcm_who_view {
	DCM_WHO_PROCESSES,
	DCM_WHO_CGROUPS,
	DCM_WHO_DIRECTORIES,
	DCM_WHO_VIEWS,
};

#define DCM_WHO_SAMPLES	 3
#define DCM_WHO_MAX_ROWS 16384 /* per view; later comers only count as "other" */

/* The "mostly" column of a row: correct if it has more than half of the row's weight. */
struct dcm_who_majority {
	char *text;
	uint32_t pid;
	double votes;
};

/* Counts are of the whole time, as of the last dcm_who_table_end(). */
struct dcm_who_row {
	uint32_t pid;			    /* DCM_WHO_PROCESSES */
	char *key;			    /* command, cgroup or directory */
	struct dcm_who_interval failed;	    /* lookups of names that do not exist */
	struct dcm_who_interval names;	    /* of those: of names that the cache did not know */
	struct dcm_who_interval negative;   /* negative dentries left in the cache */
	struct dcm_who_interval dentries;   /* allocated */
	struct dcm_who_majority directory;  /* of processes and cgroups */
	struct dcm_who_majority command;    /* of cgroups and directories */
	struct dcm_who_majority cgroup;	    /* of processes */
	char *sample_name[DCM_WHO_SAMPLES]; /* of directories: the first different ones */
};

struct dcm_who_table;

int dcm_who_table_create(struct dcm_who_table **ret);
void dcm_who_table_destroy(struct dcm_who_table *table);

void dcm_who_table_add(struct dcm_who_table *table, const struct dcm_who_event *event);

/* Closes a window of @watched seconds in a period of @period, after its events were added. */
void dcm_who_table_close_window(struct dcm_who_table *table, double period, double watched);

/*
 * Fills the counts in for @elapsed seconds: all periods, and what is left after the last.
 * @call_seconds: what watching adds to a call, at most. @all_is_left: no name was made true after
 * it had been looked up, so that each new one is among the negative dentries that are left.
 */
void dcm_who_table_end(struct dcm_who_table *table, double elapsed, double call_seconds,
		       bool all_is_left);

/* Negative dentries left, whose directories are not known: by processes that no window met. */
double dcm_who_table_unplaced(const struct dcm_who_table *table);

/* Events that found no room in a view, or no memory. */
uint64_t dcm_who_table_other(const struct dcm_who_table *table);

/*
 * Rows of @view in a new array (free()); the rows belong to the table. Most negative dentries left
 * first, then most dentries, then most failed lookups. -ENOMEM.
 */
int dcm_who_table_rank(const struct dcm_who_table *table, enum dcm_who_view view,
		       const struct dcm_who_row ***ret, size_t *ret_count);

#endif
