/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A JSON document whose errors are collected: only json_print() reports them. Values go into the
 * object or array opened last; @key is a constant, and NULL within an array. Built on json-c,
 * because its integers reach 2^64-1 exactly.
 */
#ifndef DCM_CLI_JSON_WRITER_H
#define DCM_CLI_JSON_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_SCHEMA_VERSION 1
#define JSON_MAX_DEPTH	    10

struct json_object;

struct json_writer {
	struct json_object *open[JSON_MAX_DEPTH]; /* the document first */
	unsigned depth;
	int err;
};

/* Opens the document, an object with "schema_version" in it. */
void json_init(struct json_writer *w);
void json_deinit(struct json_writer *w);

void json_open_object(struct json_writer *w, const char *key);
void json_open_array(struct json_writer *w, const char *key);

/* Opens an object again that is in the open one; -EINVAL when it is not. */
void json_reopen(struct json_writer *w, const char *key);
void json_close(struct json_writer *w);

/* Raw bytes, escaped (json-c does not check UTF-8). NULL becomes null. */
void json_text(struct json_writer *w, const char *key, const char *raw);
void json_text_if(struct json_writer *w, const char *key, const char *raw); /* null for "" too */
void json_u64(struct json_writer *w, const char *key, uint64_t value);
void json_u64_if(struct json_writer *w, const char *key, bool known, uint64_t value); /* or null */
void json_i64(struct json_writer *w, const char *key, int64_t value);
void json_boolean(struct json_writer *w, const char *key, bool value);
void json_null(struct json_writer *w, const char *key);

/* What json-c has parsed, NULL for null; the document keeps a reference. */
void json_value(struct json_writer *w, const char *key, struct json_object *value);

/* A measurement: nine digits, more than any has, hide the binary fraction's noise. Not finite:
 * null. */
void json_number(struct json_writer *w, const char *key, double value);

/* All digits of it. Not finite: null. */
void json_double(struct json_writer *w, const char *key, double value);

/* Nanoseconds since 1970 as seconds with milliseconds; null before. */
void json_time(struct json_writer *w, const char *key, int64_t ns);

/* "MAJOR:MINOR" */
void json_device(struct json_writer *w, const char *key, uint32_t major, uint32_t minor);

/* One line. 0 or -errno of anything since json_init(); prints nothing on an error. */
int json_print(struct json_writer *w, FILE *out);

#endif
