// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/who/lock_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash_table.h"
#include "common/base/minmax.h"

struct process {
	struct dcm_lock_process process; /* hash key: its pid */
	UT_hash_handle hh;
};

struct row {
	struct dcm_lock_row row;
	struct process *processes;
	char *id; /* hash key */
	UT_hash_handle hh;
};

struct dcm_lock_table {
	struct row *rows;
};

int dcm_lock_table_create(struct dcm_lock_table **ret)
{
	struct dcm_lock_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
	*ret = table;
	return 0;
}

static void destroy_process(struct process *process)
{
	free(process->process.command);
	free(process->process.cgroup);
	free(process);
}

static void destroy_row(struct row *row)
{
	const struct dcm_lock_name *name = &row->row.name;
	struct process *process, *next;

	HASH_ITER (hh, row->processes, process, next) {
		HASH_DEL(row->processes, process);
		destroy_process(process);
	}
	free((char *)name->type);
	free((char *)name->fstype);
	free((char *)name->mount_point);
	free((char *)name->path);
	free((char *)name->memory_cgroup);
	free((char *)name->symbol);
	free((char *)name->caller);
	free(row->row.processes);
	free(row->id);
	free(row);
}

void dcm_lock_table_destroy(struct dcm_lock_table *table)
{
	struct row *row, *next;

	if (!table)
		return;
	HASH_ITER (hh, table->rows, row, next) {
		HASH_DEL(table->rows, row);
		destroy_row(row);
	}
	free(table);
}

/* ---- rows ---- */

static bool copy_name(const struct dcm_lock_name *from, struct dcm_lock_name *to)
{
	*to = *from;
	to->type = strdup(from->type);
	to->fstype = strdup(from->fstype);
	to->mount_point = strdup(from->mount_point);
	to->path = strdup(from->path);
	to->memory_cgroup = strdup(from->memory_cgroup);
	to->symbol = strdup(from->symbol);
	to->caller = strdup(from->caller);
	return to->type && to->fstype && to->mount_point && to->path && to->memory_cgroup &&
	       to->symbol && to->caller;
}

/* Where two names are one, the text is the same. A symbol or a caller may not have a line feed, and
 * what follows a path does not begin with one. */
static char *id_of(const struct dcm_lock_name *name)
{
	char *id;

	if (asprintf(&id, "%d %s %d %u:%u %s %d %s %s\n%s\n%s", name->kind, name->type,
		     name->has_superblock, name->dev_major, name->dev_minor, name->fstype,
		     name->node, name->symbol, *name->symbol ? "" : name->caller, name->path,
		     name->memory_cgroup) < 0)
		return NULL;
	return id;
}

static struct row *add_row(struct dcm_lock_table *table, char *id, const struct dcm_lock_name *name)
{
	struct row *row = calloc(1, sizeof(*row));

	if (!row) {
		free(id);
		return NULL;
	}
	row->id = id;
	if (copy_name(name, &row->row.name))
		HASH_ADD_KEYPTR(hh, table->rows, row->id, strlen(row->id), row);
	if (DCM_HASH_TAKEN(row))
		return row;
	destroy_row(row);
	return NULL;
}

struct dcm_lock_row *dcm_lock_table_lock(struct dcm_lock_table *table,
					 const struct dcm_lock_name *name)
{
	char *id = id_of(name);
	struct row *row;

	if (!id)
		return NULL;
	HASH_FIND_STR(table->rows, id, row);
	if (row)
		free(id);
	else
		row = add_row(table, id, name);
	if (!row)
		return NULL;
	row->row.locks++;
	return &row->row;
}

/* ---- waits ---- */

static void add_waits(struct dcm_lock_waits *to, const struct dcm_lock_waits *from)
{
	to->waits += from->waits;
	to->reads += from->reads;
	to->waiting += from->waiting;
	to->total_ns += from->total_ns;
	to->longest_ns = DCM_MAX(to->longest_ns, from->longest_ns);
}

