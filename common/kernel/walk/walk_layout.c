// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/walk/walk_layout.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/cleanup.h"

#define DEPTH 8 /* of structures without a name in each other */

/* ---- what is looked for ---- */

#define PLACE(type, member)                                                    \
	{                                                                      \
		DCM_TYPE_##type, #type, offsetof(struct type, member), #member \
	}

/* A member by its path: "d_name.hash_len". The name of a flavour ends at "___". */
static const struct place {
	enum dcm_layout_type type;
	const char *name;
	size_t local;
	const char *path;
} places[] = {
	PLACE(inode, i_ino),
	PLACE(dentry, d_hash),
	PLACE(dentry, d_parent),
	PLACE(dentry, d_inode),
	PLACE(dentry, d_name.hash_len),
	PLACE(dentry, d_name.name),
	PLACE(dentry, d_sb),
	PLACE(dentry, d_lockref.count),
	PLACE(dentry___children, d_children),
	PLACE(dentry___children, d_sib),
	PLACE(dentry___subdirs, d_subdirs),
	PLACE(dentry___subdirs, d_child),
	PLACE(net_device, nd_net.net),
	PLACE(net, list),
	PLACE(net, loopback_dev),
	PLACE(net, net_cookie),
	PLACE(net___lazy, hash_mix),
	PLACE(net___lazy, net_cookie.counter),
	PLACE(net, ns.inum),
	PLACE(file_system_type, name),
	PLACE(backing_dev_info, id),
	PLACE(list_lru_node, nr_items),
	PLACE(list_lru_node___atomic, nr_items.counter),
	PLACE(super_block, s_list),
	PLACE(super_block, s_dev),
	PLACE(super_block, s_type),
	PLACE(super_block, s_magic),
	PLACE(super_block, s_root),
	PLACE(super_block, s_bdi),
	PLACE(super_block, s_id),
	PLACE(super_block, s_subtype),
	PLACE(super_block, s_dentry_lru.node),
	PLACE(super_block, s_fs_info),
	PLACE(super_block, s_nr_dentry_unused),
	PLACE(super_block___chained, s_mounts),
	PLACE(super_block___listed, s_mounts.next),
	PLACE(super_block___listed, s_mounts.prev),
	PLACE(mount, mnt_id_unique),
	PLACE(mount___chained, mnt_id_unique),
	PLACE(mount___chained, mnt_next_for_sb),
	PLACE(mount___listed, mnt_id_unique),
	PLACE(mount___listed, mnt_instance),
};

void dcm_layout_init(struct dcm_walk_layout *layout)
{
	memset(layout->at, 0xff, sizeof(layout->at));
	memset(layout->size, 0, sizeof(layout->size));
	DCM_LAYOUT_SET(layout, struct list_head, next, 0);
	DCM_LAYOUT_SET(layout, struct list_head, prev, 8);
	DCM_LAYOUT_SET(layout, struct hlist_bl_node, next, 0);
	DCM_LAYOUT_SET(layout, struct hlist_bl_node, pprev, 8);
	layout->size[DCM_TYPE_list_head] = 16;
}

/* ---- in BTF ---- */

/* Behind typedefs, const and the like; NULL: there is none. */
static const struct btf_type *real_type(const struct btf *btf, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (int i = 0; t && i < 32 && (btf_is_mod(t) || btf_is_typedef(t)); i++)
		t = btf__type_by_id(btf, t->type);
	return t;
}

static bool is_named(const struct btf *btf, const struct btf_member *m, const char *name,
		     size_t length)
{
	const char *its = btf__name_by_offset(btf, m->name_off);

	return its && strlen(its) == length && !memcmp(its, name, length);
}

/* The member @name of @t, also within members that have no name. Adds its place to *@bits. */
static const struct btf_type *find_member(const struct btf *btf, const struct btf_type *t,
					  const char *name, size_t length, unsigned depth,
					  __u32 *bits)
{
	const struct btf_member *m;
	__u16 i;

	if (!t || !btf_is_composite(t) || depth > DEPTH)
		return NULL;
	for (i = 0, m = btf_members(t); i < btf_vlen(t); i++, m++) {
		const struct btf_type *inner = real_type(btf, m->type), *found;
		__u32 at = *bits + btf_member_bit_offset(t, i);

		if (is_named(btf, m, name, length)) {
			*bits = at;
			return inner;
		}
		if (!is_named(btf, m, "", 0))
			continue;
		found = find_member(btf, inner, name, length, depth + 1, &at);
		if (found) {
			*bits = at;
			return found;
		}
	}
	return NULL;
}

static const struct btf_type *find_struct(const struct btf *btf, const char *name)
{
	const char *end = strstr(name, "___");
	char base[64];
	__s32 id;

	snprintf(base, sizeof(base), "%.63s", name);
	if (end)
		base[end - name] = '\0';
	id = btf__find_by_name_kind(btf, base, BTF_KIND_STRUCT);
	return id < 0 ? NULL : btf__type_by_id(btf, (__u32)id);
}

