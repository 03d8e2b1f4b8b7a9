// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/hash.h"
#include "common/model/snapshot/snapshot.h"
#include "common/model/snapshot/snapshot_layout.h"

/* Strings that no row refers to any more: about as many are kept, beside a little. */
#define LITTLE_GARBAGE 4096

struct rows {
	char *bytes;
	size_t count, room; /* rows */
	size_t before;	    /* of the snapshot before, from the first one on */
	bool again;	    /* they are those */
};

struct dcm_snapshot_builder {
	struct rows rows[DCM_SEC_COUNT]; /* the string section's rows are bytes */
	/* Open-addressed set of offsets into the strings: equal strings are stored once. */
	dcm_str *interned;
	size_t interned_count, interned_room; /* room is 0 or a power of two */
	bool fresh;			      /* all strings are of this snapshot */
	size_t most_strings;		      /* bytes above which they are thrown away */
	uint64_t sequence;
	uint64_t identity[DCM_SEC_COUNT]; /* hash of the keys at the previous finish */
	uint64_t changed_ns[DCM_SEC_COUNT];
	int err; /* first failure since the previous finish */
};

static void *fail(struct dcm_snapshot_builder *b, int err)
{
	if (!b->err)
		b->err = err;
	return NULL;
}

/* Room for @more rows after the last one; NULL if there is none. */
static void *extend(struct dcm_snapshot_builder *b, enum dcm_section section, size_t more)
{
	struct rows *r = &b->rows[section];
	size_t row_size = dcm_section_row_size(section);
	size_t need = r->count + more, room = r->room ? r->room : 16;
	void *grown;

	if (more > DCM_SNAPSHOT_MAX_SIZE || need > DCM_SNAPSHOT_MAX_SIZE / row_size)
		return fail(b, -EFBIG);
	if (need > r->room) {
		while (room < need)
			room *= 2;
		grown = realloc(r->bytes, room * row_size);
		if (!grown)
			return fail(b, -ENOMEM);
		r->bytes = grown;
		r->room = room;
	}
	return r->bytes + r->count * row_size;
}

/* Offset 0 of the strings is "". */
static int forget_strings(struct dcm_snapshot_builder *b)
{
	char *empty;

	b->rows[DCM_SEC_STRINGS].count = 0;
	if (b->interned_room)
		memset(b->interned, 0, b->interned_room * sizeof(*b->interned));
	b->interned_count = 0;
	b->fresh = true;
	empty = extend(b, DCM_SEC_STRINGS, 1);
	if (!empty)
		return b->err;
	*empty = '\0';
	b->rows[DCM_SEC_STRINGS].count = 1;
	return 0;
}

/* Empties all sections but keeps their room. Strings stay while few of them are garbage, and with
 * them the rows that may be taken again; after a failure nothing does. */
static void reset(struct dcm_snapshot_builder *b, bool failed)
{
	size_t strings = b->rows[DCM_SEC_STRINGS].count;
	bool keep;

	if (b->fresh)
		b->most_strings = 2 * strings + LITTLE_GARBAGE;
	b->fresh = false;
	keep = !failed && strings <= b->most_strings;
	for (unsigned i = DCM_SEC_STRINGS + 1; i < DCM_SEC_COUNT; i++) {
		b->rows[i].before = keep ? b->rows[i].count : 0;
		b->rows[i].count = 0;
		b->rows[i].again = false;
	}
	/* The first byte has its room already: this cannot fail. */
	if (!keep)
		forget_strings(b);
	b->err = 0;
}

int dcm_snapshot_builder_create(struct dcm_snapshot_builder **ret)
{
	struct dcm_snapshot_builder *b = calloc(1, sizeof(*b));
	int err = b ? forget_strings(b) : -ENOMEM;

	if (err)
		dcm_snapshot_builder_destroy(b);
	else
		*ret = b;
	return err;
}

void dcm_snapshot_builder_destroy(struct dcm_snapshot_builder *builder)
{
	if (!builder)
		return;
	for (unsigned i = 0; i < DCM_SEC_COUNT; i++)
		free(builder->rows[i].bytes);
	free(builder->interned);
	free(builder);
}

