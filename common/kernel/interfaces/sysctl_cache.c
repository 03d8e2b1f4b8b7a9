/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "common/kernel/interfaces/sysctl_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/base/hash_table.h"
#include "common/base/minmax.h"

/* States of a file beside an open descriptor. */
#define FD_CLOSED (-1)
#define FD_ABSENT (-2) /* does not exist: not looked up again */

struct key {
	uint32_t netns, index;
};

TAILQ_HEAD(interface_list, interface);

/* One namespace. */
struct netns_files {
	uint32_t netns;
	UT_hash_handle hh;
	struct interface_list interfaces; /* least recently read first */
};

struct interface {
	struct key key;
	UT_hash_handle hh;
	struct netns_files *files;
	TAILQ_ENTRY(interface) lru;	 /* among all that have something open */
	TAILQ_ENTRY(interface) in_netns; /* among those of its namespace */
	unsigned open;
	uint64_t round; /* of the last read */
	uint32_t families;
	int fd[DCM_IF_SYSCTL_COUNT];
	char name[DCM_IFNAME_SIZE];
};

struct dcm_sysctl_cache {
	char *root;
	struct netns_files *netns_files;
	struct interface *interfaces;
	struct interface_list lru; /* least recently read first */
	size_t max_limit;	   /* stats.limit, unless descriptors ran out */
	uint64_t round;
	struct dcm_sysctl_cache_stats stats;
};

static const struct file {
	const char *folder, *name;
	uint32_t family;
} sysctl_files[DCM_IF_SYSCTL_COUNT] = {
	[DCM_IF_V4_RETRANS_MS] = {"ipv4/neigh", "retrans_time_ms", DCM_IF_IPV4},
	[DCM_IF_V6_RETRANS_MS] = {"ipv6/neigh", "retrans_time_ms", DCM_IF_IPV6},
	[DCM_IF_V6_REACHABLE_MS] = {"ipv6/neigh", "base_reachable_time_ms", DCM_IF_IPV6},
	[DCM_IF_V6_FORWARDING] = {"ipv6/conf", "forwarding", DCM_IF_IPV6},
};

/* ---- room ---- */

static void keep_file(struct dcm_sysctl_cache *cache, struct interface *interface, unsigned i,
		      int fd)
{
	interface->fd[i] = fd;
	cache->stats.open++;
	if (!interface->open++)
		TAILQ_INSERT_TAIL(&cache->lru, interface, lru);
}

static void close_file(struct dcm_sysctl_cache *cache, struct interface *interface, unsigned i)
{
	if (interface->fd[i] < 0)
		return;
	close(interface->fd[i]);
	interface->fd[i] = FD_CLOSED;
	cache->stats.open--;
	if (!--interface->open)
		TAILQ_REMOVE(&cache->lru, interface, lru);
}

static void close_all(struct dcm_sysctl_cache *cache, struct interface *interface)
{
	for (unsigned i = 0; i < DCM_IF_SYSCTL_COUNT; i++)
		close_file(cache, interface, i);
}

static void drop_if_empty(struct dcm_sysctl_cache *cache, struct netns_files *files)
{
	if (TAILQ_EMPTY(&files->interfaces))
		DCM_HASH_DROP(cache->netns_files, files);
}

static void remove_interface(struct dcm_sysctl_cache *cache, struct interface *interface)
{
	struct netns_files *files = interface->files;

	close_all(cache, interface);
	TAILQ_REMOVE(&files->interfaces, interface, in_netns);
	drop_if_empty(cache, files);
	DCM_HASH_DROP(cache->interfaces, interface);
	cache->stats.interfaces--;
}

/* False: nothing is open. */
static bool evict_one(struct dcm_sysctl_cache *cache)
{
	struct interface *oldest = TAILQ_FIRST(&cache->lru);

	if (!oldest)
		return false;
	close_all(cache, oldest);
	cache->stats.evictions++;
	return true;
}

/*
 * What was read in this round stays: otherwise a set that is larger than the limit would push
 * itself out file by file in every round.
 */
static bool make_room(struct dcm_sysctl_cache *cache)
{
	while (cache->stats.open >= cache->stats.limit) {
		const struct interface *oldest = TAILQ_FIRST(&cache->lru);

		if (!oldest || oldest->round == cache->round)
			return false;
		evict_one(cache);
	}
	return true;
}

void dcm_sysctl_cache_shrink(struct dcm_sysctl_cache *cache, size_t open)
{
	while (cache->stats.open > open && evict_one(cache))
		;
}

