// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/containers/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/containers/container_cgroup.h"

#define SHORT_ID 12

char **dcm_container_text_at(struct dcm_container *container, size_t i)
{
	char **const texts[] = {&container->id, &container->name, &container->image,
				&container->pod, &container->namespace};

	return i < DCM_ARRAY_SIZE(texts) ? texts[i] : NULL;
}

const char *dcm_runtime_name(enum dcm_runtime runtime)
{
	static const char *const names[] = {
		[DCM_RUNTIME_UNKNOWN] = "",	 [DCM_RUNTIME_DOCKER] = "docker",
		[DCM_RUNTIME_PODMAN] = "podman", [DCM_RUNTIME_CONTAINERD] = "containerd",
		[DCM_RUNTIME_CRIO] = "cri-o",	 [DCM_RUNTIME_LXC] = "lxc",
		[DCM_RUNTIME_NSPAWN] = "nspawn",
	};

	return (unsigned)runtime < DCM_ARRAY_SIZE(names) ? names[runtime] : "";
}

void dcm_container_deinit(struct dcm_container *container)
{
	char **text;

	for (size_t i = 0; (text = dcm_container_text_at(container, i)); i++)
		free(*text);
	*container = (struct dcm_container){0};
}

int dcm_container_copy(const struct dcm_container *from, struct dcm_container *ret)
{
	struct dcm_container source = *from, copy = {.runtime = from->runtime};
	char **text;

	for (size_t i = 0; (text = dcm_container_text_at(&source, i)); i++) {
		if (!*text)
			continue;
		*dcm_container_text_at(&copy, i) = strdup(*text);
		if (!*dcm_container_text_at(&copy, i)) {
			dcm_container_deinit(&copy);
			return -ENOMEM;
		}
	}
	*ret = copy;
	return 0;
}

size_t dcm_container_id_shown(const char *id)
{
	size_t len = strlen(id);

	return dcm_container_is_hex_id((struct dcm_span){id, len}) ? SHORT_ID : len;
}
