// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/hash_table.h"
#include "common/base/minmax.h"
#include "common/kernel/files/fd_io.h"
#include "common/kernel/who/who_internal.h"
#include "common/kernel/who/who_views.h"
#include "common/parse/cgroup.h"

#define PATH_SIZE    4096
#define CGROUPS_KEPT 4096

/* By process as well: with cgroup v1 every process is in the root of cgroup2. */
struct cgroup {
	uint64_t id, pid;
	UT_hash_handle hh;
	char path[];
};

#define CGROUP_KEY_SIZE (2 * sizeof(uint64_t))

struct dcm_who_paths {
	struct dcm_who_views *views;
	struct cgroup *cgroups;
	bool in_proc;
	char directory[PATH_SIZE + DCM_WHO_PATH], name[DCM_WHO_PATH];
};

int dcm_who_paths_create(bool in_proc, struct dcm_who_paths **ret)
{
	struct dcm_who_paths *paths = calloc(1, sizeof(*paths));
	int err;

	if (!paths)
		return -ENOMEM;
	err = dcm_who_views_create("", &paths->views);
	if (err) {
		free(paths);
		return err;
	}
	paths->in_proc = in_proc;
	*ret = paths;
	return 0;
}

void dcm_who_paths_destroy(struct dcm_who_paths *paths)
{
	if (!paths)
		return;
	DCM_HASH_FREE(paths->cgroups);
	dcm_who_views_destroy(paths->views);
	free(paths);
}

/* The names from a directory upwards, each with its NUL, as a path from the superblock's root. */
static void join_upwards(const struct dcm_who_record *record, char *out, size_t size)
{
	size_t len = DCM_MIN(record->base_len, (uint32_t)DCM_WHO_BASE);
	size_t end = len, at = 0;

	if (record->base_cut)
		at = (size_t)snprintf(out, size, "/...");
	out[at] = '\0';
	while (end) {
		size_t start = end - 1; /* at the NUL of the last name */

		while (start && record->base[start - 1])
			start--;
		if (at + (end - start) + 1 < size)
			at += (size_t)snprintf(out + at, size - at, "/%.*s", (int)(end - 1 - start),
					       record->base + start);
		end = start;
	}
	if (!at)
		snprintf(out, size, "/");
}

/* Removes "." and all that is empty from a path, in place: "/a/.//b/." is "/a/b", "/" is "". */
static void drop_dots(char *path)
{
	char *out = path;

	for (const char *at = path; *at;) {
		if (at[0] == '/' && at[1] == '.' && (at[2] == '/' || !at[2]))
			at += 2;
		else if (at[0] == '/' && (at[1] == '/' || !at[1]))
			at++;
		else
			*out++ = *at++;
	}
	*out = '\0';
}

/* The folder that is @below, "" or from a slash on, where the record's path begins. */
static void folder_of(struct dcm_who_paths *paths, const struct dcm_who_record *record,
		      const char *below)
{
	const struct dcm_who_process *process = &record->process;
	char inside[DCM_WHO_BASE + 32], *out = paths->directory;
	const struct dcm_who_place place = {
		.pid = paths->in_proc ? process->tgid : 0,
		.mount_namespace = process->mount_namespace,
		.dev_major = record->dev >> 20,
		.dev_minor = record->dev & ((1u << 20) - 1),
		.inside = inside,
		.is_root = record->path[0] == '/' && process->kind != DCM_WHO_CREATED,
	};

	join_upwards(record, inside, sizeof(inside));
	if (!record->dev && !record->base_len)
		snprintf(out, sizeof(paths->directory), "?%s", below);
	else if (record->base_cut)
		snprintf(out, sizeof(paths->directory), "%u:%u:%s%s", place.dev_major,
			 place.dev_minor, inside, below);
	else
		dcm_who_views_folder(paths->views, &place, below, dcm_now_ns(), out,
				     sizeof(paths->directory));
}

