// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/containers_rows.h"

/* Bit of a text among those of its container. */
#define BIT_OF(member) (offsetof(struct dcm_snap_container, member) / sizeof(dcm_str))

static uint64_t put(struct dcm_snapshot_builder *builder, const char *text, size_t len, size_t bit,
		    dcm_str *ret)
{
	if (!text || !*text)
		return 0;
	*ret = dcm_snapshot_builder_str(builder, text, len);
	return 1ULL << bit;
}

uint64_t dcm_containers_put(const struct dcm_container *from, struct dcm_snapshot_builder *builder,
			    struct dcm_snap_container *ret)
{
	size_t id_len = from->id ? dcm_container_id_shown(from->id) : 0;
	uint64_t has;

	has = put(builder, dcm_runtime_name(from->runtime), SIZE_MAX, BIT_OF(runtime),
		  &ret->runtime);
	has |= put(builder, from->id, id_len, BIT_OF(id), &ret->id);
	has |= put(builder, from->name, SIZE_MAX, BIT_OF(name), &ret->name);
	has |= put(builder, from->image, SIZE_MAX, BIT_OF(image), &ret->image);
	has |= put(builder, from->pod, SIZE_MAX, BIT_OF(pod), &ret->pod);
	has |= put(builder, from->namespace, SIZE_MAX, BIT_OF(namespace), &ret->namespace);
	return has;
}
