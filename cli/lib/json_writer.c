// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/lib/json_writer.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/units.h"
#include "common/model/metrics/text.h"

static void note(struct json_writer *w, int err)
{
	if (err && !w->err)
		w->err = err;
}

/* Adds @value, consumed; NULL is JSON's null. */
static void put(struct json_writer *w, const char *key, json_object *value)
{
	json_object *parent = w->depth ? w->open[w->depth - 1] : NULL;
	int failed = -1;

	if (!w->err && parent)
		failed = key ? json_object_object_add_ex(parent, key, value,
							 JSON_C_OBJECT_ADD_CONSTANT_KEY)
			     : json_object_array_add(parent, value);
	if (failed) {
		json_object_put(value);
		note(w, -ENOMEM);
	}
}

/* The same of what json-c has just made, NULL for want of memory. */
static void put_new(struct json_writer *w, const char *key, json_object *value)
{
	if (value)
		put(w, key, value);
	else
		note(w, -ENOMEM);
}

static void enter(struct json_writer *w, json_object *object)
{
	if (w->depth == JSON_MAX_DEPTH)
		note(w, -E2BIG);
	else if (!w->err)
		w->open[w->depth++] = object;
}

void json_init(struct json_writer *w)
{
	*w = (struct json_writer){.depth = 1};
	w->open[0] = json_object_new_object();
	note(w, w->open[0] ? 0 : -ENOMEM);
	json_i64(w, "schema_version", JSON_SCHEMA_VERSION);
}

void json_deinit(struct json_writer *w)
{
	json_object_put(w->open[0]);
	*w = (struct json_writer){.depth = 0};
}

void json_open_object(struct json_writer *w, const char *key)
{
	json_object *object = json_object_new_object();

	put_new(w, key, object);
	enter(w, object);
}

void json_open_array(struct json_writer *w, const char *key)
{
	json_object *array = json_object_new_array();

	put_new(w, key, array);
	enter(w, array);
}

void json_reopen(struct json_writer *w, const char *key)
{
	json_object *object = NULL;

	if (w->err)
		return;
	if (!json_object_object_get_ex(w->open[w->depth - 1], key, &object))
		note(w, -EINVAL);
	enter(w, object);
}

void json_close(struct json_writer *w)
{
	if (!w->err)
		w->depth--;
}

void json_text(struct json_writer *w, const char *key, const char *raw)
{
	size_t room = raw ? DCM_TEXT_ROOM(strlen(raw)) : 0;
	_cleanup_free_ char *text = raw ? malloc(room) : NULL;

	if (!raw) {
		json_null(w, key);
	} else if (!text) {
		note(w, -ENOMEM);
	} else {
		dcm_text_escape(DCM_TEXT_JSON, raw, text, room);
		put_new(w, key, json_object_new_string(text));
	}
}

void json_text_if(struct json_writer *w, const char *key, const char *raw)
{
	json_text(w, key, raw && *raw ? raw : NULL);
}

void json_u64(struct json_writer *w, const char *key, uint64_t value)
{
	put_new(w, key, json_object_new_uint64(value));
}

void json_u64_if(struct json_writer *w, const char *key, bool known, uint64_t value)
{
	if (known)
		json_u64(w, key, value);
	else
		json_null(w, key);
}

void json_i64(struct json_writer *w, const char *key, int64_t value)
{
	put_new(w, key, json_object_new_int64(value));
}

void json_boolean(struct json_writer *w, const char *key, bool value)
{
	put_new(w, key, json_object_new_boolean(value));
}

void json_null(struct json_writer *w, const char *key)
{
	put(w, key, NULL);
}

void json_value(struct json_writer *w, const char *key, json_object *value)
{
	put(w, key, json_object_get(value));
}

void json_number(struct json_writer *w, const char *key, double value)
{
	char digits[64];

	snprintf(digits, sizeof(digits), "%.9g", value);
	if (isfinite(value))
		put_new(w, key, json_object_new_double_s(value, digits));
	else
		json_null(w, key);
}

void json_double(struct json_writer *w, const char *key, double value)
{
	if (isfinite(value))
		put_new(w, key, json_object_new_double(value));
	else
		json_null(w, key);
}

void json_time(struct json_writer *w, const char *key, int64_t ns)
{
	int64_t ms = ns / (int64_t)DCM_NSEC_PER_MSEC;
	char digits[64];

	if (ms < 0) {
		json_null(w, key);
		return;
	}
	snprintf(digits, sizeof(digits), "%lld.%03u", (long long)(ms / 1000),
		 (unsigned)(ms % 1000));
	put_new(w, key, json_object_new_double_s((double)ms / 1e3, digits));
}

void json_device(struct json_writer *w, const char *key, uint32_t major, uint32_t minor)
{
	char text[32];

	snprintf(text, sizeof(text), "%u:%u", major, minor);
	json_text(w, key, text);
}

int json_print(struct json_writer *w, FILE *out)
{
	const char *text;

	if (w->err)
		return w->err;
	text = json_object_to_json_string_ext(w->open[0], JSON_C_TO_STRING_PLAIN |
								  JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		return -ENOMEM;
	fprintf(out, "%s\n", text);
	return 0;
}
