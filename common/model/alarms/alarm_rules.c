// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/alarms/alarm_rules.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/minmax.h"
#include "common/base/search.h"
#include "common/base/units.h"
#include "common/model/metrics/text.h"
#include "common/model/who/maker_names.h"

/* Direct reclaim is taken to be running for this long after its counters last moved. */
#define DIRECT_RECLAIM_NS (30 * DCM_NSEC_PER_SEC)

/* As many chains as the hash source lists at most. */
#define LISTED_CHAINS 32

typedef const struct dcm_alarm_view view_t;

static const void *single(view_t *view, enum dcm_section section)
{
	return view->input->count[section] ? view->input->rows[section] : NULL;
}

const char *dcm_alarm_input_str(const struct dcm_alarm_input *input, dcm_str str)
{
	return str < input->strings_size ? input->strings + str : "";
}

/* A value of the host as a whole; @present false holds. */
static void visit_host(dcm_alarm_visit *visit, void *ctx, enum dcm_source source,
		       enum dcm_section section, bool present, double value)
{
	struct dcm_alarm_sample s = {
		.absent = !present, .value = value, .source = source, .section = section};

	visit(ctx, &s);
}

/* ---- hash table ---- */

void dcm_alarm_extract_chains(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_chain *rows = view->input->rows[DCM_SEC_CHAINS];

	for (size_t i = 0; i < view->input->count[DCM_SEC_CHAINS]; i++) {
		struct dcm_alarm_sample s = {.absent = !DCM_ROW_HAS(&rows[i], length),
					     .key = DCM_ROW_HAS(&rows[i], bucket) ? rows[i].bucket
										  : i,
					     .value = rows[i].length,
					     .source = DCM_SOURCE_HASH,
					     .section = DCM_SEC_CHAINS,
					     .index = rows[i].rank,
					     .row = &rows[i]};

		visit(ctx, &s);
	}
}

void dcm_alarm_name_chain(view_t *view, const struct dcm_alarm_sample *sample, char *buf,
			  size_t size)
{
	const struct dcm_snap_chain *row = sample->row;
	const char *parent = dcm_alarm_input_str(view->input, row->parent);
	const char *name = dcm_alarm_input_str(view->input, row->name);
	size_t len = strlen(parent);

	if (!*name)
		snprintf(buf, size, "bucket %llu", (unsigned long long)sample->key);
	else
		snprintf(buf, size, "%s%s%s", parent, len && parent[len - 1] == '/' ? "" : "/",
			 name);
}

void dcm_alarm_extract_coverage(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_hash *row = single(view, DCM_SEC_HASH);
	bool has = row && DCM_ROW_HAS(row, age_seconds);
	/* without any pass yet: as old as the watch */
	double age = (double)(view->now_ns - view->started_ns) / DCM_NSEC_PER_SEC;

	/* a first pass that never ends is stale too */
	bool starting = view->state[DCM_SOURCE_HASH] == DCM_STATE_STARTING;

	visit_host(visit, ctx, starting ? DCM_SOURCE_COUNT : DCM_SOURCE_HASH, DCM_SEC_HASH, true,
		   has ? row->age_seconds : age);
}

void dcm_alarm_name_coverage(view_t *view __attribute__((unused)),
			     const struct dcm_alarm_sample *sample __attribute__((unused)),
			     char *buf, size_t size)
{
	snprintf(buf, size, "hash");
}

/* ---- reclaim ---- */

void dcm_alarm_extract_rules(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_reclaim *row = single(view, DCM_SEC_RECLAIM);
	bool has = row && DCM_ROW_HAS(row, rules_age_seconds);

	visit_host(visit, ctx, DCM_SOURCE_RECLAIM, DCM_SEC_RECLAIM, has,
		   has ? row->rules_age_seconds : 0);
}

void dcm_alarm_name_rules(view_t *view __attribute__((unused)),
			  const struct dcm_alarm_sample *sample __attribute__((unused)), char *buf,
			  size_t size)
{
	snprintf(buf, size, "reclaim --rules");
}

/* ---- lookups ---- */

void dcm_alarm_extract_lookups(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_lookup *rows = view->input->rows[DCM_SEC_LOOKUPS];

	for (size_t i = 0; i < view->input->count[DCM_SEC_LOOKUPS]; i++) {
		const char *path = dcm_alarm_input_str(view->input, rows[i].path);
		/* the index may go to another path when the configuration is read again */
		struct dcm_alarm_sample s = {.absent = !DCM_ROW_HAS(&rows[i], seconds),
					     .key = dcm_hash64_text(DCM_HASH64_START, path),
					     .value = rows[i].seconds,
					     .source = DCM_SOURCE_LOOKUPS,
					     .section = DCM_SEC_LOOKUPS,
					     .index = rows[i].index,
					     .row = &rows[i]};

		visit(ctx, &s);
	}
}

