// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/pod_folders.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/containers/container_files.h"

#define MAX_PODS 4096

struct dcm_pod_folders {
	char *path; /* NULL: none */
	struct dcm_file_stamp stamp;
	char **name; /* of folders that may be a pod's */
	size_t count;
};

static void forget(struct dcm_pod_folders *pods)
{
	for (size_t i = 0; i < pods->count; i++)
		free(pods->name[i]);
	free(pods->name);
	pods->name = NULL;
	pods->count = 0;
	pods->stamp = (struct dcm_file_stamp){0};
}

void dcm_pod_folders_destroy(struct dcm_pod_folders *pods)
{
	if (!pods)
		return;
	forget(pods);
	free(pods->path);
	free(pods);
}

int dcm_pod_folders_create(const char *root, const char *folder, struct dcm_pod_folders **ret)
{
	struct dcm_pod_folders *pods = calloc(1, sizeof(*pods));

	if (!pods)
		return -ENOMEM;
	if (*folder && asprintf(&pods->path, "%s%s", root, folder) < 0) {
		free(pods);
		return -ENOMEM;
	}
	*ret = pods;
	return 0;
}

static int list(struct dcm_pod_folders *pods, DIR *dir)
{
	struct dirent *entry;

	pods->name = calloc(MAX_PODS, sizeof(*pods->name));
	if (!pods->name)
		return -ENOMEM;
	while (pods->count < MAX_PODS && (entry = readdir(dir))) {
		if (!strchr(entry->d_name, '_'))
			continue;
		pods->name[pods->count] = strdup(entry->d_name);
		if (!pods->name[pods->count])
			return -ENOMEM;
		pods->count++;
	}
	return 0;
}

/* -ENOMEM; a folder that cannot be read has no pods. */
static int refresh(struct dcm_pod_folders *pods)
{
	const struct dcm_state_root root = {.path = pods->path ? pods->path : ""};
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_close_ int fd = -1;
	struct dcm_file_stamp stamp;
	struct stat st;
	int err;

	if (!pods->path || dcm_container_folder_open(&root, "", &fd) || fstat(fd, &st) < 0) {
		forget(pods);
		return 0;
	}
	stamp = dcm_file_stamp(&st);
	if (dcm_file_stamp_equal(&pods->stamp, &stamp))
		return 0;
	forget(pods);
	dir = fdopendir(fd);
	if (!dir)
		return -ENOMEM;
	dcm_take_fd(fd);
	err = list(pods, dir);
	if (err)
		forget(pods);
	else
		pods->stamp = stamp;
	return err;
}

int dcm_pod_folders_find(struct dcm_pod_folders *pods, const char *uid,
			 struct dcm_container *container)
{
	int err = refresh(pods);

	for (size_t i = 0; i < pods->count && !err; i++) {
		const char *name = pods->name[i], *first = strchr(name, '_'),
			   *last = strrchr(name, '_');

		if (first == last || strcmp(last + 1, uid) != 0)
			continue;
		free(container->namespace);
		free(container->pod);
		container->namespace = strndup(name, (size_t)(first - name));
		container->pod = strndup(first + 1, (size_t)(last - first - 1));
		return container->namespace && container->pod ? 0 : -ENOMEM;
	}
	return err;
}
