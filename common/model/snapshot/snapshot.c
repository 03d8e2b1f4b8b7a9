// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include "common/model/snapshot/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/cleanup.h"
#include "common/base/minmax.h"
#include "common/base/names.h"
#include "common/model/snapshot/snapshot_layout.h"

const char *dcm_reclaim_outcome_name(enum dcm_reclaim_outcome outcome)
{
	static const char *const names[] = {
		[DCM_RECLAIM_DONE] = "done",
		[DCM_RECLAIM_REFUSED] = "refused",
		[DCM_RECLAIM_FAILED] = "failed",
		[DCM_RECLAIM_STOPPED] = "stopped",
		[DCM_RECLAIM_OPTIONS_CHANGED] = "changed",
		[DCM_RECLAIM_GONE] = "gone",
	};

	return dcm_name_of(names, DCM_ARRAY_SIZE(names), outcome);
}

bool dcm_reclaim_has_acted(enum dcm_reclaim_outcome outcome)
{
	return outcome == DCM_RECLAIM_DONE || outcome == DCM_RECLAIM_STOPPED ||
	       outcome == DCM_RECLAIM_OPTIONS_CHANGED;
}

const char *dcm_context_state_name(enum dcm_context_state state)
{
	static const char *const names[] = {
		[DCM_CONTEXT_STARTING] = "starting",
		[DCM_CONTEXT_PRESENT] = "present",
		[DCM_CONTEXT_ABSENT] = "absent",
		[DCM_CONTEXT_FAILED] = "failed",
	};

	return dcm_name_of(names, DCM_ARRAY_SIZE(names), state);
}

size_t dcm_section_row_size(enum dcm_section section)
{
	return (unsigned)section < DCM_SEC_COUNT ? dcm_section_layouts[section].row_size : 0;
}

/* ---- validation ---- */

/* A block under test: the header has been found to lie inside @size bytes. */
struct block {
	const struct dcm_snap_header *header;
	const char *bytes;
	uint64_t size;
	struct dcm_reason *reason;
};

static int check_header(const void *data, size_t size, struct dcm_reason *reason)
{
	const struct dcm_snap_header *h = data;

	if (!data || size < offsetof(struct dcm_snap_header, size))
		return dcm_reason_set(reason, -EINVAL, "snapshot: %zu bytes are too few", size);
	if ((uintptr_t)data % 8)
		return dcm_reason_set(reason, -EINVAL, "snapshot: block is not aligned");
	if (h->magic != DCM_SNAPSHOT_MAGIC)
		return dcm_reason_set(reason, -EINVAL, "snapshot: not a dcachemon snapshot");
	if (h->version != DCM_SNAPSHOT_VERSION)
		return dcm_reason_set(reason, -EPROTO, "snapshot: version %u, expected %u",
				      h->version, DCM_SNAPSHOT_VERSION);
	if (size < sizeof(*h) || h->header_size != sizeof(*h))
		return dcm_reason_set(reason, -EINVAL, "snapshot: header of %u bytes, expected %zu",
				      h->header_size, sizeof(*h));
	if (size > DCM_SNAPSHOT_MAX_SIZE || h->size != size)
		return dcm_reason_set(reason, -EINVAL, "snapshot: size is %zu, header says %llu",
				      size, (unsigned long long)h->size);
	return 0;
}

static int check_section(const struct block *b, unsigned i)
{
	const struct dcm_section_layout *layout = &dcm_section_layouts[i];
	const struct dcm_snap_section *s = &b->header->section[i];
	/* 32 by 32 bits cannot overflow 64, nor can the sum with a 32-bit offset */
	uint64_t end = s->offset + (uint64_t)s->count * s->row_size;

	if (s->row_size != layout->row_size)
		return dcm_reason_set(b->reason, -EINVAL, "snapshot: section %u: rows of %u bytes",
				      i, s->row_size);
	if (s->offset % 8 || s->offset < sizeof(*b->header) || end > b->size)
		return dcm_reason_set(b->reason, -EINVAL, "snapshot: section %u: bad extent", i);
	if (layout->single && s->count > 1)
		return dcm_reason_set(b->reason, -EINVAL, "snapshot: section %u: %u rows", i,
				      s->count);
	return 0;
}

static int check_strings(const struct block *b)
{
	const struct dcm_snap_section *s = &b->header->section[DCM_SEC_STRINGS];
	const char *strings = b->bytes + s->offset;

	/* the first NUL makes offset 0 the empty string, the last one ends every string */
	if (!s->count || strings[0] || strings[s->count - 1])
		return dcm_reason_set(b->reason, -EINVAL, "snapshot: strings are not terminated");
	return 0;
}