void dcm_alarm_name_lookup(view_t *view, const struct dcm_alarm_sample *sample, char *buf,
			   size_t size)
{
	const struct dcm_snap_lookup *row = sample->row;

	snprintf(buf, size, "%s", dcm_alarm_input_str(view->input, row->path));
}

/* ---- superblocks ---- */

static struct dcm_alarm_sample superblock_sample(const struct dcm_snap_superblock *row)
{
	return (struct dcm_alarm_sample){.key = row->index,
					 .source = DCM_SOURCE_SUPERBLOCKS,
					 .section = DCM_SEC_SUPERBLOCKS,
					 .index = row->index,
					 .row = row};
}

void dcm_alarm_extract_unused(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_superblock *rows = view->input->rows[DCM_SEC_SUPERBLOCKS];

	for (size_t i = 0; i < view->input->count[DCM_SEC_SUPERBLOCKS]; i++) {
		struct dcm_alarm_sample s = superblock_sample(&rows[i]);

		s.absent = !DCM_ROW_HAS(&rows[i], unused);
		s.value = rows[i].unused;
		visit(ctx, &s);
	}
}

void dcm_alarm_extract_shrink(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_superblock *rows = view->input->rows[DCM_SEC_SUPERBLOCKS];

	for (size_t i = 0; i < view->input->count[DCM_SEC_SUPERBLOCKS]; i++) {
		struct dcm_alarm_sample s = superblock_sample(&rows[i]);

		s.absent = !DCM_ROW_HAS(&rows[i], shrink_seconds);
		s.value = rows[i].shrink_seconds;
		visit(ctx, &s);
	}
}

void dcm_alarm_second_name(const struct dcm_alarm_sample *sample, char *buf, size_t size)
{
	const struct dcm_snap_superblock *row = sample->row;

	if (sample->section == DCM_SEC_SUPERBLOCKS && row)
		snprintf(buf, size, "%u:%u", row->dev_major, row->dev_minor);
	else
		*buf = '\0';
}

void dcm_alarm_name_superblock(view_t *view, const struct dcm_alarm_sample *sample, char *buf,
			       size_t size)
{
	const struct dcm_snap_superblock *row = sample->row;
	const char *mountpoint = row ? dcm_alarm_input_str(view->input, row->mountpoint) : "";

	if (!row)
		snprintf(buf, size, "host");
	else if (*mountpoint)
		snprintf(buf, size, "%s", mountpoint);
	else
		snprintf(buf, size, "%s %u:%u", dcm_alarm_input_str(view->input, row->fstype),
			 row->dev_major, row->dev_minor);
}

/* ---- host ---- */

void dcm_alarm_extract_negative(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_totals *row = single(view, DCM_SEC_TOTALS);
	bool has = row && DCM_ROW_HAS(row, negative);

	visit_host(visit, ctx, DCM_SOURCE_DENTRY_STATE, DCM_SEC_TOTALS, has,
		   has ? row->negative : 0);
}

void dcm_alarm_extract_dentries(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_totals *row = single(view, DCM_SEC_TOTALS);
	bool has = row && DCM_ROW_HAS(row, dentries);

	visit_host(visit, ctx, DCM_SOURCE_DENTRY_STATE, DCM_SEC_TOTALS, has,
		   has ? row->dentries : 0);
}

void dcm_alarm_extract_slab_share(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_totals *totals = single(view, DCM_SEC_TOTALS);
	const struct dcm_snap_memory *memory = single(view, DCM_SEC_MEMORY);
	bool has = totals && memory && DCM_ROW_HAS(totals, slab_bytes) &&
		   DCM_ROW_HAS(memory, total_bytes) && memory->total_bytes;

	visit_host(visit, ctx, DCM_SOURCE_MEMORY, DCM_SEC_TOTALS, has,
		   has ? (double)totals->slab_bytes / memory->total_bytes : 0);
}

void dcm_alarm_extract_churn(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	double rate = 0;
	bool has = dcm_rate_per_second(&view->rates->namespaces, &rate);

	visit_host(visit, ctx, DCM_SOURCE_NAMESPACES, DCM_SEC_NAMESPACES, has, rate);
}

