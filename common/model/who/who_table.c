// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/who/who_table.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"

struct entry {
	struct dcm_who_row row;
	char *id;					/* hash key: PID and key */
	struct dcm_who_sum failed, known, names, grown; /* known + names = failed */
	double names_by_grown;				/* see dcm_who_share */
	double left, dentries, dentries_spread;
	double variance, most; /* of directories: of what was placed there, and could be */
	bool touched;
	struct entry *next_touched;
	UT_hash_handle hh;
};

/* What a process did in a directory. */
struct pair {
	struct entry *process, *directory; /* hash key */
	struct dcm_who_sum grown;
	double grown_by_process;
	bool touched;
	struct pair *next_touched;
	UT_hash_handle hh;
};

#define PAIR_KEY_SIZE offsetof(struct pair, grown)
#define MAX_PAIRS     (2 * DCM_WHO_MAX_ROWS)

struct dcm_who_table {
	struct entry *view[DCM_WHO_VIEWS];
	struct pair *pairs;
	struct entry *touched; /* in the window under way */
	struct pair *touched_pairs;
	struct dcm_who_windows windows;
	double unplaced;
	bool all_is_left;
	uint64_t other;
};

int dcm_who_table_create(struct dcm_who_table **ret)
{
	struct dcm_who_table *table = calloc(1, sizeof(*table));

	if (!table)
		return -ENOMEM;
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
	DCM_HASH_FREE(table->pairs);
	for (size_t i = 0; i < DCM_WHO_VIEWS; i++) {
		HASH_ITER (hh, table->view[i], entry, next) {
			HASH_DEL(table->view[i], entry);
			destroy_entry(entry);
		}
	}
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
	if (DCM_HASH_TAKEN(entry))
		return entry;
	destroy_entry(entry);
	return NULL;
}

static struct entry *find_entry(struct dcm_who_table *table, enum dcm_who_view view, uint32_t pid,
				const char *key)
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
	return entry;
}

static struct pair *find_pair(struct dcm_who_table *table, struct entry *process,
			      struct entry *directory)
{
	const struct pair key = {.process = process, .directory = directory};
	struct pair *pair = DCM_HASH_FIND(table->pairs, &key, PAIR_KEY_SIZE);

	if (pair || HASH_COUNT(table->pairs) >= MAX_PAIRS)
		return pair;
	pair = calloc(1, sizeof(*pair));
	if (!pair)
		return NULL;
	pair->process = process;
	pair->directory = directory;
	return DCM_HASH_ADD(table->pairs, process, PAIR_KEY_SIZE, pair);
}

/* Boyer-Moore vote: a candidate with more than half of the weight remains at the end. */
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

/* Has its sums closed with the window. */
static void touch(struct dcm_who_table *table, struct entry *entry)
{
	if (entry->touched)
		return;
	entry->touched = true;
	entry->next_touched = table->touched;
	table->touched = entry;
}

static void count_call(struct dcm_who_table *table, struct entry *entry,
		       const struct dcm_who_event *event)
{
	if (event->what == DCM_WHO_FAILED_LOOKUP) {
		dcm_who_sum_add(&entry->failed, event->one_of, event->scale, 1);
		dcm_who_sum_add(event->negative ? &entry->names : &entry->known, event->one_of,
				event->scale, 1);
	}
	if (event->negative)
		dcm_who_sum_add(&entry->grown, event->one_of, event->scale,
				(double)event->negative);
	touch(table, entry);
}

static void count(struct dcm_who_table *table, struct entry *entry,
		  const struct dcm_who_event *event)
{
	switch (event->what) {
	case DCM_WHO_FAILED_LOOKUP:
	case DCM_WHO_OTHER_CALL:
		count_call(table, entry, event);
		break;
	case DCM_WHO_NEGATIVE_LEFT:
		entry->left += (double)event->negative;
		break;
	case DCM_WHO_DENTRY:
		entry->dentries += event->one_of;
		entry->dentries_spread += event->one_of * (event->one_of - 1);
		break;
	}
}

static void count_pair(struct dcm_who_table *table, struct entry *process, struct entry *directory,
		       const struct dcm_who_event *event)
{
	struct pair *pair = find_pair(table, process, directory);

	if (!pair)
		return;
	dcm_who_sum_add(&pair->grown, event->one_of, event->scale, (double)event->negative);
	if (pair->touched)
		return;
	pair->touched = true;
	pair->next_touched = table->touched_pairs;
	table->touched_pairs = pair;
}

