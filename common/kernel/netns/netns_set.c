/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/netns/netns_set.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/config/snmp_contexts.h"

struct dcm_netns_set {
	struct dcm_netns_thread *thread;
	char *root;
	size_t max;
	struct dcm_netns *list; /* list[0] is the own namespace */
	size_t count;
	uint32_t last_index;
	uint32_t *gone;
	size_t gone_count;
	struct dcm_netns_chosen *chosen;
	size_t chosen_count;
};

/* ---- one namespace ---- */

/* "/run/netns/NAME" or "pid:N". */
static int open_spec(const struct dcm_netns_set *set, const char *spec, struct dcm_reason *reason,
		     int *ret_fd)
{
	const char *entry = strrchr(spec, '/');
	_cleanup_free_ char *folder = NULL;
	_cleanup_close_ int dir_fd = -1;

	if (!entry)
		return dcm_netns_open_pid(set->root, dcm_context_pid(spec), reason, ret_fd);
	folder = strndup(spec, (size_t)(entry - spec) + 1);
	if (!folder)
		return dcm_reason_no_memory(reason);
	dir_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return dcm_reason_set(reason, -errno, "%s: %m", folder);
	return dcm_netns_open_entry(dir_fd, entry + 1, reason, ret_fd);
}

struct inside {
	dcm_netns_fn *fn;
	void *ctx;
	struct dcm_netns_id expected;
	int err; /* of the check; @fn did not run */
};

/* Where the descriptor did not tell the cookie, a socket does. */
static int check_and_run(void *arg)
{
	struct inside *inside = arg;
	uint64_t cookie;

	if (inside->expected.has_cookie && !dcm_netns_current_cookie(&cookie) &&
	    cookie != inside->expected.cookie)
		return inside->err = -ESTALE;
	return inside->fn(inside->ctx);
}

static int stale(struct dcm_reason *reason)
{
	return dcm_reason_set(reason, -ESTALE, "the name belongs to another namespace now");
}

int dcm_netns_set_run(struct dcm_netns_set *set, const struct dcm_netns *netns, dcm_netns_fn *fn,
		      void *ctx, struct dcm_reason *reason)
{
	struct inside inside = {.fn = fn, .ctx = ctx, .expected = netns->id};
	_cleanup_close_ int fd = -1;
	struct dcm_netns_id id;
	int err;

	/* The caller is there already. */
	if (netns->own)
		return fn(ctx);
	err = open_spec(set, netns->name, reason, &fd);
	if (err)
		return err;
	err = dcm_netns_identify(fd, &id);
	if (err)
		return dcm_reason_set(reason, err, "cannot identify it: %s", strerror(-err));
	if (!dcm_netns_id_equal(&id, &netns->id))
		return stale(reason);
	if (id.has_cookie)
		return dcm_netns_thread_run(set->thread, fd, fn, ctx, reason);
	err = dcm_netns_thread_run(set->thread, fd, check_and_run, &inside, reason);
	return inside.err ? stale(reason) : err;
}

static int ask_cookie(void *arg)
{
	return dcm_netns_current_cookie(arg);
}

/* Inode and, if need be by entering, cookie. A kernel without cookies is no error. */
static int full_identity(struct dcm_netns_set *set, int fd, struct dcm_reason *reason,
			 struct dcm_netns_id *ret)
{
	struct dcm_netns_id id;
	int err = dcm_netns_identify(fd, &id);

	if (err)
		return dcm_reason_set(reason, err, "cannot identify it: %s", strerror(-err));
	if (!id.has_cookie) {
		err = dcm_netns_thread_run(set->thread, fd, ask_cookie, &id.cookie, reason);
		if (err && err != -EOPNOTSUPP)
			return err;
		id.has_cookie = !err;
	}
	*ret = id;
	return 0;
}

/* ---- the set ---- */

static struct dcm_netns *find_id(struct dcm_netns_set *set, const struct dcm_netns_id *id)
{
	for (size_t i = 0; i < set->count; i++)
		if (dcm_netns_id_equal(&set->list[i].id, id))
			return &set->list[i];
	return NULL;
}

/* A namespace met in a refresh: a known one is marked, a new one listed with the next index. */
static int take(struct dcm_netns_set *set, const struct dcm_netns *found)
{
	struct dcm_netns *known = find_id(set, &found->id);

	if (known) {
		known->seen = true;
		return -EEXIST;
	}
	if (set->count == set->max)
		return -ENOSPC;
	known = &set->list[set->count++];
	*known = *found;
	known->index = ++set->last_index;
	known->seen = true;
	return 0;
}

bool dcm_netns_says_absent(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ESRCH || err == -EINVAL;
}