/* ", last for web-1, web-2 and 6 more" */
static void note_containers(view_t *view, const struct dcm_snap_namespaces *row, char *buf,
			    size_t size)
{
	char text[DCM_ALARM_TEXT_SIZE];

	dcm_text_escape(DCM_TEXT_SAFE, dcm_alarm_input_str(view->input, row->containers), text,
			sizeof(text));
	snprintf(buf, size, ", last for %.200s", text);
}

/* "; no container yet in shop/cart-1, shop/cart-2 and 6 more" */
static void note_pods(view_t *view, const struct dcm_snap_namespaces *row, char *buf, size_t size)
{
	char text[DCM_ALARM_TEXT_SIZE];

	*buf = '\0';
	if (!DCM_ROW_HAS(row, waiting_pod_names))
		return;
	dcm_text_escape(DCM_TEXT_SAFE, dcm_alarm_input_str(view->input, row->waiting_pod_names),
			text, sizeof(text));
	snprintf(buf, size, "; no container yet in %.200s", text);
}

void dcm_alarm_note_churn(view_t *view, uint32_t index __attribute__((unused)), char *buf,
			  size_t size)
{
	const struct dcm_snap_namespaces *row = single(view, DCM_SEC_NAMESPACES);
	char programs[DCM_ALARM_TEXT_SIZE], makers[DCM_ALARM_TEXT_SIZE], last[DCM_ALARM_TEXT_SIZE],
		pods[DCM_ALARM_TEXT_SIZE];

	if (!row || !DCM_ROW_HAS(row, makers))
		return;
	if (DCM_ROW_HAS(row, containers))
		note_containers(view, row, last, sizeof(last));
	else
		dcm_alarm_note_container(view, ", last for ", &row->container, last, sizeof(last));
	dcm_maker_programs(dcm_alarm_input_str(view->input, row->makers), programs,
			   sizeof(programs));
	dcm_text_escape(DCM_TEXT_SAFE, programs, makers, sizeof(makers));
	note_pods(view, row, pods, sizeof(pods));
	snprintf(buf, size, ", most by %s%s%s", makers, last, pods);
}

void dcm_alarm_extract_stall(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_memory *row = single(view, DCM_SEC_MEMORY);
	const struct dcm_alarm_rates *rates = view->rates;
	bool has = row && rates->has_direct && DCM_ROW_HAS(row, psi_some_avg10);
	bool direct = rates->direct_seen && view->now_ns >= rates->direct_ns &&
		      view->now_ns - rates->direct_ns <= DIRECT_RECLAIM_NS;

	visit_host(visit, ctx, DCM_SOURCE_MEMORY, DCM_SEC_MEMORY, has,
		   has && direct ? row->psi_some_avg10 : 0);
}

void dcm_alarm_extract_risk(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_totals *totals = single(view, DCM_SEC_TOTALS);
	const struct dcm_snap_memory *memory = single(view, DCM_SEC_MEMORY);
	double min_unused = view->config->types[DCM_ALARM_RECLAIM_RISK].rule.extra, ratio = 0;
	bool has = totals && memory && DCM_ROW_HAS(totals, unused) &&
		   DCM_ROW_HAS(memory, free_bytes) && DCM_ROW_HAS(memory, low_watermark_bytes) &&
		   /* half of the value comes from dentry-state */
		   view->state[DCM_SOURCE_DENTRY_STATE] == DCM_STATE_OK;

	if (has && totals->unused >= min_unused)
		ratio = (double)memory->low_watermark_bytes /
			(memory->free_bytes ? memory->free_bytes : 1);
	visit_host(visit, ctx, DCM_SOURCE_MEMORY, DCM_SEC_MEMORY, has, DCM_MIN(100.0, ratio));
}

/* ---- growth ---- */

#define SOON 3600 /* seconds, to the level, that the growth of a few seconds has to promise */

/* 0 unless the critical level (else the warning level) of @type is nearer than @within seconds. */
static double within_reach(view_t *view, enum dcm_alarm_type type, double within, double slope,
			   double value, double *ret_ahead)
{
	const struct dcm_alarm_rule *levels = &view->config->types[type].rule;
	double level = levels->has_critical ? levels->critical : levels->warning;

	if (slope <= 0 || (!levels->has_critical && !levels->has_warning))
		return 0;
	*ret_ahead = value >= level ? 0 : (level - value) / slope;
	return *ret_ahead <= within ? slope : 0;
}

/* True where it grows so fast right now that there is no time for the slope of minutes. Above the
 * level nothing is ahead any more. */