/* The soft limit is 1,024 by default; the hard one is the administrator's. */
static size_t limit_for(size_t max_open)
{
	struct rlimit limit;
	rlim_t wanted = max_open + DCM_SYSCTL_RESERVED_FDS;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return max_open;
	if (limit.rlim_cur < wanted) {
		limit.rlim_cur = DCM_MIN(limit.rlim_max, wanted);
		setrlimit(RLIMIT_NOFILE, &limit);
		if (getrlimit(RLIMIT_NOFILE, &limit))
			return max_open;
	}
	if (limit.rlim_cur >= wanted)
		return max_open;
	return limit.rlim_cur > 2 * DCM_SYSCTL_RESERVED_FDS
		       ? limit.rlim_cur - DCM_SYSCTL_RESERVED_FDS
		       : limit.rlim_cur / 2;
}

/* ---- files ---- */

static int read_value(int fd, int32_t *ret)
{
	char text[32];
	ssize_t len = pread(fd, text, sizeof(text), 0);

	if (len < 0)
		return -errno;
	return dcm_sysctl_int_parse(text, (size_t)len, ret);
}

static void set_value(struct dcm_if_sysctls *sysctls, unsigned i, int32_t value)
{
	sysctls->value[i] = value;
	sysctls->has |= 1u << i;
}

static int open_path(const struct dcm_sysctl_cache *cache, const char *name, unsigned i)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/proc/sys/net/%s/%s/%s", cache->root,
		     sysctl_files[i].folder, name, sysctl_files[i].name) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

/* -EMFILE: even after the older half of the descriptors was given back. */
static int open_with_room(struct dcm_sysctl_cache *cache, struct interface *interface, unsigned i)
{
	int fd = open_path(cache, interface->name, i);

	if (fd != -EMFILE && fd != -ENFILE)
		return fd;
	cache->stats.emfile++;
	/* Others in the process need descriptors too: stay below what has just proved too much. */
	cache->stats.limit = cache->stats.open / 2;
	dcm_sysctl_cache_shrink(cache, cache->stats.limit);
	return open_path(cache, interface->name, i);
}

static int open_file(struct dcm_sysctl_cache *cache, struct interface *interface, unsigned i,
		     struct dcm_if_sysctls *sysctls)
{
	bool keep = make_room(cache);
	int fd = open_with_room(cache, interface, i), err;
	int32_t value;

	if (fd < 0) {
		if (fd == -ENOENT)
			interface->fd[i] = FD_ABSENT;
		return fd == -EMFILE || fd == -ENFILE ? -EMFILE : 0;
	}
	cache->stats.opens++;
	err = read_value(fd, &value);
	if (!err)
		set_value(sysctls, i, value);
	if (err || !keep || cache->stats.open >= cache->stats.limit) {
		close(fd);
		cache->stats.uncached += !err;
		return 0;
	}
	keep_file(cache, interface, i, fd);
	return 0;
}

/* ---- interfaces ---- */

static struct interface *find(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index)
{
	const struct key key = {netns, index};

	return DCM_HASH_FIND(cache->interfaces, &key, sizeof(key));
}

static struct netns_files *find_netns(struct dcm_sysctl_cache *cache, uint32_t netns)
{
	return DCM_HASH_FIND(cache->netns_files, &netns, sizeof(netns));
}

static struct netns_files *need_netns(struct dcm_sysctl_cache *cache, uint32_t netns)
{
	struct netns_files *files = find_netns(cache, netns);

	if (files)
		return files;
	files = calloc(1, sizeof(*files));
	if (!files)
		return NULL;
	files->netns = netns;
	TAILQ_INIT(&files->interfaces);
	return DCM_HASH_ADD(cache->netns_files, netns, sizeof(files->netns), files);
}

static struct interface *add(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index)
{
	_cleanup_free_ struct interface *interface = calloc(1, sizeof(*interface));

	if (!interface)
		return NULL;
	interface->files = need_netns(cache, netns);
	if (!interface->files)
		return NULL;
	interface->key = (struct key){netns, index};
	for (unsigned i = 0; i < DCM_IF_SYSCTL_COUNT; i++)
		interface->fd[i] = FD_CLOSED;
	HASH_ADD(hh, cache->interfaces, key, sizeof(interface->key), interface);
	if (!DCM_HASH_TAKEN(interface)) {
		drop_if_empty(cache, interface->files);
		return NULL;
	}
	TAILQ_INSERT_TAIL(&interface->files->interfaces, interface, in_netns);
	cache->stats.interfaces++;
	return dcm_take_ptr(interface);
}

