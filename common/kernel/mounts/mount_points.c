// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/search.h"
#include "common/kernel/mounts/mount_points_private.h"
#include "common/kernel/mounts/mount_table.h"

#define MAX_SIZE (64u << 20)

enum { SOURCE_INIT, SOURCE_SELF };
static const char *const source_paths[] = {"/proc/1/mountinfo", "/proc/self/mountinfo"};
_Static_assert(DCM_ARRAY_SIZE(source_paths) == DCM_MOUNT_SOURCES, "one file for each");

void dcm_mount_points_destroy(struct dcm_mount_points *table)
{
	if (!table)
		return;
	for (int i = 0; i < DCM_MOUNT_SOURCES; i++)
		dcm_cached_file_deinit(&table->files[i]);
	free(table->mounts);
	free(table->strings);
	free(table);
}

DCM_DEFINE_CLEANUP(struct dcm_mount_points, dcm_mount_points_destroy)

int dcm_mount_points_create(const char *root, struct dcm_mount_points **ret)
{
	_cleanup_(dcm_mount_points_destroyp) struct dcm_mount_points *table =
		calloc(1, sizeof(*table));
	int err = table ? 0 : -ENOMEM;

	for (int i = 0; i < DCM_MOUNT_SOURCES && !err; i++)
		err = dcm_cached_file_init(&table->files[i], root, source_paths[i]);
	if (!err)
		*ret = dcm_take_ptr(table);
	return err;
}

/* ---- paths ---- */

const char *dcm_mount_path_below(const char *top, const char *path)
{
	size_t len = strlen(top);

	if (top[0] != '/')
		return NULL;
	if (len == 1)
		return path[0] != '/' ? NULL : path[1] ? path : path + 1;
	if (strncmp(top, path, len) != 0 || (path[len] != '\0' && path[len] != '/'))
		return NULL;
	return path + len;
}

int dcm_mount_path_join(const char *top, const char *below, char *out, size_t size)
{
	size_t len = strcmp(top, "/") == 0 ? 0 : strlen(top), rest = strlen(below);

	/* "/" and nothing below it. */
	if (len + rest == 0)
		len = 1;
	if (len + rest >= size)
		return -ENAMETOOLONG;
	memcpy(out, top, len);
	memcpy(out + len, below, rest + 1);
	return 0;
}

/* Orders a directory right before all that is below it: the slash comes before every other byte. */
static int path_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	if (*a == *b || !*a || !*b)
		return (*a != '\0') - (*b != '\0');
	if (*a == '/' || *b == '/')
		return *a == '/' ? -1 : 1;
	return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
}

/* ---- which mounts can be reached ---- */

static int compare_ids(const void *a, const void *b)
{
	const struct mount *l = a, *r = b;

	return DCM_COMPARE(l->id, r->id);
}

static int compare_siblings(const void *a, const void *b)
{
	const struct mount *l = *(struct mount *const *)a, *r = *(struct mount *const *)b;

	return DCM_COMPARE(l->parent_id, r->parent_id) ?: path_compare(l->mountpoint, r->mountpoint)
		?: DCM_COMPARE(l->id, r->id);
}

/*
 * Children of one mount, a directory before what is below it: what lies below an earlier one's
 * mountpoint was mounted before it and is out of sight since. Not so at "/": processes keep
 * the root that they have when something is mounted over it.
 */
static void mark_shadowed(struct mount **siblings, size_t count)
{
	const struct mount *cover = NULL;

	for (size_t i = 0; i < count; i++) {
		struct mount *mount = siblings[i];

		if (cover && cover->parent_id != mount->parent_id)
			cover = NULL;
		if (cover && dcm_mount_path_below(cover->mountpoint, mount->mountpoint)) {
			mount->shadowed = true;
			continue;
		}
		if (strcmp(mount->mountpoint, "/") == 0)
			continue;
		cover = mount;
		if (mount->parent && strcmp(mount->parent->mountpoint, mount->mountpoint) == 0)
			mount->parent->covered = true;
	}
}

