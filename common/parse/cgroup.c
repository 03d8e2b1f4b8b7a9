// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/parse/cgroup.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/parse/span.h"

/* The services of engines that leave processes of containers in their own cgroup of a hierarchy
 * that they do not use. */
static const char *const engines[] = {
	"containerd.service",
	"docker.service",
	"cri-docker.service",
	"crio.service",
	"podman.service",
	"kubelet.service",
	"k3s.service",
	"k3s-agent.service",
	"rke2-server.service",
	"rke2-agent.service",
	"lxc.service",
	"lxd.service",
	"incus.service",
	"snap.lxd.daemon.service",
	"snap.docker.dockerd.service",
};

/* The rank of a line, best first; without an owner, UNNAMED more. */
enum { CGROUP2, MEMORY, CPU, PIDS, SYSTEMD, OTHER, UNNAMED };

bool dcm_cgroup_names_owner(const char *path)
{
	const char *last = strrchr(path, '/');

	last = last ? last + 1 : path;
	if (!*last)
		return false;
	for (size_t i = 0; i < DCM_ARRAY_SIZE(engines); i++)
		if (!strcmp(last, engines[i]))
			return false;
	return true;
}

/* Whether the list "cpu,cpuacct" has @name. */
static bool has(struct dcm_span list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list.at, *end = at + list.len; at + len <= end; at++) {
		if ((at == list.at || at[-1] == ',') && !memcmp(at, name, len) &&
		    (at + len == end || at[len] == ','))
			return true;
	}
	return false;
}

static int rank(struct dcm_span controllers)
{
	static const char *const order[] = {
		[MEMORY] = "memory", [CPU] = "cpu", [PIDS] = "pids", [SYSTEMD] = "name=systemd"};

	if (!controllers.len)
		return CGROUP2;
	for (int i = MEMORY; i <= SYSTEMD; i++)
		if (has(controllers, order[i]))
			return i;
	return OTHER;
}

bool dcm_cgroup_split(struct dcm_span line, struct dcm_span *ret_controllers,
		      struct dcm_span *ret_path)
{
	const char *end = line.at + line.len;
	const char *first = memchr(line.at, ':', line.len);
	const char *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;

	if (!second)
		return false;
	*ret_controllers = (struct dcm_span){first + 1, (size_t)(second - first - 1)};
	*ret_path = (struct dcm_span){second + 1, (size_t)(end - second - 1)};
	return true;
}

void dcm_cgroup_drop_deleted(char *path)
{
	static const char deleted[] = " (deleted)";
	size_t len = strlen(path), tail = sizeof(deleted) - 1;

	if (len > tail && !strcmp(path + len - tail, deleted))
		path[len - tail] = '\0';
}

/* ---- kinds of cgroups ---- */

#define LEAST_ID    12 /* hexadecimal digits: what is shown of a container's id */
#define LEAST_PIECE 4  /* of a UUID; "d-" of "containerd-" is none */

static bool is_hex(char c)
{
	return isxdigit((unsigned char)c) != 0;
}

/* Length of the id at @s, 0 if there is none. */
static size_t id_run(const char *s)
{
	size_t len = 0, digits = 0, end = 0, decimal = 0;

	for (; is_hex(s[len]) || s[len] == '-' || s[len] == '_'; len++) {
		if (!is_hex(s[len]))
			continue;
		digits++;
		decimal += isdigit((unsigned char)s[len]) != 0;
		end = len + 1;
	}
	return digits >= LEAST_ID && decimal ? end : 0;
}

static size_t first_piece(const char *s)
{
	size_t len = 0;

	while (is_hex(s[len]))
		len++;
	return len;
}

/* Length of what is replaced at @s, behind the @n bytes of @out; 0: a byte that stays. */
static size_t replaced(const char *s, const char *out, size_t n)
{
	size_t run = id_run(s), piece = first_piece(s), digits = strspn(s, "0123456789");
	bool in_pod = *s == 'd' && n >= 2 && !memcmp(out + n - 2, "po", 2); /* of Kubernetes */

	if (run && piece && !in_pod && (piece >= LEAST_PIECE || piece == run))
		return run;
	return digits;
}

void dcm_cgroup_collapse(const char *path, char *out, size_t size)
{
	size_t n = 0;

	while (*path && n + 1 < size) {
		size_t run = replaced(path, out, n);

		out[n++] = run ? '#' : *path;
		path += run ? run : 1;
	}
	out[n] = '\0';
}

void dcm_cgroup_owner(const char *text, size_t len, char *out, size_t size)
{
	struct dcm_span rest = {text, len}, line, controllers, path;
	char candidate[4096];
	int best = 2 * UNNAMED, now;

	*out = '\0';
	while (dcm_span_line(&rest, &line)) {
		if (!dcm_cgroup_split(line, &controllers, &path))
			continue;
		path.len = DCM_MIN(path.len, sizeof(candidate) - 1);
		memcpy(candidate, path.at, path.len);
		candidate[path.len] = '\0';
		dcm_cgroup_drop_deleted(candidate);
		now = rank(controllers) + (dcm_cgroup_names_owner(candidate) ? 0 : UNNAMED);
		if (now >= best)
			continue;
		best = now;
		snprintf(out, size, "%s", candidate);
	}
}
