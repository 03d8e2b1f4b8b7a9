// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What users and images of containers write: names of control groups, mounts, and the files of
 * runtimes. The first byte chooses the parser, the rest is its text. What becomes part of a path
 * must be a name of a file, and no text may be longer than its bound.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/kernel/containers/container_json.h"
#include "common/kernel/containers/container_layer.h"
#include "common/kernel/containers/lxc_monitor.h"
#include "common/model/containers/container_cgroup.h"
#include "tests/fuzz/scratch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check_container(struct dcm_container *container)
{
	char **text;

	for (size_t i = 0; (text = dcm_container_text_at(container, i)); i++)
		require(!*text || (strlen(*text) && strlen(*text) <= DCM_CONTAINER_TEXT_MAX));
}

static void one(int (*parse)(const char *, size_t, struct dcm_container *), const char *text,
		size_t len)
{
	struct dcm_container container = {0};

	if (!parse(text, len, &container))
		check_container(&container);
	dcm_container_deinit(&container);
}

static void netns(int (*parse)(const char *, size_t, char **), const char *text, size_t len)
{
	char *file = NULL;

	if (!parse(text, len, &file))
		require(!file || (strlen(file) && strlen(file) <= DCM_CONTAINER_TEXT_MAX));
	free(file);
}

static void storage(const char *text, size_t len)
{
	struct dcm_stored_containers stored;

	if (dcm_container_parse_storage(text, len, &stored))
		return;
	for (size_t i = 0; i < stored.count; i++) {
		require(stored.item[i].container.id != NULL);
		check_container(&stored.item[i].container);
	}
	dcm_stored_containers_deinit(&stored);
}

static void cgroup(const char *text, size_t len)
{
	struct dcm_container_key key;

	if (dcm_container_of_cgroup(text, len, &key))
		return;
	require(key.id[0] && key.id[0] != '.' && !strchr(key.id, '/'));
	require(key.space[0] != '.' && !strchr(key.space, '/'));
	require(!strchr(key.pod_uid, '/'));
}

static void mounts(const char *text, size_t len)
{
	struct dcm_span rest = {text, len}, line, id;
	struct dcm_span machine, pod;
	struct dcm_container_layer layer;
	struct dcm_mountinfo info;

	while (dcm_span_line(&rest, &line)) {
		if (dcm_mountinfo_parse(line, &info))
			continue;
		dcm_container_layer(&info, &layer);
		require(!layer.kind ||
			(layer.root[0] == '/' && layer.id[0] && !strchr(layer.id, '/')));
		id = dcm_container_userdata_id(info.root);
		require(!id.at || dcm_container_is_hex_id(id));
		machine = dcm_container_machine(info.root);
		require(!machine.at || !memchr(machine.at, '/', machine.len));
		pod = dcm_container_find_pod_uid(info.mountpoint);
		require(!pod.at || pod.len == 36 || pod.len == 32);
	}
}

/* A title of any process above a container, and what the kernel tells of that process. */
static void lxc(const char *text, size_t len)
{
	static const char status[] = "Name:\tinit\nPPid:\t600\n";
	char proc[256], *name = NULL;

	scratch_write("/proc/700/status", status, sizeof(status) - 1);
	scratch_write("/proc/600/cmdline", text, len);
	scratch_write("/proc/600/status", text, len);
	scratch_path("/proc", proc);
	if (!dcm_lxc_monitor_name(proc, 700, &name))
		require(strlen(name) > 0 && !strchr(name, ' '));
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size ? size - 1 : 0;
	/* of exactly its length: a sanitizer sees one byte too far */
	_cleanup_free_ char *text = malloc(len ? len : 1);

	require(text);
	if (len)
		memcpy(text, data + 1, len);
	switch (size ? data[0] % 6 : 0) {
	case 0:
		cgroup(text, len);
		break;
	case 1:
		one(dcm_container_parse_docker, text, len);
		netns(dcm_container_parse_docker_netns, text, len);
		break;
	case 2:
		one(dcm_container_parse_bundle, text, len);
		netns(dcm_container_parse_bundle_netns, text, len);
		break;
	case 3:
		storage(text, len);
		break;
	case 4:
		mounts(text, len);
		break;
	default:
		lxc(text, len);
	}
	return 0;
}
