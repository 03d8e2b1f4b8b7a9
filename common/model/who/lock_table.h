/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums waits for locks: a row for each name, with the processes that waited. Pure. */
#ifndef DCM_MODEL_LOCK_TABLE_H
#define DCM_MODEL_LOCK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/who/lock_kinds.h"

/* What a lock is. Strings are raw bytes, "" where something is not known. */
struct dcm_lock_name {
	enum dcm_lock_kind kind;
	const char *type; /* "spinlock", "rwsem" ... */
	bool has_superblock;
	uint32_t dev_major, dev_minor; /* these four: of its superblock */
	const char *fstype;
	const char *mount_point;
	const char *path; /* of a directory or file; of those that follow one another: "" */
	int node;	  /* NUMA node of an LRU; -1: not known */
	const char *memory_cgroup; /* whose LRU it is */
	const char *symbol;	   /* of the lock itself */
	const char *caller;	   /* function that wanted it; only DCM_LOCK_OTHER */
};

struct dcm_lock_waits {
	uint64_t waits;	     /* that have ended */
	uint64_t reads;	     /* of those, for a share of the lock */
	uint64_t waiting;    /* still, at the end */
	uint64_t total_ns;   /* of both; what waits still up to the end */
	uint64_t longest_ns; /* of both */
};

struct dcm_lock_process {
	uint32_t pid;
	char *command, *cgroup; /* cgroup as in dcm_who_row: "" not known */
	struct dcm_lock_waits sum;
};

/* Locks of one name. Strings belong to the table. */
struct dcm_lock_row {
	struct dcm_lock_name name;
	uint64_t locks; /* that have this name */
	struct dcm_lock_waits sum;
	const struct dcm_lock_process **processes; /* the longest waits first, after ranking */
	size_t process_count;
};

struct dcm_lock_table;

/* -ENOMEM */
int dcm_lock_table_create(struct dcm_lock_table **ret);
void dcm_lock_table_destroy(struct dcm_lock_table *table);

/*
 * One more lock with @name. Returns its row, for dcm_lock_table_wait(), valid as long as the table;
 * NULL when memory is short.
 */
struct dcm_lock_row *dcm_lock_table_lock(struct dcm_lock_table *table,
					 const struct dcm_lock_name *name);

/* A process waited for that lock. -ENOMEM */
int dcm_lock_table_wait(struct dcm_lock_row *row, const struct dcm_lock_process *process);

/* *@ret, to be freed: the rows that have waits, the longest sum first, and their processes in the
 * same order. -ENOMEM */
int dcm_lock_table_rank(struct dcm_lock_table *table, const struct dcm_lock_row ***ret,
			size_t *ret_count);

/* "s_umount"; of DCM_LOCK_OTHER: "other" */
const char *dcm_lock_kind_name(enum dcm_lock_kind kind);

#endif
