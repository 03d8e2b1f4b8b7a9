// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/kernel/files/fd_io.h"

#define PATH_SIZE 4096
#define MAX_TRIES 100 /* at a file that others replace */
#define LOCK_NS	  DCM_NSEC_PER_SEC
#define LOCK_POLL DCM_NSEC_PER_MSEC

static int join(const char *folder, const char *suffix, char ret[PATH_SIZE])
{
	int len = snprintf(ret, PATH_SIZE, "%s/" DCM_RECLAIM_LOG_NAME "%s", folder, suffix);

	return len < PATH_SIZE ? 0 : -ENAMETOOLONG;
}

/* ---- reading ---- */

/* The whole file, at most its limit and one more line; @ret is free()d. */
static int read_all(int fd, char **ret, size_t *ret_len)
{
	size_t room = DCM_RECLAIM_LOG_MAX + DCM_RECLAIM_LINE_SIZE, len = 0;
	_cleanup_free_ char *text = malloc(room);
	int err;

	if (!text)
		return -ENOMEM;
	err = lseek(fd, 0, SEEK_SET) < 0 ? -errno : dcm_fd_read_all(fd, text, room, &len);
	if (err)
		return err;
	*ret = dcm_take_ptr(text);
	*ret_len = len;
	return 0;
}

/* A partial line, which another process is writing, does not count. */
static struct dcm_span whole_lines(const char *text, size_t len)
{
	const char *end = memrchr(text, '\n', len);

	return (struct dcm_span){text, end ? (size_t)(end + 1 - text) : 0};
}

static int parse_all(struct dcm_span text, struct dcm_reclaim_entry **ret, size_t *ret_count)
{
	_cleanup_free_ struct dcm_reclaim_entry *entries = NULL;
	size_t lines = 0, count = 0;
	struct dcm_span line;

	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	entries = calloc(lines + 1, sizeof(*entries));
	if (!entries)
		return -ENOMEM;
	while (count < lines && dcm_span_line(&text, &line))
		if (dcm_reclaim_entry_parse(line, &entries[count]) == 0)
			count++;
	*ret = dcm_take_ptr(entries);
	*ret_count = count;
	return 0;
}

static int read_entries(int fd, struct dcm_reclaim_entry **ret, size_t *ret_count)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err = read_all(fd, &text, &len);

	return err ? err : parse_all(whole_lines(text, len), ret, ret_count);
}

int dcm_reclaim_log_read(const char *folder, struct dcm_reclaim_entry **ret, size_t *ret_count)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_SIZE];
	int err = join(folder, "", path);

	if (err)
		return err;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	if (fd >= 0)
		return read_entries(fd, ret, ret_count);
	if (errno != ENOENT)
		return -errno;
	*ret = NULL;
	*ret_count = 0;
	return 0;
}

/* ---- writing ---- */

static bool is_still(const char *path, int fd)
{
	struct stat named, open;

	return lstat(path, &named) == 0 && fstat(fd, &open) == 0 && named.st_ino == open.st_ino &&
	       named.st_dev == open.st_dev;
}

/* Who may read the file can hold its lock for ever: -EBUSY after a time that no append takes. */
static int lock(int fd)
{
	const struct timespec pause = {.tv_nsec = LOCK_POLL};
	uint64_t end = dcm_now_ns() + LOCK_NS;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (dcm_now_ns() >= end)
			return -EBUSY;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* The file that has the name once its lock is held; others replace it, under the lock. */
static int open_locked(const char *path)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		_cleanup_close_ int fd = open(
			path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC,
			0644);
		int err;

		if (fd < 0)
			return -errno;
		err = lock(fd);
		if (err)
			return err;
		if (is_still(path, fd))
			return dcm_take_fd(fd);
	}
	return -EBUSY;
}

/* Keeps the younger half, as a whole new file: a reader finds the old one or the new one. */
static int replace(const char *folder, const char *path, int old, const char *line, size_t len)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_close_ int fd = -1;
	char fresh[PATH_SIZE];
	struct dcm_span whole;
	const char *keep;
	size_t size;
	int err = join(folder, ".new", fresh);

	if (!err)
		err = read_all(old, &text, &size);
	if (err)
		return err;
	whole = whole_lines(text, size);
	keep = memchr(whole.at + whole.len / 2, '\n', whole.len - whole.len / 2);
	unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -errno;
	err = keep ? dcm_fd_write_all(fd, keep + 1, (size_t)(whole.at + whole.len - keep - 1)) : 0;
	if (!err)
		err = dcm_fd_write_all(fd, line, len);
	if (!err && rename(fresh, path))
		err = -errno;
	if (err)
		unlink(fresh);
	return err;
}

