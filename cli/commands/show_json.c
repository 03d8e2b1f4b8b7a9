// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * json-c, because its integers reach 2^64-1 exactly: a counter has one type whatever its value.
 * Names pass dcm_text_escape(DCM_TEXT_JSON) first (json-c does not check UTF-8), numbers that are
 * not finite become null.
 */
#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/commands/show_tables.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/metrics/metrics.h"
#include "common/model/metrics/text.h"

#define MAX_OWNERS 64

static void put_jsonp(json_object **object)
{
	json_object_put(*object);
}
#define _cleanup_json_ _cleanup_(put_jsonp)

/* Adds @value (consumed; NULL is JSON's null) under a constant @key. */
static int add(json_object *object, const char *key, json_object *value)
{
	if (json_object_object_add_ex(object, key, value, JSON_C_OBJECT_ADD_CONSTANT_KEY) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

static int append(json_object *array, json_object *value)
{
	if (json_object_array_add(array, value) == 0)
		return 0;
	json_object_put(value);
	return -ENOMEM;
}

int json_new_string(const char *raw, json_object **ret)
{
	size_t room = DCM_TEXT_ROOM(strlen(raw));
	_cleanup_free_ char *text = malloc(room);

	if (!text)
		return -ENOMEM;
	dcm_text_escape(DCM_TEXT_JSON, raw, text, room);
	*ret = json_object_new_string(text);
	return *ret ? 0 : -ENOMEM;
}

/* Nine digits are more than any measurement has and hide the binary fraction's noise. */
int json_new_number(double value, json_object **ret)
{
	char digits[64];

	*ret = NULL;
	if (!isfinite(value))
		return 0;
	snprintf(digits, sizeof(digits), "%.9g", value);
	*ret = json_object_new_double_s(value, digits);
	return *ret ? 0 : -ENOMEM;
}

/* Seconds since 1970 with milliseconds; null before. */
static int new_time(int64_t ns, json_object **ret)
{
	int64_t ms = ns / 1000000;
	char digits[64];

	*ret = NULL;
	if (ms < 0)
		return 0;
	snprintf(digits, sizeof(digits), "%lld.%03u", (long long)(ms / 1000),
		 (unsigned)(ms % 1000));
	*ret = json_object_new_double_s((double)ms / 1e3, digits);
	return *ret ? 0 : -ENOMEM;
}

static int new_unsigned(const struct dcm_metric *metric, const void *row, json_object **ret)
{
	uint64_t value = dcm_metric_u64(metric, row, 1);
	const char *symbol = metric->symbol ? metric->symbol((uint32_t)value) : NULL;

	*ret = symbol ? json_object_new_string(symbol) : json_object_new_uint64(value);
	return *ret ? 0 : -ENOMEM;
}

static int64_t signed_member(const struct dcm_metric *metric, const void *row)
{
	int64_t value;

	memcpy(&value, (const char *)row + metric->offset, sizeof(value));
	return value;
}

/* An array of strings; empty when absent, so that its type never changes. */
static int new_strings(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
		       const void *row, json_object **ret)
{
	_cleanup_json_ json_object *array = json_object_new_array();
	dcm_str strings[DCM_DIRECTORY_SAMPLES] = {0};
	json_object *string;
	int err = array ? 0 : -ENOMEM;

	if (row && dcm_metric_present(metric, row))
		memcpy(strings, (const char *)row + metric->offset, sizeof(strings));
	for (size_t i = 0; i < DCM_ARRAY_SIZE(strings) && strings[i] && !err; i++) {
		err = json_new_string(dcm_snapshot_str(snapshot, strings[i]), &string);
		if (!err)
			err = append(array, string);
	}
	if (!err)
		*ret = json_object_get(array);
	return err;
}

static int new_device(const struct dcm_metric *metric, const void *row, json_object **ret)
{
	uint32_t device[2];
	char text[32];

	memcpy(device, (const char *)row + metric->offset, sizeof(device));
	snprintf(text, sizeof(text), "%u:%u", device[0], device[1]);
	*ret = json_object_new_string(text);
	return *ret ? 0 : -ENOMEM;
}

static int new_value(const struct dcm_snapshot *snapshot, const struct dcm_metric *metric,
		     const void *row, json_object **ret)
{
	*ret = NULL;
	if (metric->type == DCM_T_STRINGS)
		return new_strings(snapshot, metric, row, ret);
	if (!row || !dcm_metric_present(metric, row))
		return 0;
	switch (metric->type) {
	case DCM_T_U32:
	case DCM_T_U64:
		return new_unsigned(metric, row, ret);
	case DCM_T_I64:
		*ret = json_object_new_int64(signed_member(metric, row));
		return *ret ? 0 : -ENOMEM;
	case DCM_T_BOOL:
		*ret = json_object_new_boolean(dcm_metric_u64(metric, row, 1) != 0);
		return *ret ? 0 : -ENOMEM;
	case DCM_T_DEVICE:
		return new_device(metric, row, ret);
	case DCM_T_TIME_NS:
		return new_time(signed_member(metric, row), ret);
	case DCM_T_DOUBLE:
		return json_new_number(dcm_metric_number(metric, row), ret);
	case DCM_T_STR:
		return json_new_string(dcm_metric_str(snapshot, metric, row), ret);
	case DCM_T_STRINGS:
		break;
	}
	return 0;
}

/* One row as an object with every key of the table; @row NULL: all null. */
static int new_row(const struct dcm_snapshot *snapshot, const struct dcm_table *table,
		   const void *row, json_object **ret)
{
	_cleanup_json_ json_object *object = json_object_new_object();
	json_object *value;
	int err = object ? 0 : -ENOMEM;

	for (size_t i = 0; i < table->count && !err; i++) {
		const struct dcm_metric *metric = &table->metrics[i];

		if (!metric->json)
			continue;
		err = new_value(snapshot, metric, row, &value);
		if (!err)
			err = add(object, metric->name, value);
	}
	if (!err)
		*ret = json_object_get(object);
	return err;
}

int json_row(const struct dcm_snapshot *snapshot, enum dcm_section section, size_t at,
	     json_object **ret)
{
	return new_row(snapshot, dcm_table_find(section), dcm_snapshot_row(snapshot, section, at),
		       ret);
}

static int new_rows(const struct dcm_snapshot *snapshot, const struct dcm_table *table,
		    json_object **ret)
{
	_cleanup_json_ json_object *array = json_object_new_array();
	json_object *object;
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; i < dcm_snapshot_count(snapshot, table->section) && !err; i++) {
		err = new_row(snapshot, table, dcm_snapshot_row(snapshot, table->section, i),
			      &object);
		if (!err)
			err = append(array, object);
	}
	if (!err)
		*ret = json_object_get(array);
	return err;
}

static int new_owner(const struct dcm_netns_owner *owner, json_object **ret)
{
	_cleanup_json_ json_object *object = json_object_new_object();
	json_object *value;
	int err = object ? json_new_string(owner->command, &value) : -ENOMEM;

	if (!err)
		err = add(object, "command", value);
	if (!err)
		err = add(object, "pid", owner->pid ? json_object_new_int(owner->pid) : NULL);
	if (!err)
		err = json_new_string(owner->cgroup, &value);
	if (!err)
		err = add(object, "cgroup", value);
	if (!err)
		err = add(object, "namespaces", json_object_new_uint64(owner->namespaces));
	if (!err)
		err = add(object, "how", json_object_new_string(explain_hold_name(owner->hold)));
	if (!err)
		*ret = json_object_get(object);
	return err;
}

/* Who owns network namespaces, for chains made of them; otherwise nobody. */
static int new_owners(const struct explain *explain, bool netns, json_object **ret)
{
	_cleanup_json_ json_object *array = json_object_new_array();
	json_object *object;
	int err = array ? 0 : -ENOMEM;

	for (size_t i = 0; netns && i < explain->owners.count && i < MAX_OWNERS && !err; i++) {
		err = new_owner(&explain->owners.item[i], &object);
		if (!err)
			err = append(array, object);
	}
	if (!err)
		*ret = json_object_get(array);
	return err;
}

static int new_explain(const struct dcm_snapshot *snapshot, const struct explain *explain,
		       const struct dcm_snap_chain *chain, json_object **ret)
{
	_cleanup_json_ json_object *object = json_object_new_object();
	bool netns = explain_is_netns(snapshot, chain);
	uint64_t unused = DCM_MIN(chain->unused, chain->length);
	json_object *value;
	char text[200];
	int err = object ? 0 : -ENOMEM;

	if (!err)
		err = add(object, "referenced", json_object_new_uint64(chain->length - unused));
	if (!err)
		err = add(object, "shrinkable", json_object_new_uint64(unused));
	if (!err)
		err = add(object, "text",
			  json_object_new_string(explain_shrink(chain, text, sizeof(text))));
	if (!err)
		err = add(object, "namespaces",
			  netns ? json_object_new_uint64(explain->owners.namespaces) : NULL);
	if (!err)
		err = new_owners(explain, netns, &value);
	if (!err)
		err = add(object, "owners", value);
	if (!err)
		*ret = json_object_get(object);
	return err;
}

/* Fills chains[].explain of a finished document. */
static int add_explain(const struct dcm_snapshot *snapshot, const struct explain *explain,
		       json_object *document)
{
	json_object *chains, *value;
	int err = 0;

	if (!json_object_object_get_ex(document, "chains", &chains))
		return -EINVAL;
	for (size_t i = 0; i < json_object_array_length(chains) && !err; i++) {
		const struct dcm_snap_chain *chain = dcm_snapshot_row(snapshot, DCM_SEC_CHAINS, i);

		value = NULL;
		if (explain && explain_wants(chain))
			err = new_explain(snapshot, explain, chain, &value);
		if (!err)
			err = add(json_object_array_get_idx(chains, i), "explain", value);
	}
	return err;
}

static bool has_json(const struct dcm_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->metrics[i].json)
			return true;
	}
	return false;
}

