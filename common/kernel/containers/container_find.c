// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_find.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/files/cached_file.h"
#include "common/parse/cgroup.h"

#define LEAST_ID 12
#define MAX_FILE (64u << 10)

static bool is_id(const char *id, const char *name)
{
	size_t len = strlen(name);

	return !strcmp(id, name) || (len >= LEAST_ID && dcm_container_id_shown(id) == LEAST_ID &&
				     !strncmp(id, name, len));
}

static bool is_called(const struct dcm_container *container, const char *name)
{
	char whole[1024];

	if (container->name && !strcmp(container->name, name))
		return true;
	if (container->pod && container->namespace) {
		snprintf(whole, sizeof(whole), "%.300s/%.300s%s%.300s", container->namespace,
			 container->pod, container->name ? "/" : "",
			 container->name ? container->name : "");
		if (!strcmp(whole, name))
			return true;
	}
	return container->id && is_id(container->id, name);
}

static const struct dcm_space_mount *root_mount(const struct dcm_space *space)
{
	for (size_t i = 0; i < space->count; i++)
		if (space->mount[i].top)
			return &space->mount[i];
	return NULL;
}

/* Several namespaces of one container are one: the first has its first process. */
static int choose(const struct dcm_spaces_found *found, const char *name, struct dcm_reason *reason,
		  const struct dcm_space **ret)
{
	const struct dcm_space *best = NULL;

	for (size_t i = 0; i < found->count; i++) {
		const struct dcm_space *space = found->space[i];

		if (!space->contained || !is_called(&space->container, name) ||
		    (!space->top_root[0] && !root_mount(space)))
			continue;
		if (best && strcmp(best->container.id, space->container.id) != 0)
			return dcm_reason_set(reason, -ENOTUNIQ,
					      "several containers are called that: give the ID, or "
					      "NAMESPACE/POD/NAME");
		if (!best)
			best = space;
	}
	if (!best && found->denied)
		return dcm_reason_set(reason, -EACCES,
				      "no container is called that among those that may be looked "
				      "at; %zu processes may not be (CAP_SYS_PTRACE)",
				      found->denied);
	if (!best)
		return dcm_reason_set(reason, -ENOENT, "no running container is called that");
	*ret = best;
	return 0;
}

/* The group that is named after the container, not one that its processes have made inside. */
static void cut_group(char *path, const char *id)
{
	char *at = strstr(path, id), *end;

	for (char *next = at; next; next = strstr(next + 1, id))
		at = next;
	end = at ? strchr(at, '/') : NULL;
	if (end)
		*end = '\0';
}

static void read_group(const char *root, const struct dcm_space *space, char *out, size_t size)
{
	_cleanup_free_ char *text = NULL;
	struct dcm_cached_file file;
	size_t room = 0, len;
	char path[64];

	*out = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cgroup", space->pid);
	if (dcm_cached_file_init(&file, root, path))
		return;
	if (!dcm_cached_file_read(&file, &text, &room, MAX_FILE, &len))
		dcm_cgroup_owner(text, len, out, size);
	dcm_cached_file_deinit(&file);
	cut_group(out, space->container.id);
	if (!strcmp(out, "/"))
		*out = '\0';
}

int dcm_container_find(const char *root, const struct dcm_config_containers *config,
		       const char *name, struct dcm_reason *reason, struct dcm_container_root *ret)
{
	_cleanup_(dcm_spaces_destroyp) struct dcm_spaces *spaces = NULL;
	const struct dcm_space_mount *mount;
	const struct dcm_space *space = NULL;
	struct dcm_spaces_found found;
	int err = dcm_spaces_create(root, config, &spaces);

	if (err)
		return dcm_reason_no_memory(reason);
	err = dcm_spaces_scan(spaces, 0, NULL, &found);
	if (err)
		return dcm_reason_set(reason, err, "looking for containers: %s", strerror(-err));
	err = choose(&found, name, reason, &space);
	if (err)
		return err;
	mount = root_mount(space);
	ret->part = space->top_root[0] != '\0' || !mount;
	ret->dev_major = ret->part ? space->top_major : mount->dev_major;
	ret->dev_minor = ret->part ? space->top_minor : mount->dev_minor;
	ret->pid = space->pid;
	read_group(root, space, ret->cgroup, sizeof(ret->cgroup));
	return 0;
}
