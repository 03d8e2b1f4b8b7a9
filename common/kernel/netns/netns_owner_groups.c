// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/netns/netns_owner_groups.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/array.h"
#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/parse/cgroup.h"

#define PATTERN_SIZE 4096

/* An owner for all of its kind. */
struct group {
	struct dcm_netns_owner owner;
	char *kind;  /* of its first cgroup: "/docker/#" for what ends in the id of a container */
	size_t room; /* for members */
};

void dcm_netns_owner_deinit(struct dcm_netns_owner *owner)
{
	for (size_t i = 0; i < owner->members; i++)
		dcm_container_deinit(&owner->member[i].container);
	free(owner->member);
	dcm_container_deinit(&owner->container);
	free(owner->command);
	free(owner->cgroup);
	*owner = (struct dcm_netns_owner){0};
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool is_contained(const struct dcm_netns_owner *owner)
{
	return owner->container.id != NULL;
}

static bool is_alike(const struct group *group, const struct dcm_netns_owner *owner,
		     const char *kind)
{
	const struct dcm_netns_owner *first = &group->owner;
	const struct dcm_container *a = &first->container, *b = &owner->container;

	if (first->hold != owner->hold || a->runtime != b->runtime ||
	    (first->members > 0) != is_contained(owner))
		return false;
	if (is_contained(owner))
		return same_text(a->image, b->image) && same_text(a->namespace, b->namespace);
	return !strcmp(first->command, owner->command) && !strcmp(group->kind, kind);
}

/* ---- its containers ---- */

static struct dcm_netns_member *find_member(const struct dcm_netns_owner *owner,
					    const struct dcm_container *container)
{
	for (size_t i = 0; i < owner->members; i++)
		if (!strcmp(owner->member[i].container.id, container->id))
			return &owner->member[i];
	return NULL;
}

/* Takes the container of @from. */
static int add_member(struct group *group, struct dcm_netns_owner *from)
{
	struct dcm_netns_owner *owner = &group->owner;
	struct dcm_netns_member *member = find_member(owner, &from->container);
	int err;

	if (member) {
		member->namespaces += from->namespaces;
		return 0;
	}
	err = dcm_array_grow((void **)&owner->member, &group->room, owner->members,
			     sizeof(*owner->member));
	if (err)
		return err;
	owner->member[owner->members++] =
		(struct dcm_netns_member){from->namespaces, from->pid, from->container};
	from->container = (struct dcm_container){0};
	return 0;
}

static int compare_members(const void *a, const void *b)
{
	const struct dcm_netns_member *x = a, *y = b;

	return DCM_COMPARE(y->namespaces, x->namespaces) ?: DCM_COMPARE(x->pid, y->pid);
}

/* What the containers of a group have in common: all that is known of a single one. */
static int describe(struct dcm_netns_owner *owner)
{
	struct dcm_container common = {0};
	int err;

	if (!owner->members)
		return 0;
	qsort(owner->member, owner->members, sizeof(*owner->member), compare_members);
	err = dcm_container_copy(&owner->member[0].container, &common);
	if (err)
		return err;
	dcm_container_deinit(&owner->container);
	owner->container = common;
	if (owner->members > 1) {
		free(dcm_take_ptr(owner->container.id));
		free(dcm_take_ptr(owner->container.name));
		free(dcm_take_ptr(owner->container.pod));
	}
	return 0;
}

/* ---- all ---- */

/* @owner becomes that of @group; its container stays with it until describe(), as what others are
 * compared with. */
static int begin_group(struct dcm_netns_owner *owner, struct group *group)
{
	struct dcm_container whole;
	int err;

	group->owner = *owner;
	*owner = (struct dcm_netns_owner){0};
	group->owner.cgroups = 1;
	if (!is_contained(&group->owner))
		return 0;
	err = dcm_container_copy(&group->owner.container, &whole);
	if (err)
		return err;
	owner->container = whole;
	owner->namespaces = group->owner.namespaces;
	owner->pid = group->owner.pid;
	return add_member(group, owner);
}

static int add_to_group(struct dcm_netns_owner *owner, struct group *group)
{
	group->owner.namespaces += owner->namespaces;
	group->owner.cgroups++;
	return is_contained(owner) ? add_member(group, owner) : 0;
}

static int add(struct dcm_netns_owner *owner, struct group *groups, size_t *count)
{
	_cleanup_free_ char *kind = NULL;
	char pattern[PATTERN_SIZE];
	size_t i;

	dcm_cgroup_collapse(owner->cgroup, pattern, sizeof(pattern));
	for (i = 0; i < *count; i++)
		if (is_alike(&groups[i], owner, pattern))
			return add_to_group(owner, &groups[i]);
	kind = strdup(pattern);
	if (!kind)
		return -ENOMEM;
	groups[i] = (struct group){.kind = dcm_take_ptr(kind)};
	(*count)++;
	return begin_group(owner, &groups[i]);
}

static int end_group(struct group *group)
{
	if (group->owner.members)
		group->owner.cgroups = group->owner.members;
	if (group->owner.cgroups > 1) {
		free(group->owner.cgroup);
		group->owner.cgroup = dcm_take_ptr(group->kind);
	}
	return describe(&group->owner);
}

int dcm_netns_owners_group(struct dcm_netns_owner *owner, size_t *count)
{
	_cleanup_free_ struct group *groups = calloc(*count + 1, sizeof(*groups));
	size_t made = 0;
	int err = 0;

	if (!groups)
		return -ENOMEM;
	for (size_t i = 0; i < *count; i++) {
		if (!err)
			err = add(&owner[i], groups, &made);
		dcm_netns_owner_deinit(&owner[i]);
	}
	for (size_t i = 0; i < made; i++) {
		if (!err)
			err = end_group(&groups[i]);
		free(groups[i].kind);
		owner[i] = groups[i].owner;
	}
	*count = made;
	return err;
}
