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
#include "common/kernel/kcore/kcore_map.h"
#include "common/kernel/netns/netns_count.h"
#include "common/parse/mountinfo.h"

#define PLANTED 128	/* half of them exist */
#define BELOW	"below" /* a folder in the folder */

/* ---- from a file ---- */

static bool take_namespace(uint32_t number, struct dcm_planted *planted)
{
	if (planted->namespace_count < DCM_PLANTED_NAMESPACES)
		planted->namespaces[planted->namespace_count++] = number;
	return true;
}

/* The core file lies beside the file at @path. */
static bool take_later(const char *path, int by, const char *core, struct dcm_planted *planted)
{
	struct dcm_planted_later *later = &planted->later[planted->later_count];
	const char *end = strrchr(path, '/');
	size_t folder = end ? (size_t)(end + 1 - path) : 0;

	if (planted->later_count == DCM_PLANTED_CHANGES ||
	    folder + strlen(core) >= sizeof(later->core))
		return false;
	planted->later_count++;
	later->by = by;
	memcpy(later->core, path, folder);
	strcpy(later->core + folder, core);
	return true;
}

static bool take_other(const char *path, const char *line, struct dcm_planted *planted)
{
	char core[64];
	uint32_t number;
	int by;

	if (sscanf(line, "namespace %" SCNu32, &number) == 1)
		return take_namespace(number, planted);
	return sscanf(line, "later %d %63s", &by, core) == 2 && take_later(path, by, core, planted);
}

static bool take_line(const char *path, const char *line, struct dcm_planted *planted)
{
	struct dcm_planted_name *name = &planted->names[planted->count];

	if (sscanf(line, "dir %" SCNx32 " %31s %" SCNu64 " %63s", &planted->dev, planted->fstype,
		   &planted->ino, planted->folder) == 4)
		return true;
	if (take_other(path, line, planted))
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
		if (!take_line(path, line, ret))
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

static void plant_namespaces(struct dcm_planted *planted)
{
	uint64_t numbers[DCM_PLANTED_NAMESPACES];
	struct stat st;
	size_t count;

	if (stat("/proc/self/ns/net", &st))
		return;
	take_namespace((uint32_t)st.st_ino, planted);
	if (dcm_netns_numbers("", numbers, DCM_PLANTED_NAMESPACES, &count))
		return;
	for (size_t i = 0; i < count; i++)
		if (numbers[i] != st.st_ino)
			take_namespace((uint32_t)numbers[i], planted);
}

static int plant(struct dcm_planted *planted)
{
	int err = describe_folder(planted);

	if (!err && mkdirat(planted->fd, BELOW, 0700))
		err = -errno;
	plant_namespaces(planted);

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

/* ---- changes ---- */

/* Of different numbers, so that nothing else changes by each of them. */
static const unsigned changes[DCM_PLANTED_CHANGES / 2] = {37, 61, 89};

/* Names that were never looked for before. */
static int look_up(struct dcm_planted *planted, unsigned count)
{
	char name[64];
	struct stat st;

	for (unsigned i = 0; i < count; i++) {
		snprintf(name, sizeof(name), BELOW "/%u", planted->made++);
		if (!fstatat(planted->fd, name, &st, AT_SYMLINK_NOFOLLOW) || errno != ENOENT)
			return -EEXIST;
	}
	return 0;
}

/* The names in it go with the folder; made again it is itself as unused as before. */
static int remove_and_make(const struct dcm_planted *planted)
{
	if (unlinkat(planted->fd, BELOW, AT_REMOVEDIR) || mkdirat(planted->fd, BELOW, 0700))
		return -errno;
	return 0;
}

int dcm_planted_change(struct dcm_planted *planted, struct dcm_kcore *memory, unsigned change,
		       int64_t *ret)
{
	struct dcm_reason reason;
	int err;

	if (planted->fd < 0) {
		if (change >= planted->later_count)
			return -EOPNOTSUPP;
		*ret = planted->later[change].by;
		return dcm_kcore_reopen(memory, planted->later[change].core, &reason);
	}
	err = change % 2 ? remove_and_make(planted) : look_up(planted, changes[change / 2]);
	if (!err)
		*ret = change % 2 ? -(int64_t)changes[change / 2] : changes[change / 2];
	return err;
}

void dcm_planted_remove(struct dcm_planted *planted)
{
	if (planted->fd >= 0)
		unlinkat(planted->fd, BELOW, AT_REMOVEDIR);
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
