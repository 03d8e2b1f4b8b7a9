// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/containers/container_cgroup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/parse/cgroup.h"

#define HEX_ID		64
#define UID_SIZE	36
#define STATIC_UID_SIZE 32 /* of a pod that kubelet has from a file: a sum of it */

/* What stands before an ID. Those of monitors are no containers. */
static const struct {
	const char *prefix;
	enum dcm_runtime runtime;
	const char *space;
	bool monitor;
} prefixes[] = {
	{"docker", DCM_RUNTIME_DOCKER, "", false},
	{"libpod", DCM_RUNTIME_PODMAN, "", false},
	{"libpod-payload", DCM_RUNTIME_PODMAN, "", false},
	{"libpod-conmon", DCM_RUNTIME_PODMAN, "", true},
	{"cri-containerd", DCM_RUNTIME_CONTAINERD, "k8s.io", false},
	{"nerdctl", DCM_RUNTIME_CONTAINERD, "default", false},
	{"crio", DCM_RUNTIME_CRIO, "", false},
	{"crio-conmon", DCM_RUNTIME_CRIO, "", true},
};

bool dcm_container_is_hex_id(struct dcm_span text)
{
	if (text.len != HEX_ID)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!memchr("0123456789abcdef", text.at[i], 16))
			return false;
	return true;
}

/* Takes the next component off @path; false at its end. */
static bool take_component(struct dcm_span *path, struct dcm_span *ret)
{
	const char *slash;

	while (dcm_span_skip(path, "/"))
		;
	if (!path->len)
		return false;
	slash = memchr(path->at, '/', path->len);
	*ret = (struct dcm_span){path->at, slash ? (size_t)(slash - path->at) : path->len};
	path->at += ret->len;
	path->len -= ret->len;
	return true;
}

struct dcm_span dcm_container_find_hex_id(struct dcm_span path)
{
	struct dcm_span part;

	while (take_component(&path, &part))
		if (dcm_container_is_hex_id(part))
			return part;
	return (struct dcm_span){0};
}

static bool skip_end(struct dcm_span *text, const char *end)
{
	size_t len = strlen(end);

	if (text->len < len || memcmp(text->at + text->len - len, end, len) != 0)
		return false;
	text->len -= len;
	return true;
}

/* 0, or -EINVAL for what does not fit or is no name of a file: it may become part of a path. */
static int store(struct dcm_span text, char *out, size_t size)
{
	if (!text.len || text.len >= size || text.at[0] == '.' || memchr(text.at, '/', text.len) ||
	    memchr(text.at, '\0', text.len))
		return -EINVAL;
	memcpy(out, text.at, text.len);
	out[text.len] = '\0';
	return 0;
}

/* Names of units have blanks, '-' and the like as \xNN (systemd.unit(5)). */
static int store_unescaped(struct dcm_span text, char *out, size_t size)
{
	char plain[DCM_CONTAINER_ID_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char digits[3] = "";
		unsigned byte;

		if (len + 1 >= sizeof(plain))
			return -EINVAL;
		plain[len] = text.at[i];
		if (text.at[i] == '\\' && i + 3 < text.len && text.at[i + 1] == 'x') {
			memcpy(digits, text.at + i + 2, 2);
			if (sscanf(digits, "%2x", &byte) != 1 || !byte)
				return -EINVAL;
			plain[len] = (char)byte;
			i += 3;
		}
		len++;
	}
	return store((struct dcm_span){plain, len}, out, size);
}

/* ---- one component of a path ---- */

static bool is_uid(struct dcm_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!memchr("0123456789abcdef-_", text.at[i], 18))
			return false;
	return text.len == UID_SIZE || text.len == STATIC_UID_SIZE;
}

struct dcm_span dcm_container_find_pod_uid(struct dcm_span path)
{
	struct dcm_span part, before = {0};

	for (; take_component(&path, &part); before = part)
		if (dcm_span_equals(before, "pods") && is_uid(part))
			return part;
	return (struct dcm_span){0};
}

/* The @len last bytes of @part, if those before are "pod", or "...-pod". */
static bool take_uid(struct dcm_span part, size_t len, struct dcm_span *ret)
{
	struct dcm_span uid;

	if (part.len < len + 3)
		return false;
	uid = (struct dcm_span){part.at + part.len - len, len};
	if (memcmp(uid.at - 3, "pod", 3) != 0 || (part.len > len + 3 && uid.at[-4] != '-') ||
	    !is_uid(uid))
		return false;
	*ret = uid;
	return true;
}

/* "podUID", or "...-podUID.slice" with "_" for "-". */
static void note_pod(struct dcm_span part, struct dcm_container_key *key)
{
	struct dcm_span uid;

	skip_end(&part, ".slice");
	if ((!take_uid(part, UID_SIZE, &uid) && !take_uid(part, STATIC_UID_SIZE, &uid)) ||
	    store(uid, key->pod_uid, sizeof(key->pod_uid)))
		return;
	for (char *at = key->pod_uid; (at = strchr(at, '_'));)
		*at = '-';
}

/* @prefix and the ID, "PREFIX-ID"; the prefix may be unknown. */
static bool take_prefixed(struct dcm_span prefix, struct dcm_span id, struct dcm_container_key *key)
{
	for (size_t i = 0; i < DCM_ARRAY_SIZE(prefixes); i++) {
		if (!dcm_span_equals(prefix, prefixes[i].prefix))
			continue;
		if (prefixes[i].monitor)
			return false;
		key->runtime = prefixes[i].runtime;
		strcpy(key->space, prefixes[i].space);
		break;
	}
	return store(id, key->id, sizeof(key->id)) == 0;
}

