// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_json.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"

#define MAX_DEPTH  32
#define MAX_STORED 65536

static void object_putp(json_object **object)
{
	json_object_put(*object);
}

static void tokener_freep(json_tokener **tokener)
{
	if (*tokener)
		json_tokener_free(*tokener);
}

/*
 * NULL unless @text is one value of @type, and nothing more but blanks. Not by JSON_TOKENER_STRICT,
 * with which json-c 0.18 refuses every string beyond ASCII where char is signed.
 */
static json_object *parse(const char *text, size_t len, json_type type)
{
	_cleanup_(tokener_freep) json_tokener *tokener = json_tokener_new_ex(MAX_DEPTH);
	_cleanup_(object_putp) json_object *object = NULL;

	if (!tokener || len > INT_MAX)
		return NULL;
	object = json_tokener_parse_ex(tokener, text, (int)len);
	if (json_tokener_get_error(tokener) != json_tokener_success ||
	    json_object_get_type(object) != type)
		return NULL;
	for (size_t i = json_tokener_get_parse_end(tokener); i < len; i++)
		if (!memchr(" \t\r\n", text[i], 4))
			return NULL;
	return dcm_take_ptr(object);
}

static json_object *member(json_object *object, const char *key, json_type type)
{
	json_object *found = NULL;

	if (!object || json_object_get_type(object) != json_type_object ||
	    !json_object_object_get_ex(object, key, &found) || json_object_get_type(found) != type)
		return NULL;
	return found;
}

static int copy_text(json_object *string, char **ret)
{
	int len = string ? json_object_get_string_len(string) : 0;

	/* A NUL within would end it early. */
	if (len <= 0 || len > DCM_CONTAINER_TEXT_MAX || *ret ||
	    strlen(json_object_get_string(string)) != (size_t)len)
		return 0;
	*ret = strdup(json_object_get_string(string));
	return *ret ? 0 : -ENOMEM;
}

/* Leaves what is there already: the first of several keys that has a text counts. */
static int take(json_object *object, const char *key, char **ret)
{
	return copy_text(member(object, key, json_type_string), ret);
}

static void drop(char **text)
{
	free(*text);
	*text = NULL;
}

/* Hands @found over, unless @err. */
static int finish(int err, struct dcm_container *found, struct dcm_container *ret)
{
	if (err)
		dcm_container_deinit(found);
	else
		*ret = *found;
	return err;
}

/* ---- docker ---- */

int dcm_container_parse_docker(const char *text, size_t len, struct dcm_container *ret)
{
	_cleanup_(object_putp) json_object *root = parse(text, len, json_type_object);
	json_object *config = member(root, "Config", json_type_object);
	json_object *labels = member(config, "Labels", json_type_object);
	struct dcm_container found = {.runtime = DCM_RUNTIME_DOCKER};
	char *name = NULL;
	int err;

	if (!root)
		return -EINVAL;
	err = take(config, "Image", &found.image);
	err = err ?: take(labels, "io.kubernetes.pod.name", &found.pod);
	err = err ?: take(labels, "io.kubernetes.pod.namespace", &found.namespace);
	err = err ?: take(labels, "io.kubernetes.container.name", &found.name);
	if (found.pod && found.name && !strcmp(found.name, "POD"))
		drop(&found.name);
	else if (!err && !found.name)
		err = take(root, "Name", &name);
	if (name)
		memmove(name, name + (*name == '/'), strlen(name + (*name == '/')) + 1);
	if (name && *name)
		found.name = dcm_take_ptr(name);
	free(name);
	return finish(err, &found, ret);
}

/* ---- OCI bundles ---- */

int dcm_container_parse_bundle(const char *text, size_t len, struct dcm_container *ret)
{
	_cleanup_(object_putp) json_object *root = parse(text, len, json_type_object);
	json_object *notes = member(root, "annotations", json_type_object);
	struct dcm_container found = {.runtime = DCM_RUNTIME_UNKNOWN};
	int err;

	if (!root)
		return -EINVAL;
	err = take(notes, "io.kubernetes.cri.container-name", &found.name);
	err = err ?: take(notes, "io.kubernetes.container.name", &found.name);
	err = err ?: take(notes, "io.kubernetes.cri.image-name", &found.image);
	err = err ?: take(notes, "io.kubernetes.cri-o.ImageName", &found.image);
	err = err ?: take(notes, "io.kubernetes.cri.sandbox-name", &found.pod);
	err = err ?: take(notes, "io.kubernetes.pod.name", &found.pod);
	err = err ?: take(notes, "io.kubernetes.cri.sandbox-namespace", &found.namespace);
	err = err ?: take(notes, "io.kubernetes.pod.namespace", &found.namespace);
	if (found.pod && found.name && !strcmp(found.name, "POD"))
		drop(&found.name);
	return finish(err, &found, ret);
}

