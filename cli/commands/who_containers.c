// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "cli/commands/who_containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash_table.h"
#include "common/kernel/containers/container_spaces.h"

/* What was asked for once: tables ask again for each cell. */
struct known {
	struct dcm_container container;
	bool contained;
	UT_hash_handle hh;
	char cgroup[];
};

struct who_containers {
	struct dcm_spaces *spaces;
	struct known *known;
};

int who_containers_create(const char *root, const struct dcm_config_containers *config,
			  struct who_containers **ret)
{
	struct who_containers *containers = calloc(1, sizeof(*containers));
	int err = containers ? dcm_spaces_create(root, config, &containers->spaces) : -ENOMEM;

	if (err)
		free(containers);
	else
		*ret = containers;
	return err;
}

void who_containers_destroy(struct who_containers *containers)
{
	struct known *known, *next;

	if (!containers)
		return;
	HASH_ITER (hh, containers->known, known, next) {
		dcm_container_deinit(&known->container);
		DCM_HASH_DROP(containers->known, known);
	}
	dcm_spaces_destroy(containers->spaces);
	free(containers);
}

static struct known *look_up(struct who_containers *containers, const char *cgroup)
{
	size_t len = strlen(cgroup);
	struct known *known = calloc(1, sizeof(*known) + len + 1);
	struct dcm_container_key key;

	if (!known)
		return NULL;
	memcpy(known->cgroup, cgroup, len + 1);
	known->contained = !dcm_container_of_group(cgroup, &key) &&
			   !dcm_spaces_look_up(containers->spaces, &key, &known->container);
	return DCM_HASH_ADD(containers->known, cgroup, len, known);
}

const struct dcm_container *who_containers_find(struct who_containers *containers,
						const char *cgroup)
{
	struct known *known;

	if (!containers || !cgroup || !*cgroup)
		return NULL;
	known = DCM_HASH_FIND(containers->known, cgroup, strlen(cgroup));
	if (!known)
		known = look_up(containers, cgroup);
	return known && known->contained ? &known->container : NULL;
}
