// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/netns/netns_owners.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/kernel/containers/container_netns.h"
#include "common/kernel/containers/container_spaces.h"
#include "common/kernel/files/fd_io.h"
#include "common/kernel/mounts/mount_table.h"
#include "common/kernel/netns/netns_owner_groups.h"
#include "common/model/containers/container_runtime.h"
#include "common/parse/cgroup.h"
#include "common/parse/number.h"

#define MAX_NAMESPACES (1u << 20)
#define CGROUP_SIZE    4096

/* One sighting of a namespace. */
struct seen {
	uint64_t inode;
	enum dcm_netns_hold hold;
	uint32_t owner; /* index */
};

struct scan {
	int proc_fd;
	struct dcm_spaces *spaces;	   /* NULL: no containers are known */
	struct dcm_container_netns *files; /* of runtimes; likewise */
	struct seen *seen;
	size_t count, room;
	struct dcm_netns_owner *owner;
	size_t owners, owner_room;
	uint64_t *mount_namespace; /* those whose mounts were looked at */
	size_t mount_namespaces, mount_namespace_room;
};

DCM_DEFINE_CLEANUP(struct dcm_container_netns, dcm_container_netns_destroy)

static int grow(void **array, size_t *room, size_t count, size_t size)
{
	size_t want = *room ? *room * 2 : 256;
	void *more;

	if (count < *room)
		return 0;
	more = want > MAX_NAMESPACES ? NULL : reallocarray(*array, want, size);
	if (!more)
		return -ENOMEM;
	*array = more;
	*room = want;
	return 0;
}

static int add_seen(struct scan *scan, uint64_t inode, enum dcm_netns_hold hold, uint32_t owner)
{
	int err = grow((void **)&scan->seen, &scan->room, scan->count, sizeof(*scan->seen));

	if (!err)
		scan->seen[scan->count++] = (struct seen){inode, hold, owner};
	return err;
}

/* "net:[4026531840]" (namespaces(7)) for @kind "net". */
static bool parse_link(const char *text, const char *kind, uint64_t *ret)
{
	size_t len = strlen(kind);
	unsigned long long inode;

	if (strncmp(text, kind, len) != 0 || sscanf(text + len, ":[%llu]", &inode) != 1)
		return false;
	*ret = inode;
	return true;
}

static bool read_link(int dir, const char *path, const char *kind, uint64_t *ret)
{
	char target[64];
	ssize_t n = readlinkat(dir, path, target, sizeof(target) - 1);

	if (n < 0)
		return false;
	target[n] = '\0';
	return parse_link(target, kind, ret);
}

