// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/reclaim/forecast.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/model/reclaim/reclaim_entry.h"

/*
 * The host of the factors: Linux 6.18, 2 CPUs in a virtual machine, 1 to 16 million missing names
 * on ext4 and a table of 4 million buckets. Nanoseconds of processor time.
 */
#define PASS_BUCKET_NS	5.2
#define PASS_ENTRY_NS	22.0
#define COMPAT_FACTOR	5.0 /* a pass by bpf_probe_read_kernel, at 1 million entries */
#define SHRINK_NS	530.0
#define SHRINK_INODE_NS 2000.0 /* proc and sysfs: their inodes go along */
#define WATCH_NS	78.0   /* with inode (then it is locked and marked) or without */

/* How far the processor time may be off, by where it comes from. */
#define BY_PAST	   0.2
#define BY_PACE	   0.3
#define BY_NOTHING 0.6

/* A pass that met fewer says more of caches than of memory. */
#define LEAST_MET 100000

/* Passes that it takes to believe that the host itself has become slower. */
#define STEADY 8

/* Small reclaims end before the caches are cold: one counts for up to ten times as many. */
#define LEAST_PAST   10000
#define PAST_REACHES 10

double dcm_forecast_pace(const struct dcm_forecast_pass *pass)
{
	double expected =
		(double)pass->buckets * PASS_BUCKET_NS + (double)pass->entries * PASS_ENTRY_NS;

	if (pass->entries < LEAST_MET || pass->cpu_seconds <= 0)
		return 0;
	return pass->cpu_seconds * 1e9 / (expected * (pass->compat ? COMPAT_FACTOR : 1));
}

double dcm_forecast_steady_pace(double before, double now)
{
	if (!(now > 0))
		return before;
	return before > 0 && now > before ? before + (now - before) / STEADY : now;
}

static bool has_inodes(const char *fstype)
{
	return !strcmp(fstype, "proc") || !strcmp(fstype, "sysfs");
}

void dcm_forecast_remember(struct dcm_forecast_history *history,
			   const struct dcm_reclaim_entry *entry)
{
	struct dcm_forecast_past past = {.with_inodes = has_inodes(entry->fstype)};

	if (!dcm_reclaim_has_acted(entry->outcome) || !entry->has_cpu_seconds ||
	    !entry->has_before || !entry->has_after || entry->before < entry->after ||
	    entry->before - entry->after < LEAST_PAST || !(entry->cpu_seconds > 0))
		return;
	past.entries = (double)(entry->before - entry->after);
	past.cpu_seconds = entry->cpu_seconds;
	memmove(history->past + 1, history->past, sizeof(history->past) - sizeof(past));
	history->past[0] = past;
	history->count = DCM_MIN(history->count + 1, DCM_ARRAY_SIZE(history->past));
}

/* ---- processor time ---- */

static struct dcm_range around(double likely, double off)
{
	return (struct dcm_range){likely * (1 - off), likely, likely * (1 + off)};
}

static int compare_doubles(const void *a, const void *b)
{
	return DCM_COMPARE(*(const double *)a, *(const double *)b);
}

/* Seconds per entry from reclaims of similar ones; false: there were none. */
static bool by_past(const struct dcm_forecast_history *history, bool with_inodes, double unused,
		    struct dcm_range *ret)
{
	double costs[DCM_ARRAY_SIZE(history->past)];
	size_t n = 0;

	for (size_t i = 0; i < history->count; i++) {
		const struct dcm_forecast_past *past = &history->past[i];

		if (past->with_inodes == with_inodes && past->entries * PAST_REACHES >= unused)
			costs[n++] = past->cpu_seconds / past->entries;
	}
	if (!n)
		return false;
	qsort(costs, n, sizeof(costs[0]), compare_doubles);
	*ret = around(costs[n / 2], BY_PAST);
	ret->low = fmin(ret->low, costs[0]);
	ret->high = fmax(ret->high, costs[n - 1]);
	return true;
}

/*
 * How much of the pace shows in something else, as a power of it. A pass has several misses
 * under way at a time, others wait for one after another: what slows down the memory or the CPUs as
 * a whole shows in the pass more than in them. At paces of 0.9 to 1.9 a shrink took 0.9 to 1.2
 * times as long as on the host of the factors. A watch took 0.95 times as long at a pace of 1.45
 * (busy CPUs), and 1.8 to 2.0 times at 1.6 to 1.9 (busy memory).
 */
struct echo {
	double least, likely, most;
};

static const struct echo in_shrink = {1 / 3.0, 1 / 3.0, 1 / 2.0};
static const struct echo in_watch = {1 / 2.0, 3 / 4.0, 1};

/* Seconds per entry of what takes @ns on the host of the factors. */
static struct dcm_range by_pace(const struct dcm_forecast *forecast, double ns,
				const struct echo *echo)
{
	double each = ns * 1e-9, least, most;

	if (!(forecast->pace > 0))
		return around(each, BY_NOTHING);
	least = pow(forecast->pace, echo->least);
	most = pow(forecast->pace, echo->most);
	return (struct dcm_range){each * fmin(least, most) * (1 - BY_PACE),
				  each * pow(forecast->pace, echo->likely),
				  each * fmax(least, most) * (1 + BY_PACE)};
}

/* ---- the clock ---- */

/* A CPU's share for one task of the same weight as the @rivals. */
static double share_beside(const struct dcm_forecast_cpus *cpus, double rivals)
{
	return fmin(1, cpus->cpus / fmax(rivals + 1, cpus->cpus));
}

static struct dcm_range by_clock(const struct dcm_forecast_cpus *cpus, const struct dcm_range *cpu)
{
	double steal = fmin(fmax(cpus->steal, 0), 0.95);
	double steady = cpus->busy + cpus->waiting;
	double most = fmax(steady, cpus->running), few = fmax(steady - 1, 0);
	double best, likely, worst;

	if (!(cpus->cpus > 0))
		return *cpu;
	/* Theirs may be a group of less weight. At worst one CPU runs us and its part of them. */
	best = share_beside(cpus, few);
	likely = share_beside(cpus, steady) * (1 - steal);
	worst = 1 / (1 + most / cpus->cpus) * (1 - steal);
	return (struct dcm_range){cpu->low / best, cpu->likely / likely, cpu->high / worst};
}

void dcm_forecast_shrink(const struct dcm_forecast *forecast, const char *fstype, uint64_t unused,
			 struct dcm_forecast_shrink *ret)
{
	bool with_inodes = has_inodes(fstype);
	double n = (double)unused;
	struct dcm_range each;

	if (!by_past(&forecast->history, with_inodes, n, &each))
		each = by_pace(forecast, with_inodes ? SHRINK_INODE_NS : SHRINK_NS, &in_shrink);
	ret->cpu = (struct dcm_range){n * each.low, n * each.likely, n * each.high};
	ret->clock = by_clock(&forecast->cpus, &ret->cpu);
}

void dcm_forecast_watch(const struct dcm_forecast *forecast, uint64_t children, uint64_t error,
			struct dcm_range *ret)
{
	struct dcm_range each = by_pace(forecast, WATCH_NS, &in_watch);
	double n = (double)children, off = (double)error;

	*ret = (struct dcm_range){fmax(n - off, 0) * each.low, n * each.likely,
				  (n + off) * each.high};
}
