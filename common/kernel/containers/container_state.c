// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash_table.h"
#include "common/kernel/containers/container_files.h"
#include "common/kernel/containers/container_json.h"

#define MAX_FILE    (1u << 20)
#define MAX_STORAGE (16u << 20)

/* What was read from one file. */
struct file {
	struct dcm_file_stamp stamp;
	int err;			     /* of its content */
	struct dcm_container container;	     /* of a file about one */
	struct dcm_stored_containers stored; /* of containers.json */
	uint64_t round;
	UT_hash_handle hh; /* by path */
	char path[];
};

struct dcm_container_state {
	const char *root; /* into space */
	struct dcm_config_containers config;
	struct dcm_pod_folders *pods;
	struct file *files;
	uint64_t round;
	char space[DCM_PATH_SIZE];
};

static void drop_file(struct dcm_container_state *state, struct file *file)
{
	dcm_container_deinit(&file->container);
	dcm_stored_containers_deinit(&file->stored);
	DCM_HASH_DROP(state->files, file);
}

void dcm_container_state_destroy(struct dcm_container_state *state)
{
	struct file *file, *next;

	if (!state)
		return;
	HASH_ITER (hh, state->files, file, next)
		drop_file(state, file);
	dcm_pod_folders_destroy(state->pods);
	free(state);
}

DCM_DEFINE_CLEANUP(struct dcm_container_state, dcm_container_state_destroy)

int dcm_container_state_create(const char *root, const struct dcm_config_containers *config,
			       struct dcm_container_state **ret)
{
	_cleanup_(dcm_container_state_destroyp) struct dcm_container_state *state =
		calloc(1, sizeof(*state));
	int err = -ENOMEM;

	if (state) {
		snprintf(state->space, sizeof(state->space), "%s", root);
		state->root = state->space;
		state->config = *config;
		err = dcm_pod_folders_create(root, config->pods, &state->pods);
	}
	if (!err)
		*ret = dcm_take_ptr(state);
	return err;
}

void dcm_container_state_begin(struct dcm_container_state *state)
{
	struct file *file, *next;

	HASH_ITER (hh, state->files, file, next)
		if (file->round != state->round)
			drop_file(state, file);
	state->round++;
}

/* ---- one file ---- */

enum kind { DOCKER, BUNDLE, STORAGE };

static int parse(enum kind kind, const char *text, size_t len, struct file *file)
{
	switch (kind) {
	case DOCKER:
		return dcm_container_parse_docker(text, len, &file->container);
	case BUNDLE:
		return dcm_container_parse_bundle(text, len, &file->container);
	default:
		return dcm_container_parse_storage(text, len, &file->stored);
	}
}

static struct file *new_file(struct dcm_container_state *state, const char *path)
{
	size_t len = strlen(path);
	struct file *file = calloc(1, sizeof(*file) + len + 1);

	if (!file)
		return NULL;
	memcpy(file->path, path, len + 1);
	return DCM_HASH_ADD(state->files, path, len, file);
}

static int read_file(int fd, enum kind kind, struct file *file)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	int err = dcm_container_file_read(fd, &file->stamp, &text, &len);

	return err ? err : parse(kind, text, len, file);
}

/* @path below @root, read again if it is not what it was. -errno when it says nothing. */
static int look(struct dcm_container_state *state, const struct dcm_state_root *root,
		const char *path, enum kind kind, const struct file **ret)
{
	char whole[2 * DCM_PATH_SIZE + 256];
	int len = snprintf(whole, sizeof(whole), "%s/%s", root->path, path);
	struct dcm_file_stamp stamp;
	_cleanup_close_ int fd = -1;
	struct file *file;
	int err;

	if (len < 0 || (size_t)len >= sizeof(whole))
		return -ENAMETOOLONG;
	file = DCM_HASH_FIND(state->files, whole, (size_t)len);
	err = dcm_container_file_open(root, path, kind == STORAGE ? MAX_STORAGE : MAX_FILE, &stamp,
				      &fd);
	if (file && (err || !dcm_file_stamp_equal(&stamp, &file->stamp))) {
		drop_file(state, file);
		file = NULL;
	}
	if (err)
		return err;
	if (!file) {
		file = new_file(state, whole);
		if (!file)
			return -ENOMEM;
		file->stamp = stamp;
		file->err = read_file(fd, kind, file);
	}
	file->round = state->round;
	*ret = file;
	return file->err;
}