static void read_line(int dir, const char *path, char *out, size_t size)
{
	_cleanup_close_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static void read_cgroup(int pid_fd, char *out, size_t size)
{
	_cleanup_close_ int fd = openat(pid_fd, "cgroup", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char text[8192];
	size_t len;

	if (fd < 0 || dcm_fd_read_all(fd, text, sizeof(text), &len) < 0)
		len = 0;
	dcm_cgroup_owner(text, len, out, size);
}

static bool same_owner(const struct dcm_netns_owner *a, const struct dcm_netns_owner *b)
{
	const struct dcm_container *x = &a->container, *y = &b->container;

	return a->hold == b->hold && x->runtime == y->runtime && !x->id == !y->id &&
	       (!x->id || !strcmp(x->id, y->id)) && !strcmp(a->command, b->command) &&
	       !strcmp(a->cgroup, b->cgroup);
}

/* Appends a copy of @owner. */
static int add_owner(struct scan *scan, const struct dcm_netns_owner *owner)
{
	struct dcm_netns_owner copy = {.hold = owner->hold, .pid = owner->pid};
	int err = grow((void **)&scan->owner, &scan->owner_room, scan->owners, sizeof(copy));

	if (!err)
		err = dcm_container_copy(&owner->container, &copy.container);
	if (err)
		return err;
	copy.command = strdup(owner->command);
	copy.cgroup = strdup(owner->cgroup);
	if (!copy.command || !copy.cgroup) {
		dcm_netns_owner_deinit(&copy);
		return -ENOMEM;
	}
	scan->owner[scan->owners++] = copy;
	return 0;
}

/* The index of the owner like @owner, which is added where it is missing. */
static int find_owner(struct scan *scan, const struct dcm_netns_owner *owner, uint32_t *ret)
{
	size_t i;
	int err;

	for (i = 0; i < scan->owners; i++) {
		if (same_owner(&scan->owner[i], owner)) {
			*ret = (uint32_t)i;
			return 0;
		}
	}
	err = add_owner(scan, owner);
	if (!err)
		*ret = (uint32_t)scan->owners - 1;
	return err;
}

static int scan_descriptors(struct scan *scan, int pid_fd, struct dcm_netns_owner *owner)
{
	_cleanup_close_ int fd = openat(pid_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint32_t index = 0;
	bool known = false;
	uint64_t inode;
	int err = 0;

	if (!dir)
		return 0;
	dcm_take_fd(fd);
	owner->hold = DCM_NETNS_HELD;
	while (!err && (entry = readdir(dir))) {
		if (!read_link(dirfd(dir), entry->d_name, "net", &inode))
			continue;
		if (!known)
			err = find_owner(scan, owner, &index);
		known = true;
		if (!err)
			err = add_seen(scan, inode, DCM_NETNS_HELD, index);
	}
	return err;
}

/* The container that lives in a mount namespace; it is not the caller's. */
static struct dcm_container container_in(const struct scan *scan, uint64_t mount_namespace)
{
	const struct dcm_space *space =
		scan->spaces ? dcm_spaces_find(scan->spaces, mount_namespace) : NULL;

	return space && space->contained ? space->container : (struct dcm_container){0};
}

/* Whom a runtime has made the mount for, if it still has something on disk about that. */
static void name_by_file(const struct scan *scan, const char *target, struct dcm_container *ret)
{
	const struct dcm_container_key *key = dcm_container_netns_find(scan->files, target);

	if (!key || dcm_spaces_look_up(scan->spaces, key, ret))
		*ret = (struct dcm_container){.runtime = dcm_runtime_of_netns(target)};
}

/* A mount of nsfs, in @container or none: its root is "net:[INODE]" (proc_pid_mountinfo(5)). */
static int add_mount(struct scan *scan, const struct dcm_container *container, struct libmnt_fs *fs)
{
	struct dcm_netns_owner owner = {.hold = DCM_NETNS_MOUNTED, .cgroup = (char[]){""}};
	const char *root = mnt_fs_get_root(fs), *target = mnt_fs_get_target(fs);
	_cleanup_free_ char *directory = NULL;
	struct dcm_container by_file = {0};
	uint64_t inode;
	uint32_t index;
	int err;

	if (!root || !target || !strrchr(target, '/') || !parse_link(root, "net", &inode))
		return 0;
	directory = strndup(target, (size_t)(strrchr(target, '/') - target));
	if (!directory)
		return -ENOMEM;
	owner.command = directory;
	if (!container->id)
		name_by_file(scan, target, &by_file);
	owner.container = container->id ? *container : by_file;
	err = find_owner(scan, &owner, &index);
	dcm_container_deinit(&by_file);
	return err ? err : add_seen(scan, inode, DCM_NETNS_MOUNTED, index);
}

/* 1 for a mount namespace whose mounts were not looked at yet; -ENOMEM. */
static int is_new_mount_namespace(struct scan *scan, uint64_t inode)
{
	int err;

	for (size_t i = 0; i < scan->mount_namespaces; i++)
		if (scan->mount_namespace[i] == inode)
			return 0;
	err = grow((void **)&scan->mount_namespace, &scan->mount_namespace_room,
		   scan->mount_namespaces, sizeof(inode));
	if (err)
		return err;
	scan->mount_namespace[scan->mount_namespaces++] = inode;
	return 1;
}

static int read_mounts(struct scan *scan, int pid_fd, const struct dcm_container *container)
{
	_cleanup_close_ int fd = openat(pid_fd, "mountinfo", O_RDONLY | O_CLOEXEC);
	_cleanup_fclose_ FILE *file = fd < 0 ? NULL : fdopen(fd, "re");
	_cleanup_(dcm_mount_table_unrefp) struct libmnt_table *table = NULL;
	_cleanup_(dcm_mount_iter_freep) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	int err;

	if (!file)
		return 0;
	dcm_take_fd(fd);
	err = iter ? dcm_mount_table_read(file, &table) : -ENOMEM;
	if (err)
		return err == -ENOMEM ? err : 0;
	while (!err && mnt_table_next_fs(table, iter, &fs) == 0)
		err = add_mount(scan, container, fs);
	return err;
}

/* Those of a process's mount namespace, once for each. */
static int scan_mounts(struct scan *scan, int pid_fd, uint64_t mount_namespace,
		       const struct dcm_container *container)
{
	int fresh = mount_namespace ? is_new_mount_namespace(scan, mount_namespace) : 0;

	return fresh > 0 ? read_mounts(scan, pid_fd, container) : fresh;
}

static int scan_process(struct scan *scan, const char *pid)
{
	_cleanup_close_ int pid_fd = openat(scan->proc_fd, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char command[64], cgroup[CGROUP_SIZE];
	struct dcm_netns_owner owner = {.hold = DCM_NETNS_INSIDE,
					.pid = dcm_number_pid(pid),
					.command = command,
					.cgroup = cgroup};
	uint64_t inode, mount_namespace = 0;
	uint32_t index;
	int err;

	if (pid_fd < 0 || !read_link(pid_fd, "ns/net", "net", &inode))
		return 0; /* ended, or not ours to look at */
	if (read_link(pid_fd, "ns/mnt", "mnt", &mount_namespace))
		owner.container = container_in(scan, mount_namespace);
	read_line(pid_fd, "comm", command, sizeof(command));
	read_cgroup(pid_fd, cgroup, sizeof(cgroup));
	err = find_owner(scan, &owner, &index);
	if (!err)
		err = add_seen(scan, inode, DCM_NETNS_INSIDE, index);
	if (!err)
		err = scan_mounts(scan, pid_fd, mount_namespace, &owner.container);
	return err ? err : scan_descriptors(scan, pid_fd, &owner);
}

static int scan_processes(struct scan *scan)
{
	_cleanup_close_ int fd = dup(scan->proc_fd);
	_cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int err = 0;

	if (!dir)
		return -errno;
	dcm_take_fd(fd);
	while (!err && (entry = readdir(dir)))
		if (dcm_number_pid(entry->d_name))
			err = scan_process(scan, entry->d_name);
	return err;
}

/* By namespace; processes in it come before holders, holders before mounts. */
static int compare_seen(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->inode != y->inode)
		return DCM_COMPARE(x->inode, y->inode);
	if (x->hold != y->hold)
		return DCM_COMPARE(x->hold, y->hold);
	return DCM_COMPARE(x->owner, y->owner);
}

static int compare_owners(const void *a, const void *b)
{
	const struct dcm_netns_owner *x = a, *y = b;

	return DCM_COMPARE(y->namespaces, x->namespaces);
}

/* Gives each namespace to its first owner; drops owners without one. */
static int settle(struct scan *scan, struct dcm_netns_owners *ret)
{
	size_t i, kept = 0;
	int err;

	if (scan->count)
		qsort(scan->seen, scan->count, sizeof(*scan->seen), compare_seen);
	for (i = 0; i < scan->count; i++) {
		if (i && scan->seen[i].inode == scan->seen[i - 1].inode)
			continue;
		scan->owner[scan->seen[i].owner].namespaces++;
		ret->namespaces++;
	}
	for (i = 0; i < scan->owners; i++) {
		if (scan->owner[i].namespaces)
			scan->owner[kept++] = scan->owner[i];
		else
			dcm_netns_owner_deinit(&scan->owner[i]);
	}
	scan->owners = kept;
	err = dcm_netns_owners_group(scan->owner, &scan->owners);
	if (err)
		return err;
	if (scan->owners)
		qsort(scan->owner, scan->owners, sizeof(*scan->owner), compare_owners);
	ret->item = scan->owner;
	ret->count = scan->owners;
	return 0;
}

void dcm_netns_owners_deinit(struct dcm_netns_owners *owners)
{
	for (size_t i = 0; i < owners->count; i++)
		dcm_netns_owner_deinit(&owners->item[i]);
	free(owners->item);
	*owners = (struct dcm_netns_owners){0};
}

/* Without them owners are still told by command and control group. */
static int look_for_containers(const char *root, const struct dcm_config_containers *config,
			       struct dcm_spaces **ret)
{
	_cleanup_(dcm_spaces_destroyp) struct dcm_spaces *spaces = NULL;
	struct dcm_spaces_found found;
	int err = dcm_spaces_create(root, config, &spaces);

	if (!err)
		err = dcm_spaces_scan(spaces, dcm_now_ns(), NULL, &found);
	if (!err)
		*ret = dcm_take_ptr(spaces);
	return err == -ENOMEM ? err : 0;
}

static int scan_root(const char *root, struct scan *scan, struct dcm_netns_owners *ret)
{
	_cleanup_free_ char *path = NULL;
	int err;

	if (asprintf(&path, "%s/proc", root) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	scan->proc_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (scan->proc_fd < 0)
		return -errno;
	err = scan_processes(scan);
	close(scan->proc_fd);
	return err ? err : settle(scan, ret);
}

int dcm_netns_owners_find(const char *root, const struct dcm_config_containers *containers,
			  struct dcm_netns_owners *ret)
{
	_cleanup_(dcm_spaces_destroyp) struct dcm_spaces *spaces = NULL;
	_cleanup_(dcm_container_netns_destroyp) struct dcm_container_netns *files = NULL;
	struct dcm_netns_owners result = {0};
	struct scan scan = {.proc_fd = -1};
	int err = containers ? look_for_containers(root, containers, &spaces) : 0;

	if (!err && spaces)
		err = dcm_container_netns_read(root, containers, &files);
	if (err)
		return err;
	scan.spaces = spaces;
	scan.files = files;
	err = scan_root(root, &scan, &result);
	if (err)
		dcm_netns_owners_deinit(
			&(struct dcm_netns_owners){.item = scan.owner, .count = scan.owners});
	free(scan.seen);
	free(scan.mount_namespace);
	if (!err)
		*ret = result;
	return err;
}
