/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Containers of what "who" saw, by control groups and the files of runtimes (kernel/containers). */
#ifndef DCM_CLI_WHO_CONTAINERS_H
#define DCM_CLI_WHO_CONTAINERS_H

#include "common/model/config/config.h"
#include "common/model/containers/container.h"

struct who_containers;

/* Below @root ("": the live system). -ENOMEM */
int who_containers_create(const char *root, const struct dcm_config_containers *config,
			  struct who_containers **ret);
void who_containers_destroy(struct who_containers *containers);

/*
 * The one whose control group @cgroup is, a path in its hierarchy, or NULL: with its ID alone where
 * its runtime has nothing on disk any more. It belongs to @containers, which may be NULL.
 */
const struct dcm_container *who_containers_find(struct who_containers *containers,
						const char *cgroup);

#endif
