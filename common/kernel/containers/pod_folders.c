// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/pod_folders.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/clock.h"
#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/kernel/containers/container_files.h"
#include "common/model/containers/container_list.h"

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

/* Two changes in one tick of the clock leave the same time: what has changed just now may be read
 * between them. */
static bool is_settled(const struct dcm_file_stamp *stamp)
{
	uint64_t now_ns = dcm_clock_ns(CLOCK_REALTIME);

	return (uint64_t)stamp->mtime.tv_sec + 1 < now_ns / DCM_NSEC_PER_SEC;
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
	else if (is_settled(&stamp))
		pods->stamp = stamp;
	return err;
}

/* The parts of a folder's name. False: it is no pod's. */
static bool split(const char *name, struct dcm_span *ret_namespace, struct dcm_span *ret_pod,
		  struct dcm_span *ret_uid)
{
	const char *first = strchr(name, '_'), *last = strrchr(name, '_');

	if (first == last)
		return false;
	*ret_namespace = (struct dcm_span){name, (size_t)(first - name)};
	*ret_pod = (struct dcm_span){first + 1, (size_t)(last - first - 1)};
	*ret_uid = (struct dcm_span){last + 1, strlen(last + 1)};
	return true;
}

int dcm_pod_folders_find(struct dcm_pod_folders *pods, const char *uid,
			 struct dcm_container *container)
{
	struct dcm_span namespace, pod, of;
	int err = refresh(pods);

	for (size_t i = 0; i < pods->count && !err; i++) {
		if (!split(pods->name[i], &namespace, &pod, &of) || !dcm_span_equals(of, uid))
			continue;
		free(container->namespace);
		free(container->pod);
		container->namespace = strndup(namespace.at, namespace.len);
		container->pod = strndup(pod.at, pod.len);
		return container->namespace && container->pod ? 0 : -ENOMEM;
	}
	return err;
}

/* ---- those that wait ---- */

struct waiting {
	const char *name;
	struct timespec since;
};

/* Whether nothing is in the folder, and since when. */
static bool is_empty(const struct dcm_pod_folders *pods, const char *name, struct timespec *ret)
{
	const struct dcm_state_root root = {.path = pods->path};
	_cleanup_closedir_ DIR *dir = NULL;
	_cleanup_close_ int fd = -1;
	struct dirent *entry;
	struct stat st;

	if (dcm_container_folder_open(&root, name, &fd) || fstat(fd, &st) < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir)
		return false;
	dcm_take_fd(fd);
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			return false;
	*ret = st.st_mtim;
	return true;
}

static int compare_times(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;

	return DCM_COMPARE(x->since.tv_sec, y->since.tv_sec)
		       ?: DCM_COMPARE(x->since.tv_nsec, y->since.tv_nsec)
		       ?: strcmp(x->name, y->name);
}

/* "NAMESPACE/POD" */
static void add_name(const char *folder, struct dcm_container_list *list)
{
	char name[NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s", folder);
	*strrchr(name, '_') = '\0';
	*strchr(name, '_') = '/';
	dcm_container_list_add(list, name);
}

static void tell(struct waiting *waiting, size_t count, struct dcm_waiting_pods *ret)
{
	struct dcm_container_list list = {
		.out = ret->names, .size = sizeof(ret->names), .total = count};

	qsort(waiting, count, sizeof(*waiting), compare_times);
	for (size_t i = 0; i < count && dcm_container_list_has_room(&list); i++)
		add_name(waiting[i].name, &list);
	dcm_container_list_end(&list);
	ret->count = count;
}

int dcm_pod_folders_waiting(struct dcm_pod_folders *pods, dcm_pod_runs *runs, const void *ctx,
			    struct dcm_waiting_pods *ret)
{
	struct dcm_waiting_pods found = {.known = false};
	_cleanup_free_ struct waiting *waiting = NULL;
	struct dcm_span namespace, pod, uid;
	int err = refresh(pods);
	size_t count = 0;

	if (err)
		return err;
	found.known = pods->name != NULL;
	if (pods->count) {
		waiting = calloc(pods->count, sizeof(*waiting));
		if (!waiting)
			return -ENOMEM;
		for (size_t i = 0; i < pods->count; i++) {
			waiting[count].name = pods->name[i];
			if (split(pods->name[i], &namespace, &pod, &uid) && !runs(ctx, uid) &&
			    is_empty(pods, pods->name[i], &waiting[count].since))
				count++;
		}
		tell(waiting, count, &found);
	}
	*ret = found;
	return 0;
}
