// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/reclaim/reclaim_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/cached_file.h"
#include "common/kernel/reclaim/reclaim_pressure.h"
#include "common/parse/boot_options.h"
#include "common/parse/memory_stat.h"
#include "common/parse/number.h"

/* struct dentry on 64 bits, and the pointer to its owner in struct slab's obj_exts. */
#define DENTRY_BYTES (192 + 8)
#define FEW	     50000 /* dentries that say nothing beside everything else in a group */
#define MAX_GROUPS   4096  /* looked at in a search */
#define MAX_DEPTH    32
#define FILE_MAX     (64u << 10)

/* Where systemd and others mount the hierarchies: unified, hybrid, legacy. */
static const struct hierarchy {
	const char *folder;
	bool v1;
} hierarchies[] = {
	{"/sys/fs/cgroup", false},
	{"/sys/fs/cgroup/unified", false},
	{"/sys/fs/cgroup/memory", true},
};

static int read_file(const char *folder, const char *name, char **ret, size_t *ret_len)
{
	struct dcm_cached_file file;
	size_t size = 0;
	int err = dcm_cached_file_init(&file, folder, name);

	if (err)
		return err;
	err = dcm_cached_file_read(&file, ret, &size, FILE_MAX, ret_len);
	dcm_cached_file_deinit(&file);
	return err;
}

/* ---- what a group is charged with ---- */

static int read_number(const char *folder, const char *name, uint64_t *ret)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	size_t len;
	int err = read_file(folder, name, &text, &len);

	at = text;
	return err ? err : dcm_number_leading(&at, ret);
}

int dcm_cgroup_measure(struct dcm_cgroup *cgroup)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_memory_stat stat;
	size_t len;
	int err = read_file(cgroup->folder, "/memory.stat", &text, &len);

	if (!err)
		err = dcm_memory_stat_parse(text, len, &stat);
	if (err)
		return err;
	cgroup->cache_bytes = stat.file_bytes;
	cgroup->slab_bytes = stat.slab_reclaimable_bytes;
	/* v1 does not tell slab apart: all kernel memory, most of which is slab. */
	return cgroup->v1 ? read_number(cgroup->folder, "/memory.kmem.usage_in_bytes",
					&cgroup->slab_bytes)
			  : 0;
}

/* ---- which hierarchy ---- */

static bool has_memory_controller(const char *folder)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_span line, word;
	size_t len;

	if (read_file(folder, "/cgroup.controllers", &text, &len))
		return false;
	line = (struct dcm_span){text, len};
	while (dcm_span_word(&line, &word))
		if (dcm_span_equals(word, "memory") || dcm_span_equals(word, "memory\n"))
			return true;
	return false;
}

static bool exists(const char *folder, const char *name)
{
	char path[DCM_CGROUP_PATH + 64];

	return (size_t)snprintf(path, sizeof(path), "%s%s", folder, name) < sizeof(path) &&
	       access(path, F_OK) == 0;
}

static int find_hierarchy(const char *root, struct dcm_reason *reason, struct dcm_cgroup *ret)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(hierarchies); i++) {
		const struct hierarchy *hierarchy = &hierarchies[i];

		if ((size_t)snprintf(ret->folder, sizeof(ret->folder), "%s%s", root,
				     hierarchy->folder) >= sizeof(ret->folder))
			return -ENAMETOOLONG;
		ret->v1 = hierarchy->v1;
		if (ret->v1 ? exists(ret->folder, "/memory.stat")
			    : has_memory_controller(ret->folder))
			return 0;
	}
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "no memory controller of control groups below /sys/fs/cgroup");
}

/* mm/memcontrol.c: cgroup.memory=nokmem. Groups have the same files then, without slab memory. */
static int check_charged(const char *root, struct dcm_reason *reason)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (read_file(root, "/proc/cmdline", &text, &len) ||
	    !dcm_boot_options_have(text, len, "cgroup.memory", "nokmem"))
		return 0;
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "cgroup.memory=nokmem on the kernel's command line: no control group "
			      "is charged for dentries");
}

/* ---- which group ---- */

bool dcm_cgroup_descend(char *folder, const char *name)
{
	size_t len = strlen(folder), room = DCM_CGROUP_PATH - len;

	return (size_t)snprintf(folder + len, room, "/%s", name) < room;
}

struct search {
	struct dcm_cgroup at; /* its folder grows and shrinks */
	uint64_t bytes;	      /* what it is to hold */
	unsigned groups;
	int found;
	struct dcm_cgroup best;
};

static bool search_below(struct search *search, int depth);

