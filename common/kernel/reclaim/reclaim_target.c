// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_target.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "common/base/cleanup.h"
#include "common/kernel/mounts/host_proc.h"
#include "common/kernel/mounts/mount_table.h"
#include "common/kernel/reclaim/reclaim_mount.h"
#include "common/model/reclaim/reclaim_proof.h"
#include "common/parse/number.h"

#define MAX_PROCESSES  32768
#define MAX_SILENT     3 /* each costs its deadline: whoever arranged them could have more */
#define PROC_PATH_SIZE 64

/* What is looked for. */
struct wanted {
	bool any_device;
	bool subvolume; /* @device is what stat(2) gives for the root of the mount */
	dev_t device;
	const char *fstype; /* NULL: any */
};

/* Mount namespaces already looked at. */
struct seen {
	ino_t *inode;
	size_t count, room;
	unsigned denied; /* processes whose namespace could not be asked for */
};

/* What was found, and what was in the way. */
struct found {
	struct dcm_reclaim_targets targets;
	unsigned hidden; /* mounts that cannot be reached */
	unsigned silent; /* of those, below a filesystem that does not answer */
	struct seen seen;
};

static void target_deinit(struct dcm_reclaim_target *target)
{
	free(target->mountpoint);
	free(target->fstype);
	free(target->options);
}

void dcm_reclaim_targets_deinit(struct dcm_reclaim_targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		target_deinit(&targets->item[i]);
	free(targets->item);
	*targets = (struct dcm_reclaim_targets){0};
}

/* ---- mountinfo of a process ---- */

/* What libmount made of it, and the text itself. */
struct table {
	struct libmnt_table *mounts;
	char *text;
};

static void table_deinit(struct table *table)
{
	mnt_unref_table(table->mounts);
	free(table->text);
}

static int read_mountinfo(pid_t process, char **ret)
{
	_cleanup_close_ int fd = -1;
	int err = dcm_reclaim_mountinfo_open(process, &fd);

	return err ? err : dcm_reclaim_mountinfo_read(fd, ret);
}

static int parse_mounts(pid_t process, struct table *ret)
{
	_cleanup_free_ char *text = NULL;
	int err = read_mountinfo(process, &text);

	if (!err)
		err = *text ? dcm_mount_table_parse(text, strlen(text), &ret->mounts) : -ENOENT;
	if (!err)
		ret->text = dcm_take_ptr(text);
	return err;
}

static struct libmnt_fs *find_mount(struct libmnt_table *table, int id)
{
	_cleanup_(dcm_mount_iter_freep) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;

	while (iter && mnt_table_next_fs(table, iter, &fs) == 0)
		if (mnt_fs_get_id(fs) == id)
			return fs;
	return NULL;
}

static uint32_t count_mounts(struct libmnt_table *table, dev_t device)
{
	_cleanup_(dcm_mount_iter_freep) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	struct libmnt_fs *fs;
	uint32_t count = 0;

	while (iter && mnt_table_next_fs(table, iter, &fs) == 0)
		count += mnt_fs_get_devno(fs) == device;
	return count;
}

/* ---- collecting ---- */

/* As the kernel wrote them: they are compared byte for byte. */
static char *superblock_options(const char *text, int mount)
{
	struct dcm_mountinfo line;

	if (!dcm_reclaim_find_line(text, mount, &line))
		return strdup("");
	return strndup(line.options.at, line.options.len);
}

static int add_target(struct dcm_reclaim_targets *targets, const struct table *table,
		      struct libmnt_fs *fs, pid_t process, uint64_t unique)
{
	dev_t device = mnt_fs_get_devno(fs);
	struct dcm_reclaim_target *item =
		reallocarray(targets->item, targets->count + 1, sizeof(*item));

	if (!item)
		return -ENOMEM;
	targets->item = item;
	item += targets->count++;
	*item = (struct dcm_reclaim_target){
		.process = process,
		.mountpoint = strdup(mnt_fs_get_target(fs)),
		.fstype = strdup(mnt_fs_get_fstype(fs)),
		.options = superblock_options(table->text, mnt_fs_get_id(fs)),
		.dev_major = major(device),
		.dev_minor = minor(device),
		.mounts = count_mounts(table->mounts, device),
		.mount = mnt_fs_get_id(fs),
		.unique = unique,
	};
	return item->mountpoint && item->fstype && item->options ? 0 : -ENOMEM;
}

static bool has_device(const struct dcm_reclaim_targets *targets, dev_t device)
{
	for (size_t i = 0; i < targets->count; i++)
		if (makedev(targets->item[i].dev_major, targets->item[i].dev_minor) == device)
			return true;
	return false;
}