/* The entry as of this round: with another name or other families its files are other ones. */
static struct interface *touch(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index,
			       const char *name, uint32_t families)
{
	struct interface *interface = find(cache, netns, index);

	if (!interface)
		interface = add(cache, netns, index);
	if (!interface)
		return NULL;
	if (strcmp(interface->name, name) || interface->families != families) {
		close_all(cache, interface);
		for (unsigned i = 0; i < DCM_IF_SYSCTL_COUNT; i++)
			interface->fd[i] = FD_CLOSED; /* also what was absent */
	}
	snprintf(interface->name, sizeof(interface->name), "%s", name);
	interface->families = families;
	interface->round = cache->round;
	if (interface->open) {
		TAILQ_REMOVE(&cache->lru, interface, lru);
		TAILQ_INSERT_TAIL(&cache->lru, interface, lru);
	}
	TAILQ_REMOVE(&interface->files->interfaces, interface, in_netns);
	TAILQ_INSERT_TAIL(&interface->files->interfaces, interface, in_netns);
	return interface;
}

int dcm_sysctl_cache_read(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index,
			  const char *name, uint32_t families, struct dcm_if_sysctls *ret,
			  uint32_t *ret_missing)
{
	struct dcm_if_sysctls sysctls = {0};
	struct interface *interface;
	uint32_t missing = 0;

	if (!dcm_ifname_valid(name))
		families = 0;
	interface = touch(cache, netns, index, name, families);
	if (!interface)
		return -ENOMEM;
	for (unsigned i = 0; i < DCM_IF_SYSCTL_COUNT; i++) {
		int32_t value;

		if (!(sysctl_files[i].family & families) || interface->fd[i] == FD_ABSENT)
			continue;
		if (interface->fd[i] == FD_CLOSED) {
			missing |= 1u << i;
			continue;
		}
		cache->stats.reads++;
		if (!read_value(interface->fd[i], &value)) {
			set_value(&sysctls, i, value);
			continue;
		}
		close_file(cache, interface, i);
		cache->stats.failed_reads++;
		missing |= 1u << i;
	}
	*ret = sysctls;
	*ret_missing = missing;
	return 0;
}

int dcm_sysctl_cache_open(struct dcm_sysctl_cache *cache, uint32_t netns, uint32_t index,
			  uint32_t missing, struct dcm_if_sysctls *sysctls)
{
	struct interface *interface = find(cache, netns, index);
	int err = 0;

	for (unsigned i = 0; interface && !err && i < DCM_IF_SYSCTL_COUNT; i++)
		if (missing & (1u << i) && interface->fd[i] == FD_CLOSED)
			err = open_file(cache, interface, i, sysctls);
	return err;
}

/* Those not read in this round come first. */
void dcm_sysctl_cache_sweep(struct dcm_sysctl_cache *cache, uint32_t netns)
{
	struct interface *oldest;
	struct netns_files *files;

	while ((files = find_netns(cache, netns))) {
		oldest = TAILQ_FIRST(&files->interfaces);
		if (oldest->round == cache->round)
			break;
		remove_interface(cache, oldest);
	}
}

void dcm_sysctl_cache_forget(struct dcm_sysctl_cache *cache, uint32_t netns)
{
	struct netns_files *files;

	while ((files = find_netns(cache, netns)))
		remove_interface(cache, TAILQ_FIRST(&files->interfaces));
}

void dcm_sysctl_cache_begin(struct dcm_sysctl_cache *cache)
{
	/* Not before somebody needs it: the process may be another program's. */
	if (!cache->round++)
		cache->max_limit = cache->stats.limit = limit_for(cache->max_limit);
	/* After a lack of descriptors the limit comes back slowly. */
	cache->stats.limit += cache->max_limit / 64 + 1;
	if (cache->stats.limit > cache->max_limit)
		cache->stats.limit = cache->max_limit;
}

void dcm_sysctl_cache_stats(const struct dcm_sysctl_cache *cache,
			    struct dcm_sysctl_cache_stats *ret)
{
	*ret = cache->stats;
}

int dcm_sysctl_cache_create(const char *root, size_t max_open, struct dcm_sysctl_cache **ret)
{
	struct dcm_sysctl_cache *cache = calloc(1, sizeof(*cache));

	if (!cache)
		return -ENOMEM;
	cache->root = strdup(root);
	if (!cache->root) {
		free(cache);
		return -ENOMEM;
	}
	TAILQ_INIT(&cache->lru);
	cache->max_limit = cache->stats.limit = max_open;
	*ret = cache;
	return 0;
}

void dcm_sysctl_cache_destroy(struct dcm_sysctl_cache *cache)
{
	if (!cache)
		return;
	while (cache->netns_files)
		dcm_sysctl_cache_forget(cache, cache->netns_files->netns);
	free(cache->root);
	free(cache);
}
