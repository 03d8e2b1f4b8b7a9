// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_shrinker.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/kernel/reclaim/reclaim_pressure.h"
#include "common/parse/number.h"

#define IDLE_ROUNDS 3 /* a referenced dentry goes in the second scan only */
#define COUNT_MAX   (16u << 20)
#define PATH_SIZE   4096

/* ---- finding it ---- */

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* "sb-TYPE:ID-NUMBER" or "sb-TYPE-NUMBER" */
static bool is_shrinker(const char *name, const char *fstype, const char *id)
{
	size_t len = strlen(fstype);

	if (strncmp(name, "sb-", 3) != 0 || strncmp(name + 3, fstype, len) != 0)
		return false;
	name += 3 + len;
	if (id) {
		len = strlen(id);
		if (*name != ':' || strncmp(name + 1, id, len) != 0)
			return false;
		name += 1 + len;
	}
	return *name == '-' && is_number(name + 1);
}

/* How many fit; the last one's path in @out. */
static int find(const char *folder, const char *fstype, const char *id, char *out, size_t size)
{
	_cleanup_closedir_ DIR *dir = opendir(folder);
	struct dirent *entry;
	int found = 0;

	while (dir && (entry = readdir(dir))) {
		if (!is_shrinker(entry->d_name, fstype, id))
			continue;
		if ((size_t)snprintf(out, size, "%s/%s", folder, entry->d_name) >= size)
			return -ENAMETOOLONG;
		found++;
	}
	return found;
}

int dcm_shrinker_find(const char *folder, const char *fstype, const char *id, bool only, char *out,
		      size_t size)
{
	int found = *id ? find(folder, fstype, id, out, size) : 0;

	if (!found && only)
		found = find(folder, fstype, NULL, out, size);
	if (found < 0)
		return found;
	if (found && !dcm_reclaim_shrinkers_work(""))
		return -ENODATA;
	return found == 1 ? 0 : found ? -ENOTUNIQ : -EOPNOTSUPP;
}

/* ---- counting and scanning ---- */

/* The file "count": per memory cgroup "INODE COUNT COUNT ...", a count per NUMA node. */
static int read_count(const char *shrinker, char *buf, size_t size)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_SIZE];
	size_t len = 0;
	ssize_t n = 1;

	if ((size_t)snprintf(path, sizeof(path), "%s/count", shrinker) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n > 0 && len < size - 1) {
		n = read(fd, buf + len, size - 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	buf[len] = '\0';
	return n < 0 ? -errno : 0;
}

static int scan_once(int fd, uint64_t memcg, unsigned node, uint64_t count)
{
	char line[80];
	int len = snprintf(line, sizeof(line), "%" PRIu64 " %u %" PRIu64 "\n", memcg, node, count);

	/* A memory cgroup may have gone since it was counted. */
	if (pwrite(fd, line, (size_t)len, 0) < 0 && errno != ENOENT && errno != EINVAL)
		return -errno;
	return 0;
}

/* One scan through @fd, the file "scan", for every count that is not 0; and the counts' sum. */
static int go_through(struct dcm_shrinker_run *run, int fd, const char *count, uint64_t *ret_sum)
{
	uint64_t sum = 0;
	int err;

	for (const char *at = count; *at; at += *at == '\n') {
		uint64_t memcg = 0, objects;

		dcm_number_leading(&at, &memcg);
		for (unsigned node = 0; *at == ' '; node++) {
			at += strspn(at, " ");
			if (dcm_number_leading(&at, &objects))
				break;
			sum += objects;
			if (!objects)
				continue;
			err = scan_once(fd, memcg, node, DCM_MIN(objects, run->objects));
			if (err)
				return err;
			run->scans++;
		}
		at = strchrnul(at, '\n');
	}
	*ret_sum = sum;
	return 0;
}

void dcm_shrinker_run_init(struct dcm_shrinker_run *run, const char *shrinker, uint64_t objects)
{
	*run = (struct dcm_shrinker_run){
		.shrinker = shrinker, .objects = objects, .least = UINT64_MAX};
}

static int step(struct dcm_shrinker_run *run, char *count, uint64_t *ret_sum)
{
	_cleanup_close_ int fd = -1;
	char path[PATH_SIZE];
	int err = read_count(run->shrinker, count, COUNT_MAX);

	if (err)
		return err;
	if ((size_t)snprintf(path, sizeof(path), "%s/scan", run->shrinker) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : go_through(run, fd, count, ret_sum);
}

int dcm_shrinker_run_step(struct dcm_shrinker_run *run, struct dcm_reason *reason, bool *ret_more)
{
	_cleanup_free_ char *count = calloc(1, COUNT_MAX);
	uint64_t sum = 0;
	int err;

	if (!count)
		return dcm_reason_no_memory(reason);
	err = step(run, count, &sum);
	if (err)
		return dcm_reason_set(reason, err, "%s: %s", run->shrinker, strerror(-err));
	run->idle = sum < run->least ? 0 : run->idle + 1;
	run->least = DCM_MIN(sum, run->least);
	*ret_more = sum && run->idle < IDLE_ROUNDS;
	return 0;
}