/* /docker/ID says whose it is; elsewhere the directory may be a namespace of containerd. */
static bool take_bare(struct dcm_span id, struct dcm_span before, struct dcm_container_key *key)
{
	if (dcm_span_equals(before, "docker"))
		return take_prefixed(before, id, key);
	if (key->pod_uid[0])
		strcpy(key->space, "k8s.io");
	else if (store(before, key->space, sizeof(key->space)))
		key->space[0] = '\0';
	return store(id, key->id, sizeof(key->id)) == 0;
}

/* An ID by itself, or behind a prefix and '-' or ':'. */
static bool take_hex(struct dcm_span part, struct dcm_span before, struct dcm_container_key *key)
{
	struct dcm_span id, prefix;
	const char *colon;

	skip_end(&part, ".scope");
	if (part.len < HEX_ID)
		return false;
	id = (struct dcm_span){part.at + part.len - HEX_ID, HEX_ID};
	prefix = (struct dcm_span){part.at, part.len - HEX_ID};
	if (!dcm_container_is_hex_id(id))
		return false;
	if (!prefix.len)
		return take_bare(id, before, key);
	if (!skip_end(&prefix, "-") && !skip_end(&prefix, ":"))
		return false;
	colon = memrchr(prefix.at, ':', prefix.len);
	if (colon) {
		note_pod((struct dcm_span){prefix.at, (size_t)(colon - prefix.at)}, key);
		prefix.len -= (size_t)(colon + 1 - prefix.at);
		prefix.at = colon + 1;
	}
	return take_prefixed(prefix, id, key);
}

static bool take_lxc(struct dcm_span part, struct dcm_span before, bool second,
		     struct dcm_container_key *key)
{
	if (!dcm_span_equals(before, "lxc.payload") &&
	    !(second && dcm_span_equals(before, "lxc")) && !dcm_span_skip(&part, "lxc.payload."))
		return false;
	key->runtime = DCM_RUNTIME_LXC;
	return store(part, key->id, sizeof(key->id)) == 0;
}

/* Machines of libvirt have such scopes too: virtual ones, and containers of its own. */
static bool take_machine(struct dcm_span part, struct dcm_container_key *key)
{
	bool service = dcm_span_skip(&part, "systemd-nspawn@");

	if (!service && !dcm_span_skip(&part, "machine-"))
		return false;
	if (!skip_end(&part, service ? ".service" : ".scope") ||
	    store_unescaped(part, key->id, sizeof(key->id)))
		return false;
	if (!service && (!strncmp(key->id, "qemu-", 5) || !strncmp(key->id, "lxc-", 4)))
		return false;
	key->runtime = DCM_RUNTIME_NSPAWN;
	return true;
}

static bool is_unit(struct dcm_span part)
{
	return skip_end(&part, ".slice") || skip_end(&part, ".scope") ||
	       skip_end(&part, ".service");
}

/* ---- one path ---- */

/* "/NAMESPACE/ID" and no more. */
static bool take_plain(struct dcm_span path, struct dcm_container_key *key)
{
	struct dcm_span space, id, more;

	if (!take_component(&path, &space) || !take_component(&path, &id) ||
	    take_component(&path, &more) || is_unit(space) || is_unit(id))
		return false;
	key->runtime = DCM_RUNTIME_CONTAINERD;
	key->guessed = true;
	return store(space, key->space, sizeof(key->space)) == 0 &&
	       store(id, key->id, sizeof(key->id)) == 0;
}

static bool read_path(struct dcm_span path, struct dcm_container_key *ret)
{
	struct dcm_span rest = path, part, before = {0};
	struct dcm_container_key found = {0};
	bool any = false;

	for (unsigned depth = 0; take_component(&rest, &part); before = part, depth++) {
		struct dcm_container_key key = {0};

		memcpy(key.pod_uid, found.pod_uid, sizeof(key.pod_uid));
		note_pod(part, &key);
		memcpy(found.pod_uid, key.pod_uid, sizeof(key.pod_uid));
		if (!take_hex(part, before, &key) && !take_lxc(part, before, depth == 1, &key) &&
		    !take_machine(part, &key))
			continue;
		found = key;
		any = true;
	}
	if (!any && !take_plain(path, &found))
		return false;
	*ret = found;
	return true;
}

/* Of two answers of different lines: which one says more. */
static int weight(const struct dcm_container_key *key)
{
	return key->guessed ? 0 : key->runtime ? 2 : 1;
}

int dcm_container_of_cgroup(const char *text, size_t len, struct dcm_container_key *ret)
{
	struct dcm_span rest = {text, len}, line, controllers, path;
	struct dcm_container_key found, best;
	bool any = false;

	while (dcm_span_line(&rest, &line)) {
		if (!dcm_cgroup_split(line, &controllers, &path))
			continue;
		skip_end(&path, " (deleted)");
		if (!read_path(path, &found) || (any && weight(&found) <= weight(&best)))
			continue;
		best = found;
		any = true;
	}
	if (!any)
		return -ENOENT;
	*ret = best;
	return 0;
}

int dcm_container_of_group(const char *path, struct dcm_container_key *ret)
{
	struct dcm_span span = {path, strlen(path)};

	skip_end(&span, " (deleted)");
	return read_path(span, ret) ? 0 : -ENOENT;
}