/* A number of 8 bytes that relocation would tell apart: "nr_items" is not its "counter". */
static bool is_as_declared(const struct place *p, const struct btf_type *t)
{
	if (p->type == DCM_TYPE_list_lru_node || !strcmp(p->path, "net_cookie"))
		return btf_is_int(t);
	return true;
}

static void take_place(const struct btf *btf, const struct place *p, struct dcm_walk_layout *layout)
{
	const struct btf_type *t = find_struct(btf, p->name);
	const char *path = p->path;
	__u32 bits = 0;

	if (t)
		layout->size[p->type] = (__u16)t->size;
	while (t && *path) {
		size_t length = strcspn(path, ".");

		t = find_member(btf, t, path, length, 0, &bits);
		path += length + (path[length] == '.');
	}
	if (t && bits / 8 < DCM_LAYOUT_ABSENT && is_as_declared(p, t))
		layout->at[p->type][p->local / 4] = (__u16)(bits / 8);
}

int dcm_layout_from_btf(const char *path, struct dcm_reason *reason, struct dcm_walk_layout *ret)
{
	struct btf *btf = btf__parse(path, NULL);

	if (!btf)
		return dcm_reason_set(reason, -EOPNOTSUPP, "no types of the kernel at %s", path);
	dcm_layout_init(ret);
	for (size_t i = 0; i < DCM_ARRAY_SIZE(places); i++)
		take_place(btf, &places[i], ret);
	btf__free(btf);
	if (!dcm_layout_has(ret, DCM_TYPE_dentry, offsetof(struct dentry, d_hash)))
		return dcm_reason_set(reason, -EOPNOTSUPP, "%s has no struct dentry", path);
	return 0;
}

/* ---- from a calibration ---- */

static void take_unused(const struct dcm_calibrated_unused *unused, struct dcm_walk_layout *ret)
{
	if (unused->own) {
		DCM_LAYOUT_SET(ret, struct super_block, s_nr_dentry_unused, unused->own);
		return;
	}
	DCM_LAYOUT_SET(ret, struct super_block, s_dentry_lru.node, unused->array);
	DCM_LAYOUT_SET(ret, struct list_lru_node, nr_items, unused->items);
	ret->size[DCM_TYPE_list_lru_node] = unused->size;
}

static void take_net(const struct dcm_calibrated_net *net, struct dcm_walk_layout *ret)
{
	DCM_LAYOUT_SET(ret, struct net, list, net->list);
	DCM_LAYOUT_SET(ret, struct net, loopback_dev, net->device);
	DCM_LAYOUT_SET(ret, struct net, ns.inum, net->inum);
	DCM_LAYOUT_SET(ret, struct net_device, nd_net.net, net->device_net);
}

void dcm_layout_from_calibration(const struct dcm_calibrated *found, struct dcm_walk_layout *ret)
{
	dcm_layout_init(ret);
	DCM_LAYOUT_SET(ret, struct dentry, d_hash, found->d_hash);
	DCM_LAYOUT_SET(ret, struct dentry, d_parent, found->d_parent);
	DCM_LAYOUT_SET(ret, struct dentry, d_name.hash_len, found->d_name_hash);
	DCM_LAYOUT_SET(ret, struct dentry, d_name.name, found->d_name);
	DCM_LAYOUT_SET(ret, struct dentry, d_inode, found->d_inode);
	DCM_LAYOUT_SET(ret, struct dentry, d_sb, found->d_sb);
	DCM_LAYOUT_SET(ret, struct dentry, d_lockref.count, found->d_count);
	if (found->ends) {
		DCM_LAYOUT_SET(ret, struct dentry___children, d_children, found->d_subdirs);
		DCM_LAYOUT_SET(ret, struct dentry___children, d_sib, found->d_child);
	} else {
		DCM_LAYOUT_SET(ret, struct dentry___subdirs, d_subdirs, found->d_subdirs);
		DCM_LAYOUT_SET(ret, struct dentry___subdirs, d_child, found->d_child);
	}
	DCM_LAYOUT_SET(ret, struct inode, i_ino, found->i_ino);
	DCM_LAYOUT_SET(ret, struct super_block, s_list, found->s_list);
	DCM_LAYOUT_SET(ret, struct super_block, s_dev, found->s_dev);
	DCM_LAYOUT_SET(ret, struct super_block, s_type, found->s_type);
	DCM_LAYOUT_SET(ret, struct super_block, s_root, found->s_root);
	DCM_LAYOUT_SET(ret, struct super_block, s_id, found->s_id);
	DCM_LAYOUT_SET(ret, struct file_system_type, name, found->type_name);
	if (found->has_unused)
		take_unused(&found->unused, ret);
	if (found->has_net)
		take_net(&found->net, ret);
}
