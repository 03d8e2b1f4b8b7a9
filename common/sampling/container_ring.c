// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/sampling/container_ring.h"

#include <string.h>

#include "common/base/minmax.h"
#include "common/base/units.h"
#include "common/model/containers/container_list.h"
#include "common/model/containers/container_text.h"

#define AGE_NS (120 * DCM_NSEC_PER_SEC)

static void drop_last(struct dcm_container_ring *ring)
{
	dcm_maker_container_deinit(&ring->item[--ring->count].of);
}

void dcm_container_ring_deinit(struct dcm_container_ring *ring)
{
	while (ring->count)
		drop_last(ring);
}

/* Where the container with that ID is; the count: nowhere. */
static size_t find(const struct dcm_container_ring *ring, const char *id)
{
	size_t i;

	for (i = 0; i < ring->count; i++)
		if (!strcmp(ring->item[i].of.key.id, id))
			break;
	return i;
}

/* Takes @fresh over, to the front. */
static void put_first(struct dcm_container_ring *ring, uint64_t now_ns,
		      struct dcm_maker_container *fresh)
{
	size_t at = find(ring, fresh->key.id);

	if (at < ring->count && !fresh->container.name && !fresh->container.pod) {
		/* what was known of it stays */
		dcm_maker_container_deinit(fresh);
		*fresh = ring->item[at].of;
	} else if (at < ring->count) {
		dcm_maker_container_deinit(&ring->item[at].of);
	} else {
		if (ring->count == DCM_CONTAINER_RING)
			drop_last(ring);
		at = ring->count++;
	}
	memmove(&ring->item[1], &ring->item[0], at * sizeof(ring->item[0]));
	ring->item[0].of = *fresh;
	ring->item[0].seen_ns = now_ns;
}

void dcm_container_ring_take(struct dcm_container_ring *ring, uint64_t now_ns,
			     const struct dcm_walk_maker *maker, size_t count,
			     const struct dcm_container_map *map)
{
	for (size_t i = 0; i < count; i++) {
		struct dcm_maker_container fresh = {0};

		dcm_maker_container_take(&fresh, &maker[i], 1, map);
		if (fresh.known && fresh.key.id[0])
			put_first(ring, now_ns, &fresh);
		else
			dcm_maker_container_deinit(&fresh);
	}
	while (ring->count && DCM_EXCESS(now_ns, ring->item[ring->count - 1].seen_ns) > AGE_NS)
		drop_last(ring);
	for (size_t i = 0; i < ring->count; i++)
		dcm_maker_container_take(&ring->item[i].of, NULL, 0, map);
}

static bool is_named(const struct dcm_maker_container *of)
{
	return of->container.name || of->container.pod;
}

size_t dcm_container_ring_unnamed(const struct dcm_container_ring *ring,
				  struct dcm_container_key *ret)
{
	size_t count = 0;

	for (size_t i = 0; i < ring->count; i++)
		if (!is_named(&ring->item[i].of))
			ret[count++] = ring->item[i].of.key;
	return count;
}

static void add(const struct dcm_maker_container *of, struct dcm_container_list *list)
{
	char id[DCM_CONTAINER_ID_SIZE], name[DCM_CONTAINER_TEXT_SIZE];
	const struct dcm_container_words words = dcm_container_words_of(&of->container, id);
	bool named = dcm_container_name(&words, name, sizeof(name));

	dcm_container_list_add(list, named ? name : id);
}

bool dcm_container_ring_text(const struct dcm_container_ring *ring, char *out, size_t size)
{
	struct dcm_container_list list = {.out = out, .size = size, .total = ring->count};

	*out = '\0';
	if (ring->count < 2)
		return false;
	for (int named = 1; named >= 0; named--)
		for (size_t i = 0; i < ring->count && dcm_container_list_has_room(&list); i++)
			if (is_named(&ring->item[i].of) == named)
				add(&ring->item[i].of, &list);
	dcm_container_list_end(&list);
	return true;
}
