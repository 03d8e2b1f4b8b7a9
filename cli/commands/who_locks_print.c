// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <stdio.h>
#include <string.h>

#include "cli/commands/who.h"
#include "cli/commands/who_locks.h"
#include "cli/lib/human_numbers.h"
#include "cli/lib/json_container.h"
#include "cli/lib/json_writer.h"
#include "cli/lib/table.h"
#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"

#define PROCESSES 5 /* of a lock, in JSON */

/* What no watch sees, in the words of JSON and of the text (kernel/who/lock_watch.h). */
static const struct {
	const char *json, *text;
} not_seen[] = {
	{"waits that began before", "waits that began before"},
	{"one waiter that spins alone", "one thread that spins alone for a lock"},
	{"spinning for a rwsem", "threads that get a rwsem while they spin for it"},
	{"bit locks", "bit locks (hash buckets)"},
	{"test-and-set spinlocks", "spinlocks of a virtual machine that has no paravirtual ones"},
};

static const char *const ends[] = {
	[DCM_LOCK_END_TIME] = "time",
	[DCM_LOCK_END_SIGNAL] = "signal",
	[DCM_LOCK_END_RATE] = "rate",
};

/* ---- the table ---- */

/* "s_umount"; of other locks their own name, or that of the function that wanted it. */
static void cell_lock(struct table *table, const struct dcm_lock_row *row)
{
	const struct dcm_lock_name *name = &row->name;
	char text[160];

	if (name->kind != DCM_LOCK_OTHER)
		snprintf(text, sizeof(text), "%s", dcm_lock_kind_name(name->kind));
	else if (*name->symbol)
		snprintf(text, sizeof(text), "%.100s (%s)", name->symbol, name->type);
	else if (*name->caller)
		snprintf(text, sizeof(text), "%s in %.100s", name->type, name->caller);
	else
		snprintf(text, sizeof(text), "%s", name->type);
	table_cell(table, text);
}

/* The path, or the superblock; of an LRU with its node and control group. */
static void cell_where(struct table *table, const struct dcm_lock_name *name)
{
	const char *place = *name->path ? name->path : name->mount_point;
	_cleanup_free_ char *text = NULL;
	char device[80] = "", node[32] = "";

	if (!*place && name->has_superblock)
		snprintf(device, sizeof(device), "%u:%u (%.31s)", name->dev_major, name->dev_minor,
			 name->fstype);
	if (name->node >= 0)
		snprintf(node, sizeof(node), ", node %d", name->node);
	if (asprintf(&text, "%s%s%s%s%s", place, device, node,
		     *name->memory_cgroup ? ", memory of " : "", name->memory_cgroup) < 0)
		text = NULL;
	if (text && *text)
		table_name(table, text);
	else
		table_cell(table, NULL);
}

/* A row has waits, so it has a process. */
static void cell_mostly(struct table *table, const struct dcm_lock_row *row)
{
	const struct dcm_lock_process *most = row->processes[0];
	char text[64];

	snprintf(text, sizeof(text), "%.30s (%u)", most->command, most->pid);
	table_name(table, text);
	if (*most->cgroup)
		table_name(table, most->cgroup);
	else
		table_cell(table, NULL);
}

static double seconds(uint64_t ns)
{
	return (double)ns / 1e9;
}

static void add_row(struct table *table, const struct who_locks_report *report, bool contained,
		    const struct dcm_lock_row *row)
{
	table_row(table);
	table_cell(table, human_seconds(seconds(row->sum.total_ns)).text);
	table_cell(table, human_count(row->sum.waits).text);
	table_cell(table, human_seconds(seconds(row->sum.longest_ns)).text);
	table_cell(table, row->sum.waiting ? human_count(row->sum.waiting).text : NULL);
	cell_lock(table, row);
	cell_where(table, &row->name);
	cell_mostly(table, row);
	if (contained)
		who_cell_container(table, report->containers, row->processes[0]->cgroup);
}

static bool any_contained(const struct who_locks_report *report)
{
	for (size_t i = 0; i < report->count && i < report->top; i++)
		if (who_containers_find(report->containers, report->rows[i]->processes[0]->cgroup))
			return true;
	return false;
}

static int print_rows(const struct who_locks_report *report)
{
	static const struct table_column columns[] = {
		{"WAITED", TABLE_RIGHT},   {"WAITS", TABLE_RIGHT}, {"LONGEST", TABLE_RIGHT},
		{"STILL", TABLE_RIGHT},	   {"LOCK", TABLE_LEFT},   {"OF", TABLE_CUT},
		{"MOSTLY-BY", TABLE_LEFT}, {"CGROUP", TABLE_CUT},  {"CONTAINER", TABLE_CUT}};
	bool contained = any_contained(report);
	struct table table;
	int err;

	putchar('\n');
	table_init(&table, columns, DCM_ARRAY_SIZE(columns) - !contained);
	for (size_t i = 0; i < report->count && i < report->top; i++)
		add_row(&table, report, contained, report->rows[i]);
	err = table_print(&table, stdout);
	table_deinit(&table);
	return err;
}

