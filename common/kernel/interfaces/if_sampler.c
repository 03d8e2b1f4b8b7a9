/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/interfaces/if_sampler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/netns/netns_links.h"

/* One namespace somebody asked for. */
struct netns_rows {
	uint32_t netns; /* index in the set */
	uint64_t wanted_until_ns, sampled_ns;
	struct dcm_if_table table;
	struct dcm_reason error;
};

struct dcm_if_sampler {
	struct dcm_if_sampler_options options;
	struct dcm_netns_set *set;
	struct dcm_sysctl_cache *cache;
	struct netns_rows *netns_rows; /* room for max_namespaces */
	size_t count;
	uint64_t other_cpu_ns;
};

void dcm_if_sampler_defaults(struct dcm_if_sampler_options *ret)
{
	*ret = (struct dcm_if_sampler_options){
		.root = "",
		.max_namespaces = 256,
		.max_interfaces = 16384,
		.max_open = 65536,
		.fadeout_ns = 300 * DCM_NSEC_PER_SEC,
		.speed_max_age_ns = 30 * DCM_NSEC_PER_SEC,
		.hold_ns = 900 * DCM_NSEC_PER_SEC,
		.slice_ns = 5 * DCM_NSEC_PER_MSEC,
	};
}

void dcm_if_sampler_destroy(struct dcm_if_sampler *sampler)
{
	if (!sampler)
		return;
	for (size_t i = 0; i < sampler->count; i++)
		dcm_if_table_deinit(&sampler->netns_rows[i].table);
	free(sampler->netns_rows);
	dcm_netns_set_destroy(sampler->set);
	dcm_sysctl_cache_destroy(sampler->cache);
	free(sampler);
}

DCM_DEFINE_CLEANUP(struct dcm_if_sampler, dcm_if_sampler_destroy)

int dcm_if_sampler_create(const struct dcm_if_sampler_options *options, struct dcm_reason *reason,
			  struct dcm_if_sampler **ret)
{
	const struct dcm_netns_set_options set_options = {
		.root = options->root,
		.max = options->max_namespaces,
	};
	_cleanup_(dcm_if_sampler_destroyp) struct dcm_if_sampler *sampler =
		calloc(1, sizeof(*sampler));
	int err;

	if (!sampler)
		return dcm_reason_no_memory(reason);
	sampler->options = *options;
	sampler->netns_rows = calloc(options->max_namespaces + 1, sizeof(*sampler->netns_rows));
	if (!sampler->netns_rows ||
	    dcm_sysctl_cache_create(options->root, options->max_open, &sampler->cache))
		return dcm_reason_no_memory(reason);
	err = dcm_netns_set_create(&set_options, reason, &sampler->set);
	if (!err)
		*ret = dcm_take_ptr(sampler);
	return err;
}

struct dcm_netns_set *dcm_if_sampler_namespaces(struct dcm_if_sampler *sampler)
{
	return sampler->set;
}

static const struct dcm_netns *netns_of(const struct dcm_if_sampler *sampler, uint32_t index)
{
	for (size_t i = 0; i < dcm_netns_set_count(sampler->set); i++) {
		const struct dcm_netns *netns = dcm_netns_set_get(sampler->set, i);

		if (netns->index == index)
			return netns;
	}
	return NULL;
}

static struct netns_rows *find_netns(struct dcm_if_sampler *sampler, uint32_t netns)
{
	for (size_t i = 0; i < sampler->count; i++)
		if (sampler->netns_rows[i].netns == netns)
			return &sampler->netns_rows[i];
	return NULL;
}

static void drop_netns(struct dcm_if_sampler *sampler, struct netns_rows *rows)
{
	dcm_sysctl_cache_forget(sampler->cache, rows->netns);
	dcm_if_table_deinit(&rows->table);
	*rows = sampler->netns_rows[--sampler->count];
}

void dcm_if_sampler_refresh(struct dcm_if_sampler *sampler)
{
	const uint32_t *gone;
	size_t gone_count = dcm_netns_set_refresh(sampler->set, &gone);

	for (size_t i = 0; i < gone_count; i++) {
		struct netns_rows *rows = find_netns(sampler, gone[i]);

		if (rows)
			drop_netns(sampler, rows);
	}
}

int dcm_if_sampler_want_index(struct dcm_if_sampler *sampler, uint32_t index, uint64_t until_ns)
{
	struct netns_rows *rows = find_netns(sampler, index);

	if (!netns_of(sampler, index))
		return -ENOENT;
	if (!rows) {
		rows = &sampler->netns_rows[sampler->count++];
		*rows = (struct netns_rows){.netns = index};
		rows->table.max = sampler->options.max_interfaces;
	}
	if (rows->wanted_until_ns < until_ns)
		rows->wanted_until_ns = until_ns;
	return 0;
}

int dcm_if_sampler_want(struct dcm_if_sampler *sampler, const char *name, uint64_t until_ns)
{
	const struct dcm_netns *netns = dcm_netns_set_find(sampler->set, name);

	return netns ? dcm_if_sampler_want_index(sampler, netns->index, until_ns) : -ENOENT;
}

/* ---- one round ---- */

struct round {
	struct dcm_if_sampler *sampler;
	struct netns_rows *rows;
	uint64_t now_ns;
	uint64_t opening_ns; /* spent on opening files so far */
	uint64_t slice_ns;   /* what may be spent on it */
	bool ran, pending;
};