static bool grows_fast(view_t *view, enum dcm_alarm_type type, double slope, double value,
		       struct dcm_alarm_sample *s)
{
	double ahead = 0, within = within_reach(view, type, SOON, slope, value, &ahead);

	if (!(within > 0) || !(ahead > 0))
		return false;
	s->value = within;
	s->ahead = ahead;
	return true;
}

static void extract_host_growth(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_totals *row = single(view, DCM_SEC_TOTALS);
	struct dcm_alarm_sample s = {.source = DCM_SOURCE_DENTRY_STATE, .section = DCM_SEC_TOTALS};
	bool has = row && DCM_ROW_HAS(row, dentries);

	if (!has || !view->rates->has_recent_slope ||
	    !grows_fast(view, DCM_ALARM_DENTRIES_TOTAL, view->rates->recent_slope, row->dentries,
			&s)) {
		s.absent = !has || !view->rates->has_dentries_slope;
		if (!s.absent)
			s.value =
				within_reach(view, DCM_ALARM_DENTRIES_TOTAL,
					     view->config->types[DCM_ALARM_GROWTH].rule.extra,
					     view->rates->dentries_slope, row->dentries, &s.ahead);
	}
	visit(ctx, &s);
}

static int compare_superblocks(const void *a, const void *b)
{
	const struct dcm_snap_superblock *x = a, *y = b;

	return DCM_COMPARE(x->index, y->index);
}

const struct dcm_snap_superblock *dcm_alarm_find_superblock(view_t *view, uint32_t index)
{
	const struct dcm_snap_superblock key = {.index = index};

	return dcm_find(&key, view->input->rows[DCM_SEC_SUPERBLOCKS],
			view->input->count[DCM_SEC_SUPERBLOCKS], sizeof(key), compare_superblocks);
}

static void extract_superblock_growth(view_t *view, const struct dcm_alarm_superblock_trend *trend,
				      const struct dcm_snap_superblock *row,
				      struct dcm_alarm_sample *s)
{
	bool has = DCM_ROW_HAS(row, unused);

	if (has && trend->has_recent_slope &&
	    grows_fast(view, DCM_ALARM_SUPERBLOCK_UNUSED, trend->recent_slope, row->unused, s))
		return;
	s->absent = !has || !trend->has_slope;
	if (!s->absent)
		s->value = within_reach(view, DCM_ALARM_SUPERBLOCK_UNUSED,
					view->config->types[DCM_ALARM_GROWTH].rule.extra,
					trend->slope, row->unused, &s->ahead);
}

void dcm_alarm_extract_growth(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	extract_host_growth(view, visit, ctx);
	for (size_t i = 0; i < DCM_ALARM_TRENDS; i++) {
		const struct dcm_alarm_superblock_trend *t = &view->rates->superblocks[i];
		const struct dcm_snap_superblock *row =
			t->index ? dcm_alarm_find_superblock(view, t->index) : NULL;
		struct dcm_alarm_sample s;

		if (!row)
			continue;
		s = superblock_sample(row);
		extract_superblock_growth(view, t, row, &s);
		visit(ctx, &s);
	}
}

/* ---- snmpd and sources ---- */

void dcm_alarm_extract_snmpd(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_snmpd *row = single(view, DCM_SEC_SNMPD);
	bool has = row && DCM_ROW_HAS(row, wedge_ratio);

	visit_host(visit, ctx, DCM_SOURCE_SNMPD, DCM_SEC_SNMPD, has, has ? row->wedge_ratio : 0);
}

void dcm_alarm_name_snmpd(view_t *view __attribute__((unused)),
			  const struct dcm_alarm_sample *sample __attribute__((unused)), char *buf,
			  size_t size)
{
	snprintf(buf, size, "snmpd");
}

void dcm_alarm_extract_sources(view_t *view, dcm_alarm_visit *visit, void *ctx)
{
	const struct dcm_snap_source *rows = view->input->rows[DCM_SEC_SOURCES];

	for (size_t i = 0; i < view->input->count[DCM_SEC_SOURCES]; i++) {
		uint32_t state = rows[i].state;
		struct dcm_alarm_sample s = {
			.absent = !DCM_ROW_HAS(&rows[i], state) || state == DCM_STATE_STARTING,
			.key = rows[i].index,
			.value = state == DCM_STATE_FAILED || state == DCM_STATE_STUCK,
			.source = DCM_SOURCE_COUNT,
			.section = DCM_SEC_SOURCES,
			.index = rows[i].index,
			.row = &rows[i]};

		visit(ctx, &s);
	}
}

