// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_model.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/base/hash.h"
#include "common/base/minmax.h"
#include "common/base/units.h"

/* A minute of snapshots, and a little more. */
#define HISTORY 64

struct totals {
	uint64_t time_ns;
	bool has[TOP_TOTALS];
	int64_t value[TOP_TOTALS];
};

struct top_model {
	struct dcm_snapshot *snapshot;
	struct top_rates *rates;
	struct totals history[HISTORY]; /* a ring */
	size_t noted;			/* in it, so far */
	struct top_row *rows[TOP_TABLES];
	size_t count[TOP_TABLES];
};

static const struct {
	enum dcm_section section;
	enum dcm_source source;
} tables[TOP_TABLES] = {
	[TOP_ALARMS] = {DCM_SEC_ALARMS, DCM_SOURCE_DENTRY_STATE},
	[TOP_SUPERBLOCKS] = {DCM_SEC_SUPERBLOCKS, DCM_SOURCE_SUPERBLOCKS},
	[TOP_CHAINS] = {DCM_SEC_CHAINS, DCM_SOURCE_HASH},
	[TOP_DIRECTORIES] = {DCM_SEC_DIRECTORIES, DCM_SOURCE_HASH},
};

enum dcm_section top_table_section(enum top_table table)
{
	return tables[table].section;
}

enum dcm_source top_table_source(enum top_table table)
{
	return tables[table].source;
}

int top_model_create(struct top_model **ret)
{
	struct top_model *model = calloc(1, sizeof(*model));
	int err = model ? top_rates_create(&model->rates) : -ENOMEM;

	if (err)
		free(model);
	else
		*ret = model;
	return err;
}

void top_model_destroy(struct top_model *model)
{
	if (!model)
		return;
	for (int table = 0; table < TOP_TABLES; table++)
		free(model->rows[table]);
	top_rates_destroy(model->rates);
	dcm_snapshot_destroy(model->snapshot);
	free(model);
}

const struct dcm_snapshot *top_model_snapshot(const struct top_model *model)
{
	return model->snapshot;
}

/* ---- when it was sampled ---- */

const struct dcm_snap_source *top_model_source(const struct dcm_snapshot *snapshot,
					       enum dcm_source source)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_SOURCES);

	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_source *row = dcm_snapshot_row(snapshot, DCM_SEC_SOURCES, i);

		if (row->index == (uint32_t)source + 1)
			return row;
	}
	return NULL;
}

/* 0 for an age that makes no sense: snapshots may come from anybody. */
static uint64_t before(const struct dcm_snapshot *snapshot, double age_seconds)
{
	uint64_t now = snapshot->header->monotonic_ns;

	if (!(age_seconds >= 0 && age_seconds < (double)now / (double)DCM_NSEC_PER_SEC))
		return 0;
	return now - (uint64_t)(age_seconds * (double)DCM_NSEC_PER_SEC);
}

uint64_t top_model_sampled_ns(const struct dcm_snapshot *snapshot, enum dcm_source source)
{
	const struct dcm_snap_source *row = top_model_source(snapshot, source);

	return row && DCM_ROW_HAS(row, age_seconds) ? before(snapshot, row->age_seconds) : 0;
}

/* ---- totals ---- */

static void note_totals(struct top_model *model, const struct dcm_snapshot *snapshot)
{
	const struct dcm_snap_totals *row = dcm_snapshot_row(snapshot, DCM_SEC_TOTALS, 0);
	struct totals *totals = &model->history[model->noted % HISTORY];
	uint64_t last_ns = model->noted ? model->history[(model->noted - 1) % HISTORY].time_ns : 0;

	if (!row || snapshot->header->monotonic_ns == last_ns)
		return;
	*totals = (struct totals){
		.time_ns = snapshot->header->monotonic_ns,
		.has = {DCM_ROW_HAS(row, dentries), DCM_ROW_HAS(row, unused),
			DCM_ROW_HAS(row, negative)},
		.value = {row->dentries, row->unused, row->negative},
	};
	model->noted++;
}

/* Of the samples at least @seconds old the newest; without one the oldest. */
static const struct totals *totals_before(const struct top_model *model, double seconds)
{
	const struct totals *newest = &model->history[(model->noted - 1) % HISTORY],
			    *found = newest;

	for (size_t back = 1; back < HISTORY && back < model->noted; back++) {
		const struct totals *t = &model->history[(model->noted - 1 - back) % HISTORY];

		if (t->time_ns >= found->time_ns)
			break;
		found = t;
		/* Snapshots come about once a second: half of one is none too many. */
		if ((double)(newest->time_ns - t->time_ns) >= (seconds - 0.5) * 1e9)
			break;
	}
	return found;
}

bool top_model_trend(const struct top_model *model, enum top_total total, double seconds,
		     double *ret)
{
	const struct totals *then, *now;
	double apart;

	if (!model->noted)
		return false;
	now = &model->history[(model->noted - 1) % HISTORY];
	then = totals_before(model, seconds);
	apart = (double)(now->time_ns - then->time_ns) / (double)DCM_NSEC_PER_SEC;
	if (!(apart >= seconds / 2) || !now->has[total] || !then->has[total])
		return false;
	*ret = ((double)now->value[total] - (double)then->value[total]) / apart;
	return true;
}

/* ---- rows ---- */