/* ---- the folders of one kind ---- */

struct roots {
	struct dcm_state_root item[DCM_MAX_FOLDERS + 1];
	char path[DCM_MAX_FOLDERS + 1][2 * DCM_PATH_SIZE];
	size_t count;
};

static void add_root(const struct dcm_container_state *state, const char *path, bool foreign,
		     struct roots *roots)
{
	char *whole = roots->path[roots->count];

	snprintf(whole, sizeof(roots->path[0]), "%s%s", state->root, path);
	for (size_t i = 0; i < roots->count; i++)
		if (!strcmp(roots->path[i], whole))
			return;
	roots->item[roots->count++] = (struct dcm_state_root){whole, foreign};
}

/* Those configured, then the one that a mount has told. */
static void list_roots(const struct dcm_container_state *state,
		       const struct dcm_config_folders *folders,
		       const struct dcm_container_layer *layer, enum dcm_layer_kind kind,
		       struct roots *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < folders->count; i++)
		add_root(state, folders->path[i], false, ret);
	if (layer && kind && layer->kind == kind)
		add_root(state, layer->root, true, ret);
}

/* ---- runtimes ---- */

/* Takes what is not known yet. */
static int merge(const struct dcm_container *from, struct dcm_container *into)
{
	struct dcm_container copy;
	int err = dcm_container_copy(from, &copy);

	if (err)
		return err;
	if (!into->runtime)
		into->runtime = copy.runtime;
	for (size_t i = 0; dcm_container_text_at(into, i); i++) {
		char **to = dcm_container_text_at(into, i),
		     **text = dcm_container_text_at(&copy, i);

		if (!*to)
			*to = dcm_take_ptr(*text);
	}
	dcm_container_deinit(&copy);
	return 0;
}

static int find_docker(struct dcm_container_state *state, const struct dcm_container_key *key,
		       const struct dcm_container_layer *layer, struct dcm_container *into)
{
	char path[DCM_CONTAINER_ID_SIZE + 64];
	const struct file *file;
	struct roots roots;

	snprintf(path, sizeof(path), "containers/%s/config.v2.json", key->id);
	list_roots(state, &state->config.docker, layer, DCM_LAYER_DOCKER, &roots);
	for (size_t i = 0; i < roots.count; i++)
		if (!look(state, &roots.item[i], path, DOCKER, &file))
			return merge(&file->container, into);
	return -ENOENT;
}

static int find_containerd(struct dcm_container_state *state, const struct dcm_container_key *key,
			   struct dcm_container *into)
{
	char path[DCM_CONTAINER_ID_SIZE + sizeof(key->space) + 64];
	const struct file *file;
	struct roots roots;
	int err;

	if (!key->space[0])
		return -ENOENT;
	snprintf(path, sizeof(path), "io.containerd.runtime.v2.task/%s/%s/config.json", key->space,
		 key->id);
	list_roots(state, &state->config.containerd, NULL, DCM_LAYER_NONE, &roots);
	for (size_t i = 0; i < roots.count; i++) {
		if (look(state, &roots.item[i], path, BUNDLE, &file))
			continue;
		err = merge(&file->container, into);
		if (!err && !into->runtime)
			into->runtime = DCM_RUNTIME_CONTAINERD;
		return err;
	}
	return -ENOENT;
}

/* By id, or by layer where @id is NULL. */
static const struct dcm_container *search(const struct dcm_stored_containers *stored,
					  const char *id, const char *layer)
{
	for (size_t i = 0; i < stored->count; i++) {
		const struct dcm_stored_container *item = &stored->item[i];

		if (id ? !strcmp(item->container.id, id)
		       : item->layer && !strcmp(item->layer, layer))
			return &item->container;
	}
	return NULL;
}

/* Annotations say more of a container of CRI-O than its entry in the list. */
static int add_crio(struct dcm_container_state *state, const struct dcm_state_root *root,
		    struct dcm_container *into)
{
	char path[DCM_CONTAINER_ID_SIZE + 64];
	const struct file *file;

	snprintf(path, sizeof(path), "overlay-containers/%s/userdata/config.json", into->id);
	return look(state, root, path, BUNDLE, &file) ? 0 : merge(&file->container, into);
}

static int find_listed(struct dcm_container_state *state, const struct dcm_state_root *root,
		       const char *list, const char *id, const struct dcm_container_layer *layer,
		       struct dcm_container *into)
{
	const struct dcm_container *found = NULL;
	const struct file *file;
	bool holds_pod;
	int err = 0;