void dcm_alarm_name_source(view_t *view, const struct dcm_alarm_sample *sample, char *buf,
			   size_t size)
{
	const struct dcm_snap_source *row = sample->row;

	snprintf(buf, size, "%s", dcm_alarm_input_str(view->input, row->name));
}

/* ---- what a resource is over time ---- */

uint64_t dcm_alarm_identity(view_t *view, const struct dcm_alarm_sample *sample)
{
	uint64_t hash = dcm_hash64(DCM_HASH64_START, &sample->section, sizeof(uint32_t));
	const struct dcm_snap_superblock *sb = sample->row;
	const char *fstype;
	char name[DCM_ALARM_TARGET_SIZE];

	switch (sample->section) {
	case DCM_SEC_SUPERBLOCKS:
		fstype = dcm_alarm_input_str(view->input, sb->fstype);
		hash = dcm_hash64(hash, &sb->dev_major, sizeof(sb->dev_major));
		hash = dcm_hash64(hash, &sb->dev_minor, sizeof(sb->dev_minor));
		return dcm_hash64_text(hash, fstype);
	case DCM_SEC_CHAINS:
		dcm_alarm_name_chain(view, sample, name, sizeof(name));
		return dcm_hash64_text(hash, name);
	case DCM_SEC_DIRECTORIES:
		dcm_alarm_name_directory(view, sample, name, sizeof(name));
		return dcm_hash64_text(hash, name);
	case DCM_SEC_TABLES:
		dcm_alarm_name_table(view, sample, name, sizeof(name));
		return dcm_hash64_text(hash, name);
	default:
		return dcm_hash64(hash, &sample->key, sizeof(sample->key));
	}
}

bool dcm_alarm_may_be_hidden(view_t *view, enum dcm_alarm_type type, double clear_level)
{
	const struct dcm_snap_chain *rows = view->input->rows[DCM_SEC_CHAINS];
	size_t count = view->input->count[DCM_SEC_CHAINS];

	/* no host is without chains and superblocks: an empty list is a list not yet made */
	if (type == DCM_ALARM_CHAIN_LENGTH)
		return !count || (count >= LISTED_CHAINS && rows[count - 1].length >= clear_level);
	if (dcm_alarm_type_record(type)->metric.section == DCM_SEC_DIRECTORIES)
		return dcm_alarm_directory_hidden(view, type, clear_level);
	if (dcm_alarm_type_record(type)->metric.section == DCM_SEC_TABLES)
		return dcm_alarm_table_hidden(view, type, clear_level);
	if (dcm_alarm_type_record(type)->metric.section == DCM_SEC_SUPERBLOCKS)
		return !view->input->count[DCM_SEC_SUPERBLOCKS];
	return false;
}

/* ---- one look ---- */

struct look {
	view_t *view;
	bool has;
	double worst;
	enum dcm_source lacking; /* DCM_SOURCE_COUNT: none */
};

static void visit_look(void *ctx, const struct dcm_alarm_sample *sample)
{
	struct look *look = ctx;

	if (sample->source < DCM_SOURCE_COUNT && look->view->state[sample->source] != DCM_STATE_OK)
		return;
	if (sample->absent || !isfinite(sample->value)) {
		look->lacking = sample->source;
		return;
	}
	if (!look->has || sample->value > look->worst)
		look->worst = sample->value;
	look->has = true;
}

static struct look look_once(const struct dcm_alarm_input *input,
			     const struct dcm_alarm_config *config, enum dcm_alarm_type type)
{
	static const struct dcm_alarm_rates none;
	struct dcm_alarm_view view = {.input = input, .config = config, .rates = &none};
	struct look look = {.view = &view, .lacking = DCM_SOURCE_COUNT};

	if (dcm_alarm_has_rule(type)) {
		dcm_alarm_view_states(&view);
		dcm_alarm_type_record(type)->extract(&view, visit_look, &look);
	}
	look.view = NULL;
	return look;
}

bool dcm_alarm_worst_value(const struct dcm_alarm_input *input,
			   const struct dcm_alarm_config *config, enum dcm_alarm_type type,
			   double *ret)
{
	struct look look = look_once(input, config, type);

	if (look.has)
		*ret = look.worst;
	return look.has;
}

enum dcm_source dcm_alarm_lacking_source(const struct dcm_alarm_input *input,
					 const struct dcm_alarm_config *config,
					 enum dcm_alarm_type type)
{
	struct look look = look_once(input, config, type);

	return look.has ? DCM_SOURCE_COUNT : look.lacking;
}