/* A mount is out of reach when it, or a mount on the way to it, is shadowed. */
static void decide(struct mount *mount, size_t count)
{
	struct mount *top = mount;
	size_t steps = 0;
	bool unreachable;

	/* Bounded, because a damaged file may hold a circle. */
	while (!top->decided && !top->shadowed && top->parent && steps < count) {
		top = top->parent;
		steps++;
	}
	unreachable = top->decided ? top->unreachable : top->shadowed;
	for (steps++; steps > 0; steps--, mount = mount->parent) {
		mount->unreachable = unreachable;
		mount->decided = true;
	}
}

static int mark_unreachable(struct mount *mounts, size_t count)
{
	_cleanup_free_ struct mount **siblings = calloc(count, sizeof(struct mount *));

	if (!siblings)
		return -ENOMEM;
	qsort(mounts, count, sizeof(*mounts), compare_ids);
	for (size_t i = 0; i < count; i++) {
		const struct mount key = {.id = mounts[i].parent_id};

		siblings[i] = &mounts[i];
		if (mounts[i].parent_id != mounts[i].id)
			mounts[i].parent = dcm_find(&key, mounts, count, sizeof(key), compare_ids);
	}
	qsort(siblings, count, sizeof(*siblings), compare_siblings);
	mark_shadowed(siblings, count);
	for (size_t i = 0; i < count; i++)
		decide(&mounts[i], count);
	return 0;
}

/* ---- reading ---- */

static bool is_whole(const struct mount *mount)
{
	return strcmp(mount->fs_root, "/") == 0;
}

static int compare_devices(const void *a, const void *b)
{
	const struct mount *l = a, *r = b;

	return DCM_COMPARE(l->dev_major, r->dev_major) ?: DCM_COMPARE(l->dev_minor, r->dev_minor);
}

static int compare_best(const void *a, const void *b)
{
	const struct mount *l = a, *r = b;

	return compare_devices(l, r) ?: DCM_COMPARE(dcm_mount_is_hidden(l), dcm_mount_is_hidden(r))
		?: DCM_COMPARE(l->part, r->part) ?: DCM_COMPARE(is_whole(r), is_whole(l))
		?: DCM_COMPARE(strlen(l->mountpoint), strlen(r->mountpoint))
		?: DCM_COMPARE(l->id, r->id);
}

/* subvol=/@ of btrfs, which mounts one of its trees. */
static bool is_subvolume(struct libmnt_fs *fs)
{
	const char *options = mnt_fs_get_fs_options(fs), *root = mnt_fs_get_root(fs);
	char *value;
	size_t len;

	if (!options || mnt_optstr_get_option(options, "subvol", &value, &len) || !value)
		return false;
	return strlen(root) == len && memcmp(root, value, len) == 0;
}

/* A share below a prefix, a control group: that is what mounting them gives. */
static bool mounts_are_subtrees(const char *fstype)
{
	static const char *const types[] = {"cifs", "smb3", "cgroup", "cgroup2"};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(types); i++)
		if (strcmp(fstype, types[i]) == 0)
			return true;
	return false;
}

static bool is_part(struct libmnt_fs *fs)
{
	return strcmp(mnt_fs_get_root(fs), "/") != 0 && strcmp(mnt_fs_get_target(fs), "/") != 0 &&
	       !mounts_are_subtrees(mnt_fs_get_fstype(fs)) && !is_subvolume(fs);
}

static const char *store(char **strings, const char *text)
{
	char *at = *strings;

	*strings = stpcpy(at, text) + 1;
	return at;
}

/* Lines of another shape, such as fstab's, have no id. */
static bool usable(struct libmnt_fs *fs)
{
	return mnt_fs_get_id(fs) > 0 && mnt_fs_get_target(fs) && mnt_fs_get_root(fs) &&
	       mnt_fs_get_fstype(fs) && mnt_fs_get_target(fs)[0] == '/';
}