/* ---- network namespaces ---- */

int dcm_container_parse_docker_netns(const char *text, size_t len, char **ret)
{
	_cleanup_(object_putp) json_object *root = parse(text, len, json_type_object);
	char *file = NULL;
	int err =
		root ? take(member(root, "NetworkSettings", json_type_object), "SandboxKey", &file)
		     : -EINVAL;

	if (!err)
		*ret = file;
	return err;
}

static bool is_network(json_object *namespace)
{
	json_object *type = member(namespace, "type", json_type_string);

	return type && strcmp(json_object_get_string(type), "network") == 0;
}

int dcm_container_parse_bundle_netns(const char *text, size_t len, char **ret)
{
	_cleanup_(object_putp) json_object *root = parse(text, len, json_type_object);
	json_object *namespaces =
		member(member(root, "linux", json_type_object), "namespaces", json_type_array);
	size_t count = namespaces ? json_object_array_length(namespaces) : 0;
	char *file = NULL;
	int err = root ? 0 : -EINVAL;

	for (size_t i = 0; i < count && !err && !file; i++) {
		json_object *namespace = json_object_array_get_idx(namespaces, i);

		if (is_network(namespace))
			err = take(namespace, "path", &file);
	}
	if (!err)
		*ret = file;
	return err;
}

/* ---- containers/storage ---- */

static void stored_deinit(struct dcm_stored_container *stored)
{
	dcm_container_deinit(&stored->container);
	free(stored->layer);
}

void dcm_stored_containers_deinit(struct dcm_stored_containers *stored)
{
	for (size_t i = 0; i < stored->count; i++)
		stored_deinit(&stored->item[i]);
	free(stored->item);
	*stored = (struct dcm_stored_containers){0};
}

/* The image, and whether it is CRI-O's. */
static int take_metadata(json_object *metadata, struct dcm_container *container)
{
	_cleanup_(object_putp) json_object *root = NULL;

	container->runtime = DCM_RUNTIME_PODMAN;
	if (metadata)
		root = parse(json_object_get_string(metadata),
			     (size_t)json_object_get_string_len(metadata), json_type_object);
	if (member(root, "pod-id", json_type_string))
		container->runtime = DCM_RUNTIME_CRIO;
	return take(root, "image-name", &container->image);
}

static int take_stored(json_object *entry, struct dcm_stored_container *ret)
{
	struct dcm_stored_container stored = {.layer = NULL};
	struct dcm_container *container = &stored.container;
	json_object *names = member(entry, "names", json_type_array);
	json_object *name = names && json_object_array_length(names)
				    ? json_object_array_get_idx(names, 0)
				    : NULL;
	int err = take(entry, "id", &container->id);

	if (json_object_get_type(name) == json_type_string)
		err = err ?: copy_text(name, &container->name);
	err = err ?: take(entry, "layer", &stored.layer);
	err = err ?: take_metadata(member(entry, "metadata", json_type_string), container);
	if (!err && !container->id)
		err = -ENOENT;
	if (err)
		stored_deinit(&stored);
	else
		*ret = stored;
	return err;
}

int dcm_container_parse_storage(const char *text, size_t len, struct dcm_stored_containers *ret)
{
	_cleanup_(object_putp) json_object *root = parse(text, len, json_type_array);
	struct dcm_stored_containers stored = {0};
	size_t count = root ? json_object_array_length(root) : 0;
	int err = 0;

	if (!root || count > MAX_STORED)
		return -EINVAL;
	stored.item = calloc(count + 1, sizeof(*stored.item));
	if (!stored.item)
		return -ENOMEM;
	for (size_t i = 0; i < count && err != -ENOMEM; i++) {
		err = take_stored(json_object_array_get_idx(root, i), &stored.item[stored.count]);
		stored.count += !err;
	}
	if (err == -ENOMEM) {
		dcm_stored_containers_deinit(&stored);
		return err;
	}
	*ret = stored;
	return 0;
}