static struct process *add_process(struct row *row, const struct dcm_lock_process *from)
{
	struct process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	process->process.pid = from->pid;
	process->process.command = strdup(from->command);
	process->process.cgroup = strdup(from->cgroup);
	if (process->process.command && process->process.cgroup)
		HASH_ADD(hh, row->processes, process.pid, sizeof(process->process.pid), process);
	if (DCM_HASH_TAKEN(process))
		return process;
	destroy_process(process);
	return NULL;
}

int dcm_lock_table_wait(struct dcm_lock_row *lock, const struct dcm_lock_process *from)
{
	struct row *row = (struct row *)((char *)lock - offsetof(struct row, row));
	struct process *process =
		DCM_HASH_FIND(row->processes, &from->pid, sizeof(process->process.pid));

	if (!process)
		process = add_process(row, from);
	if (!process)
		return -ENOMEM;
	add_waits(&process->process.sum, &from->sum);
	add_waits(&lock->sum, &from->sum);
	return 0;
}

/* ---- order ---- */

static int order(const struct dcm_lock_waits *a, const struct dcm_lock_waits *b)
{
	int by_time = DCM_COMPARE(b->total_ns, a->total_ns);

	return by_time ? by_time : DCM_COMPARE(b->waits, a->waits);
}

static int order_rows(const void *a, const void *b)
{
	return order(&(*(const struct dcm_lock_row *const *)a)->sum,
		     &(*(const struct dcm_lock_row *const *)b)->sum);
}

static int order_processes(const void *a, const void *b)
{
	return order(&(*(const struct dcm_lock_process *const *)a)->sum,
		     &(*(const struct dcm_lock_process *const *)b)->sum);
}

static int rank_processes(struct row *row)
{
	struct process *process, *next;
	size_t n = 0;

	free(row->row.processes);
	row->row.process_count = 0;
	row->row.processes = calloc(HASH_COUNT(row->processes) + 1, sizeof(*row->row.processes));
	if (!row->row.processes)
		return -ENOMEM;
	HASH_ITER (hh, row->processes, process, next)
		row->row.processes[n++] = &process->process;
	qsort(row->row.processes, n, sizeof(*row->row.processes), order_processes);
	row->row.process_count = n;
	return 0;
}

int dcm_lock_table_rank(struct dcm_lock_table *table, const struct dcm_lock_row ***ret,
			size_t *ret_count)
{
	_cleanup_free_ const struct dcm_lock_row **rows =
		calloc(HASH_COUNT(table->rows) + 1, sizeof(*rows));
	struct row *row, *next;
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	HASH_ITER (hh, table->rows, row, next) {
		if (!row->row.sum.waits && !row->row.sum.waiting)
			continue;
		if (rank_processes(row))
			return -ENOMEM;
		rows[n++] = &row->row;
	}
	qsort(rows, n, sizeof(*rows), order_rows);
	*ret = dcm_take_ptr(rows);
	*ret_count = n;
	return 0;
}

const char *dcm_lock_kind_name(enum dcm_lock_kind kind)
{
	static const char *const names[DCM_LOCK_KINDS] = {
		[DCM_LOCK_OTHER] = "other",
		[DCM_LOCK_DENTRY_LRU] = "dentry LRU",
		[DCM_LOCK_INODE_LRU] = "inode LRU",
		[DCM_LOCK_UMOUNT] = "s_umount",
		[DCM_LOCK_INODES] = "s_inode_list_lock",
		[DCM_LOCK_RENAME] = "s_vfs_rename_mutex",
		[DCM_LOCK_DENTRY] = "d_lock",
		[DCM_LOCK_INODE] = "i_lock",
		[DCM_LOCK_DIRECTORY] = "i_rwsem",
	};

	return kind < DCM_LOCK_KINDS ? names[kind] : "?";
}
