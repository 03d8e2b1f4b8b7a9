// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <math.h>

#include "common/base/cleanup.h"
#include "common/model/alarms/alarm_rules.h"

/* A superblock with fewer unused entries gets no trend. */
#define TREND_MIN_UNUSED 100000

/* Snapshots come once a second, some a little early. */
#define RECENT_STEP_NS (500 * DCM_NSEC_PER_MSEC)

/* The same of samples of superblocks; twelve of these are more than ten seconds. */
#define SUPERBLOCK_STEP_NS (900 * DCM_NSEC_PER_MSEC)

void dcm_alarm_view_states(struct dcm_alarm_view *view)
{
	const struct dcm_snap_source *rows = view->input->rows[DCM_SEC_SOURCES];

	for (size_t i = 0; i < view->input->count[DCM_SEC_SOURCES]; i++) {
		uint32_t source = rows[i].index - 1;

		if (source >= DCM_SOURCE_COUNT)
			continue;
		if (DCM_ROW_HAS(&rows[i], state))
			view->state[source] = rows[i].state;
		if (DCM_ROW_HAS(&rows[i], runs))
			view->runs[source] = rows[i].runs;
	}
}

static bool working(const struct dcm_alarm_view *view, enum dcm_source source)
{
	return view->state[source] == DCM_STATE_OK;
}

/* ---- growth ---- */

static bool trend_candidate(const struct dcm_snap_superblock *sb)
{
	return DCM_ROW_HAS(sb, unused) && sb->unused >= TREND_MIN_UNUSED;
}

/* The @count largest superblocks, largest first. */
static size_t largest(const struct dcm_alarm_view *view,
		      const struct dcm_snap_superblock *ret[DCM_ALARM_TRENDS])
{
	const struct dcm_snap_superblock *rows = view->input->rows[DCM_SEC_SUPERBLOCKS];
	size_t count = 0;

	for (size_t i = 0; i < view->input->count[DCM_SEC_SUPERBLOCKS]; i++) {
		size_t at = count;

		if (!trend_candidate(&rows[i]) ||
		    (count == DCM_ALARM_TRENDS && rows[i].unused <= ret[count - 1]->unused))
			continue;
		if (count < DCM_ALARM_TRENDS)
			count++;
		else
			at--;
		for (; at && ret[at - 1]->unused < rows[i].unused; at--)
			ret[at] = ret[at - 1];
		ret[at] = &rows[i];
	}
	return count;
}

static struct dcm_alarm_superblock_trend *trend_of(struct dcm_alarm_rates *rates, uint32_t index)
{
	for (size_t i = 0; i < DCM_ALARM_TRENDS; i++)
		if (rates->superblocks[i].index == index)
			return &rates->superblocks[i];
	return NULL;
}

/* Gives up the trends of superblocks that are no longer among the largest. */
static void drop_others(struct dcm_alarm_rates *rates, const struct dcm_snap_superblock **top,
			size_t count)
{
	for (size_t i = 0; i < DCM_ALARM_TRENDS; i++) {
		struct dcm_alarm_superblock_trend *t = &rates->superblocks[i];
		bool kept = false;

		for (size_t k = 0; k < count; k++)
			kept |= top[k]->index == t->index;
		if (!kept)
			*t = (struct dcm_alarm_superblock_trend){0};
	}
}

static void update_superblocks(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	const struct dcm_snap_superblock *top[DCM_ALARM_TRENDS];
	size_t count = largest(view, top);

	drop_others(rates, top, count);
	for (size_t i = 0; i < count; i++) {
		struct dcm_alarm_superblock_trend *t = trend_of(rates, top[i]->index);

		if (!t)
			t = trend_of(rates, 0);
		t->index = top[i]->index;
		dcm_trend_add(&t->trend, view->now_ns, top[i]->unused);
		t->has_slope = dcm_trend_slope(&t->trend, &t->slope);
	}
}

/* Of what has been sampled since the last time: every ten seconds by default, each second while one
 * grows. */
