// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_netns.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/kernel/containers/container_files.h"
#include "common/kernel/containers/container_json.h"

#define MAX_FILE (1u << 20)
#define MAX_EACH 4096

struct entry {
	struct dcm_container_key key;
	char *file;
};

struct dcm_container_netns {
	struct entry *entry;
	size_t count, room;
};

/* Where one of a kind keeps its containers: a folder each, by the ID. */
struct place {
	struct dcm_state_root root;
	enum dcm_runtime runtime; /* DCM_RUNTIME_UNKNOWN: its files tell */
	const char *folder;	  /* of them, below the root */
	const char *space;	  /* of containerd; "" */
	const char *file;	  /* within that of a container */
	int (*parse)(const char *text, size_t len, char **ret);
};

void dcm_container_netns_destroy(struct dcm_container_netns *netns)
{
	if (!netns)
		return;
	for (size_t i = 0; i < netns->count; i++)
		free(netns->entry[i].file);
	free(netns->entry);
	free(netns);
}

DCM_DEFINE_CLEANUP(struct dcm_container_netns, dcm_container_netns_destroy)

/* /var/run is /run wherever these runtimes are. */
static const char *shown(const char *file)
{
	static const char prefix[] = "/var/run/";

	return strncmp(file, prefix, sizeof(prefix) - 1) ? file : file + strlen("/var");
}

/* @file becomes the entry's. */
static int add(struct dcm_container_netns *netns, const struct place *place, const char *id,
	       char *file)
{
	struct entry *entry;
	int err = dcm_array_grow((void **)&netns->entry, &netns->room, netns->count,
				 sizeof(*netns->entry));

	if (err) {
		free(file);
		return err;
	}
	entry = &netns->entry[netns->count++];
	*entry = (struct entry){.key = {.runtime = place->runtime}, .file = file};
	snprintf(entry->key.id, sizeof(entry->key.id), "%s", id);
	snprintf(entry->key.space, sizeof(entry->key.space), "%s", place->space);
	return 0;
}

static int read_one(struct dcm_container_netns *netns, const struct place *place, const char *id)
{
	char path[DCM_CONTAINER_ID_SIZE + 256], *file = NULL;
	_cleanup_free_ char *text = NULL;
	struct dcm_file_stamp stamp;
	_cleanup_close_ int fd = -1;
	size_t len;
	int err;

	if (strlen(id) >= DCM_CONTAINER_ID_SIZE)
		return 0;
	snprintf(path, sizeof(path), "%.128s/%s/%s", place->folder, id, place->file);
	err = dcm_container_file_open(&place->root, path, MAX_FILE, &stamp, &fd);
	if (!err)
		err = dcm_container_file_read(fd, &stamp, &text, &len);
	if (!err)
		err = place->parse(text, len, &file);
	if (err)
		return err == -ENOMEM ? err : 0;
	return file ? add(netns, place, id, file) : 0;
}

static DIR *open_folder(const struct dcm_state_root *root, const char *path)
{
	int fd;
	DIR *dir;

	if (dcm_container_folder_open(root, path, &fd))
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

static int read_place(struct dcm_container_netns *netns, const struct place *place)
{
	_cleanup_closedir_ DIR *dir = open_folder(&place->root, place->folder);
	struct dirent *entry;
	size_t count = 0;
	int err = 0;

	while (dir && !err && count < MAX_EACH && (entry = readdir(dir))) {
		if (*entry->d_name == '.')
			continue;
		err = read_one(netns, place, entry->d_name);
		count++;
	}
	return err;
}

/* Each namespace of containerd ("k8s.io", "default") has a folder. */
static int read_spaces(struct dcm_container_netns *netns, const struct dcm_state_root *root)
{
	static const char tasks[] = "io.containerd.runtime.v2.task";
	_cleanup_closedir_ DIR *dir = open_folder(root, tasks);
	struct dirent *entry;
	size_t count = 0;
	int err = 0;

	while (dir && !err && count < MAX_EACH && (entry = readdir(dir))) {
		char folder[sizeof(tasks) + sizeof(entry->d_name)];
		const struct place place = {*root,	   DCM_RUNTIME_CONTAINERD,
					    folder,	   entry->d_name,
					    "config.json", dcm_container_parse_bundle_netns};

		if (*entry->d_name == '.' ||
		    strlen(entry->d_name) >= sizeof(((struct dcm_container_key *)0)->space))
			continue;
		snprintf(folder, sizeof(folder), "%s/%s", tasks, entry->d_name);
		err = read_place(netns, &place);
		count++;
	}
	return err;
}

static int read_all(const char *root, const struct dcm_config_containers *config,
		    struct dcm_container_netns *netns)
{
	char path[2 * DCM_PATH_SIZE];
	const struct dcm_state_root top = {.path = path};
	const struct place docker = {top, DCM_RUNTIME_DOCKER, "containers",
				     "",  "config.v2.json",   dcm_container_parse_docker_netns};
	const struct place storage = {
		top, DCM_RUNTIME_UNKNOWN,    "overlay-containers",
		"",  "userdata/config.json", dcm_container_parse_bundle_netns};
	int err = 0;

	for (size_t i = 0; i < config->docker.count && !err; i++) {
		snprintf(path, sizeof(path), "%s%s", root, config->docker.path[i]);
		err = read_place(netns, &docker);
	}
	for (size_t i = 0; i < config->containerd.count && !err; i++) {
		snprintf(path, sizeof(path), "%s%s", root, config->containerd.path[i]);
		err = read_spaces(netns, &top);
	}
	for (size_t i = 0; i < config->storage.count && !err; i++) {
		snprintf(path, sizeof(path), "%s%s", root, config->storage.path[i]);
		err = read_place(netns, &storage);
	}
	return err;
}

int dcm_container_netns_read(const char *root, const struct dcm_config_containers *config,
			     struct dcm_container_netns **ret)
{
	_cleanup_(dcm_container_netns_destroyp) struct dcm_container_netns *netns =
		calloc(1, sizeof(*netns));
	int err = netns ? read_all(root, config, netns) : -ENOMEM;

	if (!err)
		*ret = dcm_take_ptr(netns);
	return err;
}

const struct dcm_container_key *dcm_container_netns_find(const struct dcm_container_netns *netns,
							 const char *mountpoint)
{
	for (size_t i = 0; netns && i < netns->count; i++)
		if (!strcmp(shown(netns->entry[i].file), shown(mountpoint)))
			return &netns->entry[i].key;
	return NULL;
}
