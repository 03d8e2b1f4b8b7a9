// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/containers/container_runtime.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "common/base/cleanup.h"

enum dcm_runtime dcm_runtime_of_command(const char *command)
{
	static const struct {
		const char *command;
		enum dcm_runtime runtime;
	} commands[] = {
		{"dockerd", DCM_RUNTIME_DOCKER},
		{"podman", DCM_RUNTIME_PODMAN},
		{"containerd", DCM_RUNTIME_CONTAINERD},
		{"crio", DCM_RUNTIME_CRIO},
		{"pinns", DCM_RUNTIME_CRIO},
		{"lxc-start", DCM_RUNTIME_LXC},
		{"systemd-nspawn", DCM_RUNTIME_NSPAWN},
	};

	for (size_t i = 0; i < DCM_ARRAY_SIZE(commands); i++)
		if (!strcmp(command, commands[i].command))
			return commands[i].runtime;
	return DCM_RUNTIME_UNKNOWN;
}

/* "a99481af-7c29-a57b-c942-f30e6d6e5f79" */
static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; text[i] && form[i]; i++)
		if (form[i] == '-' ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	return text[i] == form[i];
}

enum dcm_runtime dcm_runtime_of_netns(const char *mountpoint)
{
	static const char docker[] = "/docker/netns/", podman[] = "/netns/netns-";
	const char *name = strrchr(mountpoint, '/');
	size_t before = name ? (size_t)(name - mountpoint) + 1 : 0;

	if (before >= sizeof(docker) - 1 &&
	    !memcmp(name + 1 - (sizeof(docker) - 1), docker, sizeof(docker) - 1))
		return DCM_RUNTIME_DOCKER;
	name = strstr(mountpoint, podman);
	if (name && is_uuid(name + sizeof(podman) - 1))
		return DCM_RUNTIME_PODMAN;
	return DCM_RUNTIME_UNKNOWN;
}
