// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* A snapshot as one JSON document: every key of the metric table, absent values null. */
#include <errno.h>
#include <string.h>

#include "cli/commands/show_tables.h"
#include "cli/lib/json_container.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/metrics/metrics.h"

#define MAX_OWNERS  64
#define MAX_MEMBERS 64

static void add_unsigned(struct json_writer *w, const struct dcm_metric *metric, const char *key,
			 const void *row)
{
	uint64_t value = dcm_metric_u64(metric, row, 1);
	const char *symbol = metric->symbol ? metric->symbol((uint32_t)value) : NULL;

	if (symbol)
		json_text(w, key, symbol);
	else
		json_u64(w, key, value);
}

static int64_t signed_member(const struct dcm_metric *metric, const void *row)
{
	int64_t value;

	memcpy(&value, (const char *)row + metric->offset, sizeof(value));
	return value;
}

/* An array of strings; empty when absent, so that its type never changes. */
static void add_strings(struct json_writer *w, const struct dcm_snapshot *snapshot,
			const struct dcm_metric *metric, const void *row)
{
	dcm_str strings[DCM_DIRECTORY_SAMPLES] = {0};

	if (row && dcm_metric_present(metric, row))
		memcpy(strings, (const char *)row + metric->offset, sizeof(strings));
	json_open_array(w, metric->name);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(strings) && strings[i]; i++)
		json_text(w, NULL, dcm_snapshot_str(snapshot, strings[i]));
	json_close(w);
}

static void add_device(struct json_writer *w, const struct dcm_metric *metric, const char *key,
		       const void *row)
{
	uint32_t device[2];

	memcpy(device, (const char *)row + metric->offset, sizeof(device));
	json_device(w, key, device[0], device[1]);
}

static void add_present(struct json_writer *w, const struct dcm_snapshot *snapshot,
			const struct dcm_metric *metric, const char *key, const void *row)
{
	switch (metric->type) {
	case DCM_T_U32:
	case DCM_T_U64:
		add_unsigned(w, metric, key, row);
		break;
	case DCM_T_I64:
		json_i64(w, key, signed_member(metric, row));
		break;
	case DCM_T_BOOL:
		json_boolean(w, key, dcm_metric_u64(metric, row, 1) != 0);
		break;
	case DCM_T_DEVICE:
		add_device(w, metric, key, row);
		break;
	case DCM_T_TIME_NS:
		json_time(w, key, signed_member(metric, row));
		break;
	case DCM_T_DOUBLE:
		json_number(w, key, dcm_metric_number(metric, row));
		break;
	case DCM_T_STR:
		json_text(w, key, dcm_metric_str(snapshot, metric, row));
		break;
	case DCM_T_STRINGS:
		break;
	}
}

static void add_member(struct json_writer *w, const struct dcm_snapshot *snapshot,
		       const struct dcm_metric *metric, const char *key, const void *row)
{
	if (metric->type == DCM_T_STRINGS)
		add_strings(w, snapshot, metric, row);
	else if (row && dcm_metric_present(metric, row))
		add_present(w, snapshot, metric, key, row);
	else
		json_null(w, key);
}

/* The object that @metric is the first of; null when none of its members is there. Returns how many
 * it has. */
static size_t add_object(struct json_writer *w, const struct dcm_snapshot *snapshot,
			 const struct dcm_metric *metric, size_t left, const void *row)
{
	const char *object = metric->object;
	size_t count;
	bool any = false;

	for (count = 0; count < left && metric[count].object == object; count++)
		any = any || (row && dcm_metric_present(&metric[count], row));
	if (!any) {
		json_null(w, object);
		return count;
	}
	json_open_object(w, object);
	for (size_t i = 0; i < count; i++)
		add_member(w, snapshot, &metric[i], dcm_metric_key(&metric[i]), row);
	json_close(w);
	return count;
}

/* Every key of the table; @row NULL: all null. */
static void add_members(struct json_writer *w, const struct dcm_snapshot *snapshot,
			const struct dcm_table *table, const void *row)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (!metric->json)
			continue;
		if (metric->object)
			i += add_object(w, snapshot, metric, table->count - i, row) - 1;
		else
			add_member(w, snapshot, metric, metric->name, row);
	}
}

