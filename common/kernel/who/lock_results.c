// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* From addresses and sums to rows with names. */
#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/who/kernel_symbols.h"
#include "common/kernel/who/lock_internal.h"

#include "who_locks.skel.h"

/* A lock that somebody waited for. */
struct lock {
	uint64_t address; /* hash key */
	struct dcm_lock_row *row;
	UT_hash_handle hh;
};

struct results {
	struct dcm_locks *locks;
	struct dcm_lock_table *table;
	struct dcm_kernel_symbols *symbols; /* NULL: none */
	struct lock *lock;
};

int dcm_lock_read_cpus(struct dcm_locks *locks)
{
	const uint32_t zero = 0;

	return bpf_map_lookup_elem(bpf_map__fd(locks->skeleton->maps.cpus), &zero, locks->per_cpu)
		       ? -errno
		       : 0;
}

/* ---- names ---- */

static const char *type_of(uint32_t flags)
{
	if (!flags || flags & DCM_LOCK_MUTEX) /* before 6.0 a mutex had none */
		return "mutex";
	if (flags & DCM_LOCK_PERCPU)
		return "percpu-rwsem";
	if (flags & DCM_LOCK_RT)
		return "rtmutex";
	if (flags & DCM_LOCK_SPIN)
		return flags & (DCM_LOCK_READ | DCM_LOCK_WRITE) ? "rwlock" : "spinlock";
	return "rwsem";
}

/* A path in a superblock that is mounted nowhere by now, as it was. @ret is of PATH_MAX bytes. */
static void find_path(const struct results *results, const struct dcm_lock_entry *entry,
		      const char *mount_point, char *ret, size_t size)
{
	const char *directory, *name, *inside;

	*ret = '\0';
	if (entry->several || (!entry->where.base_len && entry->where.base_cut))
		return;
	dcm_who_paths_split(results->locks->paths, &entry->where, &directory, &name);
	inside = strchr(directory, '/');
	if (*directory != '/' && inside && *mount_point && !entry->where.base_cut)
		snprintf(ret, size, "%s%s", strcmp(mount_point, "/") ? mount_point : "",
			 strcmp(inside, "/") || !strcmp(mount_point, "/") ? inside : "");
	else
		snprintf(ret, size, "%s", directory);
}

static bool has_path(enum dcm_lock_kind kind)
{
	return kind == DCM_LOCK_DENTRY || kind == DCM_LOCK_INODE || kind == DCM_LOCK_DIRECTORY;
}

static void set_superblock(struct dcm_lock_name *name, uint32_t dev, const char *fstype)
{
	name->has_superblock = true;
	name->dev_major = dev >> 20; /* include/linux/kdev_t.h, MINORBITS */
	name->dev_minor = dev & ((1u << 20) - 1);
	name->fstype = fstype;
}

static void set_symbols(const struct results *results, uint64_t lock,
			const struct dcm_lock_entry *entry, struct dcm_lock_name *name)
{
	const char *symbol, *caller;

	if (!results->symbols)
		return;
	symbol = dcm_kernel_symbols_variable(results->symbols, lock);
	caller = dcm_kernel_symbols_caller(results->symbols, entry->stack, entry->frames);
	name->symbol = symbol ? symbol : "";
	name->caller = caller ? caller : "";
}

static struct dcm_lock_row *find_row(const struct results *results, uint64_t lock,
				     const struct dcm_lock_entry *entry)
{
	const struct dcm_lock_place *place = NULL;
	char path[8192];
	struct dcm_lock_name name = {
		.kind = entry->kind,
		.type = type_of(entry->flags),
		.fstype = "",
		.mount_point = "",
		.path = path,
		.node = entry->node,
		.memory_cgroup = "",
		.symbol = "",
		.caller = "",
	};

	*path = '\0';
	if (entry->superblock)
		place = dcm_lock_places_find(results->locks, entry->superblock);
	else if (entry->kind == DCM_LOCK_OTHER)
		place = dcm_lock_places_with_lru(results->locks, lock, &name.kind, &name.node);
	if (entry->superblock)
		set_superblock(&name, entry->where.dev, entry->fstype);
	else if (place)
		set_superblock(&name, place->superblock.dev, place->superblock.fstype);
	if (place && (!entry->superblock || place->superblock.dev == entry->where.dev))
		name.mount_point = place->mount_point;
	if (has_path(name.kind))
		find_path(results, entry, name.mount_point, path, sizeof(path));
	if (entry->memory_cgroup)
		name.memory_cgroup =
			dcm_who_paths_cgroup(results->locks->paths, entry->memory_cgroup, 0);
	if (name.kind == DCM_LOCK_OTHER)
		set_symbols(results, lock, entry, &name);
	return dcm_lock_table_lock(results->table, &name);
}