static size_t strings_size(struct libmnt_table *parsed, struct libmnt_iter *iter, size_t *ret_count)
{
	struct libmnt_fs *fs;
	size_t size = 0;

	*ret_count = 0;
	mnt_reset_iter(iter, MNT_ITER_FORWARD);
	while (mnt_table_next_fs(parsed, iter, &fs) == 0) {
		if (!usable(fs))
			continue;
		size += strlen(mnt_fs_get_target(fs)) + strlen(mnt_fs_get_root(fs)) +
			strlen(mnt_fs_get_fstype(fs)) + 3;
		++*ret_count;
	}
	return size;
}

static void copy_mounts(struct libmnt_table *parsed, struct libmnt_iter *iter, struct mount *mounts,
			char *strings)
{
	struct libmnt_fs *fs;

	mnt_reset_iter(iter, MNT_ITER_FORWARD);
	while (mnt_table_next_fs(parsed, iter, &fs) == 0) {
		if (!usable(fs))
			continue;
		*mounts++ = (struct mount){
			.id = (uint32_t)mnt_fs_get_id(fs),
			.parent_id = (uint32_t)mnt_fs_get_parent_id(fs),
			.dev_major = major(mnt_fs_get_devno(fs)),
			.dev_minor = minor(mnt_fs_get_devno(fs)),
			.mountpoint = store(&strings, mnt_fs_get_target(fs)),
			.fs_root = store(&strings, mnt_fs_get_root(fs)),
			.fstype = store(&strings, mnt_fs_get_fstype(fs)),
			.part = is_part(fs),
		};
	}
}

/* Copies what is needed out of libmount's table, which takes several times the memory. */
static int load(struct dcm_mount_points *table, char *text, size_t len)
{
	_cleanup_(dcm_mount_iter_freep) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	_cleanup_(dcm_mount_table_unrefp) struct libmnt_table *parsed = NULL;
	_cleanup_free_ struct mount *mounts = NULL;
	_cleanup_free_ char *strings = NULL;
	size_t count, size;
	int err;

	err = iter ? dcm_mount_table_parse(text, len, &parsed) : -ENOMEM;
	if (err)
		return err;
	size = strings_size(parsed, iter, &count);
	if (count == 0 && len > 0)
		return -EINVAL;
	mounts = calloc(count + 1, sizeof(*mounts));
	strings = malloc(size + 1);
	if (!mounts || !strings)
		return -ENOMEM;
	copy_mounts(parsed, iter, mounts, strings);
	err = count > 0 ? mark_unreachable(mounts, count) : 0;
	if (err)
		return err;
	qsort(mounts, count, sizeof(*mounts), compare_best);
	free(table->mounts);
	free(table->strings);
	table->mounts = dcm_take_ptr(mounts);
	table->strings = dcm_take_ptr(strings);
	table->count = count;
	return 0;
}

/* ---- refresh ---- */

static int get_stamp(const struct dcm_cached_file *file, struct dcm_file_stamp *ret)
{
	struct stat st;

	if (stat(file->path, &st) != 0)
		return -errno;
	*ret = dcm_file_stamp(&st);
	return 0;
}

/*
 * procfs signals a change of the mount namespace once per open file, so asking is also what
 * acknowledges it: a change during the read that follows is signalled again.
 */
static bool has_changed(const struct dcm_mount_points *table)
{
	const struct dcm_cached_file *file = &table->files[table->source];
	struct dcm_file_stamp stamp = {0};

	if (dcm_cached_file_is_procfs(file)) {
		struct pollfd poll_fd = {.fd = file->fd, .events = POLLPRI | POLLERR};

		return poll(&poll_fd, 1, 0) != 0;
	}
	return get_stamp(file, &stamp) != 0 || !dcm_file_stamp_equal(&stamp, &table->stamp);
}

static int load_source(struct dcm_mount_points *table, int source, size_t max)
{
	struct dcm_cached_file *file = &table->files[source];
	_cleanup_free_ char *text = NULL;
	struct dcm_file_stamp stamp = {0};
	size_t size = 0, len;
	int err;

	/* A captured file may have been replaced: what bears the name now counts. */
	if (file->fd >= 0 && !dcm_cached_file_is_procfs(file)) {
		close(file->fd);
		file->fd = -1;
	}
	/* Before the read, so that a change during it counts as a new one. */
	err = file->fd < 0 ? get_stamp(file, &stamp) : 0;
	if (!err)
		err = dcm_cached_file_read(file, &text, &size, max, &len);
	if (!err)
		err = load(table, text, len);
	if (err)
		return err;
	table->stamp = stamp;
	table->source = source;
	return 0;
}