void *dcm_snapshot_builder_add(struct dcm_snapshot_builder *builder, enum dcm_section section)
{
	void *row;

	if ((unsigned)section >= DCM_SEC_COUNT || section == DCM_SEC_STRINGS)
		return fail(builder, -EINVAL);
	row = extend(builder, section, 1);
	if (!row)
		return NULL;
	builder->rows[section].count++;
	return memset(row, 0, dcm_section_row_size(section));
}

void *dcm_snapshot_builder_copy(struct dcm_snapshot_builder *builder, enum dcm_section section,
				const void *row)
{
	static const uint64_t nothing = 0;
	void *copy;

	if (!memcmp(row, &nothing, sizeof(nothing)))
		return NULL;
	copy = dcm_snapshot_builder_add(builder, section);
	return copy ? memcpy(copy, row, dcm_section_row_size(section)) : NULL;
}

bool dcm_snapshot_builder_again(struct dcm_snapshot_builder *builder, enum dcm_section section)
{
	struct rows *r = &builder->rows[section];

	if (r->count || !r->before)
		return false;
	r->count = r->before;
	r->again = true;
	return true;
}

const void *dcm_snapshot_builder_rows(const struct dcm_snapshot_builder *builder,
				      enum dcm_section section, size_t *ret_count)
{
	*ret_count = builder->rows[section].count;
	return *ret_count ? builder->rows[section].bytes : NULL;
}

/* ---- strings ---- */

static const char *string_at(const struct dcm_snapshot_builder *b, dcm_str str)
{
	return b->rows[DCM_SEC_STRINGS].bytes + str;
}

/* Slot that holds the string or, when it is new, the free slot for it. */
static dcm_str *find_slot(const struct dcm_snapshot_builder *b, const char *bytes, size_t len)
{
	size_t mask = b->interned_room - 1;
	size_t i = dcm_hash64(DCM_HASH64_START, bytes, len) & mask;

	for (; b->interned[i]; i = (i + 1) & mask) {
		const char *known = string_at(b, b->interned[i]);

		/* strncmp stops at the end of @known, so it never reads past the section */
		if (!strncmp(known, bytes, len) && !known[len])
			break;
	}
	return &b->interned[i];
}

/* Keeps the set at most half full. */
static int grow_interned(struct dcm_snapshot_builder *b)
{
	dcm_str *old = b->interned;
	size_t old_room = b->interned_room, room = old_room ? old_room * 2 : 64;

	if (2 * (b->interned_count + 1) <= old_room)
		return 0;
	b->interned = calloc(room, sizeof(*b->interned));
	if (!b->interned) {
		b->interned = old;
		return -ENOMEM;
	}
	b->interned_room = room;
	for (size_t i = 0; i < old_room; i++)
		if (old[i])
			*find_slot(b, string_at(b, old[i]), strlen(string_at(b, old[i]))) = old[i];
	free(old);
	return 0;
}

dcm_str dcm_snapshot_builder_str(struct dcm_snapshot_builder *builder, const char *bytes,
				 size_t len)
{
	struct rows *strings = &builder->rows[DCM_SEC_STRINGS];
	dcm_str *slot;
	char *room;

	len = bytes ? strnlen(bytes, len) : 0;
	if (!len)
		return 0;
	if (grow_interned(builder)) {
		fail(builder, -ENOMEM);
		return 0;
	}
	slot = find_slot(builder, bytes, len);
	if (*slot)
		return *slot;
	room = extend(builder, DCM_SEC_STRINGS, len + 1);
	if (!room)
		return 0;
	memcpy(room, bytes, len);
	room[len] = '\0';
	*slot = strings->count;
	strings->count += len + 1;
	builder->interned_count++;
	return *slot;
}

dcm_str dcm_snapshot_builder_text(struct dcm_snapshot_builder *builder, const char *text)
{
	return dcm_snapshot_builder_str(builder, text, strlen(text));
}

/* ---- finish ---- */

static uint64_t hash_key(const struct dcm_snapshot_builder *b, const struct dcm_member *m,
			 const char *row, uint64_t hash)
{
	dcm_str str;

	if (!(m->flags & DCM_MEMBER_KEY))
		return hash;
	if (!(m->flags & DCM_MEMBER_STRING))
		return dcm_hash64(hash, row + m->offset, m->size);
	/* offsets move from one snapshot to the next: the content counts */
	memcpy(&str, row + m->offset, sizeof(str));
	return dcm_hash64(hash, string_at(b, str), strlen(string_at(b, str)) + 1);
}