/*
 * Whether the mount itself can be reached, not another that hides it: 0 with its number that is
 * never used again, -ESTALE. Also says with @ret_device what stat(2) gives for its root.
 */
static int reach_mount(struct libmnt_fs *fs, pid_t process, uint64_t *ret_unique, dev_t *ret_device)
{
	_cleanup_close_ int fd = -1;
	struct statx st;
	int id, err = dcm_reclaim_open_at(process, mnt_fs_get_target(fs), &fd);

	if (!err)
		err = dcm_reclaim_mount_number(fd, &id, ret_unique);
	if (!err && id != mnt_fs_get_id(fs))
		err = -ESTALE;
	if (err)
		return err;
	*ret_device = mnt_fs_get_devno(fs);
	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, 0, &st) == 0)
		*ret_device = makedev(st.stx_dev_major, st.stx_dev_minor);
	return 0;
}

static bool is_wanted(const struct wanted *wanted, const struct dcm_reclaim_targets *targets,
		      struct libmnt_fs *fs)
{
	bool any = wanted->any_device || wanted->subvolume;

	return mnt_fs_get_target(fs) && mnt_fs_get_fstype(fs) &&
	       (any || mnt_fs_get_devno(fs) == wanted->device) &&
	       (!wanted->fstype || !strcmp(mnt_fs_get_fstype(fs), wanted->fstype)) &&
	       !has_device(targets, mnt_fs_get_devno(fs));
}

/* Adds the wanted superblocks of one mount namespace that are not listed yet. */
static int collect_mounts(const struct wanted *wanted, pid_t process, struct found *found)
{
	_cleanup_(dcm_mount_iter_freep) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	_cleanup_(table_deinit) struct table table = {0};
	struct libmnt_fs *fs;
	int err = parse_mounts(process, &table);

	if (err || !iter)
		return err ? err : -ENOMEM;
	while (!err && mnt_table_next_fs(table.mounts, iter, &fs) == 0) {
		uint64_t unique = 0;
		dev_t device = 0;

		if (!is_wanted(wanted, &found->targets, fs))
			continue;
		err = found->silent < MAX_SILENT ? reach_mount(fs, process, &unique, &device)
						 : -ETIMEDOUT;
		found->hidden += err != 0;
		found->silent += err == -ETIMEDOUT;
		if (!err && (!wanted->subvolume || device == wanted->device))
			err = add_target(&found->targets, &table, fs, process, unique);
		if (err != -ENOMEM)
			err = 0;
	}
	return err;
}

/* True for a new mount namespace; false if its process has gone meanwhile. */
static bool is_new_namespace(struct seen *seen, const char *pid)
{
	char path[PROC_PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	if (stat(path, &st)) {
		seen->denied += errno == EACCES;
		return false;
	}
	for (size_t i = 0; i < seen->count; i++)
		if (seen->inode[i] == st.st_ino)
			return false;
	if (seen->count == seen->room) {
		size_t room = seen->room ? 2 * seen->room : 64;
		ino_t *inode = reallocarray(seen->inode, room, sizeof(*inode));

		if (!inode)
			return false;
		seen->inode = inode;
		seen->room = room;
	}
	seen->inode[seen->count++] = st.st_ino;
	return true;
}

/* Other mount namespaces through one process each; what cannot be read is passed over. */
static int collect_elsewhere(const struct wanted *wanted, struct found *found)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned left = MAX_PROCESSES;
	int err = 0;

	is_new_namespace(&found->seen, "self");
	while (proc && left && err != -ENOMEM && (entry = readdir(proc))) {
		int pid = dcm_number_pid(entry->d_name);

		if (!pid)
			continue;
		left--;
		if (is_new_namespace(&found->seen, entry->d_name))
			err = collect_mounts(wanted, pid, found);
		if (found->targets.count && !wanted->any_device)
			break;
	}
	return err == -ENOMEM ? err : 0;
}

static void say_nothing(const struct found *found, struct dcm_reason *reason)
{
	const struct seen *seen = &found->seen;
	char denied[80] = "";

	if (found->silent) {
		dcm_reason_set(reason, 0,
			       "it is mounted, but a filesystem on the way to it does not answer");
		return;
	}
	if (found->hidden) {
		dcm_reason_set(reason, 0,
			       "it is mounted, but hidden under another mount or not reachable "
			       "without more privileges");
		return;
	}
	if (seen->denied)
		snprintf(denied, sizeof(denied), ", %u processes do not tell theirs", seen->denied);
	dcm_reason_set(reason, 0,
		       "no such filesystem is mounted (%zu mount namespace%s searched%s%s)",
		       seen->count, seen->count == 1 ? "" : "s", denied,
		       dcm_host_proc_in_container() ? ", the host's are out of sight" : "");
}

