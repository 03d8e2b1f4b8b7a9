// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_planted.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "common/base/cleanup.h"
#include "common/parse/mountinfo.h"

#define PLANTED 128 /* half of them exist */

/* ---- from a file ---- */

static bool take_line(const char *line, struct dcm_planted *planted)
{
	struct dcm_planted_name *name = &planted->names[planted->count];

	if (sscanf(line, "dir %" SCNx32 " %31s %" SCNu64 " %63s", &planted->dev, planted->fstype,
		   &planted->ino, planted->folder) == 4)
		return true;
	if (planted->count == DCM_PLANTED_ROOM)
		return true; /* enough */
	if (sscanf(line, "missing %63s", name->name) == 1)
		name->ino = 0;
	else if (sscanf(line, "existing %" SCNu64 " %63s", &name->ino, name->name) != 2 ||
		 !name->ino)
		return false;
	planted->count++;
	return true;
}

int dcm_planted_read(const char *path, struct dcm_reason *reason, struct dcm_planted *ret)
{
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[256];

	memset(ret, 0, sizeof(*ret));
	ret->fd = -1;
	if (!f)
		return dcm_reason_set(reason, -errno, "%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f))
		if (!take_line(line, ret))
			return dcm_reason_set(reason, -EINVAL, "%s: %.80s", path, line);
	return *ret->folder ? 0 : dcm_reason_set(reason, -EINVAL, "%s: no \"dir\"", path);
}

/* ---- on this host ---- */

static const char *const places[] = {"/var/lib/dcachemon", "/var/tmp", "/tmp", "/root"};

/* Filesystems in memory keep no missing names (simple_dentry_operations). */
static bool keeps_missing_names(const char *path)
{
	struct statfs fs;

	return !statfs(path, &fs) && fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC;
}

static int make_folder(struct dcm_planted *planted)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(places); i++) {
		if (!keeps_missing_names(places[i]))
			continue;
		snprintf(planted->path, sizeof(planted->path), "%s/dcachemon-XXXXXX", places[i]);
		if (!mkdtemp(planted->path))
			continue;
		planted->fd = open(planted->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return planted->fd < 0 ? -errno : 0;
	}
	*planted->path = '\0';
	return -EOPNOTSUPP;
}

/* Of 12 to 28 letters, so that a dentry has room for it. */
static void make_name(struct dcm_planted_name *name, size_t number)
{
	unsigned char random[24] = {0};
	size_t length = 12 + number % 17;

	if (getrandom(random, sizeof(random), 0) < 0)
		random[0] = (unsigned char)number;
	snprintf(name->name, sizeof(name->name), "%03zu", number);
	for (size_t i = 3; i < length; i++)
		name->name[i] = (char)('a' + random[i - 3] % 26);
	name->name[length] = '\0';
}

static int plant_one(const struct dcm_planted *planted, struct dcm_planted_name *name, bool exists)
{
	struct stat st;

	if (exists) {
		_cleanup_close_ int fd = openat(planted->fd, name->name,
						O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd < 0 || fstat(fd, &st))
			return -errno;
		name->ino = st.st_ino;
		return 0;
	}
	name->ino = 0;
	return fstatat(planted->fd, name->name, &st, AT_SYMLINK_NOFOLLOW) && errno == ENOENT
		       ? 0
		       : -EEXIST;
}

/* The type of the filesystem with that number, of those that are mounted here. */
static int find_type(uint32_t dev_major, uint32_t dev_minor, char *ret, size_t size)
{
	_cleanup_fclose_ FILE *f = fopen("/proc/self/mountinfo", "re");
	_cleanup_free_ char *line = NULL;
	struct dcm_mountinfo info;
	size_t room = 0;

	while (f && getline(&line, &room, f) > 0) {
		if (dcm_mountinfo_parse((struct dcm_span){line, strcspn(line, "\n")}, &info) ||
		    info.dev_major != dev_major || info.dev_minor != dev_minor)
			continue;
		if (info.fstype.len >= size)
			return -ENAMETOOLONG;
		memcpy(ret, info.fstype.at, info.fstype.len);
		ret[info.fstype.len] = '\0';
		return 0;
	}
	return -ENOENT;
}

static int describe_folder(struct dcm_planted *planted)
{
	struct stat st;

	if (fstat(planted->fd, &st))
		return -errno;
	planted->ino = st.st_ino;
	planted->dev = (uint32_t)(major(st.st_dev) << 20 | minor(st.st_dev));
	snprintf(planted->folder, sizeof(planted->folder), "%.63s",
		 strrchr(planted->path, '/') + 1);
	return find_type(major(st.st_dev), minor(st.st_dev), planted->fstype,
			 sizeof(planted->fstype));
}

static int plant(struct dcm_planted *planted)
{
	int err = describe_folder(planted);

	for (size_t i = 0; !err && i < PLANTED; i++) {
		make_name(&planted->names[i], i);
		err = plant_one(planted, &planted->names[i], i % 2);
		planted->count += !err;
	}
	return err;
}

int dcm_planted_make(struct dcm_reason *reason, struct dcm_planted *ret)
{
	int err;

	memset(ret, 0, sizeof(*ret));
	ret->fd = -1;
	err = make_folder(ret);
	if (!err)
		err = plant(ret);
	if (!err)
		return 0;
	dcm_planted_remove(ret);
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "no folder for known names: one of /var/lib/dcachemon, /var/tmp, "
			      "/tmp must be writable and on a disk");
}

void dcm_planted_remove(struct dcm_planted *planted)
{
	for (size_t i = 0; planted->fd >= 0 && i < planted->count; i++)
		if (planted->names[i].ino)
			unlinkat(planted->fd, planted->names[i].name, 0);
	if (planted->fd >= 0)
		close(planted->fd);
	if (*planted->path)
		rmdir(planted->path);
	planted->fd = -1;
	*planted->path = '\0';
}
