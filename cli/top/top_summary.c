// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/top/top_summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/lib/human_numbers.h"
#include "cli/lib/output.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/who/maker_names.h"

#define SHORT_TREND 10.0 /* seconds */
#define LONG_TREND  60.0
#define NAME_SIZE   200

static char *next_line(struct top_summary *summary)
{
	char *line = summary->lines[DCM_MIN(summary->count, (size_t)TOP_SUMMARY_MAX - 1)];

	if (summary->count < TOP_SUMMARY_MAX)
		summary->count++;
	*line = '\0';
	return line;
}

static void add(char *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(char *line, const char *fmt, ...)
{
	size_t len = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + len, TOP_SUMMARY_SIZE - len, fmt, ap);
	va_end(ap);
}

static void add_text(char *line, const char *raw)
{
	char text[NAME_SIZE];

	dcm_text_escape(output_form(), raw, text, sizeof(text));
	add(line, "%s", text);
}

static void add_name(char *line, const struct dcm_snapshot *snapshot, dcm_str name)
{
	add_text(line, dcm_snapshot_str(snapshot, name));
}

/* ---- totals ---- */

static void add_trend(const struct top_model *model, enum top_total total, char *line)
{
	char short_text[48] = "", long_text[48] = "";
	double rate;

	if (top_model_trend(model, total, SHORT_TREND, &rate))
		snprintf(short_text, sizeof(short_text), "%s/s", human_change(rate).text);
	if (top_model_trend(model, total, LONG_TREND, &rate))
		snprintf(long_text, sizeof(long_text), "%s/s in 1 min", human_change(rate).text);
	add(line, " %12s  %-20s", short_text, long_text);
}

static void total_line(const struct top_model *model, struct top_summary *summary,
		       enum top_total total, const char *label, bool has, int64_t value)
{
	char *line;

	if (!has)
		return;
	line = next_line(summary);
	add(line, "%-9s %15s", label, human_signed(value).text);
	add_trend(model, total, line);
}

/* Of the dentries, behind the line that was added last. */
static void share(struct top_summary *summary, bool has, int64_t part, int64_t whole)
{
	if (has && summary->count)
		add(summary->lines[summary->count - 1], " %s",
		    human_percent((double)part, (double)whole).text);
}

static void totals(const struct top_model *model, struct top_summary *summary)
{
	const struct dcm_snap_totals *t =
		dcm_snapshot_row(top_model_snapshot(model), DCM_SEC_TOTALS, 0);

	if (!t)
		return;
	total_line(model, summary, TOP_TOTAL_DENTRIES, "Dentries", DCM_ROW_HAS(t, dentries),
		   t->dentries);
	if (DCM_ROW_HAS(t, dentries) && DCM_ROW_HAS(t, slab_bytes))
		add(summary->lines[summary->count - 1], " slab %s",
		    human_bytes(t->slab_bytes).text);
	total_line(model, summary, TOP_TOTAL_UNUSED, "Unused", DCM_ROW_HAS(t, unused), t->unused);
	share(summary, DCM_ROW_HAS(t, unused) && DCM_ROW_HAS(t, dentries), t->unused, t->dentries);
	total_line(model, summary, TOP_TOTAL_NEGATIVE, "Negative", DCM_ROW_HAS(t, negative),
		   t->negative);
	share(summary, DCM_ROW_HAS(t, negative) && DCM_ROW_HAS(t, dentries), t->negative,
	      t->dentries);
}

/* ---- the rest ---- */

static bool is_missing(const struct dcm_snap_source *source)
{
	return source->state == DCM_STATE_FAILED || source->state == DCM_STATE_UNSUPPORTED ||
	       source->state == DCM_STATE_STUCK;
}

/* The first source that does not work, and how many others. */
static void missing(const struct dcm_snapshot *snapshot, struct top_summary *summary)
{
	size_t count = dcm_snapshot_count(snapshot, DCM_SEC_SOURCES), others = 0;
	char *line = NULL;

	for (size_t i = 0; i < count; i++) {
		const struct dcm_snap_source *s = dcm_snapshot_row(snapshot, DCM_SEC_SOURCES, i);

		if (!is_missing(s))
			continue;
		others += line != NULL;
		if (line)
			continue;
		line = next_line(summary);
		add(line, "%-9s ", "Missing");
		add_name(line, snapshot, s->name);
		add(line, " (%s): ", dcm_source_state_name(s->state));
		add_name(line, snapshot, s->reason);
	}
	if (others)
		add(line, "; and %zu others", others);
}

