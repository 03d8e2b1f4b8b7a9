// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_way.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernel/reclaim/reclaim_shrinker.h"

#define SCAN_OBJECTS 100000 /* some 50 ms */

/* ---- shrinker ---- */

static const char *why_no_shrinker(int err)
{
	switch (err) {
	case -ENOTUNIQ:
		return "several fit";
	case -ENODATA:
		return "vm.vfs_cache_pressure is 0: it would free nothing";
	default:
		return "not in this kernel";
	}
}

static int find_shrinker(const struct dcm_reclaim_wish *wish, struct dcm_reason *reason,
			 struct dcm_reclaim_choice *ret)
{
	int err = dcm_shrinker_find(DCM_SHRINKER_FOLDER, wish->target->fstype, wish->count.id,
				    wish->count.only, ret->shrinker, sizeof(ret->shrinker));

	return err ? dcm_reason_set(reason, err, "%s", why_no_shrinker(err)) : 0;
}

static int open_shrinker(const struct dcm_reclaim_choice *choice, struct dcm_reason *reason,
			 void **ret)
{
	struct dcm_shrinker_run *run = malloc(sizeof(*run));

	if (!run)
		return dcm_reason_no_memory(reason);
	dcm_shrinker_run_init(run, choice->shrinker, SCAN_OBJECTS);
	*ret = run;
	return 0;
}

static int step_shrinker(void *run, double seconds __attribute__((unused)),
			 struct dcm_reason *reason, bool *ret_more)
{
	return dcm_shrinker_run_step(run, reason, ret_more);
}

/* ---- cgroup ---- */

static int find_cgroup(const struct dcm_reclaim_wish *wish, struct dcm_reason *reason,
		       struct dcm_reclaim_choice *ret)
{
	int err;

	if (!wish->cache_bytes)
		return dcm_reason_set(reason, -EDQUOT, "max_cache is 0");
	err = dcm_cgroup_find("", wish->cgroup, wish->count.unused, reason, &ret->cgroup);
	if (err || ret->cgroup.cache_bytes <= wish->cache_bytes)
		return err;
	return dcm_reason_set(
		reason, -EDQUOT, "%.0f MiB of page cache could go along, more than max_cache %.0f",
		(double)ret->cgroup.cache_bytes / (1 << 20), (double)wish->cache_bytes / (1 << 20));
}

static int open_cgroup(const struct dcm_reclaim_choice *choice, struct dcm_reason *reason,
		       void **ret)
{
	struct dcm_cgroup_run *run;
	int err = dcm_cgroup_run_create(&choice->cgroup, reason, &run);

	if (!err)
		*ret = run;
	return err;
}

static int step_cgroup(void *run, double seconds, struct dcm_reason *reason, bool *ret_more)
{
	return dcm_cgroup_run_step(run, seconds, reason, ret_more);
}

static void close_cgroup(void *run)
{
	dcm_cgroup_run_destroy(run);
}

/* ---- reconfigure ---- */

static int find_reconfigure(const struct dcm_reclaim_wish *wish __attribute__((unused)),
			    struct dcm_reason *reason __attribute__((unused)),
			    struct dcm_reclaim_choice *ret __attribute__((unused)))
{
	return 0; /* what speaks against it, a person may overrule */
}

/* ---- all ---- */

const struct dcm_reclaim_way dcm_reclaim_ways[] = {
	{"shrinker", "the shrinker's debugfs files", true, find_shrinker, open_shrinker,
	 step_shrinker, free},
	{"cgroup", "memory reclaim inside a control group", true, find_cgroup, open_cgroup,
	 step_cgroup, close_cgroup},
	{"reconfigure", "one call", false, find_reconfigure, NULL, NULL, NULL},
	{NULL, NULL, false, NULL, NULL, NULL, NULL},
};

const struct dcm_reclaim_way *dcm_reclaim_way_find(const char *name)
{
	for (const struct dcm_reclaim_way *way = dcm_reclaim_ways; way->name; way++)
		if (!strcmp(way->name, name))
			return way;
	return NULL;
}

static void add_why(struct dcm_reason *why, const char *name, const char *text)
{
	size_t len = strlen(why->text);

	snprintf(why->text + len, sizeof(why->text) - len, "%sno %s: %s", len ? "; " : "", name,
		 text);
}

int dcm_reclaim_choose(const struct dcm_reclaim_wish *wish, const struct dcm_reclaim_way *only,
		       struct dcm_reason *ret_why, struct dcm_reclaim_choice *ret)
{
	int err = -EOPNOTSUPP;

	ret_why->text[0] = '\0';
	for (const struct dcm_reclaim_way *way = dcm_reclaim_ways; way->name; way++) {
		struct dcm_reason reason = {""};

		if (only && only != way)
			continue;
		*ret = (struct dcm_reclaim_choice){.way = way};
		err = way->find(wish, &reason, ret);
		if (!err)
			return 0;
		add_why(ret_why, way->name, *reason.text ? reason.text : strerror(-err));
	}
	return err;
}