	if (!look(state, root, list, STORAGE, &file))
		found = search(&file->stored, id, layer ? layer->id : "");
	if (!found)
		return -ENOENT;
	if (!into->id) {
		into->id = strdup(found->id);
		err = into->id ? 0 : -ENOMEM;
	}
	if (!err && found->runtime == DCM_RUNTIME_CRIO)
		err = add_crio(state, root, into);
	/* The one that holds a pod has no name; in the list it is k8s_POD_POD_NAMESPACE_UID_0. */
	holds_pod = into->pod && !into->name;
	if (!err)
		err = merge(found, into);
	if (!err && holds_pod) {
		free(into->name);
		into->name = NULL;
	}
	return err;
}

static int find_stored(struct dcm_container_state *state, const char *id,
		       const struct dcm_container_layer *layer, struct dcm_container *into)
{
	/* The second one has those that need not outlive the host's next start: all of CRI-O. */
	static const char *const lists[] = {
		"overlay-containers/containers.json",
		"overlay-containers/volatile-containers.json",
	};
	struct roots roots;
	int err = -ENOENT;

	list_roots(state, &state->config.storage, layer, DCM_LAYER_STORAGE, &roots);
	for (size_t i = 0; i < roots.count && err == -ENOENT; i++)
		for (size_t j = 0; j < DCM_ARRAY_SIZE(lists) && err == -ENOENT; j++)
			err = find_listed(state, &roots.item[i], lists[j], id, layer, into);
	return err;
}

static int find_any(struct dcm_container_state *state, const struct dcm_container_key *key,
		    const struct dcm_container_layer *layer, struct dcm_container *into)
{
	int err = find_docker(state, key, layer, into);

	if (err == -ENOENT)
		err = find_containerd(state, key, into);
	if (err == -ENOENT)
		err = find_stored(state, key->id, layer, into);
	return err;
}

static int find_state(struct dcm_container_state *state, const struct dcm_container_key *key,
		      const struct dcm_container_layer *layer, struct dcm_container *into)
{
	switch (key->runtime) {
	case DCM_RUNTIME_DOCKER:
		return find_docker(state, key, layer, into);
	case DCM_RUNTIME_CONTAINERD:
		return find_containerd(state, key, into);
	case DCM_RUNTIME_PODMAN:
	case DCM_RUNTIME_CRIO:
		return find_stored(state, key->id, layer, into);
	case DCM_RUNTIME_LXC:
	case DCM_RUNTIME_NSPAWN:
		return 0;
	default:
		return find_any(state, key, layer, into);
	}
}

/* An id that its user has chosen is what it is called by. */
static int name_by_id(struct dcm_container *container)
{
	struct dcm_span id = {container->id, strlen(container->id)};

	if (container->name || container->pod || dcm_container_is_hex_id(id))
		return 0;
	container->name = strdup(container->id);
	return container->name ? 0 : -ENOMEM;
}

int dcm_container_state_find(struct dcm_container_state *state, const struct dcm_container_key *key,
			     const struct dcm_container_layer *layer, struct dcm_container *ret)
{
	struct dcm_container found = {.runtime = key->runtime, .id = strdup(key->id)};
	int err = found.id ? find_state(state, key, layer, &found) : -ENOMEM;

	if (err && err != -ENOMEM && !key->guessed)
		err = 0;
	if (!err && key->pod_uid[0] && !found.pod)
		err = dcm_pod_folders_find(state->pods, key->pod_uid, &found);
	if (!err)
		err = name_by_id(&found);
	if (err)
		dcm_container_deinit(&found);
	else
		*ret = found;
	return err;
}

int dcm_container_state_of_layer(struct dcm_container_state *state,
				 const struct dcm_container_layer *layer, struct dcm_container *ret)
{
	struct dcm_container found = {.runtime = DCM_RUNTIME_UNKNOWN};
	int err = layer->kind == DCM_LAYER_STORAGE ? find_stored(state, NULL, layer, &found)
						   : -ENOENT;

	if (err)
		dcm_container_deinit(&found);
	else
		*ret = found;
	return err;
}

int dcm_container_state_waiting(struct dcm_container_state *state, dcm_pod_runs *runs,
				const void *ctx, struct dcm_waiting_pods *ret)
{
	return dcm_pod_folders_waiting(state->pods, runs, ctx, ret);
}