static bool is_repeated(const struct dcm_reclaim_entry *entry, const struct dcm_reclaim_entry *past,
			size_t count, int64_t quiet_ns)
{
	for (size_t i = 0; i < count && entry->outcome == DCM_RECLAIM_REFUSED; i++)
		if (past[i].outcome == DCM_RECLAIM_REFUSED &&
		    past[i].dev_major == entry->dev_major &&
		    past[i].dev_minor == entry->dev_minor && entry->time_ns >= past[i].time_ns &&
		    entry->time_ns - past[i].time_ns < quiet_ns)
			return true;
	return false;
}

int dcm_reclaim_log_append(const char *folder, struct dcm_reclaim_entry *entry, int64_t quiet_ns)
{
	_cleanup_free_ struct dcm_reclaim_entry *past = NULL;
	char path[PATH_SIZE], line[DCM_RECLAIM_LINE_SIZE];
	int err = join(folder, "", path);
	_cleanup_close_ int fd = err ? -1 : open_locked(path);
	size_t count, len;
	struct stat st;

	if (err || fd < 0)
		return err ? err : fd;
	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	err = read_entries(fd, &past, &count);
	if (err || is_repeated(entry, past, count, quiet_ns))
		return err;
	entry->counts = count ? past[count - 1].counts : (struct dcm_reclaim_counts){0};
	dcm_reclaim_counts_add(&entry->counts, entry);
	len = dcm_reclaim_entry_format(entry, line);
	return st.st_size > DCM_RECLAIM_LOG_MAX ? replace(folder, path, fd, line, len)
						: dcm_fd_write_all(fd, line, len);
}

/* ---- following ---- */

struct dcm_reclaim_watch {
	char path[PATH_SIZE];
	int fd;
	struct stat seen;
	struct dcm_reclaim_entry last;
	struct dcm_forecast_history history;
};

int dcm_reclaim_watch_create(const char *folder, struct dcm_reclaim_watch **ret)
{
	struct dcm_reclaim_watch *watch = calloc(1, sizeof(*watch));
	int err = watch ? join(folder, "", watch->path) : -ENOMEM;

	if (err) {
		free(watch);
		return err;
	}
	watch->fd = -1;
	*ret = watch;
	return 0;
}

static void forget(struct dcm_reclaim_watch *watch)
{
	if (watch->fd >= 0)
		close(watch->fd);
	watch->fd = -1;
	memset(&watch->seen, 0, sizeof(watch->seen));
}

void dcm_reclaim_watch_destroy(struct dcm_reclaim_watch *watch)
{
	if (!watch)
		return;
	forget(watch);
	free(watch);
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

static bool is_unchanged(const struct stat *a, const struct stat *b)
{
	return is_same_file(a, b) && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static int take_entries(struct dcm_reclaim_watch *watch)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_reclaim_entry entry;
	struct dcm_span rest, line;
	size_t len;
	int err = read_all(watch->fd, &text, &len);

	if (err)
		return err;
	watch->last = (struct dcm_reclaim_entry){0};
	watch->history = (struct dcm_forecast_history){0};
	rest = whole_lines(text, len);
	while (dcm_span_line(&rest, &line)) {
		if (dcm_reclaim_entry_parse(line, &entry))
			continue;
		watch->last = entry;
		dcm_forecast_remember(&watch->history, &entry);
	}
	return 0;
}

/* Brings the descriptor and the last entry in line with the file that @st describes. */
static int follow(struct dcm_reclaim_watch *watch, const struct stat *st)
{
	int err;

	if (watch->fd >= 0 && is_unchanged(&watch->seen, st))
		return 0;
	if (watch->fd < 0 || !is_same_file(&watch->seen, st)) {
		forget(watch);
		watch->fd = open(watch->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
		if (watch->fd < 0)
			return -errno;
	}
	err = take_entries(watch);
	if (!err)
		watch->seen = *st;
	return err;
}

int dcm_reclaim_watch_read(struct dcm_reclaim_watch *watch, struct dcm_reclaim_entry *ret,
			   struct dcm_reason *reason)
{
	struct stat st;
	int err = lstat(watch->path, &st) ? -errno : 0;

	if (!err)
		err = S_ISREG(st.st_mode) ? follow(watch, &st) : -EINVAL;
	if (err == -ENOENT) {
		forget(watch);
		watch->last = (struct dcm_reclaim_entry){0};
		watch->history = (struct dcm_forecast_history){0};
		err = 0;
	}
	if (err)
		return dcm_reason_set(reason, err, "%.120s: %s", watch->path, strerror(-err));
	*ret = watch->last;
	return 0;
}

const struct dcm_forecast_history *dcm_reclaim_watch_history(const struct dcm_reclaim_watch *watch)
{
	return &watch->history;
}