static int add_table(const struct dcm_snapshot *snapshot, const struct dcm_table *table,
		     json_object *document)
{
	json_object *value, *parent = document;
	int err;

	if (table->json_parent && !json_object_object_get_ex(document, table->json_parent, &parent))
		return -EINVAL;
	if (table->array)
		err = new_rows(snapshot, table, &value);
	else
		err = new_row(snapshot, table, dcm_snapshot_row(snapshot, table->section, 0),
			      &value);
	return err ?: add(parent, table->name, value);
}

static int build(const struct dcm_snapshot *snapshot, json_object *document)
{
	json_object *value;
	int err;

	value = json_object_new_int(JSON_SCHEMA_VERSION);
	err = value ? add(document, "schema_version", value) : -ENOMEM;
	if (!err)
		err = new_time(snapshot->header->realtime_ns, &value);
	if (!err)
		err = add(document, "time", value);
	for (size_t i = 0; i < dcm_table_count && !err; i++) {
		if (has_json(&dcm_tables[i]))
			err = add_table(snapshot, &dcm_tables[i], document);
	}
	return err;
}

int json_snapshot(const struct dcm_snapshot *snapshot, FILE *out)
{
	return json_explained(snapshot, NULL, out);
}

int json_explained(const struct dcm_snapshot *snapshot, const struct explain *explain, FILE *out)
{
	_cleanup_json_ json_object *document = json_object_new_object();
	const char *text;
	int err = document ? build(snapshot, document) : -ENOMEM;

	if (!err)
		err = add_explain(snapshot, explain, document);
	if (err)
		return err;
	text = json_object_to_json_string_ext(document, JSON_C_TO_STRING_PLAIN |
								JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	return 0;
}
