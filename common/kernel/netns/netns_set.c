/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/netns/netns_set.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/model/config/snmp_contexts.h"

struct dcm_netns_set {
	struct dcm_netns_thread *thread;
	char *root, *directory;
	bool discover;
	size_t max;
	struct dcm_netns *list; /* list[0] is the own namespace */
	size_t count;
	uint32_t last_index;
	size_t hint; /* position after the last one found: directories keep their order */
	size_t skipped;
	uint32_t *gone;
	size_t gone_count;
	struct dcm_netns_refused refused[DCM_NETNS_MAX_REFUSED];
	size_t refused_count;
	struct dcm_netns_chosen *chosen;
	size_t chosen_count;
};

/* ---- one namespace ---- */

static int open_directory(const struct dcm_netns_set *set)
{
	int fd = open(set->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

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

static int open_netns(const struct dcm_netns_set *set, const struct dcm_netns *netns,
		      struct dcm_reason *reason, int *ret_fd)
{
	_cleanup_close_ int dir_fd = -1;

	if (netns->source == DCM_NETNS_CHOSEN)
		return open_spec(set, netns->name, reason, ret_fd);
	if (netns->source != DCM_NETNS_ENTRY)
		return dcm_netns_open_pid(set->root, netns->pid, reason, ret_fd);
	dir_fd = open_directory(set);
	if (dir_fd < 0)
		return dcm_reason_set(reason, dir_fd, "%s: %s", set->directory, strerror(-dir_fd));
	return dcm_netns_open_entry(dir_fd, netns->name, reason, ret_fd);
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

/* Makes the next refresh identify the entry anew, though its file and inode look the same. */
static int stale(struct dcm_netns_set *set, const struct dcm_netns *netns,
		 struct dcm_reason *reason)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].index == netns->index)
			set->list[i].entry_inode = 0;
	return dcm_reason_set(reason, -ESTALE, "the name stands for another namespace now");
}

int dcm_netns_set_run(struct dcm_netns_set *set, const struct dcm_netns *netns, dcm_netns_fn *fn,
		      void *ctx, struct dcm_reason *reason)
{
	struct inside inside = {.fn = fn, .ctx = ctx, .expected = netns->id};
	_cleanup_close_ int fd = -1;
	struct dcm_netns_id id;
	int err;

	/* The caller is there already. */
	if (netns->source == DCM_NETNS_OWN)
		return fn(ctx);
	err = open_netns(set, netns, reason, &fd);
	if (err)
		return err;
	err = dcm_netns_identify(fd, &id);
	if (err)
		return dcm_reason_set(reason, err, "cannot identify it: %s", strerror(-err));
	if (!dcm_netns_id_equal(&id, &netns->id))
		return stale(set, netns, reason);
	if (id.has_cookie)
		return dcm_netns_thread_run(set->thread, fd, fn, ctx, reason);
	err = dcm_netns_thread_run(set->thread, fd, check_and_run, &inside, reason);
	return inside.err ? stale(set, netns, reason) : err;
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
	if (set->count == set->max) {
		set->skipped++;
		return -ENOSPC;
	}
	known = &set->list[set->count++];
	*known = *found;
	known->index = ++set->last_index;
	known->seen = true;
	return 0;
}

static void refuse(struct dcm_netns_set *set, const char *name, const struct dcm_reason *reason)
{
	struct dcm_netns_refused *refused;

	if (set->refused_count == DCM_NETNS_MAX_REFUSED)
		return;
	refused = &set->refused[set->refused_count++];
	snprintf(refused->name, sizeof(refused->name), "%s", name);
	refused->reason = *reason;
}

static struct dcm_netns *find_entry(struct dcm_netns_set *set, const char *name)
{
	for (size_t i = 0; i < set->count; i++) {
		struct dcm_netns *netns = &set->list[(set->hint + i) % set->count];

		if (netns->source == DCM_NETNS_ENTRY && !strcmp(netns->name, name)) {
			set->hint = (size_t)(netns - set->list) + 1;
			return netns;
		}
	}
	return NULL;
}

/*
 * "ip netns add" makes a new file for every namespace, so an unchanged file with an unchanged nsfs
 * inode is the same namespace; the rare exception is caught when it is entered.
 */
static bool entry_unchanged(struct dcm_netns_set *set, int dir_fd, const struct dirent *entry)
{
	struct dcm_netns *known = find_entry(set, entry->d_name);
	struct stat st;

	if (!known || known->entry_inode != entry->d_ino ||
	    fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
	    st.st_ino != known->id.inode)
		return false;
	known->seen = true;
	return true;
}

static void take_entry(struct dcm_netns_set *set, int dir_fd, const struct dirent *entry)
{
	struct dcm_netns found = {.source = DCM_NETNS_ENTRY, .entry_inode = entry->d_ino};
	struct dcm_reason reason = {""};
	_cleanup_close_ int fd = -1;

	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
	    entry_unchanged(set, dir_fd, entry))
		return;
	snprintf(found.name, sizeof(found.name), "%s", entry->d_name);
	if (dcm_netns_open_entry(dir_fd, entry->d_name, &reason, &fd) ||
	    full_identity(set, fd, &reason, &found.id))
		refuse(set, entry->d_name, &reason);
	else
		take(set, &found);
}

/* A missing directory is the normal state of a host without named namespaces. */
static int scan_directory(struct dcm_netns_set *set, struct dcm_reason *reason)
{
	_cleanup_closedir_ DIR *dir = NULL;
	const struct dirent *entry;
	int fd;

	if (!set->directory)
		return 0;
	fd = open_directory(set);
	if (fd < 0)
		return fd == -ENOENT ? 0
				     : dcm_reason_set(reason, fd, "%s: %s", set->directory,
						      strerror(-fd));
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return dcm_reason_no_memory(reason);
	}
	while ((entry = readdir(dir)))
		take_entry(set, fd, entry);
	return 0;
}

