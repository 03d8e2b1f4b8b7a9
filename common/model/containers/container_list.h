/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Many names in few words: "web-1, web-2 and 6 more". Pure. */
#ifndef DCM_MODEL_CONTAINER_LIST_H
#define DCM_MODEL_CONTAINER_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Names that are told of more than two. */
#define DCM_CONTAINER_LIST_NAMED 2

/* Begins as {.out = , .size = , .total = }, with 1 <= size. */
struct dcm_container_list {
	char *out;
	size_t size;
	size_t total; /* names that there are */
	size_t shown, len;
};

/* Room for one more name. */
bool dcm_container_list_has_room(const struct dcm_container_list *list);

/* Adds @name, raw bytes, of which 100 are told. Without room nothing happens. */
void dcm_container_list_add(struct dcm_container_list *list, const char *name);

/* Says how many more there are. */
void dcm_container_list_end(struct dcm_container_list *list);

#endif
