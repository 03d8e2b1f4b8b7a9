// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/who/who_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Out of memory must not end the process: the event counts as "other" instead. */
#define HASH_NONFATAL_OOM	 1
#define uthash_nonfatal_oom(obj) ((obj)->dropped = true)
#include <uthash.h>

#include "common/base/hash.h"
#include "common/base/minmax.h"

#define NAME_SLOTS (1u << 19) /* hashes of names met: 4 MiB */
#define NAME_LIMIT (NAME_SLOTS / 4 * 3)
#define VIEWS_KEPT DCM_WHO_NAMESPACES /* the last one is another order of the first */

struct entry {
	struct dcm_who_row row;
	char *id; /* hash key: PID and key */
	bool dropped;
	UT_hash_handle hh;
};

struct dcm_who_table {
	struct entry *view[VIEWS_KEPT];
	uint64_t *names;
	size_t name_count;
	uint64_t other;
};

int dcm_who_table_create(struct dcm_who_table **ret)
{
	struct dcm_who_table *table = calloc(1, sizeof(*table));

	if (table)
		table->names = calloc(NAME_SLOTS, sizeof(*table->names));
	if (!table || !table->names) {
		free(table);
		return -ENOMEM;
	}
	*ret = table;
	return 0;
}

static void destroy_entry(struct entry *entry)
{
	if (!entry)
		return;
	free(entry->row.key);
	free(entry->row.directory.text);
	free(entry->row.command.text);
	free(entry->row.cgroup.text);
	for (size_t i = 0; i < DCM_WHO_SAMPLES; i++)
		free(entry->row.sample_name[i]);
	free(entry->id);
	free(entry);
}

void dcm_who_table_destroy(struct dcm_who_table *table)
{
	struct entry *entry, *next;

	if (!table)
		return;
	for (size_t i = 0; i < VIEWS_KEPT; i++) {
		HASH_ITER (hh, table->view[i], entry, next) {
			HASH_DEL(table->view[i], entry);
			destroy_entry(entry);
		}
	}
	free(table->names);
	free(table);
}

static struct entry *add_entry(struct dcm_who_table *table, enum dcm_who_view view, const char *id,
			       uint32_t pid, const char *key)
{
	struct entry *entry;

	if (HASH_COUNT(table->view[view]) >= DCM_WHO_MAX_ROWS)
		return NULL;
	entry = calloc(1, sizeof(*entry));
	if (!entry)
		return NULL;
	entry->id = strdup(id);
	entry->row.key = strdup(key);
	entry->row.pid = pid;
	if (entry->id && entry->row.key)
		HASH_ADD_KEYPTR(hh, table->view[view], entry->id, strlen(entry->id), entry);
	else
		entry->dropped = true;
	if (entry->dropped) {
		destroy_entry(entry);
		return NULL;
	}
	return entry;
}

static struct dcm_who_row *find_row(struct dcm_who_table *table, enum dcm_who_view view,
				    uint32_t pid, const char *key)
{
	struct entry *entry;
	char id[8192];

	/* A process that executes another program is another row. */
	snprintf(id, sizeof(id), "%u %s", pid, key);
	HASH_FIND_STR(table->view[view], id, entry);
	if (!entry)
		entry = add_entry(table, view, id, pid, key);
	if (!entry)
		table->other++;
	return entry ? &entry->row : NULL;
}

/* Over directory and name, never 0. */
static uint64_t hash_name(const char *directory, const char *name)
{
	uint64_t hash = dcm_hash64_text(DCM_HASH64_START, directory);

	hash = dcm_hash64_text(dcm_hash64(hash, "/", 1), name);
	return hash ? hash : 1;
}

/* True the first time; once the set is full, nothing is new any more. */
static bool is_fresh(struct dcm_who_table *table, const struct dcm_who_event *event)
{
	uint64_t hash = hash_name(event->directory, event->name);
	size_t i = (size_t)(hash >> 32) & (NAME_SLOTS - 1);

	while (table->names[i] && table->names[i] != hash)
		i = (i + 1) & (NAME_SLOTS - 1);
	if (table->names[i] || table->name_count >= NAME_LIMIT)
		return false;
	table->names[i] = hash;
	table->name_count++;
	return true;
}