/* What a row's "mostly" goes by: what it leaves first, failed lookups where it leaves nothing. */
static double importance(const struct dcm_who_event *event)
{
	return event->what == DCM_WHO_NEGATIVE_LEFT ? (double)event->negative
						    : event->one_of * (event->negative ? 1000 : 1);
}

static struct entry *add_to_process(struct dcm_who_table *table, const struct dcm_who_event *event)
{
	struct entry *entry = find_entry(table, DCM_WHO_PROCESSES, event->pid, event->command);

	if (!entry)
		return NULL;
	count(table, entry, event);
	if (*event->directory)
		vote(&entry->row.directory, 0, event->directory, importance(event));
	vote(&entry->row.cgroup, 0, event->cgroup, 1);
	return entry;
}

static void add_to_cgroup(struct dcm_who_table *table, const struct dcm_who_event *event)
{
	struct entry *entry = find_entry(table, DCM_WHO_CGROUPS, 0, event->cgroup);

	if (!entry)
		return;
	count(table, entry, event);
	if (*event->directory)
		vote(&entry->row.directory, 0, event->directory, importance(event));
	vote(&entry->row.command, event->pid, event->command, importance(event));
}

void dcm_who_table_add(struct dcm_who_table *table, const struct dcm_who_event *event)
{
	struct entry *process = add_to_process(table, event), *directory;

	add_to_cgroup(table, event);
	if (!*event->directory)
		return;
	directory = find_entry(table, DCM_WHO_DIRECTORIES, 0, event->directory);
	if (!directory)
		return;
	count(table, directory, event);
	if (process && event->negative)
		count_pair(table, process, directory, event);
	vote(&directory->row.command, event->pid, event->command, importance(event));
	keep_sample(&directory->row, event->name);
}

/* ---- windows ---- */

void dcm_who_table_close_window(struct dcm_who_table *table, double period, double watched)
{
	for (struct pair *pair = table->touched_pairs; pair; pair = pair->next_touched) {
		pair->grown_by_process +=
			dcm_who_share_product(&pair->grown, &pair->process->grown, period, watched);
		dcm_who_sum_close(&pair->grown, period, watched);
		pair->touched = false;
	}
	for (struct entry *entry = table->touched; entry; entry = entry->next_touched) {
		entry->names_by_grown +=
			dcm_who_share_product(&entry->names, &entry->grown, period, watched);
		dcm_who_sum_close(&entry->failed, period, watched);
		dcm_who_sum_close(&entry->known, period, watched);
		dcm_who_sum_close(&entry->names, period, watched);
		dcm_who_sum_close(&entry->grown, period, watched);
		entry->touched = false;
	}
	table->touched = NULL;
	table->touched_pairs = NULL;
	dcm_who_windows_close(&table->windows, period, watched);
}

/* ---- the counts ---- */

static struct dcm_who_interval exactly(double value)
{
	return (struct dcm_who_interval){value, value, value};
}

static struct dcm_who_interval scaled(struct dcm_who_interval i, double factor)
{
	return (struct dcm_who_interval){i.value * factor, i.low * factor, i.high * factor};
}

static struct dcm_who_interval add(struct dcm_who_interval a, struct dcm_who_interval b)
{
	struct dcm_who_interval sum = {.value = a.value + b.value};

	sum.low = sum.value - hypot(a.value - a.low, b.value - b.low);
	sum.high = sum.value + hypot(a.high - a.value, b.high - b.value);
	return sum;
}

/* A share of @most. */
static struct dcm_who_interval bounded(double value, double variance, double least, double most)
{
	double side = 1.96 * sqrt(variance);

	return (struct dcm_who_interval){.value = value,
					 .low = fmax(value - side, fmin(least, value)),
					 .high = fmin(value + side, fmax(most, value))};
}

/* How many names left @entry->left negative dentries. */
static struct dcm_who_interval new_names(const struct dcm_who_table *table,
					 const struct entry *entry)
{
	const struct dcm_who_share share = {&entry->names, &entry->grown, entry->names_by_grown};
	double variance, left = entry->left, r = dcm_who_share(&share, &table->windows, &variance);

	if (entry->grown.total <= 0)
		return (struct dcm_who_interval){left, 0, left};
	return bounded(left * r, left * left * variance, 0, left);
}

/* Failed lookups: of names that were known, by time; of the others by what they left, which is
 * exact. Less is left of names that are made true after they were looked up: unless hardly any are,
 * by time as well where windows saw more. Time alone would be off by as much as a third: the clock
 * of a process on another CPU is behind by up to a tick, about as long as a window.
 */