int dcm_mount_points_refresh(struct dcm_mount_points *table, struct dcm_reason *reason,
			     bool *ret_changed)
{
	int errs[DCM_MOUNT_SOURCES];

	if (table->current && !has_changed(table)) {
		*ret_changed = false;
		return 0;
	}
	table->current = false;
	for (int i = 0; i < DCM_MOUNT_SOURCES; i++) {
		errs[i] = load_source(table, i, MAX_SIZE);
		if (errs[i])
			continue;
		table->loaded = table->current = true;
		*ret_changed = true;
		return 0;
	}
	return dcm_reason_set(reason, errs[SOURCE_INIT], "%s: %s; %s: %s",
			      source_paths[SOURCE_INIT], strerror(-errs[SOURCE_INIT]),
			      source_paths[SOURCE_SELF], strerror(-errs[SOURCE_SELF]));
}

int dcm_mount_points_read(const char *path, size_t max, struct dcm_mount_points **ret)
{
	_cleanup_(dcm_mount_points_destroyp) struct dcm_mount_points *table =
		calloc(1, sizeof(*table));
	int err = table ? dcm_cached_file_init(&table->files[SOURCE_INIT], "", path) : -ENOMEM;

	if (!err)
		err = load_source(table, SOURCE_INIT, max);
	if (err)
		return err;
	dcm_cached_file_close(&table->files[SOURCE_INIT]);
	*ret = dcm_take_ptr(table);
	return 0;
}

/* ---- questions ---- */

/* The mounts of one device are adjacent: returns the first, NULL if there is none. */
static const struct mount *device_mounts(const struct dcm_mount_points *table, uint32_t dev_major,
					 uint32_t dev_minor, size_t *ret_count)
{
	const struct mount key = {.dev_major = dev_major, .dev_minor = dev_minor};
	size_t low =
		dcm_lower_bound(&key, table->mounts, table->count, sizeof(key), compare_devices);
	size_t end;

	for (end = low; end < table->count && compare_devices(&table->mounts[end], &key) == 0;)
		end++;
	*ret_count = end - low;
	return end > low ? &table->mounts[low] : NULL;
}

int dcm_mount_points_find(const struct dcm_mount_points *table, uint32_t dev_major,
			  uint32_t dev_minor, struct dcm_mount_device *ret)
{
	const struct mount *best;
	size_t count;

	best = device_mounts(table, dev_major, dev_minor, &count);
	if (!best)
		return -ENOENT;
	*ret = (struct dcm_mount_device){
		.mounts = (uint32_t)count,
		.mountpoint = best->mountpoint,
		.fs_root = best->fs_root,
		.fstype = best->fstype,
		.part = best->part,
	};
	return 0;
}

/* Both show the path, @best comes first in the table: a bind mount of less says more. */
static bool is_better(const struct mount *mount, const struct mount *best)
{
	return dcm_mount_is_hidden(mount) == dcm_mount_is_hidden(best) && !is_whole(best) &&
	       strlen(mount->fs_root) > strlen(best->fs_root);
}

int dcm_mount_points_resolve(const struct dcm_mount_points *table, uint32_t dev_major,
			     uint32_t dev_minor, const char *path, char *out, size_t size)
{
	const struct mount *mounts, *best = NULL;
	size_t count;

	if (path[0] != '/')
		return -EINVAL;
	mounts = device_mounts(table, dev_major, dev_minor, &count);
	for (size_t i = 0; i < count; i++) {
		if (dcm_mount_path_below(mounts[i].fs_root, path) &&
		    (!best || is_better(&mounts[i], best)))
			best = &mounts[i];
	}
	if (!best)
		return -ENOENT;
	return dcm_mount_path_join(best->mountpoint, dcm_mount_path_below(best->fs_root, path), out,
				   size);
}
