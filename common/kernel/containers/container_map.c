// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/search.h"

#define NOBODY SIZE_MAX

/* A superblock and who has it. */
struct device {
	uint32_t dev_major, dev_minor;
	size_t space; /* index; of the one whose container has it, or NOBODY */
	pid_t pid;
	char command[DCM_COMMAND_SIZE];
};

/* A root directory that is part of a superblock. */
struct part {
	uint32_t dev_major, dev_minor;
	size_t space;
	char *path;
};

struct dcm_container_map {
	struct dcm_container *container; /* by the index of its space; no runtime and id: none */
	size_t spaces;
	struct device *device;
	size_t devices;
	struct part *part;
	size_t parts;
	struct dcm_container ended[DCM_CONTAINERS_WANTED]; /* that do not run */
	size_t ended_count;
};

/* A mount of one of the spaces, while the map is made. */
struct sight {
	const struct dcm_space_mount *mount;
	size_t space;
};

/* What a superblock is judged by. */
struct judgement {
	const struct dcm_spaces_found *found;
	const struct sight *sight;
	size_t count;
	const struct dcm_space_mount *host; /* NULL: the host has it not */
};

void dcm_container_map_destroy(struct dcm_container_map *map)
{
	if (!map)
		return;
	for (size_t i = 0; i < map->spaces; i++)
		dcm_container_deinit(&map->container[i]);
	for (size_t i = 0; i < map->ended_count; i++)
		dcm_container_deinit(&map->ended[i]);
	for (size_t i = 0; i < map->parts; i++)
		free(map->part[i].path);
	free(map->container);
	free(map->device);
	free(map->part);
	free(map);
}

DCM_DEFINE_CLEANUP(struct dcm_container_map, dcm_container_map_destroy)

static int compare_sights(const void *a, const void *b)
{
	const struct sight *x = a, *y = b;

	return DCM_COMPARE(x->mount->dev_major, y->mount->dev_major)
		?: DCM_COMPARE(x->mount->dev_minor, y->mount->dev_minor)
		?: DCM_COMPARE(x->space, y->space);
}

static bool same_device(const struct sight *a, const struct sight *b)
{
	return a->mount->dev_major == b->mount->dev_major &&
	       a->mount->dev_minor == b->mount->dev_minor;
}

/* ---- whose a superblock is ---- */

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

static const struct dcm_container *container_of(const struct judgement *j, size_t i)
{
	const struct dcm_space *space = j->found->space[j->sight[i].space];

	return space->contained ? &space->container : NULL;
}

/* Of containers in one pod, the one that holds what they share: it has no name of its own. */
static bool holds_pod(const struct dcm_container *container)
{
	return container->pod && !container->name;
}

static bool same_container(const struct dcm_container *a, const struct dcm_container *b)
{
	return a->runtime == b->runtime && same_text(a->id, b->id);
}

static bool same_pod(const struct dcm_container *a, const struct dcm_container *b)
{
	return same_text(a->pod, b->pod) && same_text(a->namespace, b->namespace);
}

/* The index of the space that stands for the pod of @container; NOBODY: none is known. */
static size_t find_holder(const struct dcm_spaces_found *found,
			  const struct dcm_container *container)
{
	for (size_t i = 0; i < found->count; i++) {
		const struct dcm_space *space = found->space[i];

		if (space->contained && holds_pod(&space->container) &&
		    same_pod(&space->container, container))
			return i;
	}
	return NOBODY;
}

/* Among those that @counts holds for, the space of the only one, or of the one that stands for
 * their pod, whether it has the superblock or not. NOBODY: none, or several. */
static size_t only_one(const struct judgement *j, bool (*counts)(const struct judgement *, size_t))
{
	size_t best = NOBODY;
	bool several = false;

	for (size_t i = 0; i < j->count; i++) {
		const struct dcm_container *now = container_of(j, i);

		if (!now || !counts(j, i))
			continue;
		if (best != NOBODY && !same_container(now, container_of(j, best))) {
			if (!same_pod(now, container_of(j, best)))
				return NOBODY;
			several = true;
		}
		if (best == NOBODY || holds_pod(now))
			best = i;
	}
	if (best == NOBODY)
		return NOBODY;
	return several ? find_holder(j->found, container_of(j, best)) : j->sight[best].space;
}

static bool is_root(const struct judgement *j, size_t i)
{
	return j->sight[i].mount->top;
}

static bool is_any(const struct judgement *j __attribute__((unused)),
		   size_t i __attribute__((unused)))
{
	return true;
}

/* The host has it mounted below a folder that is named after the container, or its pod. */
static bool is_named(const struct judgement *j, size_t i)
{
	const char *id = container_of(j, i)->id;
	uint64_t pod = j->found->space[j->sight[i].space]->pod;

	return (pod && j->host->pod == pod) ||
	       (id && j->host->named == dcm_space_hash_id((struct dcm_span){id, strlen(id)}));
}

/* One who sees it: @owner, if that does. */
static const struct dcm_space *seen_by(const struct judgement *j, size_t owner)
{
	for (size_t i = 0; i < j->count; i++)
		if (j->sight[i].space == owner)
			return j->found->space[owner];
	return j->found->space[j->sight[0].space];
}

static struct device judge(const struct judgement *j)
{
	const struct dcm_space *first;
	struct device device = {
		.dev_major = j->sight[0].mount->dev_major,
		.dev_minor = j->sight[0].mount->dev_minor,
		.space = only_one(j, is_root),
	};

	/* What the host has mounted is not known: all could be its own. */
	if (device.space == NOBODY && j->found->host)
		device.space = only_one(j, j->host ? is_named : is_any);
	if (j->found->host && !j->host) {
		first = seen_by(j, device.space);
		device.pid = first->pid;
		memcpy(device.command, first->command, sizeof(device.command));
	}
	return device;
}