static int take_process(struct dcm_netns_set *set, pid_t pid, enum dcm_netns_source source,
			struct dcm_reason *reason)
{
	struct dcm_netns found = {.source = source, .pid = pid};
	_cleanup_close_ int fd = -1;
	int err = dcm_netns_open_pid(set->root, pid, reason, &fd);

	if (!err)
		err = full_identity(set, fd, reason, &found.id);
	if (err)
		return err;
	snprintf(found.name, sizeof(found.name), "pid:%d", (int)pid);
	return take(set, &found);
}

static void recheck_processes(struct dcm_netns_set *set)
{
	for (size_t i = 0; i < set->count; i++) {
		struct dcm_netns *netns = &set->list[i];

		int err;

		if (netns->seen ||
		    (netns->source != DCM_NETNS_PROCESS && netns->source != DCM_NETNS_DISCOVERED))
			continue;
		err = take_process(set, netns->pid, netns->source, NULL);
		/* Only a process that is gone takes its namespace away, no lack of descriptors. */
		if (err && err != -EEXIST && err != -ESRCH && err != -EINVAL)
			netns->seen = true;
	}
}

bool dcm_netns_says_absent(int err)
{
	return err == -ENOENT || err == -ENOTDIR || err == -ESRCH || err == -EINVAL;
}

static int take_chosen(struct dcm_netns_set *set, struct dcm_netns_chosen *chosen)
{
	struct dcm_netns found = {.source = DCM_NETNS_CHOSEN};
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

static bool inode_listed(struct dcm_netns_set *set, uint64_t inode)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->list[i].seen && set->list[i].id.inode == inode)
			return true;
	return false;
}

/* Opens only the namespaces whose inode is not listed yet. */
static int scan_processes(struct dcm_netns_set *set, struct dcm_reason *reason)
{
	_cleanup_closedir_ DIR *dir = NULL;
	char path[PATH_MAX];
	const struct dirent *entry;

	snprintf(path, sizeof(path), "%s/proc", set->root);
	dir = opendir(path);
	if (!dir)
		return dcm_reason_set(reason, -errno, "%s: %m", path);
	while ((entry = readdir(dir))) {
		char *end;
		long pid = strtol(entry->d_name, &end, 10);
		struct stat st;

		if (pid <= 0 || *end)
			continue;
		snprintf(path, sizeof(path), "%ld/ns/net", pid);
		if (!fstatat(dirfd(dir), path, &st, 0) && !inode_listed(set, st.st_ino))
			take_process(set, (pid_t)pid, DCM_NETNS_DISCOVERED, NULL);
	}
	return 0;
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

int dcm_netns_set_refresh(struct dcm_netns_set *set, struct dcm_reason *reason,
			  const uint32_t **ret_gone, size_t *ret_gone_count)
{
	int err;

	for (size_t i = 0; i < set->count; i++)
		set->list[i].seen = set->list[i].source == DCM_NETNS_OWN;
	set->skipped = 0;
	set->refused_count = 0;
	set->gone_count = 0;
	err = scan_directory(set, reason);
	scan_chosen(set);
	recheck_processes(set);
	if (!err && set->discover)
		err = scan_processes(set, reason);
	if (!err)
		drop_unseen(set);
	*ret_gone = set->gone;
	*ret_gone_count = set->gone_count;
	return err;
}

int dcm_netns_set_add_process(struct dcm_netns_set *set, pid_t pid, struct dcm_reason *reason)
{
	int err = take_process(set, pid, DCM_NETNS_PROCESS, reason);

	if (err == -EEXIST)
		return dcm_reason_set(reason, err, "its namespace is listed already");
	if (err == -ENOSPC)
		return dcm_reason_set(reason, err, "more than %zu namespaces", set->max);
	return err;
}

static int take_own(struct dcm_netns_set *set, struct dcm_reason *reason)
{
	struct dcm_netns own = {.source = DCM_NETNS_OWN};
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

int dcm_netns_set_create(const struct dcm_netns_set_options *options, struct dcm_reason *reason,
			 struct dcm_netns_set **ret)
{
	struct dcm_netns_set *set = calloc(1, sizeof(*set));
	int err = -ENOMEM;

	if (!set)
		return dcm_reason_no_memory(reason);
	set->max = options->max ? options->max : 1;
	set->discover = options->discover;
	set->root = strdup(options->root ? options->root : "");
	set->directory = options->directory ? strdup(options->directory) : NULL;
	set->list = calloc(set->max, sizeof(*set->list));
	set->gone = calloc(set->max, sizeof(*set->gone));
	if (!set->root || (options->directory && !set->directory) || !set->list || !set->gone)
		dcm_reason_no_memory(reason);
	else
		err = dcm_netns_thread_create(set->root, reason, &set->thread);
	if (!err)
		err = take_own(set, reason);
	if (err) {
		dcm_netns_set_destroy(set);
		return err;
	}
	*ret = set;
	return 0;
}

void dcm_netns_set_destroy(struct dcm_netns_set *set)
{
	if (!set)
		return;
	dcm_netns_thread_destroy(set->thread);
	free(set->root);
	free(set->directory);
	free(set->list);
	free(set->gone);
	free(set->chosen);
	free(set);
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

size_t dcm_netns_set_skipped(const struct dcm_netns_set *set)
{
	return set->skipped;
}

size_t dcm_netns_set_refused(const struct dcm_netns_set *set, const struct dcm_netns_refused **ret)
{
	*ret = set->refused;
	return set->refused_count;
}