void json_row(struct json_writer *w, const char *key, const struct dcm_snapshot *snapshot,
	      enum dcm_section section, size_t at)
{
	json_open_object(w, key);
	add_members(w, snapshot, dcm_table_find(section), dcm_snapshot_row(snapshot, section, at));
	json_close(w);
}

/* ---- chains[].explain ---- */

static void add_member_of_owner(struct json_writer *w, const struct dcm_netns_member *member)
{
	json_open_object(w, NULL);
	json_u64_if(w, "pid", member->pid != 0, member->pid);
	json_u64(w, "namespaces", member->namespaces);
	json_container(w, &member->container);
	json_close(w);
}

static void add_owner(struct json_writer *w, const struct dcm_netns_owner *owner)
{
	json_open_object(w, NULL);
	json_text(w, "command", owner->command);
	json_u64_if(w, "pid", owner->pid != 0, owner->pid);
	json_text(w, "cgroup", owner->cgroup);
	json_u64(w, "cgroups", owner->cgroups);
	json_u64(w, "namespaces", owner->namespaces);
	json_text(w, "how", explain_hold_name(owner->hold));
	/* what its containers have in common, then each of them */
	json_container(w, &owner->container);
	json_u64(w, "containers", owner->members);
	json_open_array(w, "members");
	for (size_t i = 0; i < owner->members && i < MAX_MEMBERS; i++)
		add_member_of_owner(w, &owner->member[i]);
	json_close(w);
	json_close(w);
}

static void add_explain(struct json_writer *w, const struct dcm_snapshot *snapshot,
			const struct explain *explain, const struct dcm_snap_chain *chain)
{
	uint64_t unused = DCM_MIN(chain->unused, chain->length);
	bool netns = explain_is_netns(snapshot, chain);
	char text[200];

	json_open_object(w, "explain");
	json_u64(w, "referenced", chain->length - unused);
	json_u64(w, "shrinkable", unused);
	json_text(w, "text", explain_shrink(chain, text, sizeof(text)));
	json_u64_if(w, "namespaces", netns, explain->owners.namespaces);
	/* who owns network namespaces, for chains made of them; otherwise nobody */
	json_open_array(w, "owners");
	for (size_t i = 0; netns && i < explain->owners.count && i < MAX_OWNERS; i++)
		add_owner(w, &explain->owners.item[i]);
	json_close(w);
	json_close(w);
}

/* ---- the document ---- */

static bool has_json(const struct dcm_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->metrics[i].json)
			return true;
	}
	return false;
}

static void add_rows(struct json_writer *w, const struct dcm_snapshot *snapshot,
		     const struct explain *explain, const struct dcm_table *table)
{
	json_open_array(w, table->name);
	for (size_t i = 0; i < dcm_snapshot_count(snapshot, table->section); i++) {
		const void *row = dcm_snapshot_row(snapshot, table->section, i);

		json_open_object(w, NULL);
		add_members(w, snapshot, table, row);
		if (table->section == DCM_SEC_CHAINS) {
			if (explain && explain_wants(row))
				add_explain(w, snapshot, explain, row);
			else
				json_null(w, "explain");
		}
		json_close(w);
	}
	json_close(w);
}

static void add_table(struct json_writer *w, const struct dcm_snapshot *snapshot,
		      const struct explain *explain, const struct dcm_table *table)
{
	if (table->json_parent)
		json_reopen(w, table->json_parent);
	if (table->array)
		add_rows(w, snapshot, explain, table);
	else
		json_row(w, table->name, snapshot, table->section, 0);
	if (table->json_parent)
		json_close(w);
}

int json_snapshot(const struct dcm_snapshot *snapshot, FILE *out)
{
	return json_explained(snapshot, NULL, out);
}

int json_explained(const struct dcm_snapshot *snapshot, const struct explain *explain, FILE *out)
{
	struct json_writer w;
	int err;

	json_init(&w);
	json_time(&w, "time", snapshot->header->realtime_ns);
	for (size_t i = 0; i < dcm_table_count; i++) {
		if (has_json(&dcm_tables[i]))
			add_table(&w, snapshot, explain, &dcm_tables[i]);
	}
	err = json_print(&w, out);
	json_deinit(&w);
	return err;
}