static struct dcm_who_interval failed_lookups(const struct dcm_who_table *table,
					      const struct entry *entry, double stretch)
{
	const struct dcm_who_windows *w = &table->windows;
	struct dcm_who_interval grown = scaled(dcm_who_sum_interval(&entry->grown, w), stretch);
	struct dcm_who_interval known = scaled(dcm_who_sum_interval(&entry->known, w), stretch);
	struct dcm_who_interval failed = add(known, entry->row.names), by_time;

	if (table->all_is_left || entry->left >= grown.low)
		return failed;
	by_time = scaled(dcm_who_sum_interval(&entry->failed, w), stretch);
	by_time.low = fmin(by_time.low, failed.low);
	by_time.high = fmax(by_time.high, failed.high);
	return by_time;
}

static void end_entry(struct dcm_who_table *table, struct entry *entry, double stretch)
{
	entry->row.negative = exactly(entry->left);
	entry->row.names = new_names(table, entry);
	entry->row.failed = failed_lookups(table, entry, stretch);
	entry->row.dentries =
		dcm_who_interval_about(entry->dentries, entry->dentries_spread, INFINITY, 0);
}

/* What a process left, to the directories that it was seen in. */
static void place(struct dcm_who_table *table)
{
	struct pair *pair, *next;

	HASH_ITER (hh, table->pairs, pair, next) {
		const struct dcm_who_share share = {&pair->grown, &pair->process->grown,
						    pair->grown_by_process};
		double left = pair->process->left, variance;

		pair->directory->left += left * dcm_who_share(&share, &table->windows, &variance);
		pair->directory->variance += left * left * variance;
		pair->directory->most += left;
	}
}

static void end_directory(struct dcm_who_table *table, struct entry *entry, double stretch)
{
	struct dcm_who_interval *names = &entry->row.names, *negative = &entry->row.negative;

	end_entry(table, entry, stretch);
	*negative = bounded(entry->left, entry->variance, entry->grown.seen, entry->most);
	if (entry->left <= 0)
		return;
	names->low *= negative->low / entry->left;
	names->high *= negative->high / entry->left;
}

void dcm_who_table_end(struct dcm_who_table *table, double elapsed, double call_seconds,
		       bool all_is_left)
{
	double stretch = table->windows.seconds > 0 ? elapsed / table->windows.seconds : 1;
	struct entry *entry, *next;

	table->windows.call_seconds = call_seconds;
	table->all_is_left = all_is_left;
	HASH_ITER (hh, table->view[DCM_WHO_DIRECTORIES], entry, next)
		entry->left = entry->variance = entry->most = 0;
	place(table);
	table->unplaced = 0;
	HASH_ITER (hh, table->view[DCM_WHO_PROCESSES], entry, next) {
		end_entry(table, entry, stretch);
		table->unplaced += entry->left;
	}
	HASH_ITER (hh, table->view[DCM_WHO_CGROUPS], entry, next)
		end_entry(table, entry, stretch);
	HASH_ITER (hh, table->view[DCM_WHO_DIRECTORIES], entry, next) {
		end_directory(table, entry, stretch);
		table->unplaced -= entry->left;
	}
}

double dcm_who_table_unplaced(const struct dcm_who_table *table)
{
	return table->unplaced > 0 ? table->unplaced : 0;
}

uint64_t dcm_who_table_other(const struct dcm_who_table *table)
{
	return table->other;
}

/* ---- order ---- */

static int descending(double a, double b)
{
	return (a < b) - (a > b);
}

static int by_score(const void *a, const void *b)
{
	const struct dcm_who_row *x = *(const struct dcm_who_row *const *)a;
	const struct dcm_who_row *y = *(const struct dcm_who_row *const *)b;
	int order = descending(x->negative.value, y->negative.value);

	if (!order)
		order = descending(x->dentries.value, y->dentries.value);
	return order ? order : descending(x->failed.value, y->failed.value);
}

int dcm_who_table_rank(const struct dcm_who_table *table, enum dcm_who_view view,
		       const struct dcm_who_row ***ret, size_t *ret_count)
{
	const struct dcm_who_row **rows = calloc(HASH_COUNT(table->view[view]) + 1, sizeof(*rows));
	struct entry *entry, *next;
	size_t n = 0;

	if (!rows)
		return -ENOMEM;
	HASH_ITER (hh, table->view[view], entry, next) {
		if (entry->row.failed.value > 0 || entry->row.dentries.value > 0 ||
		    entry->row.negative.value > 0)
			rows[n++] = &entry->row;
	}
	qsort(rows, n, sizeof(*rows), by_score);
	*ret = rows;
	*ret_count = n;
	return 0;
}
