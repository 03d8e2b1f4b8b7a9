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
#include "common/kernel/files/cached_file.h"
#include "common/kernel/mounts/mount_table.h"
#include "common/parse/number.h"

#define MOUNTINFO_MAX	(256u << 20)
#define MAX_PROCESSES	32768
#define PROC_PATH_SIZE	64
#define FOLLOWED_PREFIX 64 /* "/proc/PID/root" */

/* What is looked for. */
struct wanted {
	bool any_device;
	dev_t device;
	const char *fstype; /* NULL: any */
};

static void target_deinit(struct dcm_reclaim_target *target)
{
	if (target->fd >= 0)
		close(target->fd);
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

static void proc_path(pid_t process, const char *file, char *out, size_t size)
{
	if (process)
		snprintf(out, size, "/proc/%d/%s", (int)process, file);
	else
		snprintf(out, size, "/proc/self/%s", file);
}

static int read_mountinfo(pid_t process, char **ret, size_t *ret_len)
{
	struct dcm_cached_file file;
	_cleanup_free_ char *buf = NULL;
	char path[PROC_PATH_SIZE];
	size_t size = 0;
	int err;

	proc_path(process, "mountinfo", path, sizeof(path));
	err = dcm_cached_file_init(&file, "", path);
	if (err)
		return err;
	err = dcm_cached_file_read(&file, &buf, &size, MOUNTINFO_MAX, ret_len);
	dcm_cached_file_deinit(&file);
	if (!err)
		*ret = dcm_take_ptr(buf);
	return err;
}

static int parse_mounts(pid_t process, struct libmnt_table **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t len = 0;
	int err = read_mountinfo(process, &text, &len);

	if (err)
		return err;
	return len ? dcm_mount_table_parse(text, len, ret) : -ENOENT;
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

/* Number of the mount that @fd is on; see proc(5) on fdinfo. */
static int mount_id(int fd, int *ret)
{
	_cleanup_fclose_ FILE *f = NULL;
	char path[PROC_PATH_SIZE], line[128];

	snprintf(path, sizeof(path), "/proc/thread-self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "mnt_id: %d", ret) == 1)
			return 0;
	return -ENODATA;
}

/* ---- collecting ---- */

static int add_target(struct dcm_reclaim_targets *targets, struct libmnt_table *table,
		      struct libmnt_fs *fs, pid_t process, int fd)
{
	const char *options = mnt_fs_get_fs_options(fs);
	dev_t device = mnt_fs_get_devno(fs);
	struct dcm_reclaim_target *item =
		reallocarray(targets->item, targets->count + 1, sizeof(*item));

	if (!item) {
		close(fd);
		return -ENOMEM;
	}
	targets->item = item;
	item += targets->count++;
	*item = (struct dcm_reclaim_target){
		.fd = fd,
		.process = process,
		.mountpoint = strdup(mnt_fs_get_target(fs)),
		.fstype = strdup(mnt_fs_get_fstype(fs)),
		.options = strdup(options ? options : ""),
		.dev_major = major(device),
		.dev_minor = minor(device),
		.mounts = count_mounts(table, device),
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

/* Opens the mount itself, not another that hides it. -ESTALE: it is hidden. */
static int open_mount(struct libmnt_fs *fs, pid_t process, int *ret)
{
	_cleanup_close_ int fd = -1;
	_cleanup_free_ char *path = NULL;
	int id, err;

	if (process) {
		if (asprintf(&path, "/proc/%d/root%s", (int)process, mnt_fs_get_target(fs)) < 0)
			return -ENOMEM;
	} else {
		path = strdup(mnt_fs_get_target(fs));
		if (!path)
			return -ENOMEM;
	}
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = mount_id(fd, &id);
	if (!err && id != mnt_fs_get_id(fs))
		err = -ESTALE;
	if (!err)
		*ret = dcm_take_fd(fd);
	return err;
}

static bool is_wanted(const struct wanted *wanted, struct libmnt_fs *fs)
{
	return mnt_fs_get_target(fs) && mnt_fs_get_fstype(fs) &&
	       (wanted->any_device || mnt_fs_get_devno(fs) == wanted->device) &&
	       (!wanted->fstype || !strcmp(mnt_fs_get_fstype(fs), wanted->fstype));
}

/* Adds the wanted superblocks of one mount namespace that are not listed yet. @ret_hidden counts
 * mounts that could not be reached. */
static int collect_mounts(const struct wanted *wanted, pid_t process,
			  struct dcm_reclaim_targets *targets, unsigned *ret_hidden)
{
	_cleanup_(dcm_mount_iter_freep) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
	_cleanup_(dcm_mount_table_unrefp) struct libmnt_table *table = NULL;
	struct libmnt_fs *fs;
	int fd = -1, err = parse_mounts(process, &table);

	if (err || !iter)
		return err ? err : -ENOMEM;
	while (!err && mnt_table_next_fs(table, iter, &fs) == 0) {
		if (!is_wanted(wanted, fs) || has_device(targets, mnt_fs_get_devno(fs)))
			continue;
		if (open_mount(fs, process, &fd) == 0)
			err = add_target(targets, table, fs, process, fd);
		else
			++*ret_hidden;
	}
	return err;
}

/* Mount namespaces already looked at. */
struct seen {
	ino_t *inode;
	size_t count, room;
};

/* True for a new mount namespace; false if its process has gone meanwhile. */
static bool is_new_namespace(struct seen *seen, const char *pid)
{
	char path[PROC_PATH_SIZE];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", pid);
	if (stat(path, &st))
		return false;
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
static int collect_elsewhere(const struct wanted *wanted, struct dcm_reclaim_targets *targets,
			     unsigned *ret_hidden)
{
	_cleanup_closedir_ DIR *proc = opendir("/proc");
	struct seen seen = {0};
	struct dirent *entry;
	unsigned left = MAX_PROCESSES;
	int err = 0;

	is_new_namespace(&seen, "self");
	while (proc && left && err != -ENOMEM && (entry = readdir(proc))) {
		int pid = dcm_number_pid(entry->d_name);

		if (!pid)
			continue;
		left--;
		if (is_new_namespace(&seen, entry->d_name))
			err = collect_mounts(wanted, pid, targets, ret_hidden);
		if (targets->count && !wanted->any_device)
			break;
	}
	free(seen.inode);
	return err == -ENOMEM ? err : 0;
}

static int find(const struct wanted *wanted, struct dcm_reason *reason,
		struct dcm_reclaim_targets *ret)
{
	struct dcm_reclaim_targets targets = {0};
	unsigned hidden = 0;
	int err = collect_mounts(wanted, 0, &targets, &hidden);

	if (!err && (wanted->any_device || !targets.count))
		err = collect_elsewhere(wanted, &targets, &hidden);
	if (err) {
		dcm_reclaim_targets_deinit(&targets);
		return dcm_reason_set(reason, err, "cannot read the mount table: %s",
				      strerror(-err));
	}
	if (!targets.count)
		return dcm_reason_set(reason, -ENOENT, "%s",
				      hidden ? "it is mounted, but hidden under another mount or "
					       "not reachable without more privileges"
					     : "no such filesystem is mounted");
	*ret = targets;
	return 0;
}

int dcm_reclaim_find_device(uint32_t dev_major, uint32_t dev_minor, const char *fstype,
			    struct dcm_reason *reason, struct dcm_reclaim_targets *ret)
{
	struct wanted wanted = {.device = makedev(dev_major, dev_minor), .fstype = fstype};

	return find(&wanted, reason, ret);
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

	if (statx(fd, "", AT_EMPTY_PATH | AT_NO_AUTOMOUNT, 0, &st) == 0 &&
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
	_cleanup_(dcm_mount_table_unrefp) struct libmnt_table *table = NULL;
	_cleanup_close_ int fd = open(path, O_PATH | O_CLOEXEC);
	struct dcm_reclaim_targets targets = {0};
	struct libmnt_fs *fs = NULL;
	bool is_root = false;
	int id, err;

	if (fd < 0)
		return dcm_reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	err = mount_id(fd, &id);
	if (!err)
		err = parse_mounts(0, &table);
	if (!err) {
		fs = find_mount(table, id);
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
	err = add_target(&targets, table, fs, 0, dcm_take_fd(fd));
	if (err) {
		dcm_reclaim_targets_deinit(&targets);
		return dcm_reason_no_memory(reason);
	}
	*ret = targets;
	return 0;
}

/* ---- proof that nothing changed ---- */

/* A line of mountinfo: "36 35 98:0 /root /mountpoint options - type source superoptions". */
static bool is_about(const char *line, uint32_t dev_major, uint32_t dev_minor)
{
	unsigned line_major, line_minor;

	return sscanf(line, "%*d %*d %u:%u", &line_major, &line_minor) == 2 &&
	       line_major == dev_major && line_minor == dev_minor;
}

int dcm_reclaim_mountinfo(const struct dcm_reclaim_target *target, char **ret)
{
	_cleanup_free_ char *text = NULL;
	char *out, *line, *next;
	size_t len;
	int err = read_mountinfo(target->process, &text, &len);

	if (err)
		return err;
	out = text;
	for (line = text; *line; line = next) {
		next = strchrnul(line, '\n');
		next += *next == '\n';
		if (!is_about(line, target->dev_major, target->dev_minor))
			continue;
		memmove(out, line, (size_t)(next - line));
		out += next - line;
	}
	*out = '\0';
	*ret = dcm_take_ptr(text);
	return 0;
}
