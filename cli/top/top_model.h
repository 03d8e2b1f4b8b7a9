/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What "dcachemon top" knows: the last snapshot, how its numbers have changed, and its rows in the
 * order that was asked for. Pure.
 */
#ifndef DCM_CLI_TOP_MODEL_H
#define DCM_CLI_TOP_MODEL_H

#include <stddef.h>

#include "cli/top/top_rates.h"
#include "common/model/snapshot/snapshot.h"

enum top_table { TOP_ALARMS, TOP_SUPERBLOCKS, TOP_CHAINS, TOP_DIRECTORIES, TOP_TABLES };

/* What has a rate: of superblocks the first two, of chains, of directories. */
enum top_quantity { TOP_UNUSED, TOP_NEGATIVE, TOP_LENGTH, TOP_DIRECTORY_NEGATIVE };

/* The kernel's own counters, whose trend is shown. */
enum top_total { TOP_TOTAL_DENTRIES, TOP_TOTAL_UNUSED, TOP_TOTAL_NEGATIVE, TOP_TOTALS };

struct top_row {
	const void *data; /* row of the snapshot */
	uint64_t id;	  /* the same thing has the same one in the next snapshot */
	double key;	  /* that it was sorted by; NaN: absent */
};

struct top_model;

/* -ENOMEM */
int top_model_create(struct top_model **ret);
void top_model_destroy(struct top_model *model);

/* Takes @snapshot over, also on failure: -ENOMEM, and the model is what it was. */
int top_model_add(struct top_model *model, struct dcm_snapshot *snapshot);

/* NULL before the first. */
const struct dcm_snapshot *top_model_snapshot(const struct top_model *model);

/* Per second, over the last @seconds or as much of it as is known, half of it at least; false with
 * less. */
bool top_model_trend(const struct top_model *model, enum top_total total, double seconds,
		     double *ret);

/* Per second, of the row with that id; false before two samples, or while it is estimated. */
bool top_model_rate(const struct top_model *model, enum top_quantity quantity, uint64_t id,
		    double *ret);

/* The rows of @table, *@ret_count of them, in no order that matters; valid until the next add. The
 * caller may set their keys and sort them. */
struct top_row *top_model_rows(struct top_model *model, enum top_table table, size_t *ret_count);

/* When what @source has in the snapshot was sampled (CLOCK_MONOTONIC); 0: not known. */
uint64_t top_model_sampled_ns(const struct dcm_snapshot *snapshot, enum dcm_source source);

/* The snapshot's row of @source, NULL without one. */
const struct dcm_snap_source *top_model_source(const struct dcm_snapshot *snapshot,
					       enum dcm_source source);

/* The section that @table shows, and the source that fills it. */
enum dcm_section top_table_section(enum top_table table);
enum dcm_source top_table_source(enum top_table table);

#endif