static uint64_t chain_id(const struct dcm_snap_chain *chain)
{
	return DCM_ROW_HAS(chain, bucket) ? chain->bucket : chain->rank;
}

static uint64_t directory_id(const struct dcm_snapshot *snapshot,
			     const struct dcm_snap_directory *directory)
{
	uint64_t hash =
		dcm_hash64(DCM_HASH64_START, &directory->superblock, sizeof(directory->superblock));

	return dcm_hash64_text(hash, dcm_snapshot_str(snapshot, directory->path));
}

static uint64_t row_id(const struct dcm_snapshot *snapshot, enum top_table table, const void *row)
{
	switch (table) {
	case TOP_SUPERBLOCKS:
		return ((const struct dcm_snap_superblock *)row)->index;
	case TOP_CHAINS:
		return chain_id(row);
	case TOP_DIRECTORIES:
		return directory_id(snapshot, row);
	default:
		return ((const struct dcm_snap_alarm *)row)->index;
	}
}

/* @rows has room for all. */
static void fill_rows(const struct dcm_snapshot *snapshot, enum top_table table,
		      struct top_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const void *data = dcm_snapshot_row(snapshot, tables[table].section, i);

		rows[i] = (struct top_row){data, row_id(snapshot, table, data), NAN};
	}
}

static int take_rows(struct top_model *model, const struct dcm_snapshot *snapshot)
{
	struct top_row *rows[TOP_TABLES] = {NULL};
	bool short_of_memory = false;

	for (int table = 0; table < TOP_TABLES; table++) {
		size_t count = dcm_snapshot_count(snapshot, tables[table].section);

		rows[table] = calloc(count + 1, sizeof(*rows[table]));
		short_of_memory = short_of_memory || !rows[table];
	}
	for (int table = 0; table < TOP_TABLES; table++) {
		if (short_of_memory) {
			free(rows[table]);
			continue;
		}
		free(model->rows[table]);
		model->rows[table] = rows[table];
		model->count[table] = dcm_snapshot_count(snapshot, tables[table].section);
		fill_rows(snapshot, table, rows[table], model->count[table]);
	}
	return short_of_memory ? -ENOMEM : 0;
}

struct top_row *top_model_rows(struct top_model *model, enum top_table table, size_t *ret_count)
{
	*ret_count = model->count[table];
	return model->rows[table];
}

/* ---- rates ---- */

static void note(struct top_model *model, enum top_quantity quantity, uint64_t id, bool has,
		 uint64_t value, uint64_t time_ns)
{
	if (has && time_ns)
		top_rates_note(model->rates, (struct top_rate_key){id, quantity}, value, time_ns);
}

static void note_superblocks(struct top_model *model, uint64_t pass_ns)
{
	uint64_t sampled_ns = top_model_sampled_ns(model->snapshot, DCM_SOURCE_SUPERBLOCKS);

	for (size_t i = 0; i < model->count[TOP_SUPERBLOCKS]; i++) {
		const struct top_row *row = &model->rows[TOP_SUPERBLOCKS][i];
		const struct dcm_snap_superblock *s = row->data;

		note(model, TOP_UNUSED, row->id, DCM_ROW_HAS(s, unused), s->unused, sampled_ns);
		note(model, TOP_NEGATIVE, row->id, DCM_ROW_HAS(s, negative), s->negative, pass_ns);
	}
}

static void note_chains(struct top_model *model)
{
	for (size_t i = 0; i < model->count[TOP_CHAINS]; i++) {
		const struct top_row *row = &model->rows[TOP_CHAINS][i];
		const struct dcm_snap_chain *c = row->data;
		uint64_t sampled_ns =
			DCM_ROW_HAS(c, age_seconds) ? before(model->snapshot, c->age_seconds) : 0;

		note(model, TOP_LENGTH, row->id, DCM_ROW_HAS(c, length) && !c->truncated, c->length,
		     sampled_ns);
	}
}

static void note_directories(struct top_model *model, uint64_t pass_ns)
{
	for (size_t i = 0; i < model->count[TOP_DIRECTORIES]; i++) {
		const struct top_row *row = &model->rows[TOP_DIRECTORIES][i];
		const struct dcm_snap_directory *d = row->data;

		note(model, TOP_DIRECTORY_NEGATIVE, row->id, DCM_ROW_HAS(d, negative), d->negative,
		     pass_ns);
	}
}

static void note_rates(struct top_model *model)
{
	const struct dcm_snap_hash *hash = dcm_snapshot_row(model->snapshot, DCM_SEC_HASH, 0);
	uint64_t pass_ns = hash && DCM_ROW_HAS(hash, age_seconds)
				   ? before(model->snapshot, hash->age_seconds)
				   : 0;

	note_superblocks(model, pass_ns);
	note_chains(model);
	note_directories(model, pass_ns);
	top_rates_end_round(model->rates);
}

bool top_model_rate(const struct top_model *model, enum top_quantity quantity, uint64_t id,
		    double *ret)
{
	return top_rates_get(model->rates, (struct top_rate_key){id, quantity}, ret);
}

int top_model_add(struct top_model *model, struct dcm_snapshot *snapshot)
{
	if (take_rows(model, snapshot)) {
		dcm_snapshot_destroy(snapshot);
		return -ENOMEM;
	}
	note_totals(model, snapshot);
	dcm_snapshot_destroy(model->snapshot);
	model->snapshot = snapshot;
	note_rates(model);
	return 0;
}