static int find(const struct wanted *wanted, struct dcm_reason *reason,
		struct dcm_reclaim_targets *ret)
{
	struct found found = {0};
	int err = collect_mounts(wanted, 0, &found);

	if (!err && (wanted->any_device || !found.targets.count) && !wanted->subvolume)
		err = collect_elsewhere(wanted, &found);
	free(found.seen.inode);
	if (err) {
		dcm_reclaim_targets_deinit(&found.targets);
		return dcm_reason_set(reason, err, "cannot read the mount table: %s",
				      strerror(-err));
	}
	if (!found.targets.count) {
		say_nothing(&found, reason);
		return -ENOENT;
	}
	*ret = found.targets;
	return 0;
}

/* What stat(2) gives for files of btrfs is the number of their subvolume, which mountinfo has not.
 * That of a mounted one tells its filesystem. */
static int find_subvolume(dev_t device, struct dcm_reason *reason, struct dcm_reclaim_targets *ret)
{
	struct wanted wanted = {.subvolume = true, .device = device, .fstype = "btrfs"};
	struct dcm_reason ignored;
	struct found found = {0};

	if (find(&wanted, &ignored, ret) == 0)
		return 0;
	wanted = (struct wanted){.any_device = true, .fstype = "btrfs"};
	collect_mounts(&wanted, 0, &found);
	if (found.targets.count)
		dcm_reason_set(reason, -ENOENT,
			       "no such filesystem is mounted; of btrfs, take the number in "
			       "/proc/self/mountinfo: what stat gives is that of a subvolume");
	dcm_reclaim_targets_deinit(&found.targets);
	return -ENOENT;
}

int dcm_reclaim_find_device(uint32_t dev_major, uint32_t dev_minor, const char *fstype,
			    struct dcm_reason *reason, struct dcm_reclaim_targets *ret)
{
	struct wanted wanted = {.device = makedev(dev_major, dev_minor), .fstype = fstype};
	int err = find(&wanted, reason, ret);

	return err == -ENOENT && !fstype ? find_subvolume(wanted.device, reason, ret) : err;
}

int dcm_reclaim_find_fstype(const char *fstype, struct dcm_reason *reason,
			    struct dcm_reclaim_targets *ret)
{
	struct wanted wanted = {.any_device = true, .fstype = fstype};

	return find(&wanted, reason, ret);
}

/*
 * Whether @fd is the root of its mount (statx(2), STATX_ATTR_MOUNT_ROOT since Linux 5.8). Its path
 * would not tell: behind that of a directory that was removed, the kernel writes " (deleted)".
 */
static int is_mount_root(int fd, const char *target, bool *ret)
{
	char link[PROC_PATH_SIZE], path[PATH_MAX];
	struct statx st;
	ssize_t n;

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, 0, &st) == 0 &&
	    st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) {
		*ret = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
		return 0;
	}
	snprintf(link, sizeof(link), "/proc/thread-self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return -errno;
	path[n] = '\0';
	*ret = !strcmp(path, target);
	return 0;
}

int dcm_reclaim_find_path(const char *path, struct dcm_reason *reason,
			  struct dcm_reclaim_targets *ret)
{
	_cleanup_(table_deinit) struct table table = {0};
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct dcm_reclaim_targets targets = {0};
	struct libmnt_fs *fs = NULL;
	bool is_root = false;
	uint64_t unique;
	int id, err;

	if (fd < 0)
		return dcm_reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	err = dcm_reclaim_mount_number(fd, &id, &unique);
	if (!err)
		err = parse_mounts(0, &table);
	if (!err) {
		fs = find_mount(table.mounts, id);
		err = fs ? is_mount_root(fd, mnt_fs_get_target(fs), &is_root) : 0;
	}
	if (err)
		return dcm_reason_set(reason, err, "cannot read the mount table: %s",
				      strerror(-err));
	if (!fs)
		return dcm_reason_set(reason, -ENOENT, "%s is not in the mount table", path);
	if (!is_root)
		return dcm_reason_set(reason, -EXDEV,
				      "%s is not a mount point: it lies on %s (%s); name that to "
				      "shrink all of it",
				      path, mnt_fs_get_target(fs), mnt_fs_get_fstype(fs));
	err = add_target(&targets, &table, fs, 0, unique);
	if (err) {
		dcm_reclaim_targets_deinit(&targets);
		return dcm_reason_no_memory(reason);
	}
	*ret = targets;
	return 0;
}
