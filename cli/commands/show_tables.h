/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A snapshot as tables for people (show_tables.c) and as JSON for programs (show_json.c). */
#ifndef DCM_CLI_SHOW_TABLES_H
#define DCM_CLI_SHOW_TABLES_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/commands/show_explain.h"
#include "cli/lib/json_writer.h"
#include "common/model/snapshot/snapshot.h"

struct print_limits {
	size_t superblocks, chains; /* rows at most */
};

/* Writes headings and tables to @out; write errors stay in @out's error flag. 0 or -ENOMEM. */
int print_snapshot(const struct dcm_snapshot *snapshot, const struct print_limits *limits,
		   FILE *out);

/* Its part about other hash tables of the kernel, at most @most of them (show_hash_tables.c);
 * nothing without any. */
int print_hash_tables(const struct dcm_snapshot *snapshot, size_t most, FILE *out);

/*
 * Writes the JSON document of "dcachemon show --json" and a newline: every table of the metric
 * table with every key, absent values null, unsigned 64-bit integers exact. 0 or -ENOMEM.
 */
int json_snapshot(const struct dcm_snapshot *snapshot, FILE *out);

/* The same with chains[].explain filled in for long chains; null where @explain is NULL. */
int json_explained(const struct dcm_snapshot *snapshot, const struct explain *explain, FILE *out);

/* Row @at of @section as an object, with every key of its table. */
void json_row(struct json_writer *w, const char *key, const struct dcm_snapshot *snapshot,
	      enum dcm_section section, size_t at);

#endif