/*
 * Opening stops when the slice is used up, so that a slow chain holds nobody up; reading never
 * does. Whatever else takes long, a round with files to open opens some.
 */
static void sample_sysctls(struct round *round, struct dcm_if_row *row)
{
	struct dcm_sysctl_cache *cache = round->sampler->cache;
	uint64_t start_ns;
	uint32_t missing;

	if (!row->seen || !row->families)
		return;
	if (dcm_sysctl_cache_read(cache, round->rows->netns, row->link.index, row->link.name,
				  row->families, &row->sysctls, &missing) ||
	    !missing)
		return;
	if (round->opening_ns >= round->slice_ns) {
		round->pending = true;
		return;
	}
	start_ns = dcm_now_ns();
	if (dcm_sysctl_cache_open(cache, round->rows->netns, row->link.index, missing,
				  &row->sysctls))
		dcm_reason_set(&round->rows->error, -EMFILE,
			       "descriptors ran out: some sysctl values are missing");
	round->opening_ns += dcm_now_ns() - start_ns;
}

static int sample_inside(void *arg)
{
	struct round *round = arg;
	struct netns_rows *rows = round->rows;
	const struct dcm_if_sampler_options *options = &round->sampler->options;
	struct dcm_if_table *table = &rows->table;
	uint64_t start_ns = dcm_now_ns(), dump_ns;
	bool complete = false;
	int err;

	round->ran = true;
	dcm_if_table_begin(table);
	err = dcm_netns_links_update(table, round->now_ns, &rows->error, &complete);
	dcm_netns_speeds_update(table, round->now_ns, options->speed_max_age_ns);
	/* As long as the dumps took; otherwise thousands of files need thousands of dumps. */
	dump_ns = dcm_now_ns() - start_ns;
	if (round->slice_ns < dump_ns)
		round->slice_ns = dump_ns;
	for (size_t i = 0; i < table->count; i++)
		sample_sysctls(round, &table->rows[i]);
	if (complete)
		dcm_sysctl_cache_sweep(round->sampler->cache, rows->netns);
	dcm_if_table_end(table, round->now_ns, options->fadeout_ns, complete);
	return err;
}

static int sample_counted(void *arg)
{
	struct round *round = arg;
	uint64_t begin_ns = dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID);
	int err = sample_inside(arg);

	round->sampler->other_cpu_ns += dcm_clock_ns(CLOCK_THREAD_CPUTIME_ID) - begin_ns;
	return err;
}

static int enter(struct round *round, const struct dcm_netns *netns)
{
	/* The own one is sampled in the caller's thread, whose time the caller knows. */
	dcm_netns_fn *fn = netns->own ? sample_inside : sample_counted;

	return dcm_netns_set_run(round->sampler->set, netns, fn, round, &round->rows->error);
}

/* False when the namespace is gone. */
static bool sample_netns(struct round *round)
{
	struct dcm_if_sampler *sampler = round->sampler;
	const struct dcm_netns *netns = netns_of(sampler, round->rows->netns);
	int err;

	round->rows->error.text[0] = '\0';
	round->ran = false;
	err = netns ? enter(round, netns) : -ENOENT;
	/* Descriptors are needed to get in at all: those of the cache are the ones to spare. */
	if (err == -EMFILE || err == -ENFILE) {
		struct dcm_sysctl_cache_stats stats;

		dcm_sysctl_cache_stats(sampler->cache, &stats);
		dcm_sysctl_cache_shrink(sampler->cache, stats.open / 2);
		err = enter(round, netns);
	}
	if (!err)
		round->rows->sampled_ns = round->now_ns;
	return round->ran || (err != -ENOENT && err != -ESRCH && err != -ESTALE);
}

void dcm_if_sampler_run(struct dcm_if_sampler *sampler, uint64_t now_ns, bool *ret_pending)
{
	struct round round = {
		.sampler = sampler, .now_ns = now_ns, .slice_ns = sampler->options.slice_ns};

	dcm_sysctl_cache_begin(sampler->cache);
	for (size_t i = 0; i < sampler->count;) {
		round.rows = &sampler->netns_rows[i];
		if (round.rows->wanted_until_ns > now_ns && !sample_netns(&round)) {
			drop_netns(sampler, round.rows);
			continue;
		}
		/* The rows stay: they remember when a status changed. */
		if (round.rows->wanted_until_ns <= now_ns &&
		    now_ns - round.rows->wanted_until_ns >= sampler->options.hold_ns)
			dcm_sysctl_cache_forget(sampler->cache, round.rows->netns);
		i++;
	}
	*ret_pending = round.pending;
}

size_t dcm_if_sampler_count(const struct dcm_if_sampler *sampler)
{
	return sampler->count;
}

bool dcm_if_sampler_view(const struct dcm_if_sampler *sampler, size_t i, struct dcm_if_view *ret)
{
	if (i >= sampler->count)
		return false;
	*ret = (struct dcm_if_view){
		.netns = netns_of(sampler, sampler->netns_rows[i].netns),
		.table = &sampler->netns_rows[i].table,
		.wanted_until_ns = sampler->netns_rows[i].wanted_until_ns,
		.sampled_ns = sampler->netns_rows[i].sampled_ns,
		.error = sampler->netns_rows[i].error.text,
	};
	return ret->netns != NULL;
}

uint64_t dcm_if_sampler_other_cpu_ns(const struct dcm_if_sampler *sampler)
{
	return sampler->other_cpu_ns;
}