/* Whether this group or one below it holds enough: then one above it is of no interest. */
static bool search_group(struct search *search, int depth)
{
	if (depth > MAX_DEPTH || search->groups++ >= MAX_GROUPS ||
	    dcm_cgroup_measure(&search->at) || search->at.slab_bytes < search->bytes / 10 * 9)
		return false;
	if (search_below(search, depth + 1))
		return true;
	dcm_cgroup_measure(&search->at);
	/* Little else in it: at least three quarters are these. */
	if (search->at.slab_bytes <= search->bytes / 3 * 4) {
		search->found++;
		search->best = search->at;
	}
	return true;
}

static bool search_below(struct search *search, int depth)
{
	_cleanup_closedir_ DIR *dir = opendir(search->at.folder);
	size_t len = strlen(search->at.folder);
	struct dirent *entry;
	bool any = false;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		if (dcm_cgroup_descend(search->at.folder, entry->d_name))
			any = search_group(search, depth) || any;
		search->at.folder[len] = '\0';
	}
	return any;
}

static int find_fitting(uint64_t unused, struct dcm_reason *reason, struct dcm_cgroup *cgroup)
{
	struct search search = {.at = *cgroup, .bytes = unused * DENTRY_BYTES};

	if (unused < FEW)
		return dcm_reason_set(reason, -ENOENT,
				      "fewer than %d cannot be told by a control group's memory",
				      FEW);
	search_below(&search, 0);
	if (search.found > 1)
		return dcm_reason_set(reason, -ENOTUNIQ,
				      "%d control groups could hold them: --cgroup names one",
				      search.found);
	if (!search.found)
		return dcm_reason_set(reason, -ENOENT,
				      "no control group is charged for them and little else");
	*cgroup = search.best;
	return 0;
}

static int take_named(const char *named, struct dcm_reason *reason, struct dcm_cgroup *cgroup)
{
	size_t len = strlen(cgroup->folder);

	if (!strncmp(named, cgroup->folder, len))
		named += len;
	if (*named != '/' || !named[1] || strstr(named, "/.."))
		return dcm_reason_set(reason, -EINVAL,
				      "%s: not a control group, or the one of the whole host",
				      named);
	if ((size_t)snprintf(cgroup->folder + len, sizeof(cgroup->folder) - len, "%s", named) >=
	    sizeof(cgroup->folder) - len)
		return -ENAMETOOLONG;
	if (dcm_cgroup_measure(cgroup))
		return dcm_reason_set(reason, -EINVAL, "%s: no memory control group of this name",
				      named);
	return 0;
}

/* ---- whether it would swap ---- */

static bool host_swaps(const char *root)
{
	_cleanup_free_ char *text = NULL;
	const char *second;
	size_t len;

	/* A line of headings, then one per area. */
	if (read_file(root, "/proc/swaps", &text, &len))
		return false;
	second = strchr(text, '\n');
	return second && second[1];
}

/* Nothing is to be reclaimed: only a kernel that knows the key takes this (6.10). */
static bool knows_swappiness(const char *folder)
{
	char path[DCM_CGROUP_PATH + 64];
	_cleanup_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/memory.reclaim", folder);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, "0 swappiness=0", 14) == 14;
}

static int check_files(const char *root, struct dcm_reason *reason, struct dcm_cgroup *cgroup)
{
	uint64_t swappiness;

	if (!dcm_reclaim_shrinkers_work(root))
		return dcm_reason_set(reason, -EOPNOTSUPP,
				      "vm.vfs_cache_pressure is 0: only page cache would go");
	if (!exists(cgroup->folder, cgroup->v1 ? "/memory.force_empty" : "/memory.reclaim"))
		return dcm_reason_set(reason, -EOPNOTSUPP, "control groups have no %s",
				      cgroup->v1 ? "memory.force_empty"
						 : "memory.reclaim: Linux 5.19 or later");
	cgroup->swappiness = !cgroup->v1 && knows_swappiness(cgroup->folder);
	if (!host_swaps(root) || cgroup->swappiness)
		return 0;
	if (cgroup->v1 && !read_number(cgroup->folder, "/memory.swappiness", &swappiness) &&
	    !swappiness)
		return 0;
	return dcm_reason_set(reason, -EOPNOTSUPP,
			      "the control group's programs would be swapped out as well");
}

int dcm_cgroup_find(const char *root, const char *named, uint64_t unused, struct dcm_reason *reason,
		    struct dcm_cgroup *ret)
{
	struct dcm_cgroup cgroup = {.v1 = false};
	int err = find_hierarchy(root, reason, &cgroup);

	if (!err)
		err = check_charged(root, reason);
	if (!err)
		err = named ? take_named(named, reason, &cgroup)
			    : find_fitting(unused, reason, &cgroup);
	if (!err)
		err = check_files(root, reason, &cgroup);
	if (!err)
		*ret = cgroup;
	return err;
}