static uint64_t load_member(const struct dcm_member *m, const char *row)
{
	uint64_t wide;
	uint32_t narrow;

	if (m->size == sizeof(wide)) {
		memcpy(&wide, row + m->offset, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, row + m->offset, sizeof(narrow));
	return narrow;
}

static bool strings_inside(const struct dcm_member *m, const char *row, uint32_t count)
{
	for (unsigned at = 0; at < m->size; at += sizeof(dcm_str)) {
		dcm_str str;

		memcpy(&str, row + m->offset + at, sizeof(str));
		if (str >= count)
			return false;
	}
	return true;
}

/* @previous is the row before or NULL. */
static bool member_valid(const struct block *b, const struct dcm_member *m, const char *row,
			 const char *previous)
{
	uint64_t has, value;

	if (m->flags & DCM_MEMBER_STRING)
		return strings_inside(m, row, b->header->section[DCM_SEC_STRINGS].count);
	value = load_member(m, row);
	if ((m->flags & DCM_MEMBER_ASCENDING) && value <= (previous ? load_member(m, previous) : 0))
		return false;
	memcpy(&has, row, sizeof(has));
	if ((m->flags & DCM_MEMBER_RANGE) && (has >> DCM_BIT_OF(m->offset) & 1))
		return value >= m->min && value <= m->max;
	return true;
}

static int check_rows(const struct block *b, unsigned i)
{
	const struct dcm_section_layout *layout = &dcm_section_layouts[i];
	const struct dcm_snap_section *s = &b->header->section[i];
	const char *previous = NULL, *row = b->bytes + s->offset;

	if (!layout->count)
		return 0;
	for (uint32_t n = 0; n < s->count; n++, previous = row, row += s->row_size)
		for (size_t m = 0; m < layout->count; m++)
			if (!member_valid(b, &layout->members[m], row, previous))
				return dcm_reason_set(
					b->reason, -EINVAL,
					"snapshot: section %u row %u: bad value at byte %u", i, n,
					layout->members[m].offset);
	return 0;
}

int dcm_snapshot_validate(const void *data, size_t size, struct dcm_reason *reason)
{
	const struct block b = {.header = data, .bytes = data, .size = size, .reason = reason};
	int err = check_header(data, size, reason);

	for (unsigned i = 0; !err && i < DCM_SEC_COUNT; i++)
		err = check_section(&b, i);
	if (!err)
		err = check_strings(&b);
	for (unsigned i = 0; !err && i < DCM_SEC_COUNT; i++)
		err = check_rows(&b, i);
	return err;
}

/* ---- reading ---- */

void dcm_snapshot_destroy(struct dcm_snapshot *snapshot)
{
	if (!snapshot)
		return;
	if (snapshot->release)
		snapshot->release(snapshot);
	free(snapshot);
}

size_t dcm_snapshot_count(const struct dcm_snapshot *snapshot, enum dcm_section section)
{
	return (unsigned)section < DCM_SEC_COUNT ? snapshot->header->section[section].count : 0;
}

const void *dcm_snapshot_row(const struct dcm_snapshot *snapshot, enum dcm_section section,
			     size_t i)
{
	const struct dcm_snap_section *s;

	if (i >= dcm_snapshot_count(snapshot, section))
		return NULL;
	s = &snapshot->header->section[section];
	return (const char *)snapshot->header + s->offset + i * s->row_size;
}

int dcm_snap_superblock_compare(const void *a, const void *b)
{
	const struct dcm_snap_superblock *x = *(const struct dcm_snap_superblock *const *)a;
	const struct dcm_snap_superblock *y = *(const struct dcm_snap_superblock *const *)b;

	if (x->unused != y->unused)
		return DCM_COMPARE(y->unused, x->unused);
	return DCM_COMPARE(x->index, y->index);
}

int dcm_snap_table_compare(const void *a, const void *b)
{
	const struct dcm_snap_table *x = *(const struct dcm_snap_table *const *)a;
	const struct dcm_snap_table *y = *(const struct dcm_snap_table *const *)b;

	if (x->longest != y->longest)
		return DCM_COMPARE(y->longest, x->longest);
	if (x->load != y->load)
		return DCM_COMPARE(y->load, x->load);
	return DCM_COMPARE(x->index, y->index);
}

const char *dcm_snapshot_str(const struct dcm_snapshot *snapshot, dcm_str str)
{
	const char *bytes = dcm_snapshot_row(snapshot, DCM_SEC_STRINGS, str);

	return bytes ? bytes : "";
}