void dcm_who_paths_split(struct dcm_who_paths *paths, const struct dcm_who_record *record,
			 const char **ret_directory, const char **ret_name)
{
	size_t len = strnlen(record->path, sizeof(record->path) - 1), dir;
	char below[DCM_WHO_PATH + 1];

	while (len > 1 && record->path[len - 1] == '/')
		len--;
	for (dir = len; dir && record->path[dir - 1] != '/'; dir--)
		;
	snprintf(paths->name, sizeof(paths->name), "%.*s", (int)(len - dir), record->path + dir);
	snprintf(below, sizeof(below), "/%.*s", (int)dir, record->path);
	drop_dots(below);
	folder_of(paths, record, below);
	*ret_directory = paths->directory;
	*ret_name = paths->name;
}

/* ---- cgroups ---- */

/* The directory that cgroup2 is mounted on, opened; one of the two that systemd uses. */
static int open_cgroup2(const char **ret_path)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(places); i++) {
		int fd = open(places[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct statfs st;

		if (fd >= 0 && fstatfs(fd, &st) == 0 && st.f_type == CGROUP2_SUPER_MAGIC) {
			*ret_path = places[i];
			return fd;
		}
		if (fd >= 0)
			close(fd);
	}
	return -ENOENT;
}

/* A kernfs file handle is the id itself (fs/kernfs/mount.c, FILEID_KERNFS since 6.2; before, the
 * type did not matter). */
static int cgroup_by_id(uint64_t id, char *out, size_t size)
{
	struct {
		struct file_handle handle;
		uint64_t id;
	} __attribute__((packed, aligned(8)))
	h = {.handle = {.handle_bytes = sizeof(id), .handle_type = 0xfe}, .id = id};
	const char *mountpoint;
	_cleanup_close_ int mount = open_cgroup2(&mountpoint), fd = -1;
	char link[64], path[PATH_SIZE];
	ssize_t n;

	if (mount < 0)
		return mount;
	fd = open_by_handle_at(mount, &h.handle, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	dcm_cgroup_drop_deleted(path);
	if (strncmp(path, mountpoint, strlen(mountpoint)) != 0)
		return -ENOENT;
	snprintf(out, size, "%s", path[strlen(mountpoint)] ? path + strlen(mountpoint) : "/");
	return 0;
}

/* That of /proc/PID/cgroup: with cgroup v1 each hierarchy has a path of its own. @pid 0: the
 * process has no number here. */
static int cgroup_by_pid(uint32_t pid, char *out, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[64], text[2 * PATH_SIZE];
	size_t len;
	int err;

	if (!pid)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%u/cgroup", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = dcm_fd_read_all(fd, text, sizeof(text), &len);
	if (err)
		return err;
	dcm_cgroup_owner(text, len, out, size);
	return *out ? 0 : -ENOENT;
}

/* Under v1 and hybrid the path in cgroup2 may name nobody. */
static int find_cgroup(uint64_t id, uint32_t pid, char *out, size_t size)
{
	int err = cgroup_by_id(id, out, size);

	if (err || !dcm_cgroup_names_owner(out)) {
		char other[PATH_SIZE];

		if (cgroup_by_pid(pid, other, sizeof(other)))
			return err;
		snprintf(out, size, "%s", other);
	}
	return 0;
}

const char *dcm_who_paths_cgroup(struct dcm_who_paths *paths, uint64_t id, uint32_t pid)
{
	const struct cgroup key = {.id = id, .pid = pid};
	struct cgroup *cgroup = DCM_HASH_FIND(paths->cgroups, &key.id, CGROUP_KEY_SIZE);
	char path[PATH_SIZE];

	if (cgroup)
		return cgroup->path;
	if (HASH_COUNT(paths->cgroups) >= CGROUPS_KEPT)
		DCM_HASH_FREE(paths->cgroups);
	if (find_cgroup(id, paths->in_proc ? pid : 0, path, sizeof(path)))
		*path = '\0';
	cgroup = calloc(1, sizeof(*cgroup) + strlen(path) + 1);
	if (!cgroup)
		return "";
	cgroup->id = id;
	cgroup->pid = pid;
	strcpy(cgroup->path, path);
	cgroup = DCM_HASH_ADD(paths->cgroups, id, CGROUP_KEY_SIZE, cgroup);
	return cgroup ? cgroup->path : "";
}
