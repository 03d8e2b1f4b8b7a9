// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/kernel/kcore/kcore_window.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/minmax.h"

#define ROOM	    (256u << 10)
#define MOST_PIECES 512
#define ALIGNMENT   64	 /* of a piece's begin */
#define GAP	    2048 /* not asked for, but cheaper to read than a read more */
#define AGAIN	    256	 /* what is read again: those around an address, and the next ones */

/* The memory from @address on, read at once. */
struct piece {
	uint64_t address;
	uint32_t size, at;
};

struct dcm_kcore_window {
	const struct dcm_kcore *kcore;
	uint32_t pieces, used; /* bytes used */
	uint32_t current;      /* piece that was used last */
	struct piece piece[MOST_PIECES];
	unsigned char bytes[ROOM];
};

struct dcm_kcore_window *dcm_kcore_window_create(const struct dcm_kcore *kcore)
{
	struct dcm_kcore_window *window = calloc(1, sizeof(*window));

	if (window)
		window->kcore = kcore;
	return window;
}

void dcm_kcore_window_destroy(struct dcm_kcore_window *window)
{
	free(window);
}

void dcm_kcore_window_drop(struct dcm_kcore_window *window)
{
	window->pieces = window->used = window->current = 0;
}

/* As far as it is mapped; what cannot be read leaves no piece. */
static void read_piece(struct dcm_kcore_window *w, uint64_t from, uint64_t to)
{
	size_t mapped = dcm_kcore_mapped(w->kcore, from, to - from);

	if (!mapped || dcm_kcore_read(w->kcore, from, w->bytes + w->used, mapped))
		return;
	w->piece[w->pieces++] = (struct piece){from, (uint32_t)mapped, w->used};
	w->used += (uint32_t)(mapped + ALIGNMENT - 1) & ~(ALIGNMENT - 1u);
}

/* The end of the piece from @from on; *@i becomes the first address behind it. */
static uint64_t find_end(const struct dcm_kcore_window *w, uint64_t from, const uint64_t *addresses,
			 size_t count, size_t size, size_t *i)
{
	const uint64_t room = ROOM - w->used;
	uint64_t to = from;

	for (; *i < count; (*i)++) {
		uint64_t address = addresses[*i];

		if (address - from + size > room || address + size < address ||
		    (to > from && address > to + GAP))
			break;
		to = DCM_MAX(to, address + size);
	}
	return to;
}

size_t dcm_kcore_window_read(struct dcm_kcore_window *w, const uint64_t *addresses, size_t count,
			     size_t size)
{
	size_t i = 0;

	dcm_kcore_window_drop(w);
	while (i < count && w->pieces < MOST_PIECES) {
		uint64_t from = addresses[i] & ~(ALIGNMENT - 1ULL);
		uint64_t to = find_end(w, from, addresses, count, size, &i);

		if (to > from)
			read_piece(w, from, to);
		else if (w->used)
			break; /* no room */
		else
			i++; /* more than there ever is, or the end of all addresses */
	}
	return i;
}

static bool holds(const struct piece *p, uint64_t address, size_t size)
{
	return address - p->address < p->size && size <= p->size - (address - p->address);
}

/* The last piece that begins at @address or before. */
static uint32_t search(const struct dcm_kcore_window *w, uint64_t address)
{
	uint32_t low = 0, high = w->pieces;

	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;

		if (w->piece[middle].address <= address)
			low = middle;
		else
			high = middle;
	}
	return low;
}

const void *dcm_kcore_window_find(struct dcm_kcore_window *w, uint64_t address, size_t size)
{
	const struct piece *p = &w->piece[w->current];

	if (!w->pieces)
		return NULL;
	if (!holds(p, address, size)) {
		/* mostly they are asked for in order */
		p = w->current + 1 < w->pieces && holds(p + 1, address, size)
			    ? p + 1
			    : &w->piece[search(w, address)];
		if (!holds(p, address, size))
			return NULL;
		w->current = (uint32_t)(p - w->piece);
	}
	return w->bytes + p->at + (address - p->address);
}

/* What cannot be read any more is zeroes. */
void dcm_kcore_window_renew(struct dcm_kcore_window *w, uint64_t address)
{
	const struct piece *p = &w->piece[search(w, address)];
	uint64_t from = DCM_MAX(address & ~(AGAIN - 1ULL), p->address);
	size_t size;
	unsigned char *to;

	if (!w->pieces || !holds(p, address, 1))
		return;
	size = DCM_MIN((size_t)(2 * AGAIN), (size_t)(p->address + p->size - from));
	to = w->bytes + p->at + (from - p->address);
	if (dcm_kcore_read(w->kcore, from, to, size))
		memset(to, 0, size);
}