/* ---- making it ---- */

/* What a namespace without a container shares with the host says nothing: services have copies of
 * all mounts. */
static size_t list_sights(const struct dcm_spaces_found *found, struct sight *ret)
{
	size_t count = 0;

	for (size_t s = 0; s < found->count; s++) {
		const struct dcm_space *space = found->space[s];

		for (size_t i = 0; i < space->count; i++) {
			const struct dcm_space_mount *m = &space->mount[i];

			if (!space->contained && found->host &&
			    dcm_space_find(found->host, m->dev_major, m->dev_minor))
				continue;
			if (ret)
				ret[count] = (struct sight){m, s};
			count++;
		}
	}
	return count;
}

static int add_devices(const struct dcm_spaces_found *found, struct dcm_container_map *map)
{
	size_t count = list_sights(found, NULL), end;
	_cleanup_free_ struct sight *sights = calloc(count + 1, sizeof(*sights));

	map->device = calloc(count + 1, sizeof(*map->device));
	if (!sights || !map->device)
		return -ENOMEM;
	list_sights(found, sights);
	if (count)
		qsort(sights, count, sizeof(*sights), compare_sights);
	for (size_t i = 0; i < count; i = end) {
		struct judgement j = {.found = found, .sight = &sights[i]};

		for (end = i + 1; end < count && same_device(&sights[i], &sights[end]);)
			end++;
		j.count = end - i;
		if (found->host)
			j.host = dcm_space_find(found->host, sights[i].mount->dev_major,
						sights[i].mount->dev_minor);
		map->device[map->devices++] = judge(&j);
	}
	return 0;
}

static int add_containers(const struct dcm_spaces_found *found, struct dcm_container_map *map)
{
	int err = 0;

	map->container = calloc(found->count + 1, sizeof(*map->container));
	map->part = calloc(found->count + 1, sizeof(*map->part));
	if (!map->container || !map->part)
		return -ENOMEM;
	for (size_t i = 0; i < found->count && !err; i++) {
		const struct dcm_space *space = found->space[i];
		struct part part = {space->top_major, space->top_minor, i, NULL};

		map->spaces = i + 1;
		if (!space->contained)
			continue;
		err = dcm_container_copy(&space->container, &map->container[i]);
		if (err || !space->top_root[0])
			continue;
		part.path = strdup(space->top_root);
		if (!part.path)
			return -ENOMEM;
		map->part[map->parts++] = part;
	}
	return err;
}

int dcm_container_map_create(const struct dcm_spaces_found *found, struct dcm_container_map **ret)
{
	_cleanup_(dcm_container_map_destroyp) struct dcm_container_map *map =
		calloc(1, sizeof(*map));
	int err = map ? add_containers(found, map) : -ENOMEM;

	if (!err)
		err = add_devices(found, map);
	if (!err)
		*ret = dcm_take_ptr(map);
	return err;
}

/* ---- questions ---- */

static int compare_devices(const void *a, const void *b)
{
	const struct device *x = a, *y = b;

	return DCM_COMPARE(x->dev_major, y->dev_major) ?: DCM_COMPARE(x->dev_minor, y->dev_minor);
}

int dcm_container_map_find(const struct dcm_container_map *map, uint32_t dev_major,
			   uint32_t dev_minor, struct dcm_container_place *ret)
{
	const struct device key = {.dev_major = dev_major, .dev_minor = dev_minor}, *device;

	device = dcm_find(&key, map->device, map->devices, sizeof(key), compare_devices);
	if (!device)
		return -ENOENT;
	*ret = (struct dcm_container_place){
		.container = device->space == NOBODY ? NULL : &map->container[device->space],
		.pid = device->pid,
		.command = device->command,
	};
	return 0;
}

void dcm_container_map_add_ended(struct dcm_container_map *map, struct dcm_container *ended)
{
	if (map->ended_count < DCM_ARRAY_SIZE(map->ended))
		map->ended[map->ended_count++] = *ended;
	else
		dcm_container_deinit(ended);
}

static bool has_id(const struct dcm_container *container, enum dcm_runtime runtime, const char *id)
{
	return container->id && !strcmp(container->id, id) &&
	       (!runtime || container->runtime == runtime);
}

const struct dcm_container *dcm_container_map_by_id(const struct dcm_container_map *map,
						    enum dcm_runtime runtime, const char *id)
{
	for (size_t i = 0; i < map->spaces; i++)
		if (has_id(&map->container[i], runtime, id))
			return &map->container[i];
	for (size_t i = 0; i < map->ended_count; i++)
		if (has_id(&map->ended[i], runtime, id))
			return &map->ended[i];
	return NULL;
}

static bool is_below(const char *path, const char *top)
{
	size_t len = strlen(top);

	return !strncmp(path, top, len) && (path[len] == '/' || !path[len]);
}

const struct dcm_container *dcm_container_map_directory(const struct dcm_container_map *map,
							uint32_t dev_major, uint32_t dev_minor,
							const char *path)
{
	struct dcm_container_place place;
	const struct part *best = NULL;

	for (size_t i = 0; i < map->parts; i++) {
		const struct part *part = &map->part[i];

		if (part->dev_major == dev_major && part->dev_minor == dev_minor &&
		    is_below(path, part->path) &&
		    (!best || strlen(part->path) > strlen(best->path)))
			best = part;
	}
	if (best)
		return &map->container[best->space];
	if (dcm_container_map_find(map, dev_major, dev_minor, &place))
		return NULL;
	return place.container;
}