static void print_legend(const struct who_locks_report *report)
{
	const struct dcm_lock_totals *t = &report->totals;

	printf("Watched waits for locks for %.3g s: %s, of which %s were for locks that are spun "
	       "for.\n",
	       t->elapsed_seconds, human_count(t->waits).text, human_count(t->spinning).text);
	if (t->end == DCM_LOCK_END_RATE)
		printf("Ended early: more than %s waits a second, each of which costs a little.\n",
		       human_count(DCM_LOCK_MOST_A_SECOND).text);
	puts("WAITED: of all threads together. STILL: threads that waited when the watch ended, up "
	     "to then.");
	printf("Not seen: ");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(not_seen); i++)
		printf("%s%s", i ? ";\n  " : "", not_seen[i].text);
	puts(".");
	if (!t->has_symbols)
		puts("Other locks have no name: /proc/kallsyms tells no addresses "
		     "(kernel.kptr_restrict).");
}

int who_locks_print(const struct who_locks_report *report)
{
	int err = 0;

	print_legend(report);
	if (report->count)
		err = print_rows(report);
	else
		puts("Nobody waited for a lock.");
	if (report->totals.lost)
		printf("\n%s waits are in no row, for want of room.\n",
		       human_count(report->totals.lost).text);
	if (report->totals.passed_over)
		printf("\nUp to %s more waits: the kernel passed over as many begins and ends, "
		       "which came\nwhile it told of others.\n",
		       human_count(report->totals.passed_over).text);
	return err;
}

/* ---- JSON ---- */

static void add_sum(struct json_writer *w, const struct dcm_lock_waits *sum)
{
	json_number(w, "wait_seconds", seconds(sum->total_ns));
	json_u64(w, "waits", sum->waits);
	json_u64(w, "shared_waits", sum->reads);
	json_number(w, "longest_seconds", seconds(sum->longest_ns));
	json_u64(w, "still_waiting", sum->waiting);
}

static void add_process(struct json_writer *w, const struct who_locks_report *report,
			const struct dcm_lock_process *process)
{
	json_u64(w, "pid", process->pid);
	json_text(w, "command", process->command);
	json_text_if(w, "cgroup", process->cgroup);
	json_container(w, who_containers_find(report->containers, process->cgroup));
}

static void add_name(struct json_writer *w, const struct dcm_lock_name *name)
{
	json_text(w, "lock", dcm_lock_kind_name(name->kind));
	json_text(w, "type", name->type);
	if (name->has_superblock)
		json_device(w, "device", name->dev_major, name->dev_minor);
	else
		json_null(w, "device");
	json_text_if(w, "fstype", name->fstype);
	json_text_if(w, "mount_point", name->mount_point);
	json_text_if(w, "path", name->path);
	json_u64_if(w, "node", name->node >= 0, (uint64_t)DCM_MAX(name->node, 0));
	json_text_if(w, "memory_cgroup", name->memory_cgroup);
	json_text_if(w, "symbol", name->symbol);
	json_text_if(w, "caller", name->caller);
}

static void add_lock(struct json_writer *w, const struct who_locks_report *report,
		     const struct dcm_lock_row *row)
{
	json_open_object(w, NULL);
	add_name(w, &row->name);
	json_u64(w, "locks", row->locks);
	add_sum(w, &row->sum);
	json_u64(w, "process_count", row->process_count);
	json_open_array(w, "processes");
	for (size_t i = 0; i < row->process_count && i < PROCESSES; i++) {
		json_open_object(w, NULL);
		add_process(w, report, row->processes[i]);
		add_sum(w, &row->processes[i]->sum);
		json_close(w);
	}
	json_close(w);
	json_close(w);
}

static void add_totals(struct json_writer *w, const struct dcm_lock_totals *t)
{
	json_open_object(w, "totals");
	json_double(w, "elapsed_seconds", t->elapsed_seconds);
	json_text(w, "ended_by", ends[t->end]);
	json_u64(w, "waits", t->waits);
	json_u64(w, "spinning_waits", t->spinning);
	json_u64(w, "waits_lost", t->lost);
	json_u64(w, "events_passed_over", t->passed_over);
	json_open_array(w, "not_seen");
	for (size_t i = 0; i < DCM_ARRAY_SIZE(not_seen); i++)
		json_text(w, NULL, not_seen[i].json);
	json_close(w);
	json_close(w);
}

int who_locks_print_json(const struct who_locks_report *report)
{
	struct json_writer w;
	int err;

	json_init(&w);
	json_time(&w, "time", (int64_t)dcm_clock_ns(CLOCK_REALTIME));
	add_totals(&w, &report->totals);
	json_open_array(&w, "locks");
	for (size_t i = 0; i < report->count && i < report->top; i++)
		add_lock(&w, report, report->rows[i]);
	json_close(&w);
	err = json_print(&w, stdout);
	json_deinit(&w);
	return err;
}