static void table(const struct dcm_snapshot *snapshot, struct top_summary *summary)
{
	const struct dcm_snap_hash *h = dcm_snapshot_row(snapshot, DCM_SEC_HASH, 0);
	bool counted = h && DCM_ROW_HAS(h, entries);
	char *line;

	if (!counted && !(h && DCM_ROW_HAS(h, entries_estimate.low)))
		return;
	line = next_line(summary);
	add(line, "%-9s %15s", "Hashed",
	    counted ? human_count(h->entries).text
		    : human_short_range(h->entries_estimate.low, h->entries_estimate.high).text);
	if (DCM_ROW_HAS(h, buckets))
		add(line, " in %s buckets", human_count(h->buckets).text);
	if (DCM_ROW_HAS(h, max_chain))
		add(line, ", longest chain %s", human_count(h->max_chain).text);
	if (!counted && DCM_ROW_HAS(h, coverage))
		add(line, ", estimated from %.1f %% of it", 100 * h->coverage);
}

static void alarms(const struct dcm_snapshot *snapshot, struct top_summary *summary)
{
	if (!dcm_snapshot_count(snapshot, DCM_SEC_ALARMS) &&
	    dcm_snapshot_count(snapshot, DCM_SEC_ALARM_STATUS))
		add(next_line(summary), "%-9s none", "Alarms");
}

static void reclaim(const struct dcm_snapshot *snapshot, struct top_summary *summary)
{
	const struct dcm_snap_reclaim *r = dcm_snapshot_row(snapshot, DCM_SEC_RECLAIM, 0);
	double ago;
	char *line;

	if (!r || !DCM_ROW_HAS(r, time_ns))
		return;
	ago = ((double)snapshot->header->realtime_ns - (double)r->time_ns) /
	      (double)DCM_NSEC_PER_SEC;
	line = next_line(summary);
	add(line, "%-9s %s ago, ", "Reclaim", human_seconds(DCM_MAX(ago, 0.0)).text);
	add_name(line, snapshot, r->target);
	add(line, ": %s", dcm_reclaim_outcome_name(r->result));
	if (DCM_ROW_HAS(r, before) && DCM_ROW_HAS(r, after))
		add(line, ", %s -> %s unused", human_count(r->before).text,
		    human_count(r->after).text);
	if (DCM_ROW_HAS(r, error)) {
		add(line, ": ");
		add_name(line, snapshot, r->error);
	}
}

static void namespaces(const struct dcm_snapshot *snapshot, struct top_summary *summary)
{
	const struct dcm_snap_namespaces *n = dcm_snapshot_row(snapshot, DCM_SEC_NAMESPACES, 0);
	char programs[NAME_SIZE], *line;

	if (!n || !DCM_ROW_HAS(n, network))
		return;
	line = next_line(summary);
	add(line, "%-9s %15s", "Netns", human_count(n->network).text);
	if (!DCM_ROW_HAS(n, created_per_second) || !DCM_ROW_HAS(n, ended_per_second))
		return;
	add(line, " %s%.1f made and %.1f ended per second",
	    DCM_ROW_HAS(n, created_exact) && n->created_exact ? "" : "at least ",
	    n->created_per_second, n->ended_per_second);
	if (DCM_ROW_HAS(n, makers)) {
		dcm_maker_programs(dcm_snapshot_str(snapshot, n->makers), programs,
				   sizeof(programs));
		add(line, ", most by ");
		add_text(line, programs);
	}
	if (DCM_ROW_HAS(n, waiting_pod_names))
		add(line, ", %s pods without a container", human_count(n->waiting_pods).text);
}

void top_summary(const struct top_model *model, struct top_summary *ret)
{
	const struct dcm_snapshot *snapshot = top_model_snapshot(model);

	ret->count = 0;
	totals(model, ret);
	missing(snapshot, ret);
	table(snapshot, ret);
	alarms(snapshot, ret);
	reclaim(snapshot, ret);
	namespaces(snapshot, ret);
}