/* What tells whether a section has the same rows as before, whatever their values. */
static uint64_t section_identity(const struct dcm_snapshot_builder *b, unsigned section)
{
	const struct dcm_section_layout *layout = &dcm_section_layouts[section];
	const struct rows *r = &b->rows[section];
	uint64_t hash = dcm_hash64(DCM_HASH64_START, &r->count, sizeof(r->count));

	if (section == DCM_SEC_STRINGS)
		return 0;
	for (size_t i = 0; i < r->count; i++)
		for (size_t m = 0; m < layout->count; m++)
			hash = hash_key(b, &layout->members[m], r->bytes + i * layout->row_size,
					hash);
	return hash;
}

static void update_identities(struct dcm_snapshot_builder *b, uint64_t now_ns)
{
	for (unsigned i = 0; i < DCM_SEC_COUNT; i++) {
		uint64_t identity = b->rows[i].again ? b->identity[i] : section_identity(b, i);

		if (b->sequence && identity == b->identity[i])
			continue;
		b->identity[i] = identity;
		b->changed_ns[i] = now_ns;
	}
}

static size_t align8(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

/* Every section at its offset, the strings last because their length is arbitrary. */
static uint64_t plan(const struct dcm_snapshot_builder *b, uint32_t offset[DCM_SEC_COUNT])
{
	uint64_t at = align8(sizeof(struct dcm_snap_header));

	for (unsigned i = DCM_SEC_STRINGS + 1; i < DCM_SEC_COUNT; i++) {
		offset[i] = at;
		at = align8(at + b->rows[i].count * dcm_section_row_size(i));
		if (at > DCM_SNAPSHOT_MAX_SIZE)
			return at;
	}
	offset[DCM_SEC_STRINGS] = at;
	return at + b->rows[DCM_SEC_STRINGS].count;
}

static void fill(const struct dcm_snapshot_builder *b, const uint32_t offset[DCM_SEC_COUNT],
		 struct dcm_snap_header *h)
{
	for (unsigned i = 0; i < DCM_SEC_COUNT; i++) {
		const struct rows *r = &b->rows[i];
		size_t row_size = dcm_section_row_size(i);

		h->section[i] = (struct dcm_snap_section){.offset = offset[i],
							  .count = r->count,
							  .row_size = row_size,
							  .changed_ns = b->changed_ns[i]};
		if (r->count)
			memcpy((char *)h + offset[i], r->bytes, r->count * row_size);
	}
}

static void release_heap(struct dcm_snapshot *snapshot)
{
	free((void *)snapshot->header);
}

static int finish(struct dcm_snapshot_builder *b, int64_t realtime_ns, uint64_t monotonic_ns,
		  struct dcm_snapshot **ret)
{
	_cleanup_free_ struct dcm_snap_header *header = NULL;
	struct dcm_snapshot *snapshot;
	uint32_t offset[DCM_SEC_COUNT];
	uint64_t size = plan(b, offset);

	if (b->err)
		return b->err;
	if (size > DCM_SNAPSHOT_MAX_SIZE)
		return -EFBIG;
	header = calloc(1, size);
	snapshot = calloc(1, sizeof(*snapshot));
	if (!header || !snapshot) {
		free(snapshot);
		return -ENOMEM;
	}
	update_identities(b, monotonic_ns);
	*header = (struct dcm_snap_header){.magic = DCM_SNAPSHOT_MAGIC,
					   .version = DCM_SNAPSHOT_VERSION,
					   .header_size = sizeof(*header),
					   .size = size,
					   .sequence = ++b->sequence,
					   .realtime_ns = realtime_ns,
					   .monotonic_ns = monotonic_ns};
	fill(b, offset, header);
	snapshot->header = dcm_take_ptr(header);
	snapshot->size = size;
	snapshot->release = release_heap;
	*ret = snapshot;
	return 0;
}

int dcm_snapshot_builder_finish(struct dcm_snapshot_builder *builder, int64_t realtime_ns,
				uint64_t monotonic_ns, struct dcm_snapshot **ret)
{
	int err = finish(builder, realtime_ns, monotonic_ns, ret);

	reset(builder, err);
	return err;
}