/* NULL in @ret: the lock has no name. -ENOMEM */
static int find_lock(struct results *results, uint64_t address, struct lock **ret)
{
	struct dcm_lock_entry entry;
	struct lock *lock = DCM_HASH_FIND(results->lock, &address, sizeof(address));

	*ret = lock;
	if (lock || bpf_map_lookup_elem(bpf_map__fd(results->locks->skeleton->maps.locks), &address,
					&entry))
		return 0;
	lock = calloc(1, sizeof(*lock));
	if (!lock)
		return -ENOMEM;
	lock->address = address;
	lock->row = find_row(results, address, &entry);
	if (!lock->row) {
		free(lock);
		return -ENOMEM;
	}
	*ret = DCM_HASH_ADD(results->lock, address, sizeof(lock->address), lock);
	return *ret ? 0 : -ENOMEM;
}

/* ---- waits ---- */

static int add(struct results *results, uint64_t address, const struct dcm_who_process *process,
	       const struct dcm_lock_waits *sum)
{
	char command[sizeof(process->comm) + 1];
	struct lock *lock;
	struct dcm_lock_process row = {.pid = process->tgid, .command = command, .sum = *sum};
	int err = find_lock(results, address, &lock);

	if (err)
		return err;
	if (!lock) {
		results->locks->totals.lost += sum->waits + sum->waiting;
		return 0;
	}
	snprintf(command, sizeof(command), "%.16s", process->comm);
	row.cgroup =
		(char *)dcm_who_paths_cgroup(results->locks->paths, process->cgroup, process->tgid);
	return dcm_lock_table_wait(lock->row, &row);
}

static int add_ended(struct results *results)
{
	int map = bpf_map__fd(results->locks->skeleton->maps.waiters), err = 0;
	struct dcm_lock_waiter_key key, *before = NULL;
	struct dcm_lock_waiter waiter;

	while (!err && bpf_map_get_next_key(map, before, &key) == 0) {
		before = &key;
		if (bpf_map_lookup_elem(map, &key, &waiter) || !waiter.waits)
			continue;
		err = add(results, key.lock, &waiter.process,
			  &(struct dcm_lock_waits){.waits = waiter.waits,
						   .reads = waiter.reads,
						   .total_ns = waiter.total_ns,
						   .longest_ns = waiter.longest_ns});
	}
	return err;
}

/* One that waits still, up to the end. */
static int add_wait(struct results *results, const struct dcm_lock_wait *wait)
{
	const struct dcm_lock_waiter_key key = {wait->lock, wait->tgid};
	uint64_t ns = DCM_EXCESS(results->locks->end_ns, wait->begin_ns);
	struct dcm_lock_waiter waiter;

	if (bpf_map_lookup_elem(bpf_map__fd(results->locks->skeleton->maps.waiters), &key, &waiter))
		return 0; /* lost, and counted so */
	return add(results, wait->lock, &waiter.process,
		   &(struct dcm_lock_waits){.waiting = 1, .total_ns = ns, .longest_ns = ns});
}

static int add_waiting(struct results *results)
{
	const struct dcm_lock_wait *waiting = results->locks->skeleton->bss->waiting;
	int err = 0;

	for (size_t i = 0; i < DCM_LOCK_PLACES && !err; i++)
		if (waiting[i].thread)
			err = add_wait(results, &waiting[i]);
	return err;
}

int dcm_lock_results(struct dcm_locks *locks, struct dcm_lock_table *table)
{
	struct results results = {.locks = locks, .table = table};
	int err = dcm_kernel_symbols_read("", &results.symbols);

	locks->totals.has_symbols = !err;
	if (err != -ENOMEM)
		err = dcm_lock_read_cpus(locks);
	if (!err)
		err = add_ended(&results);
	if (!err)
		err = add_waiting(&results);
	DCM_HASH_FREE(results.lock);
	dcm_kernel_symbols_destroy(results.symbols);
	return err;
}
