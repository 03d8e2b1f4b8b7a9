// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/containers/container_layer.h"

#include <string.h>

#include "common/base/cleanup.h"
#include "common/model/containers/container_cgroup.h"

/* The value of "upperdir=" among options joined by commas; at = NULL: there is none. */
static struct dcm_span upper_directory(struct dcm_span options)
{
	static const char key[] = "upperdir=";

	while (options.len) {
		const char *comma = memchr(options.at, ',', options.len);
		size_t len = comma ? (size_t)(comma - options.at) : options.len;
		struct dcm_span option = {options.at, len};

		if (dcm_span_skip(&option, key))
			return option;
		options.at += len + (comma != NULL);
		options.len -= len + (comma != NULL);
	}
	return (struct dcm_span){0};
}

/* Cuts the last component off @path. */
static bool cut_last(struct dcm_span *path, struct dcm_span *ret)
{
	const char *slash = path->len ? memrchr(path->at, '/', path->len) : NULL;

	if (!slash)
		return false;
	*ret = (struct dcm_span){slash + 1, (size_t)(path->at + path->len - slash - 1)};
	path->len = (size_t)(slash - path->at);
	return ret->len > 0;
}

static bool fits(struct dcm_span text, size_t size)
{
	/* Blanks and the like, as \NNN: no runtime's folder has them. A NUL would cut the name. */
	return text.len && text.len < size && !memchr(text.at, '\\', text.len) &&
	       !memchr(text.at, '\0', text.len);
}

void dcm_container_layer(const struct dcm_mountinfo *mount, struct dcm_container_layer *ret)
{
	struct dcm_span path, diff, id, driver;
	enum dcm_layer_kind kind = DCM_LAYER_NONE;

	ret->kind = DCM_LAYER_NONE;
	if (!dcm_span_equals(mount->fstype, "overlay"))
		return;
	path = upper_directory(mount->options);
	if (!cut_last(&path, &diff) || !dcm_span_equals(diff, "diff") || !cut_last(&path, &id) ||
	    !cut_last(&path, &driver))
		return;
	if (dcm_span_equals(driver, "overlay2"))
		kind = DCM_LAYER_DOCKER;
	else if (dcm_span_equals(driver, "overlay"))
		kind = DCM_LAYER_STORAGE;
	if (!kind || !fits(path, sizeof(ret->root)) || path.at[0] != '/' ||
	    !fits(id, sizeof(ret->id)))
		return;
	ret->kind = kind;
	memcpy(ret->root, path.at, path.len);
	ret->root[path.len] = '\0';
	memcpy(ret->id, id.at, id.len);
	ret->id[id.len] = '\0';
}

struct dcm_span dcm_container_userdata_id(struct dcm_span fs_root)
{
	static const char folder[] = "/overlay-containers/", below[] = "/userdata";
	const char *at = memmem(fs_root.at, fs_root.len, folder, strlen(folder));
	struct dcm_span rest, id;

	if (!at)
		return (struct dcm_span){0};
	at += strlen(folder);
	rest = (struct dcm_span){at, (size_t)(fs_root.at + fs_root.len - at)};
	id = dcm_container_find_hex_id(rest);
	if (id.at != rest.at)
		return (struct dcm_span){0};
	rest = (struct dcm_span){rest.at + id.len, rest.len - id.len};
	return dcm_span_skip(&rest, below) && (!rest.len || rest.at[0] == '/')
		       ? id
		       : (struct dcm_span){0};
}

struct dcm_span dcm_container_machine(struct dcm_span fs_root)
{
	static const char folder[] = "/systemd/nspawn/propagate";
	size_t len = strlen(folder);
	struct dcm_span name;

	if (!cut_last(&fs_root, &name) || fs_root.len < len ||
	    memcmp(fs_root.at + fs_root.len - len, folder, len) != 0)
		return (struct dcm_span){0};
	return name;
}
