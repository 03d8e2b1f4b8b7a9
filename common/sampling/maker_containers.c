// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/maker_containers.h"

#include <stdio.h>
#include <string.h>

#include "common/model/containers/container_runtime.h"

void dcm_maker_container_deinit(struct dcm_maker_container *latest)
{
	dcm_container_deinit(&latest->container);
	*latest = (struct dcm_maker_container){0};
}

/* The maker has the end of a long path. */
static bool key_of(const struct dcm_walk_maker *maker, struct dcm_container_key *ret)
{
	return !dcm_container_of_group(maker->group, ret);
}

enum dcm_runtime dcm_maker_runtime(const struct dcm_walk_maker *maker)
{
	struct dcm_container_key key;

	return key_of(maker, &key) && !key.guessed ? key.runtime : DCM_RUNTIME_UNKNOWN;
}

static const struct dcm_container *find(const struct dcm_container_map *map,
					const struct dcm_container_key *key)
{
	return map && key->id[0] ? dcm_container_map_by_id(map, key->runtime, key->id) : NULL;
}

/* Without memory it is as if nothing had been seen. */
static void set(struct dcm_maker_container *latest, const struct dcm_container_key *key,
		const struct dcm_container *found)
{
	char id[DCM_CONTAINER_ID_SIZE];
	const struct dcm_container alone = {.runtime = key->runtime, .id = key->id[0] ? id : NULL};
	struct dcm_maker_container fresh = {.known = true, .key = *key};

	strcpy(id, key->id);
	if (dcm_container_copy(found ? found : &alone, &fresh.container))
		fresh.known = false;
	dcm_container_deinit(&latest->container);
	*latest = fresh;
}

/* Some runtimes make the namespace themselves, before there is a container. */
static enum dcm_runtime runtime_by_name(const struct dcm_walk_maker *maker)
{
	enum dcm_runtime runtime = dcm_runtime_of_command(maker->command);

	return runtime ? runtime : dcm_runtime_of_command(maker->parent);
}

static bool take_one(struct dcm_maker_container *latest, const struct dcm_walk_maker *maker,
		     const struct dcm_container_map *map)
{
	const struct dcm_container *found = NULL;
	struct dcm_container_key key;

	if (key_of(maker, &key))
		found = find(map, &key);
	else
		key.guessed = true;
	if (!found && key.guessed)
		key = (struct dcm_container_key){.runtime = runtime_by_name(maker)};
	if (!key.runtime && !key.id[0])
		return false;
	set(latest, &key, found);
	return true;
}

void dcm_maker_container_take(struct dcm_maker_container *latest,
			      const struct dcm_walk_maker *maker, size_t count,
			      const struct dcm_container_map *map)
{
	const struct dcm_container *found;

	while (count > 0)
		if (take_one(latest, &maker[--count], map))
			return;
	found = latest->known ? find(map, &latest->key) : NULL;
	if (found) {
		const struct dcm_container_key key = latest->key;

		set(latest, &key, found);
	}
}