/* Boyer-Moore vote: whoever has more than half of the weight stands at the end. */
static void vote(struct dcm_who_majority *majority, uint32_t pid, const char *text, double weight)
{
	if (majority->text && majority->pid == pid && !strcmp(majority->text, text)) {
		majority->votes += weight;
		return;
	}
	majority->votes -= weight;
	if (majority->votes >= 0 && majority->text)
		return;
	free(majority->text);
	majority->text = strdup(text);
	majority->pid = pid;
	majority->votes = weight;
}

static void keep_sample(struct dcm_who_row *row, const char *name)
{
	for (size_t i = 0; i < DCM_WHO_SAMPLES; i++) {
		if (!row->sample_name[i]) {
			row->sample_name[i] = strdup(name);
			return;
		}
		if (!strcmp(row->sample_name[i], name))
			return;
	}
}

static void count(struct dcm_who_row *row, const struct dcm_who_event *event, bool fresh)
{
	if (!row)
		return;
	switch (event->what) {
	case DCM_WHO_FAILED_LOOKUP:
		row->failed += event->weight;
		row->seen++;
		row->fresh += fresh;
		break;
	case DCM_WHO_DENTRY:
		row->dentries += event->weight;
		break;
	case DCM_WHO_NAMESPACE:
		row->namespaces += event->weight;
		break;
	}
}

void dcm_who_table_add(struct dcm_who_table *table, const struct dcm_who_event *event)
{
	bool fresh = event->what == DCM_WHO_FAILED_LOOKUP && is_fresh(table, event);
	struct dcm_who_row *row;

	row = find_row(table, DCM_WHO_PROCESSES, event->pid, event->command);
	count(row, event, fresh);
	if (row && *event->directory)
		vote(&row->directory, 0, event->directory, event->weight);
	if (row)
		vote(&row->cgroup, 0, event->cgroup, event->weight);
	row = find_row(table, DCM_WHO_CGROUPS, 0, event->cgroup);
	count(row, event, fresh);
	if (row && *event->directory)
		vote(&row->directory, 0, event->directory, event->weight);
	if (row)
		vote(&row->command, event->pid, event->command, event->weight);
	if (!*event->directory)
		return;
	row = find_row(table, DCM_WHO_DIRECTORIES, 0, event->directory);
	count(row, event, fresh);
	if (!row)
		return;
	vote(&row->command, event->pid, event->command, event->weight);
	keep_sample(row, event->name);
}

uint64_t dcm_who_table_other(const struct dcm_who_table *table)
{
	return table->other;
}

double dcm_who_row_new_names(const struct dcm_who_row *row)
{
	return row->seen ? row->failed * (double)row->fresh / (double)row->seen : 0;
}

/* ---- order ---- */

static double score(const struct dcm_who_row *row)
{
	double fresh = dcm_who_row_new_names(row);

	return DCM_MAX(row->dentries, fresh);
}

static int descending(double a, double b)
{
	return (a < b) - (a > b);
}

static int by_score(const void *a, const void *b)
{
	const struct dcm_who_row *x = *(const struct dcm_who_row *const *)a;
	const struct dcm_who_row *y = *(const struct dcm_who_row *const *)b;
	int order = descending(score(x), score(y));

	return order ? order : descending(x->failed, y->failed);
}

static int by_namespaces(const void *a, const void *b)
{
	const struct dcm_who_row *x = *(const struct dcm_who_row *const *)a;
	const struct dcm_who_row *y = *(const struct dcm_who_row *const *)b;

	return descending(x->namespaces, y->namespaces);
}

int dcm_who_table_rank(const struct dcm_who_table *table, enum dcm_who_view view,
		       const struct dcm_who_row ***ret, size_t *ret_count)
{
	bool namespaces = view == DCM_WHO_NAMESPACES;
	struct entry *first = table->view[namespaces ? DCM_WHO_PROCESSES : view], *entry, *next;
	const struct dcm_who_row **rows = calloc(HASH_COUNT(first) + 1, sizeof(*rows));
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	HASH_ITER (hh, first, entry, next) {
		if (namespaces ? entry->row.namespaces > 0
			       : entry->row.failed > 0 || entry->row.dentries > 0)
			rows[n++] = &entry->row;
	}
	qsort(rows, n, sizeof(*rows), namespaces ? by_namespaces : by_score);
	*ret = rows;
	*ret_count = n;
	return 0;
}