static int take_chosen(struct dcm_netns_set *set, struct dcm_netns_chosen *chosen)
{
	struct dcm_netns found = {0};
	_cleanup_close_ int fd = -1;
	int err;

	if (!strcmp(chosen->spec, "self")) {
		chosen->index = set->list[0].index;
		return 0;
	}
	snprintf(found.name, sizeof(found.name), "%s", chosen->spec);
	err = open_spec(set, chosen->spec, &chosen->reason, &fd);
	if (!err)
		err = full_identity(set, fd, &chosen->reason, &found.id);
	if (!err)
		err = take(set, &found);
	if (err && err != -EEXIST)
		return err;
	chosen->index = find_id(set, &found.id)->index;
	return 0;
}

static void scan_chosen(struct dcm_netns_set *set)
{
	for (size_t i = 0; i < set->chosen_count; i++) {
		struct dcm_netns_chosen *chosen = &set->chosen[i];

		chosen->reason.text[0] = '\0';
		chosen->err = take_chosen(set, chosen);
		if (dcm_netns_says_absent(chosen->err) || chosen->err == -ENOSPC)
			chosen->index = 0;
		for (size_t n = 0; chosen->err && n < set->count; n++)
			if (set->list[n].index == chosen->index)
				set->list[n].seen = true;
	}
}

int dcm_netns_set_choose(struct dcm_netns_set *set, const char *const *specs, size_t count)
{
	struct dcm_netns_chosen *chosen = calloc(count + 1, sizeof(*chosen));

	if (!chosen)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		snprintf(chosen[i].spec, sizeof(chosen[i].spec), "%s", specs[i]);
		for (size_t n = 0; n < set->chosen_count; n++)
			if (!strcmp(set->chosen[n].spec, specs[i]))
				chosen[i] = set->chosen[n];
	}
	free(set->chosen);
	set->chosen = chosen;
	set->chosen_count = count;
	return 0;
}

const struct dcm_netns_chosen *dcm_netns_set_chosen(const struct dcm_netns_set *set, size_t i)
{
	return i < set->chosen_count ? &set->chosen[i] : NULL;
}

static void drop_unseen(struct dcm_netns_set *set)
{
	size_t out = 0;

	for (size_t i = 0; i < set->count; i++) {
		if (!set->list[i].seen) {
			set->gone[set->gone_count++] = set->list[i].index;
			continue;
		}
		if (out != i)
			set->list[out] = set->list[i];
		out++;
	}
	set->count = out;
}

size_t dcm_netns_set_refresh(struct dcm_netns_set *set, const uint32_t **ret_gone)
{
	for (size_t i = 0; i < set->count; i++)
		set->list[i].seen = set->list[i].own;
	set->gone_count = 0;
	scan_chosen(set);
	drop_unseen(set);
	*ret_gone = set->gone;
	return set->gone_count;
}

static int take_own(struct dcm_netns_set *set, struct dcm_reason *reason)
{
	struct dcm_netns own = {.own = true};
	_cleanup_close_ int fd = -1;
	int err = dcm_netns_open_own(set->root, reason, &fd);

	if (err == -ENOENT)
		return take(set, &own);
	if (err)
		return err;
	err = dcm_netns_identify(fd, &own.id);
	if (!err)
		own.id.has_cookie = !dcm_netns_current_cookie(&own.id.cookie);
	return err ? dcm_reason_set(reason, err, "own namespace: %s", strerror(-err))
		   : take(set, &own);
}

void dcm_netns_set_destroy(struct dcm_netns_set *set)
{
	if (!set)
		return;
	dcm_netns_thread_destroy(set->thread);
	free(set->root);
	free(set->list);
	free(set->gone);
	free(set->chosen);
	free(set);
}

DCM_DEFINE_CLEANUP(struct dcm_netns_set, dcm_netns_set_destroy)

int dcm_netns_set_create(const struct dcm_netns_set_options *options, struct dcm_reason *reason,
			 struct dcm_netns_set **ret)
{
	_cleanup_(dcm_netns_set_destroyp) struct dcm_netns_set *set = calloc(1, sizeof(*set));
	int err;

	if (!set)
		return dcm_reason_no_memory(reason);
	set->max = options->max ? options->max : 1;
	set->root = strdup(options->root ? options->root : "");
	set->list = calloc(set->max, sizeof(*set->list));
	set->gone = calloc(set->max, sizeof(*set->gone));
	if (!set->root || !set->list || !set->gone)
		return dcm_reason_no_memory(reason);
	err = dcm_netns_thread_create(set->root, reason, &set->thread);
	if (!err)
		err = take_own(set, reason);
	if (!err)
		*ret = dcm_take_ptr(set);
	return err;
}

size_t dcm_netns_set_count(const struct dcm_netns_set *set)
{
	return set->count;
}

const struct dcm_netns *dcm_netns_set_get(const struct dcm_netns_set *set, size_t i)
{
	return i < set->count ? &set->list[i] : NULL;
}

const struct dcm_netns *dcm_netns_set_find(const struct dcm_netns_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++)
		if (!strcmp(set->list[i].name, name))
			return &set->list[i];
	return NULL;
}