static void update_recent_superblocks(struct dcm_alarm_rates *rates,
				      const struct dcm_alarm_view *view)
{
	uint64_t runs = view->runs[DCM_SOURCE_SUPERBLOCKS];

	if (runs == rates->superblock_runs || !working(view, DCM_SOURCE_SUPERBLOCKS))
		return;
	rates->superblock_runs = runs;
	for (size_t i = 0; i < DCM_ALARM_TRENDS; i++) {
		struct dcm_alarm_superblock_trend *t = &rates->superblocks[i];
		const struct dcm_snap_superblock *row =
			t->index ? dcm_alarm_find_superblock(view, t->index) : NULL;

		if (!row || !DCM_ROW_HAS(row, unused))
			continue;
		t->recent.most = DCM_TREND_MIN;
		t->recent.step_ns = SUPERBLOCK_STEP_NS;
		dcm_trend_add(&t->recent, view->now_ns, row->unused);
		t->has_recent_slope = dcm_trend_slope(&t->recent, &t->recent_slope);
	}
}

/* False: there is none. */
static bool count_dentries(const struct dcm_alarm_view *view, double *ret)
{
	const struct dcm_snap_totals *totals = view->input->rows[DCM_SEC_TOTALS];

	if (!view->input->count[DCM_SEC_TOTALS] || !DCM_ROW_HAS(totals, dentries) ||
	    totals->dentries < 0 || !working(view, DCM_SOURCE_DENTRY_STATE))
		return false;
	*ret = totals->dentries;
	return true;
}

static void update_recent(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	double dentries;

	rates->recent.most = DCM_TREND_MIN;
	rates->recent.step_ns = RECENT_STEP_NS;
	if (count_dentries(view, &dentries))
		dcm_trend_add(&rates->recent, view->now_ns, dentries);
	rates->has_recent_slope = dcm_trend_slope(&rates->recent, &rates->recent_slope);
}

static void update_dentries(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	double dentries;

	if (!count_dentries(view, &dentries))
		return;
	dcm_trend_add(&rates->dentries, view->now_ns, dentries);
	rates->has_dentries_slope = dcm_trend_slope(&rates->dentries, &rates->dentries_slope);
}

static void update_growth(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	update_recent(rates, view);
	update_recent_superblocks(rates, view);
	if (rates->ticked && view->now_ns >= rates->tick_ns &&
	    view->now_ns - rates->tick_ns < DCM_TREND_STEP_NS)
		return;
	rates->ticked = true;
	rates->tick_ns = view->now_ns;
	update_dentries(rates, view);
	if (working(view, DCM_SOURCE_SUPERBLOCKS))
		update_superblocks(rates, view);
}

/* ---- counters ---- */

static void update_namespaces(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	const struct dcm_snap_namespaces *row = view->input->rows[DCM_SEC_NAMESPACES];

	if (view->input->count[DCM_SEC_NAMESPACES] && working(view, DCM_SOURCE_NAMESPACES) &&
	    DCM_ROW_HAS(row, created))
		dcm_rate_add(&rates->namespaces, view->now_ns, row->created);
}

static void update_direct(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	const struct dcm_snap_memory *row = view->input->rows[DCM_SEC_MEMORY];
	bool scan, stall;
	uint64_t direct;

	if (!view->input->count[DCM_SEC_MEMORY] || !working(view, DCM_SOURCE_MEMORY))
		return;
	scan = DCM_ROW_HAS(row, pgscan_direct);
	stall = DCM_ROW_HAS(row, allocstall);
	if (!scan && !stall)
		return;
	direct = (scan ? row->pgscan_direct : 0) + (stall ? row->allocstall : 0);
	if (rates->has_direct && direct > rates->direct) {
		rates->direct_seen = true;
		rates->direct_ns = view->now_ns;
	}
	rates->has_direct = true;
	rates->direct = direct;
}

void dcm_alarm_rates_update(struct dcm_alarm_rates *rates, const struct dcm_alarm_view *view)
{
	update_growth(rates, view);
	update_namespaces(rates, view);
	update_direct(rates, view);
}
