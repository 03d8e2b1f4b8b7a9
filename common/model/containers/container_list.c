// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/containers/container_list.h"

#include <stdio.h>

#include "common/base/minmax.h"

bool dcm_container_list_has_room(const struct dcm_container_list *list)
{
	return list->shown < DCM_CONTAINER_LIST_NAMED;
}

static char *end_of(const struct dcm_container_list *list, size_t *ret_room)
{
	size_t at = DCM_MIN(list->len, list->size - 1);

	*ret_room = list->size - at;
	return list->out + at;
}

void dcm_container_list_add(struct dcm_container_list *list, const char *name)
{
	const char *before = !list->shown ? "" : list->total == 2 ? " and " : ", ";
	size_t room;
	char *to = end_of(list, &room);

	if (!dcm_container_list_has_room(list))
		return;
	list->len += (size_t)snprintf(to, room, "%s%.100s", before, name);
	list->shown++;
}

void dcm_container_list_end(struct dcm_container_list *list)
{
	size_t room;
	char *to = end_of(list, &room);

	if (!list->shown)
		*to = '\0';
	else if (list->total > list->shown)
		snprintf(to, room, " and %zu more", list->total - list->shown);
}
