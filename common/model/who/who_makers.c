// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/who/who_makers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash_table.h"
#include "common/model/who/maker_names.h"
#include "common/parse/cgroup.h"

#define COMMAND_SIZE 64

struct entry {
	struct dcm_who_makers_row row;
	char *id; /* hash key */
	uint64_t made;
	UT_hash_handle hh;
};

struct dcm_who_makers {
	struct entry *entries;
	uint64_t total, other;
};

int dcm_who_makers_create(struct dcm_who_makers **ret)
{
	struct dcm_who_makers *makers = calloc(1, sizeof(*makers));

	if (!makers)
		return -ENOMEM;
	*ret = makers;
	return 0;
}

static void destroy_entry(struct entry *entry)
{
	free(entry->row.command);
	free(entry->row.parent);
	free(entry->row.cgroup);
	free(entry->id);
	free(entry);
}

void dcm_who_makers_destroy(struct dcm_who_makers *makers)
{
	struct entry *entry, *next;

	if (!makers)
		return;
	HASH_ITER (hh, makers->entries, entry, next) {
		HASH_DEL(makers->entries, entry);
		destroy_entry(entry);
	}
	free(makers);
}

/* "": none is known. */
static void parent_of(const struct dcm_who_maker *maker, const char *program,
		      char out[COMMAND_SIZE])
{
	for (size_t i = 0; i < maker->above_count; i++) {
		dcm_maker_program(maker->above[i], out, COMMAND_SIZE);
		if (strcmp(out, program) != 0)
			return;
	}
	*out = '\0';
}

/* Cuts @path to the directory that is above @other, too: "/a/b" and "/a/c" to "/a". */
static void cut_to_common(char *path, const char *other)
{
	size_t same = 0, slash = 0;

	for (; path[same] && path[same] == other[same]; same++)
		if (path[same] == '/')
			slash = same;
	if ((!path[same] && other[same] == '/') || (!other[same] && path[same] == '/'))
		slash = same;
	path[slash ? slash : *path == '/'] = '\0';
}

/* The caller frees it; NULL: no memory. */
static char *pattern_of(const char *cgroup)
{
	size_t size = strlen(cgroup) + 1;
	char *pattern = malloc(size);

	if (pattern)
		dcm_cgroup_collapse(cgroup, pattern, size);
	return pattern;
}

/* One more maker's cgroup. Without memory the row keeps the one that it has. */
static void add_cgroup(struct dcm_who_makers_row *row, const char *cgroup)
{
	_cleanup_free_ char *pattern = NULL, *common = NULL;

	if (!*cgroup || strcmp(row->cgroup, cgroup) == 0)
		return;
	pattern = pattern_of(cgroup);
	common = *row->cgroup ? pattern_of(row->cgroup) : strdup(cgroup);
	if (!pattern || !common)
		return;
	if (*row->cgroup && strcmp(common, pattern) != 0)
		cut_to_common(common, pattern);
	free(row->cgroup);
	row->cgroup = dcm_take_ptr(common);
}

static struct entry *add_entry(struct dcm_who_makers *makers, const char *id, const char *program,
			       const char *parent, const char *cgroup)
{
	struct entry *entry;

	if (HASH_COUNT(makers->entries) >= DCM_WHO_MAX_MAKERS)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->id = strdup(id);
	entry->row.command = strdup(program);
	entry->row.parent = strdup(parent);
	entry->row.cgroup = strdup(cgroup);
	if (entry->id && entry->row.command && entry->row.parent && entry->row.cgroup)
		HASH_ADD_KEYPTR(hh, makers->entries, entry->id, strlen(entry->id), entry);
	if (DCM_HASH_TAKEN(entry))
		return entry;
	destroy_entry(entry);
	return NULL;
}

void dcm_who_makers_add(struct dcm_who_makers *makers, const struct dcm_who_maker *maker)
{
	char program[COMMAND_SIZE], parent[COMMAND_SIZE], id[2 * COMMAND_SIZE + 24];
	struct entry *entry;

	makers->total++;
	dcm_maker_program(maker->command, program, sizeof(program));
	parent_of(maker, program, parent);
	/* Commands may have any bytes in them. */
	snprintf(id, sizeof(id), "%zu %s%s", strlen(program), program, parent);
	HASH_FIND_STR(makers->entries, id, entry);
	if (!entry)
		entry = add_entry(makers, id, program, parent, maker->cgroup);
	if (!entry) {
		makers->other++;
		return;
	}
	entry->row.pid = entry->made && entry->row.pid != maker->pid ? 0 : maker->pid;
	entry->made++;
	add_cgroup(&entry->row, maker->cgroup);
}

uint64_t dcm_who_makers_total(const struct dcm_who_makers *makers, uint64_t *ret_other)
{
	*ret_other = makers->other;
	return makers->total;
}

static int by_namespaces(const void *a, const void *b)
{
	const struct dcm_who_makers_row *x = *(const struct dcm_who_makers_row *const *)a;
	const struct dcm_who_makers_row *y = *(const struct dcm_who_makers_row *const *)b;

	return (x->namespaces.value < y->namespaces.value) -
	       (x->namespaces.value > y->namespaces.value);
}

int dcm_who_makers_rank(struct dcm_who_makers *makers, uint64_t lost,
			const struct dcm_who_makers_row ***ret, size_t *ret_count)
{
	const struct dcm_who_makers_row **rows =
		calloc(HASH_COUNT(makers->entries) + 1, sizeof(*rows));
	double missed = (double)(lost + makers->other);
	struct entry *entry, *next;
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	HASH_ITER (hh, makers->entries, entry, next) {
		double made = (double)entry->made;

		entry->row.namespaces = (struct dcm_who_interval){made, made, made + missed};
		rows[n++] = &entry->row;
	}
	qsort(rows, n, sizeof(*rows), by_namespaces);
	*ret = rows;
	*ret_count = n;
	return 0;
}
